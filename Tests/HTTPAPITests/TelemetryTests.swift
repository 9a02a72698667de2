import Federation
import HTTPAPI
import Logging
import MetricsTestKit
import Synchronization
import Testing

/// What the server says of its requests in the log and in metrics.
@Suite struct TelemetryTests {
    @Test func everyRequestIsOneLineWithoutItsData() async throws {
        let lines = Mutex<[RecordingLog.Message]>([])
        let logger = RecordingLog.logger { line in lines.withLock { $0.append(line) } }
        try await withServer(dependencies: Canned.dependencies(logger: logger)) { server in
            // The next request of a connection is read when the line of the one before is written.
            let client = try WireClient(port: server.port)
            for target in ["/api/v1/query?query=secret", "/api/v1/label/secret/values", "/no"] {
                try await client.send(server.head("GET", target))
                _ = try await client.answer()
            }
            try await client.send(server.head("GET", "/-/healthy"))
            _ = try await client.answer()
        }
        let seen = lines.withLock { $0 }
        #expect(
            seen.prefix(3).map { $0.metadata["route"] }
                == ["/api/v1/query", "/api/v1/label/<name>/values", "other"])
        #expect(seen.prefix(3).map { $0.metadata["code"] } == ["200", "200", "404"])
        #expect(seen.allSatisfy { $0.level == .debug && $0.text == "request" })
        #expect(
            seen.allSatisfy { $0.metadata.values.allSatisfy { !$0.contains("secret") } })
        #expect(
            seen.first.map { Set($0.metadata.keys) } == [
                "method", "route", "code", "seconds", "bytes",
            ])
    }

    @Test func aFailureOfTheServerIsLoggedAsInfo() async throws {
        let levels = Mutex<[Logger.Level]>([])
        let logger = RecordingLog.logger { line in levels.withLock { $0.append(line.level) } }
        let queries = Canned.queries { (_) async throws(QueryFailure) in throw .internal("no") }
        try await withServer(
            dependencies: Canned.dependencies(queries: queries, logger: logger)
        ) { server in
            let client = try WireClient(port: server.port)
            for _ in 0..<2 {
                try await client.send(server.head("GET", "/api/v1/query?query=up"))
                _ = try await client.answer()
            }
        }
        #expect(levels.withLock { $0.first } == .info)
    }

    @Test func requestsAreCountedByRouteAndCode() async throws {
        let metrics = TestMetrics()
        try await withServer(dependencies: Canned.dependencies(metrics: metrics)) { server in
            let client = try WireClient(port: server.port)
            for target in [
                "/api/v1/query?query=a", "/api/v1/query?query=b", "/api/v1/query?time=x", "/no",
                "/-/healthy",
            ] {
                try await client.send(server.head("GET", target))
                _ = try await client.answer()
            }
        }
        func count(_ route: String, _ code: String) throws -> Int64 {
            try metrics.expectCounter(
                "isthmus_http_requests_total", [("route", route), ("code", code)]
            ).totalValue
        }
        #expect(try count("/api/v1/query", "200") == 2)
        #expect(try count("/api/v1/query", "400") == 1)
        #expect(try count("other", "404") == 1)
        let timer = try metrics.expectTimer(
            "isthmus_http_request_duration_seconds", [("route", "/api/v1/query")])
        #expect(timer.values.count == 3)
        #expect(timer.values.allSatisfy { $0 > 0 })
        let inFlight = try metrics.expectMeter("isthmus_http_requests_in_flight")
        #expect(inFlight.values.max() == 1)
        #expect(inFlight.lastValue == 0)
    }
}
