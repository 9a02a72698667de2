import Foundation
import TestSupport
import Testing

extension Conformance {
    /// What is remembered is what would have been answered: the same questions with and without
    /// the cache, to several gateways, with a real Redis between them.
    @Suite("The cache")
    struct CacheTests {
        private static let seed =
            ProcessInfo.processInfo.environment["ISTHMUS_SEED"].flatMap { UInt64($0) } ?? 4

        /// Queries whose fragments differ: shared buckets, remarks, offsets, fixed times,
        /// subqueries, several clusters' sums, native values, and nothing at all.
        static let queries = [
            "up", "sum(up)", "count by (cluster) (up)",
            "sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m]))",
            "histogram_quantile(0.5, sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m])))",
            "histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m])))",
            "sum by (cluster) (rate(istio_requests_total[1m]))",
            "avg by (job) (up offset 5m)", "avg(up offset -5m)",
            "sum(up @ \(UnionData.start + 600))", "max_over_time(sum(up)[5m:30s])",
            "rate(up[2m])", "quantile(0.5, up)", "topk(2, sum by (cluster) (up))",
            "nothing_of_that_name", "absent(nothing_of_that_name)", "vector(1)",
        ]

        @Test func anySequenceOfRangesIsAnsweredAsWithoutIt() async throws {
            let running = try await UnionServers.shared.running()
            let redis = try await RedisServer()
            let third = running.members[2].port
            let failing = try ScriptedServer { _ in .forward(port: third) }
            // The first has little room, and its third cluster fails at times; the others share a
            // Redis.
            let ports = [running.members[0].port, running.members[1].port, failing.port]
            let small = try await IsthmusServer(
                running.memberFiles(ports: ports),
                configuration: "cache: {memory: {max_bytes: 64KiB}}\n")
            var gateways = [small]
            for _ in 0..<2 { gateways.append(try await Self.gateway(on: redis)) }
            for gateway in gateways { try await Self.awaitDelays(gateway) }
            print("Random ranges of seed", Self.seed)
            var generator = SeededGenerator(seed: Self.seed)
            var reports: [String: Int] = [:]
            for number in 0..<150 {
                let question = RangeQuestion(&generator)
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    // What is remembered of it may be answered; that it failed may not be.
                    failing.setScript { _ in .answer(status: 503, type: "text/plain", body: "") }
                    _ = try await question.ask(small)
                    failing.setScript { _ in .forward(port: third) }
                }
                let gateway = gateways[Int.random(in: 0..<gateways.count, using: &generator)]
                let cached = try await question.ask(gateway)
                let fresh = try await question.ask(gateways[1], without: true)
                #expect(
                    cached.text == fresh.text, "number \(number) of seed \(Self.seed): \(question)")
                let report = cached.header("X-Isthmus-Cache") ?? "none"
                reports[String(report.prefix { $0 != ";" }), default: 0] += 1
            }
            // It would prove nothing if nothing were remembered.
            #expect(reports["hit", default: 0] > 5, "\(reports)")
            #expect(reports["partial", default: 0] > 15, "\(reports)")
            for gateway in gateways { await gateway.end() }
            failing.end()
            await redis.end()
        }

        /// A range query of some phase, step and length inside the data, or beyond its end.
        private struct RangeQuestion: CustomStringConvertible {
            var query: String
            /// Milliseconds.
            var start: Int
            var step: Int
            var count: Int

            init(_ generator: inout SeededGenerator) {
                query = queries.randomElement(using: &generator) ?? "up"
                step =
                    [5000, 15_000, 15_000, 30_000, 60_000, 700].randomElement(using: &generator)
                    ?? 1
                let phase = [0, 0, 0, 5000, 137].randomElement(using: &generator) ?? 0
                let first = UnionData.start * 1000 + phase
                start = first + step * Int.random(in: -20..<(3_600_000 / step), using: &generator)
                count = Int.random(in: 2..<400, using: &generator)
            }

            var description: String {
                "\(query) from \(seconds(start)), \(count) steps of \(seconds(step))"
            }

            private func seconds(_ milliseconds: Int) -> String {
                String(Double(milliseconds) / 1000)
            }

            func ask(_ gateway: IsthmusServer, without: Bool = false) async throws -> HTTPAnswer {
                var call = HTTPCall(
                    port: gateway.port, path: "/api/v1/query_range",
                    parameters: [
                        .init("query", query), .init("start", seconds(start)),
                        .init("end", seconds(start + (count - 1) * step)),
                        .init("step", seconds(step)),
                    ])
                if without { call.headers = [.init(name: "Cache-Control", value: "no-store")] }
                return try await call.answer()
            }
        }

        /// A gateway before the usual clusters that shares a Redis with others.
        static func gateway(
            on redis: RedisServer, _ lines: String = ""
        ) async throws -> IsthmusServer {
            try await IsthmusServer(
                try await UnionServers.shared.running().memberFiles(),
                configuration: "cache: {redis: {url: \"\(redis.address)\"\(lines)}}\n")
        }

        /// Waits until the gateway knows how late samples come: before, it keeps nothing.
        static func awaitDelays(_ gateway: IsthmusServer) async throws {
            let time = "\(UnionData.start + 900)"
            try await awaitProcess(gateway.process, "something remembered") {
                let answer = try? await gateway.ask(
                    "query_range",
                    [
                        .init("query", "count(up)"), .init("start", "\(UnionData.start + 600)"),
                        .init("end", time), .init("step", "15"),
                    ])
                return answer?.header("X-Isthmus-Cache")?.hasPrefix("hit") == true
            }
        }

        // MARK: Redis going wrong

        enum Fault: String, CaseIterable, Sendable {
            case killed, paused, restartedEmpty, full, garbage, swapped, flushed
        }

        @Test(arguments: Fault.allCases)
        func aRedisThatGoesWrongMakesNoAnswerWrong(_ fault: Fault) async throws {
            let redis = try await RedisServer()
            let writer = try await Self.gateway(on: redis)
            try await Self.awaitDelays(writer)
            try await expectSameAnswers(writer, "before \(fault)")
            switch fault {
            case .killed: await redis.kill()
            case .paused: redis.pause()
            case .restartedEmpty:
                await redis.kill()
                try await redis.restart()
            case .full:
                try await redis.ask(["CONFIG", "SET", "maxmemory", "1mb"])
            case .garbage:
                for key in try await redis.keys() { try await redis.ask(["SET", key, "garbage"]) }
            case .swapped:
                let keys = try await redis.keys("*:e:*")
                for (one, other) in zip(keys, keys.dropFirst()) {
                    try await redis.ask(["RENAME", one, other])
                }
            case .flushed: try await redis.ask(["FLUSHALL"])
            }
            // One with nothing in memory has to read what is there.
            let reader = try await Self.gateway(on: redis)
            try await expectSameAnswers(reader, "after \(fault)")
            try await expectSameAnswers(writer, "after \(fault)")
            redis.resume()
            await reader.end()
            await writer.end()
            await redis.end()
        }

        /// Asks several ranges with the cache and without it.
        private func expectSameAnswers(_ gateway: IsthmusServer, _ what: String) async throws {
            var generator = SeededGenerator(seed: Self.seed)
            for _ in 0..<12 {
                let question = RangeQuestion(&generator)
                let cached = try await question.ask(gateway)
                let fresh = try await question.ask(gateway, without: true)
                #expect(cached.status == 200, "\(what): \(question): \(cached.text.prefix(300))")
                #expect(cached.text == fresh.text, "\(what): \(question)")
            }
        }

        // MARK: What is seen of it

        @Test func headersSayHowMuchWasRemembered() async throws {
            let gateway = try await IsthmusServer(
                try await UnionServers.shared.running().memberFiles())
            try await Self.awaitDelays(gateway)
            func ask(_ end: Int, _ control: String? = nil, stats: String? = nil) async throws
                -> HTTPAnswer
            {
                var call = HTTPCall(
                    port: gateway.port, path: "/api/v1/query_range",
                    parameters: [
                        .init("query", "sum(up)"), .init("start", "\(UnionData.start)"),
                        .init("end", "\(UnionData.start + end)"), .init("step", "15"),
                    ])
                if let stats { call.parameters.append(.init("stats", stats)) }
                if let control { call.headers = [.init(name: "Cache-Control", value: control)] }
                return try await call.answer()
            }
            func header(_ answer: HTTPAnswer) -> String? { answer.header("X-Isthmus-Cache") }

            #expect(header(try await ask(1500)) == "miss; steps=303; cached=0")
            try await awaitProcess(gateway.process, "a hit") {
                (try? await header(ask(1500))) == "hit; steps=303; cached=303"
            }
            #expect(header(try await ask(3000)) == "partial; steps=603; cached=303")
            try await awaitProcess(gateway.process, "all of it remembered") {
                (try? await header(ask(3000))) == "hit; steps=603; cached=603"
            }
            #expect(header(try await ask(1500, "no-store")) == "bypass; steps=303; cached=0")
            let all = try await ask(1500, stats: "all").text
            #expect(all.contains(#""cache":{"outcome":"hit","steps":303,"cachedSteps":303"#))
            #expect(all.contains(#"{"query":"sum(up)","clusters":[{"cluster":"eu-1","outcome":"#))
            let metrics = try await HTTPCall(port: gateway.port, path: "/metrics").answer().text
            #expect(metrics.contains(#"isthmus_cache_fragments_total{outcome="hit"}"#))
            #expect(metrics.contains(#"isthmus_cache_steps_total{source="cache"}"#))
            let explained = try await HTTPCall(
                port: gateway.port, path: "/mesh/v1/explain",
                parameters: [
                    .init("query", "sum(up)"), .init("start", "\(UnionData.start)"),
                    .init("end", "\(UnionData.start + 1500)"), .init("step", "15"),
                    .init("analyze", "true"),
                ]
            ).answer().text
            #expect(explained.contains("cache: hit, 303 of 303 steps; 0 requests"), "\(explained)")

            var clear = HTTPCall(port: gateway.port, path: "/-/cache/clear")
            clear.method = "POST"
            #expect(try await clear.answer().status == 200)
            #expect(header(try await ask(1500)) == "miss; steps=303; cached=0")
            #expect(header(try await ask(1500, "no-cache")) == "miss; steps=303; cached=0")
            await gateway.end()
        }

        @Test func aClusterThatIsGoneIsMissingOnlyWhereNothingIsRemembered() async throws {
            let running = try await UnionServers.shared.running()
            let third = running.members[2].port
            let failing = try ScriptedServer { _ in .forward(port: third) }
            let ports = [running.members[0].port, running.members[1].port, failing.port]
            let gateway = try await IsthmusServer(running.memberFiles(ports: ports))
            try await Self.awaitDelays(gateway)
            func ask(_ seconds: Int) async throws -> HTTPAnswer {
                try await gateway.ask(
                    "query_range",
                    [
                        .init("query", "sum(up)"), .init("start", "\(UnionData.start)"),
                        .init("end", "\(UnionData.start + seconds)"), .init("step", "15"),
                    ])
            }
            let whole = try await ask(900)
            try await awaitProcess(gateway.process, "a hit") {
                (try? await ask(900))?.header("X-Isthmus-Cache")?.hasPrefix("hit") == true
            }
            failing.setScript { _ in .answer(status: 503, type: "text/plain", body: "") }
            let remembered = try await ask(900)
            #expect(remembered.text == whole.text)
            #expect(remembered.missingClusters.isEmpty)
            #expect(try await ask(1800).missingClusters == ["us-1"])
            // Its failure is not remembered.
            failing.setScript { _ in .forward(port: third) }
            #expect(try await ask(1800).missingClusters.isEmpty)
            await gateway.end()
            failing.end()
        }

        @Test func whatIsSwitchedOffRemembersNothing() async throws {
            let gateway = try await IsthmusServer(
                try await UnionServers.shared.running().memberFiles(),
                configuration: "cache: {enabled: false}\n")
            for _ in 0..<2 {
                let answer = try await gateway.ask(
                    "query",
                    [.init("query", "sum(up)"), .init("time", "\(UnionData.start + 900)")])
                #expect(answer.header("X-Isthmus-Cache")?.hasPrefix("off") == true)
            }
            await gateway.end()
        }
    }
}
