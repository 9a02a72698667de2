import Foundation
import TestSupport
import Testing

/// The gateway over two Jaegers that hold a part each, against what a real one answered that holds
/// everything.
@Suite(
    .serialized,
    .enabled(if: JaegerRecordings.folder != nil, "the shared corpora are not here"))
struct JaegerUnionTests {
    private static let configuration = """
        traces:
          max_clock_skew_adjust: 1m
          dependencies: {traces_per_service: 100}
        """

    /// Runs the gateway over both stores.
    private func withGateway(
        _ body: (IsthmusServer, JaegerStore) async throws -> Void
    ) async throws {
        let east = try JaegerStore(holding: try JaegerRecordings.otlp("east"))
        let west = try JaegerStore(holding: try JaegerRecordings.otlp("west"))
        let members = try [("east", east), ("west", west)].map { name, store in
            var member = IsthmusServer.Member(
                name, urls: ["http://127.0.0.1:\(try Loopback.freePort())"])
            member.lines = ["jaeger:", "  url: \(store.address)"]
            return member
        }
        let gateway = try await IsthmusServer(members, configuration: Self.configuration)
        try await body(gateway, west)
        await gateway.end()
        withExtendedLifetime((east, west)) {}
    }

    private func answer(_ gateway: IsthmusServer, _ target: String) async throws -> HTTPAnswer {
        try await HTTPCall(port: gateway.port, path: "/jaeger" + target).answer()
    }

    /// What the gateway answers otherwise, on purpose.
    private static func isExplained(_ target: String) -> Bool {
        // The union corrects what it stores, so that its raw traces are not raw.
        target.contains("raw=true") || target.contains("raw_traces=true")
            // The gateway has metrics.
            || target.hasPrefix("/api/metrics/latencies")
            // The recordings are older than a day by now.
            || target == "/api/dependencies"
    }

    @Test func everyRequestIsAnsweredAsTheUnionAnswersIt() async throws {
        let exchanges = try JaegerRecordings.exchanges("union").filter {
            !Self.isExplained($0.target)
        }
        #expect(exchanges.count > 40)
        // Which traces a limit leaves is the stores' own business.
        let older = try exchanges.filter { $0.target.hasPrefix("/api/traces") }
            .reduce(into: [String: Set<String>]()) {
                $0.merge(try ShownTraces.older($1.body)) { first, _ in first }
            }
        let third = try exchanges.filter { $0.target.hasPrefix("/api/v3/traces") && !$0.isError }
            .reduce(into: [String: Set<String>]()) {
                $0.merge(try ShownTraces.third($1.body)) { first, _ in first }
            }
        try await withGateway { gateway, _ in
            for exchange in exchanges {
                let answer = try await answer(gateway, exchange.target)
                let what = Comment(rawValue: exchange.target)
                #expect(answer.status == exchange.status, what)
                #expect(answer.header("content-type") == exchange.contentType, what)
                #expect(answer.missingClusters.isEmpty, what)
                let path = exchange.target.prefix { $0 != "?" }
                if exchange.isError {
                    #expect(Self.text(answer.body) == Self.text(exchange.body), what)
                } else if path == "/api/v3/trace-summaries" {
                    try await expectSummaries(gateway, answer, exchange)
                } else if path.hasPrefix("/api/v3/traces") {
                    let shown = try ShownTraces.third(answer.body)
                    let expected = try ShownTraces.third(exchange.body)
                    Self.expectTraces(shown, expected, among: third, exchange.target)
                } else if path.hasPrefix("/api/traces") {
                    let shown = try ShownTraces.older(answer.body)
                    let expected = try ShownTraces.older(exchange.body)
                    Self.expectTraces(shown, expected, among: older, exchange.target)
                    #expect(
                        try Self.envelope(answer.body) == Self.envelope(exchange.body), what)
                } else {
                    for name in ["data", "services", "operations"] {
                        let shown = try ShownTraces.elements(answer.body, name)
                        let expected = try ShownTraces.elements(exchange.body, name)
                        #expect(shown == expected, what)
                    }
                    #expect(
                        try Self.envelope(answer.body) == Self.envelope(exchange.body), what)
                }
            }
        }
    }

    private static func expectTraces(
        _ shown: [String: Set<String>], _ expected: [String: Set<String>],
        among all: [String: Set<String>], _ target: String
    ) {
        #expect(shown.count == expected.count, "\(target)")
        let isBound = target.contains("limit=") || target.lowercased().contains("search")
        if !isBound { #expect(Set(shown.keys) == Set(expected.keys), "\(target)") }
        for (id, spans) in shown {
            guard let whole = expected[id] ?? all[id] else { continue }
            let isEqual = spans == whole
            #expect(
                isEqual,
                """
                \(target), trace \(id)
                missing: \(whole.subtracting(spans).sorted())
                added: \(spans.subtracting(whole).sorted())
                """)
        }
    }

    /// The limit leaves other traces than in the union's store, so that all are looked at.
    private func expectSummaries(
        _ gateway: IsthmusServer, _ answer: HTTPAnswer, _ exchange: JaegerRecordings.Exchange
    ) async throws {
        let shown = try ShownTraces.elements(answer.body, "summaries")
        let expected = try ShownTraces.elements(exchange.body, "summaries")
        #expect(shown.count == expected.count)
        let target = exchange.target.replacing("searchDepth=5", with: "searchDepth=100")
        let all = try ShownTraces.elements(
            try await self.answer(gateway, target).body, "summaries")
        #expect(all.count > shown.count)
        #expect(all.isSuperset(of: expected), "\(expected.subtracting(all))")
    }

    /// What stands around the data; what only the gateway has to say is left out.
    private static func envelope(_ body: Data) throws -> NSDictionary {
        var object = try ShownTraces.object(body)
        for name in ["data", "services", "operations", "sample"] {
            let isNull = object[name] is NSNull
            object[name] = isNull ? "null" : nil
        }
        return object as NSDictionary
    }

    /// The text with JSON in one form.
    private static func text(_ body: Data) -> String {
        guard let object = try? JSONSerialization.jsonObject(with: body),
            let data = try? JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys])
        else { return String(decoding: body, as: UTF8.self) }
        return String(decoding: data, as: UTF8.self)
    }

    @Test func aClusterThatFailsIsNamedInEveryAnswer() async throws {
        let exchanges = try JaegerRecordings.exchanges("union").filter {
            !Self.isExplained($0.target) && !$0.isError
        }
        let ids = try ShownTraces.older(
            try #require(exchanges.first { $0.target.hasPrefix("/api/traces?service=search") })
                .body
        ).keys.sorted()
        try await withGateway { gateway, west in
            west.breakDown()
            for exchange in exchanges {
                let answer = try await answer(gateway, exchange.target)
                // What is found in part, or not where it could be looked for.
                #expect([200, 404, 502].contains(answer.status), "\(exchange.target)")
                #expect(answer.missingClusters == ["west"], "\(exchange.target)")
                #expect(answer.presentClusters == ["east"], "\(exchange.target)")
                let strict = try await self.answer(
                    gateway,
                    exchange.target + (exchange.target.contains("?") ? "&" : "?")
                        + "partial_response=false")
                #expect(strict.status == 503, "\(exchange.target)")
            }
            let nowhere = try await answer(
                gateway, "/api/traces/00000000000000000000000000000abc")
            #expect(nowhere.status == 502)
            #expect(nowhere.text.contains("cluster west is missing"))
            let id = try #require(ids.first)
            let trace = try await answer(gateway, "/api/traces/\(id)")
            #expect(trace.text.contains("cluster west could not be asked"))
        }
    }

    @Test func theInventorysReloadReachesTraces() async throws {
        try await withGateway { gateway, _ in
            let before = try await answer(gateway, "/api/services")
            #expect(before.presentClusters == ["east", "west"])
            try FileManager.default.removeItem(atPath: gateway.clusters.file("west.yaml"))
            var reload = HTTPCall(port: gateway.port, path: "/-/reload")
            reload.method = "POST"
            #expect(try await reload.answer().status == 200)
            let after = try await answer(gateway, "/api/services")
            #expect(after.presentClusters == ["east"])
            #expect(after.text != before.text)
        }
    }
}
