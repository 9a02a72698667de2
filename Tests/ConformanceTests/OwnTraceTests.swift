import Foundation
import Glibc
import TestSupport
import Testing

extension Conformance {
    /// What the gateway's own traces say, with a collector that remembers them.
    @Suite("The gateway's own traces", .timeLimit(.minutes(10)))
    struct OwnTraceTests {
        private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        private static let time = "\(UnionData.start + 1807)"

        /// A gateway before two clusters that remember who asked them.
        private struct Scene {
            let collector: CollectorServer
            let east: ScriptedServer
            let west: ScriptedServer
            let gateway: IsthmusServer
            /// The `traceparent` of each query that the clusters were asked.
            let asked: AskedHeaders

            func end() async {
                await gateway.end()
                for server in [east, west] { server.end() }
                collector.stop()
            }
        }

        /// What servers were asked, told from their threads.
        private actor AskedHeaders {
            private let stream: AsyncStream<(String, String)>
            nonisolated let tell: AsyncStream<(String, String)>.Continuation

            init() { (stream, tell) = AsyncStream.makeStream() }

            /// All of it, once nobody is asked any more.
            func all() async -> [(cluster: String, header: String)] {
                tell.finish()
                var result: [(cluster: String, header: String)] = []
                for await (cluster, header) in stream { result.append((cluster, header)) }
                return result
            }
        }

        private func scene(
            westFails: Bool = false, configuration: String = ""
        ) async throws -> Scene {
            let running = try await UnionServers.shared.running()
            let asked = AskedHeaders()
            func server(_ place: Int, _ name: String, fails: Bool) throws -> ScriptedServer {
                let port = running.members[place].port
                return try ScriptedServer { request in
                    guard request.path.contains("/query") else { return .forward(port: port) }
                    asked.tell.yield((name, request.header("traceparent") ?? "none"))
                    return fails ? FaultTests.Fault.page(503) : .forward(port: port)
                }
            }
            var files = Array(running.memberFiles().prefix(2))
            let east = try server(0, files[0].name, fails: false)
            let west = try server(1, files[1].name, fails: westFails)
            files[0].urls = [east.address]
            files[1].urls = [west.address]
            let collector = try CollectorServer()
            let gateway = try await IsthmusServer(
                files,
                configuration: """
                    cache: {enabled: false}
                    telemetry:
                      log: {level: debug, format: json}
                      otlp: {url: "\(collector.url)", batch_delay: 50ms}

                    """ + configuration)
            return Scene(
                collector: collector, east: east, west: west, gateway: gateway, asked: asked)
        }

        private func query(
            _ scene: Scene, _ query: String, headers: [HTTPAnswer.Header] = []
        ) async throws -> HTTPAnswer {
            var call = HTTPCall(
                port: scene.gateway.port, path: "/api/v1/query",
                parameters: [.init("query", query), .init("time", Self.time)])
            call.headers = headers
            return try await call.answer()
        }

        /// The spans of one trace once its server span is there, which ends last.
        private func trace(_ id: String, at collector: CollectorServer) async -> [CollectedSpan] {
            await collector.wait { spans in
                spans.contains { $0.traceID == id && $0.kind == 2 }
            }
            return collector.spans.filter { $0.traceID == id }
        }

        @Test func aQueryOverTwoClustersIsOneTree() async throws {
            let scene = try await scene()
            let answer = try await query(
                scene, "sum(up)", headers: [.init(name: "traceparent", value: Self.parent)])
            let id = "0af7651916cd43dd8448eb211c80319c"
            #expect(answer.status == 200)
            #expect(answer.header("X-Isthmus-Trace-Id") == id)

            let spans = await trace(id, at: scene.collector)
            let server = try #require(spans.first { $0.kind == 2 })
            #expect(server.name == "GET /api/v1/query")
            #expect(server.parentID == "b7ad6b7169203331")
            #expect(answer.header("traceresponse") == "00-\(id)-\(server.spanID)-01")
            #expect(server.attributes["http.response.status_code"] == "200")
            #expect(server.attributes["http.status_code"] == "200")
            #expect(server.status == 0)
            #expect(server.resource["service.name"] == "isthmus")
            #expect(server.resource["service.instance.id"]?.isEmpty == false)

            let fragments = spans.filter { $0.name.hasPrefix("fragment ") }
            #expect(Set(fragments.compactMap { $0.attributes["isthmus.cluster"] }).count == 2)
            #expect(fragments.count == 2)
            for fragment in fragments {
                #expect(fragment.kind == 3 && fragment.parentID == server.spanID)
                #expect(fragment.status == 0)
                #expect(fragment.attributes["isthmus.cache"] == "off")
                #expect(fragment.attributes["isthmus.fragment"]?.contains("up") == true)
                #expect(fragment.attributes["db.query.text"]?.contains("up") == true)
                #expect(fragment.attributes["server.address"] == "127.0.0.1")
                #expect((fragment.attributes["isthmus.bytes"].flatMap(Int.init) ?? 0) > 0)
                #expect(fragment.events.map(\.name) == ["attempt"])
                #expect(fragment.start >= server.start && fragment.end <= server.end)
            }
            #expect(spans.contains { $0.name == "plan" && $0.parentID == server.spanID })
            #expect(spans.contains { $0.name == "evaluate" && $0.parentID == server.spanID })
            #expect(Set(spans.map(\.spanID)).count == spans.count)

            // Probes of the clusters' state are no part of any trace.
            let told = await scene.asked.all().filter { $0.header != "none" }
            #expect(told.count == 2)
            for (cluster, header) in told {
                let span = fragments.first { $0.attributes["isthmus.cluster"] == cluster }
                #expect(header == "00-\(id)-\(span?.spanID ?? "?")-01")
            }
            await scene.end()
        }

        @Test func aClusterThatFailsIsAnErrorInTheTree() async throws {
            let scene = try await scene(westFails: true)
            let answer = try await query(scene, "sum(up)")
            #expect(answer.status == 200 && answer.missingClusters.count == 1)
            let missing = try #require(answer.missingClusters.first)
            let id = try #require(answer.header("X-Isthmus-Trace-Id"))
            let spans = await trace(id, at: scene.collector)
            let server = try #require(spans.first { $0.kind == 2 })
            #expect(server.parentID.isEmpty && server.status == 0)
            for fragment in spans where fragment.name.hasPrefix("fragment ") {
                let isMissing = fragment.attributes["isthmus.cluster"] == missing
                #expect(fragment.status == (isMissing ? 2 : 0))
                guard isMissing else { continue }
                #expect(fragment.message.contains("503"))
                #expect(fragment.attributes["error.type"] == "status_5xx")
                #expect(fragment.events.map(\.name) == ["attempt", "exception"])
            }

            // Without the cluster no answer is wanted: that is a failure of the server's.
            let refused = try await scene.gateway.ask(
                "query",
                [
                    .init("query", "sum(up)"), .init("time", Self.time),
                    .init("partial_response", "false"),
                ])
            #expect(refused.status == 503)
            let failed = await trace(
                try #require(refused.header("X-Isthmus-Trace-Id")), at: scene.collector)
            let root = try #require(failed.first { $0.kind == 2 })
            #expect(root.status == 2 && root.attributes["error.type"] == "unavailable")
            #expect(root.events.map(\.name) == ["exception"])
            await scene.end()
        }

        @Test func logLinesNameTheTrace() async throws {
            let scene = try await scene()
            let answer = try await query(scene, "count(up)")
            let id = try #require(answer.header("X-Isthmus-Trace-Id"))
            _ = await trace(id, at: scene.collector)
            // The request's own line is written before its span is sent.
            let lines = scene.gateway.log.split(separator: "\n").filter { $0.contains(id) }
            #expect(lines.contains { $0.contains(#""msg":"request""#) })
            #expect(lines.count { $0.contains(#""msg":"asked a replica""#) } >= 2)
            #expect(lines.allSatisfy { $0.contains(#""span_id":""#) })
            await scene.end()
        }

        /// The first of the rules' group: the gateway has one of its own, which may come before it.
        private static func evaluation(in spans: [CollectedSpan]) -> CollectedSpan? {
            spans.first {
                $0.name == "evaluate rule group" && $0.attributes["isthmus.rule_group"] == "mesh"
            }
        }

        private static func fragments(
            of root: CollectedSpan, in spans: [CollectedSpan]
        ) -> [CollectedSpan] {
            spans.filter { $0.traceID == root.traceID && $0.name.hasPrefix("fragment ") }
        }

        @Test func theEvaluationOfRulesIsATraceOfItsOwn() async throws {
            let directory = try TemporaryDirectory("rules")
            defer { directory.remove() }
            let rules = try directory.write(
                "groups: [{name: mesh, interval: 1s, rules: [{record: all, expr: count(up)}]}]\n",
                to: "rules.yml")
            let scene = try await scene(
                configuration: "alerting: {rule_files: [\"\(rules)\"]}\n")
            await scene.collector.wait { spans in
                Self.evaluation(in: spans).map { Self.fragments(of: $0, in: spans).count >= 2 }
                    ?? false
            }
            let spans = scene.collector.spans
            let root = try #require(Self.evaluation(in: spans))
            #expect(root.kind == 1 && root.parentID.isEmpty)
            let fragments = Self.fragments(of: root, in: spans)
            #expect(fragments.count == 2)
            #expect(fragments.allSatisfy { $0.parentID == root.spanID })
            await scene.end()
        }

        @Test func aPrometheusThatScrapesTheGatewayHasItsExemplars() async throws {
            let scene = try await scene()
            let answer = try await query(scene, "sum(up)")
            let id = try #require(answer.header("X-Isthmus-Trace-Id"))
            _ = await trace(id, at: scene.collector)
            var options = PrometheusServer.Options()
            options.scrapedPort = scene.gateway.port
            options.flags = ["--enable-feature=exemplar-storage"]
            let prometheus = try await PrometheusServer("scraper", options)
            let call = HTTPCall(
                port: prometheus.port, path: "/api/v1/query_exemplars",
                parameters: [
                    .init(
                        "query",
                        "isthmus_http_request_duration_seconds_bucket{route=\"/api/v1/query\"}"),
                    .init("start", "\(Date().timeIntervalSince1970 - 3600)"),
                    .init("end", "\(Date().timeIntervalSince1970 + 3600)"),
                ])
            try await awaitProcess(prometheus.process, "the exemplar") {
                (try? await call.answer())?.text.contains(id) == true
            }
            await prometheus.end()
            await scene.end()
        }

        @Test func bothFormsOfMetricsAreWellFormed() async throws {
            let scene = try await scene()
            let answer = try await query(scene, "sum(up)")
            let id = try #require(answer.header("X-Isthmus-Trace-Id"))
            _ = await trace(id, at: scene.collector)
            var call = HTTPCall(port: scene.gateway.port, path: "/metrics")
            let plain = try await call.answer()
            #expect(plain.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            #expect(!plain.text.contains("trace_id") && !plain.text.contains("# EOF"))
            let directory = try TemporaryDirectory("metrics")
            defer { directory.remove() }
            let path = try directory.write(plain.text, to: "metrics.txt")
            let checked = try await Command.run(
                "sh", ["-c", "promtool check metrics < '\(path)'"])
            #expect(checked.status == 0, "\(checked.errors)")

            call.headers = [
                .init(
                    name: "Accept",
                    value: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
            ]
            let open = try await call.answer()
            #expect(
                open.header("content-type")
                    == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(open.text.hasSuffix("\n# EOF\n"))
            let lines = open.text.split(separator: "\n")
            #expect(lines.contains("# TYPE isthmus_http_requests counter"))
            #expect(lines.contains { $0.hasPrefix("isthmus_http_requests_total{") })
            let bucket = "isthmus_http_request_duration_seconds_bucket{"
            #expect(
                lines.contains {
                    $0.hasPrefix(bucket) && $0.contains(" # {trace_id=\"\(id)\"} ")
                })
            #expect(lines.contains { $0.hasPrefix(bucket) && $0.contains("le=\"1.0\"") })
            let families = lines.filter { $0.hasPrefix("# TYPE ") }
            #expect(Set(families).count == families.count)
            #expect(plain.text.contains("le=\"1\""))
            await scene.end()
        }
    }
}
