import Foundation
import Synchronization
import TestSupport
import Testing

extension Conformance {
    /// How often clusters are asked, and in which pieces.
    @Suite("Fetching")
    struct FetchTests {
        /// A server before the third cluster's real one that notes the queries it is asked, and may
        /// hold them up.
        private final class Watched: Sendable {
            private let queries = Mutex<[String]>([])
            private let isOpen = Mutex(true)
            private let door = NSCondition()
            let server: ScriptedServer

            init() async throws {
                server = try ScriptedServer { _ in .silence() }
                let port = try await FaultyCluster.realPort()
                server.setScript { [self] request in behaviour(request, port) }
            }

            private func behaviour(
                _ request: ScriptedServer.Request, _ port: Int
            ) -> ScriptedServer.Behaviour {
                if request.path.contains("/query"), request.form.contains("watched") {
                    queries.withLock { $0.append(request.form) }
                    door.lock()
                    while !isOpen.withLock({ $0 }) { door.wait() }
                    door.unlock()
                }
                return .forward(port: port)
            }

            var asked: [String] { queries.withLock { $0 } }

            func close() { isOpen.withLock { $0 = false } }

            func open() {
                door.lock()
                isOpen.withLock { $0 = true }
                door.broadcast()
                door.unlock()
            }
        }

        private func gateways(
            _ count: Int, before watched: Watched, _ configuration: String? = nil,
            lines: [String] = ["timeout: 30s"]
        ) async throws -> [IsthmusServer] {
            var files = try await UnionServers.shared.running().memberFiles()
            files[2].urls = [watched.server.address]
            files[2].serviceLines = lines
            var gateways: [IsthmusServer] = []
            for _ in 0..<count {
                let gateway = try await IsthmusServer(files, configuration: configuration)
                try await CacheTests.awaitDelays(gateway)
                gateways.append(gateway)
            }
            return gateways
        }

        private static func range(_ query: String, end: Int = 1500) -> [HTTPCall.Parameter] {
            [
                .init("query", query), .init("start", "\(UnionData.start)"),
                .init("end", "\(UnionData.start + end)"), .init("step", "15"),
            ]
        }

        /// The value of a metric without labels.
        private func metric(_ name: String, _ gateway: IsthmusServer) async -> Int {
            let answer = try? await HTTPCall(port: gateway.port, path: "/metrics").answer()
            let line = answer?.text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
        }

        /// Waits until so many wait and go on waiting for fetches: each query for its fragment, and
        /// whoever asks for it for the piece.
        private func awaitWaiters(_ count: Int, at gateway: IsthmusServer) async throws {
            try await awaitProcess(gateway.process, "\(count) that wait") {
                let first = await metric("isthmus_shared_fetch_waiters", gateway)
                let second = await metric("isthmus_shared_fetch_waiters", gateway)
                return first == count && second == count
            }
        }

        @Test func whatManyAskAtTheSameTimeIsAskedOnce() async throws {
            let watched = try await Watched()
            let gateway = try await gateways(1, before: watched)[0]
            watched.close()
            // Three quantiles of one histogram, five times each.
            let quantiles = [0.5, 0.95, 0.99].map {
                "histogram_quantile(\($0), sum by (le) (rate("
                    + "istio_request_duration_milliseconds_bucket{job!=\"watched\"}[5m])))"
            }
            let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                for query in quantiles + quantiles + quantiles + quantiles + quantiles {
                    group.addTask { try await gateway.ask("query_range", Self.range(query)) }
                }
                try await awaitWaiters(16, at: gateway)
                watched.open()
                return try await group.reduce(into: [HTTPAnswer]()) { $0.append($1) }
            }
            #expect(watched.asked.count == 1, "\(watched.asked)")
            #expect(Set(answers.map(\.text)).count == 3)
            #expect(answers.allSatisfy { $0.missingClusters.isEmpty })
            await gateway.end()
        }

        @Test func gatewaysThatShareARedisAskOnce() async throws {
            let watched = try await Watched()
            let redis = try await RedisServer()
            let both = try await gateways(
                2, before: watched,
                "cache: {redis: {url: \"\(redis.address)\", read_timeout: 10s}}\n")
            watched.close()
            let query = "sum(up{job!=\"watched\"})"
            let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                for gateway in both {
                    group.addTask { try await gateway.ask("query_range", Self.range(query)) }
                }
                for gateway in both { try await awaitWaiters(2, at: gateway) }
                // The claim of the one that asks; the other looks after it.
                try await awaitProcess(both[0].process, "the claim of the watched question") {
                    let claims = try? await redis.keys("*:c:*")
                    return claims?.count == 1 && watched.asked.count == 1
                }
                watched.open()
                return try await group.reduce(into: [HTTPAnswer]()) { $0.append($1) }
            }
            #expect(watched.asked.count == 1, "\(watched.asked)")
            #expect(Set(answers.map(\.text)).count == 1)
            for gateway in both { await gateway.end() }
            await redis.end()
        }

        @Test func moreThanAServersPointsAreAskedInPieces() async throws {
            let watched = try await Watched()
            let gateway = try await gateways(1, before: watched)[0]
            // 14,400 points of a subquery, which Prometheus itself does not count.
            let query = "max_over_time(sum(up{job!=\"watched\"})[1h:250ms])"
            let time = "\(UnionData.start + 3600)"
            let answer = try await gateway.ask(
                "query", [.init("query", query), .init("time", time)])
            let union = try await UnionServers.shared.running().union
            let expected = try await HTTPCall(
                port: union.port, path: "/api/v1/query",
                parameters: [.init("query", query), .init("time", time)]
            ).answer()
            #expect(
                try QueryAnswer(answer).series.map(\.points)
                    == QueryAnswer(expected).series.map(\.points))
            #expect(watched.asked.count == 2, "\(watched.asked)")
            await gateway.end()
        }

        @Test func whatIsTooMuchForAServerIsAskedInHalves() async throws {
            let port = try await FaultyCluster.realPort()
            let asked = Mutex<[Int]>([])
            let server = try ScriptedServer { request in
                guard request.path.contains("/query_range"), request.form.contains("watched") else {
                    return .forward(port: port)
                }
                func number(_ name: String) -> Double {
                    request.form.split(separator: "&").first { $0.hasPrefix("\(name)=") }
                        .flatMap { Double($0.dropFirst(name.count + 1)) } ?? 0
                }
                let points = Int((number("end") - number("start")) / number("step")) + 1
                asked.withLock { $0.append(points) }
                guard points > 30 else { return .forward(port: port) }
                return .answer(
                    status: 422, type: "application/json",
                    body:
                        #"{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}"#
                )
            }
            var files = try await UnionServers.shared.running().memberFiles()
            files[2].urls = [server.address]
            let gateway = try await IsthmusServer(files)
            try await gateway.awaitWhole(query: "count(up)", at: "\(UnionData.start + 1800)")
            let query = "sum(up{job!=\"watched\"})"
            let answer = try await gateway.ask("query_range", Self.range(query))
            let union = try await UnionServers.shared.running().union
            let expected = try await HTTPCall(
                port: union.port, path: "/api/v1/query_range", parameters: Self.range(query)
            ).answer()
            #expect(answer.missingClusters.isEmpty, "\(answer.text.prefix(300))")
            #expect(
                try QueryAnswer(answer).series.map(\.points)
                    == QueryAnswer(expected).series.map(\.points))
            #expect(asked.withLock { $0 } == [101, 50, 25, 25, 51, 25, 26])
            await gateway.end()
        }

        @Test func aClusterIsAskedNoMoreAtATimeThanItsFileSays() async throws {
            let watched = try await Watched()
            let gateway = try await gateways(
                1, before: watched, lines: ["timeout: 30s", "max_concurrent_requests: 2"])[0]
            watched.close()
            try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                for number in 0..<6 {
                    let query = "sum(up{job!=\"watched\"}) + \(number)"
                    let range = Self.range(query, end: 300 + number * 15)
                    group.addTask { try await gateway.ask("query_range", range) }
                }
                try await awaitWaiters(12, at: gateway)
                try await awaitProcess(gateway.process, "two that are asked") {
                    watched.asked.count == 2
                }
                watched.open()
                for try await answer in group { #expect(answer.missingClusters.isEmpty) }
            }
            #expect(watched.asked.count == 6)
            await gateway.end()
        }

        @Test func samplesThatComeLateAreInTheAnswer() async throws {
            let late = try await LateSamples()
            let gateway = try await IsthmusServer([
                IsthmusServer.Member(
                    "late", urls: ["http://127.0.0.1:\(late.prometheus.port)"])
            ])
            try await late.send([-120, -90, -60, -30])
            try await late.expectSameAnswers(gateway)
            // Between those that are there already, within the server's out-of-order window.
            try await late.send([-105])
            try await late.expectSameAnswers(gateway)
            try await late.send([-45, -15])
            try await late.expectSameAnswers(gateway)
            await gateway.end()
            await late.end()
        }
    }
}
