/// What came of asking about one element.
private struct Placed<Answer: Sendable, Failure: Error>: Sendable {
    var place: Int
    var result: Result<Answer, Failure>
}

extension Array where Element: Sendable {
    /// What is answered to each element, in the elements' order. All are asked at once.
    package func answers<Answer: Sendable, Failure: Error>(
        _ ask: @escaping @Sendable (Element) async throws(Failure) -> Answer
    ) async throws(Failure) -> [Answer] { try await answers(atOnce: count, ask) }

    /// What is answered to each element, in the elements' order; so many are asked at once. The
    /// first failure ends the asking.
    package func answers<Answer: Sendable, Failure: Error>(
        atOnce width: Int,
        _ ask: @escaping @Sendable (Element) async throws(Failure) -> Answer
    ) async throws(Failure) -> [Answer] {
        let outcome = await withTaskGroup(of: Placed<Answer, Failure>.self) { group in
            var left = indices
            func askNext() {
                guard let place = left.popFirst() else { return }
                let element = self[place]
                group.addTask { await Self.placed(element, at: place, ask) }
            }
            for _ in 0..<Swift.max(1, width) { askNext() }
            var answers: [(place: Int, answer: Answer)] = []
            for await placed in group {
                switch placed.result {
                case .success(let answer):
                    answers.append((placed.place, answer))
                    askNext()
                case .failure(let failure):
                    group.cancelAll()
                    return Result<[Answer], Failure>.failure(failure)
                }
            }
            return .success(answers.sorted { $0.place < $1.place }.map(\.answer))
        }
        return try outcome.get()
    }

    private static func placed<Answer: Sendable, Failure: Error>(
        _ element: Element, at place: Int,
        _ ask: @Sendable (Element) async throws(Failure) -> Answer
    ) async -> Placed<Answer, Failure> {
        do {
            return Placed(place: place, result: .success(try await ask(element)))
        } catch {
            return Placed(place: place, result: .failure(error))
        }
    }
}
