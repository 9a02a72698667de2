import Foundation
import TestSupport

/// Asks a server and reads its answer.
func ask(port: Int, _ query: String, _ time: QueryTime, method: String = "GET") async throws
    -> QueryAnswer
{
    let (endpoint, parameters) = time.call(query)
    var call = HTTPCall(port: port, path: "/api/v1/\(endpoint)", parameters: parameters)
    call.method = method
    return try QueryAnswer(try await call.answer())
}

/// Does the work for all items, a few at a time, and gives what it gave in the items' order.
func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item], width: Int = 3, _ work: @escaping @Sendable (Item) async -> Result
) async -> [Result] {
    await withTaskGroup(of: Numbered<Result>.self) { group in
        var results = [Result?](repeating: nil, count: items.count)
        var next = 0
        while next < items.count || !group.isEmpty {
            while next < items.count, next < width {
                group.addTask { [next] in await numbered(next, items[next], work) }
                next += 1
            }
            guard let done = await group.next() else { break }
            results[done.number] = done.result
            if next < items.count {
                group.addTask { [next] in await numbered(next, items[next], work) }
                next += 1
            }
        }
        return results.compactMap { $0 }
    }
}

private struct Numbered<Result: Sendable>: Sendable {
    var number: Int
    var result: Result
}

private func numbered<Item: Sendable, Result: Sendable>(
    _ number: Int, _ item: Item, _ work: @Sendable (Item) async -> Result
) async -> Numbered<Result> {
    let result = await work(item)
    return Numbered(number: number, result: result)
}
