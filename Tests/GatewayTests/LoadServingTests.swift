import Foundation
import Glibc
import TestSupport
import Testing

/// `isthmus serve` with more to do than it may, and told to stop while it does it.
@Suite("The gateway under load", .timeLimit(.minutes(3)))
struct LoadServingTests {
    private static let labels = #"{"status":"success","data":["__name__","job"]}"#
    private static let vector =
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"job":"a"},"value":[1000,"1"]}]}}"#

    /// A cluster that says what it is, and does this when it is asked a query.
    private static func cluster(
        _ answer: @escaping @Sendable (FaultServer.Request) -> [FaultServer.Step]
    ) throws -> FaultServer {
        try FaultServer { request in
            let path = request.target.prefix { $0 != "?" }
            if path.hasSuffix("/query") || path.hasSuffix("/query_range") {
                return answer(request)
            }
            if path.hasSuffix("/buildinfo") {
                return .answer(text: #"{"status":"success","data":{"version":"3.14.0"}}"#)
            }
            if path.hasSuffix("/labels") { return .answer(text: labels) }
            return .answer(status: 404, text: "not here")
        }
    }

    private static func query(_ port: Int, _ query: String) async -> HTTPAnswer? {
        try? await HTTPCall(
            port: port, path: "/api/v1/query",
            parameters: [.init("query", query), .init("time", "1000")]
        ).answer()
    }

    private func isHeld(_ facts: FaultServer.Facts, _ text: String) -> Bool {
        facts.requests.contains { $0.bodyText.contains(text) }
    }

    @Test func whatIsTooMuchIsRefusedAndHealthIsStillTold() async throws {
        let cluster = try Self.cluster { request in
            request.bodyText.contains("held")
                ? [.gate] + .answer(text: Self.vector) : .answer(text: Self.vector)
        }
        let gateway = try await IsthmusServer(
            [.init("eu-1", urls: [cluster.url], serviceLines: ["timeout: 60s"])],
            configuration: "query: {limits: {max_concurrent: 1, max_queued: 0}}\n")
        let port = gateway.port
        try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
            group.addTask { await Self.query(port, "held") }
            await cluster.wait { facts in
                facts.requests.contains { $0.bodyText.contains("held") }
            }
            let refused = try #require(await Self.query(port, "up"))
            #expect(refused.status == 503)
            #expect(refused.header("retry-after") == "1")
            #expect(
                refused.text
                    == #"{"status":"error","errorType":"unavailable","error":"the gateway is overloaded: "#
                    + #"0 queries wait already (query.limits.max_queued) and 1 run "#
                    + #"(query.limits.max_concurrent)"}"#)
            for path in ["/-/healthy", "/-/ready", "/metrics", "/api/v1/status/buildinfo"] {
                #expect(try await HTTPCall(port: port, path: path).answer().status == 200)
            }
            let metrics = try await HTTPCall(port: port, path: "/metrics").answer().text
            #expect(metrics.contains("isthmus_queries_running 1\n"))
            #expect(
                metrics.contains(#"isthmus_query_limits_reached_total{limit="max_queued"} 1"#))
            cluster.open()
            #expect(try await group.next()??.status == 200)
        }
        #expect(await Self.query(port, "up")?.status == 200)
        await gateway.end()
        cluster.stop()
    }

    @Test func whoIsToldToStopFinishesWhatRunsAndTakesNothingNew() async throws {
        let cluster = try Self.cluster { _ in [.gate] + .answer(text: Self.vector) }
        let gateway = try await IsthmusServer(
            [.init("eu-1", urls: [cluster.url], serviceLines: ["timeout: 60s"])])
        let port = gateway.port
        try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
            group.addTask { await Self.query(port, "held") }
            await cluster.wait { facts in
                facts.requests.contains { $0.bodyText.contains("held") }
            }
            gateway.process.signal(SIGTERM)
            try await awaitProcess(gateway.process, "it listens no more") {
                (try? await HTTPCall(port: port, path: "/-/healthy").answer()) == nil
            }
            cluster.open()
            let answer = try #require(try await group.next() ?? nil)
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""value":[1000,"1"]"#))
        }
        #expect(await gateway.process.ended() == 0)
        #expect(gateway.log.contains("msg=stopped"))
        await gateway.end()
        cluster.stop()
    }

    @Test func theGraceHasAnEnd() async throws {
        let cluster = try Self.cluster { _ in [.silence] }
        let gateway = try await IsthmusServer(
            [.init("eu-1", urls: [cluster.url], serviceLines: ["timeout: 100s"])],
            configuration: "server: {shutdown_grace: 200ms}\n")
        let port = gateway.port
        await withTaskGroup(of: HTTPAnswer?.self) { group in
            group.addTask { await Self.query(port, "held") }
            await cluster.wait { facts in
                facts.requests.contains { $0.bodyText.contains("held") }
            }
            gateway.process.signal(SIGTERM)
            #expect(await gateway.process.ended() == 0)
            #expect(gateway.log.contains("msg=stopped"))
        }
        await gateway.end()
        cluster.stop()
    }

    // MARK: Memory

    /// A vector of so many series, about a hundred bytes each.
    private static func body(series: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes += Array(#"{"status":"success","data":{"resultType":"vector","result":["#.utf8)
        for number in 0..<series {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += Array(
                #"{"metric":{"__name__":"up","instance":"10.0.0.1:\#(number)"},"value":[1000,"1"]}"#
                    .utf8)
        }
        bytes += Array("]}}".utf8)
        return bytes
    }

    /// Bytes of a process that are in memory.
    private static func residentBytes(_ process: ChildProcess) throws -> Int {
        let text = try String(
            contentsOfFile: "/proc/\(process.identifier)/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.filter(\.isNumber))) << 10
    }

    @Test func memoryStaysWithinItsBudgetAndComesBack() async throws {
        let body = Self.body(series: 100_000)
        let small = Self.vector
        let half = Array(body.prefix(body.count / 2))
        let rest = Array(body.dropFirst(half.count))
        let cluster = try Self.cluster { request in
            request.bodyText.contains("large")
                ? .part(of: body.count, body: half, then: [.gate, .send(rest)])
                : .answer(text: small)
        }
        let gateway = try await IsthmusServer(
            [.init("eu-1", urls: [cluster.url], serviceLines: ["timeout: 60s"])],
            configuration: """
                cache: {enabled: false}
                query:
                  limits: {max_memory: 128MiB, max_query_memory: 128MiB, max_queued: 100}

                """)
        let port = gateway.port
        #expect(await Self.query(port, "up")?.status == 200)
        let base = try Self.residentBytes(gateway.process)
        // Thirty-two different queries at once, each of some 40 MiB where it is decoded. No cluster
        // says the other half before the first halves are too much together.
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
            for number in 0..<32 { group.addTask { await Self.query(port, "large_\(number)") } }
            try await awaitProcess(gateway.process, "too much") {
                let metrics = try? await HTTPCall(port: port, path: "/metrics").answer().text
                return metrics?.contains(
                    #"isthmus_query_limits_reached_total{limit="max_memory"}"#) == true
            }
            cluster.open()
            var answers: [HTTPAnswer] = []
            for try await answer in group { if let answer { answers.append(answer) } }
            return answers
        }
        #expect(answers.count == 32)
        for answer in answers where answer.status != 200 {
            #expect(answer.status == 503)
            #expect(answer.text.contains("and query.limits.max_memory is that"), "\(answer.text)")
            #expect(answer.header("retry-after") == "5")
        }
        #expect(answers.contains { $0.status == 503 })
        let status = try String(
            contentsOfFile: "/proc/\(gateway.process.identifier)/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            .flatMap { Int($0.filter(\.isNumber)) }
        #expect(((peak ?? .max) << 10) - base < 512 << 20, "\(peak ?? 0) KiB")
        try await awaitProcess(gateway.process, "memory is back") {
            ((try? Self.residentBytes(gateway.process)) ?? .max) < base + 64 << 20
        }
        #expect(await Self.query(port, "large")?.status == 200)
        await gateway.end()
        cluster.stop()
    }
}
