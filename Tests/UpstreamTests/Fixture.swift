import Clusters
import Synchronization
import TestSupport
import Testing
import Upstream

/// A client for one test, stopped at its end.
@discardableResult
func withClient<Result: Sendable>(
    _ settings: UpstreamSettings = UpstreamSettings(version: "1.2.3"),
    _ body: (UpstreamClient) async throws -> Result
) async throws -> Result {
    let client = UpstreamClient(settings)
    do {
        let result = try await body(client)
        await client.stop()
        return result
    } catch {
        await client.stop()
        throw error
    }
}

/// A server for one test, stopped at its end.
@discardableResult
func withServer<Result: Sendable>(
    _ respond: @escaping FaultServer.Script,
    _ body: (FaultServer) async throws -> Result
) async throws -> Result {
    let server = try FaultServer(respond)
    defer { server.stop() }
    return try await body(server)
}

/// A server that answers everything alike.
@discardableResult
func withServer<Result: Sendable>(
    always steps: [FaultServer.Step], _ body: (FaultServer) async throws -> Result
) async throws -> Result {
    try await withServer({ _ in steps }, body)
}

/// An answer that has been read to its end.
struct WholeAnswer: Equatable, Sendable {
    var status: Int
    var text: String
    var contentType: String?
    var replica: String
}

/// What came of asking: an answer or the failure's label.
struct Ending: Equatable, Sendable {
    var status: Int?
    var failure: String?
}

/// What a reader throws that does not like an answer.
struct Distaste: Error, Equatable {}

extension UpstreamRequest {
    /// A request whose answer may be long.
    static let plain = UpstreamRequest(
        method: .get, path: "/api/v1/query", endpoint: "query", maximumBytes: 256 << 20)
}

extension UpstreamRequest {
    /// One that may be sent twice.
    static let protected = UpstreamRequest(
        method: .get, path: "/api/v1/query", endpoint: "query", maximumBytes: 1 << 20,
        protection: .byStatuses)
}

/// Time that passes when a test says so.
final class ManualClock: Sendable {
    private let begin = ContinuousClock.now
    private let elapsed = Mutex(Duration.zero)

    var now: ContinuousClock.Instant { begin.advanced(by: elapsed.withLock { $0 }) }

    func advance(by time: Duration) { elapsed.withLock { $0 += time } }
}

/// How often something happened.
final class Count: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    /// Returns the number of times before.
    @discardableResult
    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}

extension UpstreamClient {
    /// The failure of a request that is expected to have one.
    func failure(
        _ service: Service, _ request: UpstreamRequest = .protected,
        within time: Duration = .seconds(20)
    ) async throws -> UpstreamError {
        try await #require(throws: UpstreamError.self) {
            try await answer(service, request, within: time)
        }
    }

    /// Asks and reads the whole answer.
    func answer(
        _ service: Service, _ request: UpstreamRequest = .plain, cluster: String = "eu-1",
        within time: Duration = .seconds(60)
    ) async throws -> WholeAnswer {
        try await ask(
            cluster: ClusterID(cluster), service: service, request: request,
            deadline: .now.advanced(by: time), read: wholeAnswer)
    }

    func answer(
        _ urls: String..., request: UpstreamRequest = .plain, within time: Duration = .seconds(60)
    ) async throws -> WholeAnswer {
        try await answer(Service(urls: urls), request, within: time)
    }

    /// What comes of asking, without what is said about it.
    func ending(
        _ service: Service, _ request: UpstreamRequest = .plain, cluster: String = "eu-1",
        within time: Duration = .seconds(60)
    ) async -> Ending {
        do {
            let answer = try await answer(service, request, cluster: cluster, within: time)
            return Ending(status: answer.status)
        } catch let error as UpstreamError {
            return Ending(failure: error.kind.label)
        } catch {
            return Ending(failure: "\(error)")
        }
    }
}

private func wholeAnswer(_ response: UpstreamResponse) async throws -> WholeAnswer {
    let bytes = try await response.collect(upTo: 1 << 30)
    return WholeAnswer(
        status: response.status, text: String(decoding: bytes, as: UTF8.self),
        contentType: response.contentType, replica: response.replica)
}
