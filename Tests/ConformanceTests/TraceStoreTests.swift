import Foundation
import TestSupport
import Testing

extension Conformance {
    /// The simulated clusters' trace stores by themselves: what the stitching is proved with must be
    /// right first.
    @Suite("Trace stores of the simulated mesh")
    struct TraceStoreTests {
        /// Two minutes that are over.
        private static func past() -> (start: Int64, end: Int64) {
            let now = TracedClusters.now
            return (now - 240_000_000, now - 120_000_000)
        }

        @Test func theStoresTogetherHoldEverySpanThatWasNotLostByTheirOwnClocks() async throws {
            let clusters = try await TracedClusters()
            let past = Self.past()
            let truth = try await clusters.truth(from: past.start, to: past.end)
            #expect(truth.count > 60)
            // Of a hundred traces chance makes the mean what it likes; of a thousand it does not.
            let many = try await clusters.truth(
                from: past.start - 1_200_000_000, to: past.end)
            let mean = Double(many.reduce(0) { $0 + $1.spans.count }) / Double(many.count)
            #expect((4...6.5).contains(mean), "\(mean) spans a trace")
            for trace in truth {
                for cluster in TracedClusters.names {
                    let expected = trace.spans.filter { $0.stores.contains(cluster) }
                    let answer = try await clusters.ask(
                        cluster, "traces/\(trace.traceID)", [.init("raw", "true")])
                    guard !expected.isEmpty else {
                        #expect(answer.status == 404)
                        continue
                    }
                    let held = try #require(JaegerTraces.traces(of: answer).first)
                    let byNumber = try #require(held.byNumber)
                    #expect(Set(byNumber.keys) == Set(expected.map(\.number)))
                    for span in expected {
                        let told = try #require(byNumber[span.number])
                        #expect(told.startTime == span.start + span.skew)
                        #expect(told.duration == span.end - span.start)
                        #expect(told.spanID == span.spanID)
                        #expect(told.parentSpanID == span.parentSpanID)
                        #expect(told.warnings == nil)
                    }
                }
            }
            await clusters.end()
        }

        /// The proof of stitching would prove little without them.
        @Test func allThatMakesStitchingHardHappens() async throws {
            let clusters = try await TracedClusters(arguments: ["--trace-sampling", "0.2"])
            let past = Self.past()
            let truth = try await clusters.truth(from: past.start, to: past.end)
            let spans = truth.flatMap(\.spans)
            #expect(truth.contains { Set($0.spans.map(\.cluster)).count == 3 })
            #expect(truth.contains { $0.traceID.hasPrefix("0000000000000000") })
            #expect(spans.contains { $0.stores.count > 1 })
            #expect(spans.contains { $0.stores.isEmpty })
            #expect(spans.contains { $0.isError })
            #expect(Set(spans.map(\.kind)) == ["server", "client", "producer", "consumer"])
            let shared = truth.filter { Set($0.spans.map(\.spanID)).count < $0.spans.count }
            #expect(!shared.isEmpty)
            let services = Set(spans.map(\.service))
            for tag in ["db.type", "db.statement", "cache.hit", "cache.key", "messaging.system"] {
                var found = false
                for service in services where !found {
                    let answer = try await clusters.ask(
                        "us-1", "traces",
                        [
                            .init("service", service), .init("limit", "100"),
                            .init("start", "\(past.start)"), .init("end", "\(past.end)"),
                        ])
                    found = try JaegerTraces.traces(of: answer).contains {
                        $0.spans.contains { $0.tag(tag) != nil }
                    }
                }
                #expect(found, "no span has \(tag)")
            }
            await clusters.end()
        }

        @Test func everyGenerationAnswersWhatItHasAndNothingElse() async throws {
            let clusters = try await TracedClusters()
            let past = Self.past()
            let removed: [(String, [HTTPCall.Parameter])] = [
                ("services", []), ("services/cart/operations", []),
                ("operations", [.init("service", "cart")]),
                ("traces", [.init("service", "cart")]),
            ]
            for (path, parameters) in removed {
                #expect(try await clusters.ask("eu-1", path, parameters).status == 200)
                #expect(try await clusters.ask("us-1", path, parameters).status == 200)
                let gone = try await clusters.ask("ap-1", path, parameters)
                #expect(gone.status == 404)
                #expect(gone.text == "404 page not found\n")
            }
            for path in ["v3/services", "v3/operations?service=cart"] {
                #expect(try await clusters.ask("eu-1", path).status == 404)
                #expect(try await clusters.ask("us-1", path).status == 200)
                #expect(try await clusters.ask("ap-1", path).status == 200)
            }
            for cluster in TracedClusters.names {
                #expect(try await clusters.ask(cluster, "dependencies").status == 200)
            }
            let truth = try await clusters.truth(from: past.start, to: past.end)
            let america = try #require(
                truth.first { $0.spans.contains { $0.stores.contains("us-1") } })
            for path in ["traces/\(america.traceID)", "v3/traces/\(america.traceID)"] {
                #expect(try await clusters.ask("us-1", path).status == 200)
            }
            await clusters.end()
        }

        @Test func aSearchFindsTheNewestTracesThatMeetAllConditions() async throws {
            let clusters = try await TracedClusters()
            let past = Self.past()
            // A clock that is behind gives what came after the end a time before it.
            let truth = try await clusters.truth(
                from: past.start - 60_000_000, to: past.end + 10_000_000)
            func found(_ further: [HTTPCall.Parameter]) async throws -> [String] {
                let answer = try await clusters.ask(
                    "us-1", "traces",
                    [.init("start", "\(past.start)"), .init("end", "\(past.end)")] + further)
                return try JaegerTraces.traces(of: answer).map(\.traceID)
            }
            func expected(_ isMet: (TrueSpan) -> Bool) -> [String] {
                truth.filter { trace in
                    trace.spans.contains { span in
                        span.stores.contains("us-1")
                            && (past.start...past.end).contains(span.start + span.skew)
                            && isMet(span)
                    }
                }.map { trace in
                    let isShort = trace.traceID.hasPrefix("0000000000000000")
                    return isShort ? String(trace.traceID.suffix(16)) : trace.traceID
                }
            }
            let all = expected { $0.service == "frontend" }
            #expect(all.count > 10)
            let frontend = HTTPCall.Parameter("service", "frontend")
            #expect(try await found([frontend, .init("limit", "1000")]) == all)
            #expect(try await found([frontend, .init("limit", "3")]) == Array(all.prefix(3)))
            #expect(
                try await found([
                    frontend, .init("operation", "GET /frontend"), .init("minDuration", "100ms"),
                    .init("limit", "1000"),
                ])
                    == expected {
                        $0.service == "frontend" && $0.name == "GET /frontend"
                            && $0.end - $0.start >= 100_000
                    })
            #expect(
                try await found([
                    .init("service", "search"), .init("tags", #"{"span.kind":"server"}"#),
                    .init("maxDuration", "400ms"), .init("limit", "1000"),
                ])
                    == expected {
                        $0.service == "search" && $0.kind == "server"
                            && $0.end - $0.start <= 400_000
                    })
            #expect(try await found([.init("service", "nobody")]).isEmpty)
            await clusters.end()
        }

        /// Texts that real servers gave.
        @Test(arguments: [
            ("traces", "parameter 'service' is required"),
            (
                "traces?service=a&tag=bad",
                "malformed 'tag' parameter, expecting key:value, received: bad"
            ),
            (
                "traces?service=a&start=x",
                "unable to parse param 'start': strconv.ParseInt: parsing \\\"x\\\": invalid syntax"
            ),
            ("traces?service=a&limit=x", "strconv.ParseInt: parsing \\\"x\\\": invalid syntax"),
            (
                "traces?service=a&minDuration=5s&maxDuration=1s",
                "'maxDuration' should be greater than 'minDuration'"
            ),
            (
                "traces?service=a&minDuration=5",
                "unable to parse param 'minDuration': time: missing unit in duration \\\"5\\\""
            ),
            ("traces/zzz", "strconv.ParseUint: parsing \\\"zzz\\\": invalid syntax"),
            ("operations", "parameter 'service' is required"),
        ])
        func mistakesAreRefusedInJaegersWords(_ path: String, _ message: String) async throws {
            let mesh = try await MeshSimulator(cluster: "us-1")
            let answer = try await HTTPCall(port: mesh.port, path: "/jaeger/api/\(path)").answer()
            #expect(answer.status == 400)
            #expect(
                answer.text == "{\"data\":null,\"total\":0,\"limit\":0,\"offset\":0,\"errors\":"
                    + "[{\"code\":400,\"msg\":\"\(message)\"}]}\n")
            #expect(answer.header("Content-Type") == "text/plain; charset=utf-8")
            await mesh.end()
        }

        @Test func aTraceThatIsCutSaysSo() async throws {
            let clusters = try await TracedClusters(arguments: ["--max-trace-size", "2"])
            let past = Self.past()
            let truth = try await clusters.truth(from: past.start, to: past.end)
            let long = try #require(
                truth.first { $0.spans.count { $0.stores.contains("eu-1") } > 2 })
            let answer = try await clusters.ask(
                "eu-1", "traces/\(long.traceID)", [.init("raw", "true")])
            let trace = try #require(JaegerTraces.traces(of: answer).first)
            #expect(trace.spans.count == 2)
            #expect(
                trace.spans.first?.warnings
                    == ["trace has more than 2 spans, showing first 2 spans only"])
            await clusters.end()
        }
    }
}
