import Clusters
import Federation
import Foundation
import JaegerAPI
import Spans
import TestSupport
import Testing
import Traces

/// What real Jaegers answered who held a part each, against what one answered who held everything.
@Suite(.enabled(if: Recordings.folder != nil, "the shared corpora are not here"))
struct ReplayTests {
    /// How the two Jaegers speak.
    struct Speaking: Sendable, CustomTestStringConvertible {
        var east: Set<JaegerGeneration>
        var west: Set<JaegerGeneration>

        var testDescription: String {
            [east, west].map { $0.map(\.rawValue).sorted().joined() }.joined(separator: " and ")
        }

        static let all = [
            Speaking(east: [.v1], west: [.v1]), Speaking(east: [.v3], west: [.v3]),
            Speaking(east: [.v1], west: [.v3]), Speaking(east: [.v3], west: [.v1]),
            Speaking(east: [.v1, .v3], west: [.v1, .v3]),
        ]
    }

    /// When the recordings end, milliseconds since 1970.
    private static let end: Int64 = 1_795_453_000_000

    private func withStores(
        _ speaking: Speaking, _ body: (TraceService) async throws -> Void
    ) async throws {
        let east = try RecordedJaeger("east", speaking: speaking.east)
        let west = try RecordedJaeger("west", speaking: speaking.west)
        var settings = TraceSettings(maximumClockSkewAdjustment: 60_000_000_000)
        settings.dependencies.tracesPerService = 100
        try await withTraces(
            of: [east.cluster("east"), west.cluster("west")], settings, now: { Self.end }
        ) { service, _ in try await body(service) }
        withExtendedLifetime((east, west)) {}
    }

    private static func id(_ text: Substring) throws -> TraceID {
        TraceID(
            high: UInt64(text.dropLast(16), radix: 16) ?? 0,
            low: try #require(UInt64(text.suffix(16), radix: 16)))
    }

    @Test(arguments: Speaking.all)
    func aTraceIsTheUnionsByItsID(_ speaking: Speaking) async throws {
        try await withStores(speaking) { service in
            var count = 0
            for exchange in try Recordings.exchanges("union")
            where exchange.path.hasPrefix("/api/v3/traces/") && exchange.parameters.isEmpty {
                let text = exchange.path.dropFirst("/api/v3/traces/".count)
                guard text.count == 32 else { continue }
                let answer = await service.trace(try Self.id(text), isRaw: false, TraceCall())
                #expect(answer.missing.isEmpty && answer.warnings.isEmpty)
                #expect((answer.value == nil) == (exchange.status == 404))
                let shown = Set((answer.value?.spans ?? []).map(ShownSpan.init))
                let expected = ShownSpan.all(inThird: exchange.object)
                #expect(shown.count == answer.value?.spans.count ?? 0)
                Self.expectEqual(shown, expected, String(text))
                count += 1
            }
            #expect(count > 5)
        }
    }

    @Test(arguments: Speaking.all)
    func aRawTraceIsWhatWasSent(_ speaking: Speaking) async throws {
        let sent = try Recordings.otlp("union")["resourceSpans"]
        try await withStores(speaking) { service in
            for exchange in try Recordings.exchanges("union")
            where exchange.path.hasPrefix("/api/v3/traces/") && exchange.status == 200 {
                let text = exchange.path.dropFirst("/api/v3/traces/".count)
                let answer = await service.trace(try Self.id(text), isRaw: true, TraceCall())
                var shown = Set((answer.value?.spans ?? []).map(ShownSpan.init))
                // A store that answers what is not raw says so itself.
                shown = Set(shown.map { $0.without(\.warnings) })
                Self.expectEqual(
                    shown, ShownSpan.all(inResources: sent, ofTrace: String(text)), String(text))
            }
        }
    }

    private static func expectEqual(
        _ shown: Set<ShownSpan>, _ expected: Set<ShownSpan>, _ what: String
    ) {
        let isEqual = shown == expected
        #expect(
            isEqual,
            """
            \(what)
            missing: \(expected.subtracting(shown).map(\.description).sorted())
            added: \(shown.subtracting(expected).map(\.description).sorted())
            """)
    }

    /// A search in the words of a recorded request of v1.
    private static func search(_ parameters: [Recordings.Parameter]) -> TraceSearch? {
        func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
        guard let service = value("service"), let start = value("start").flatMap(Int64.init),
            let end = value("end").flatMap(Int64.init)
        else { return nil }
        var search = TraceSearch(
            service: service, operation: value("operation") ?? "", start: start * 1000,
            end: end * 1000, limit: value("limit").flatMap { Int($0) } ?? 100)
        if let tags = value("tags") {
            search.tags = JSONObject(tags).members.map {
                .init(key: $0.name, value: $0.value.text)
            }
        }
        if let tag = value("tag")?.split(separator: ":") {
            search.tags = [.init(key: String(tag[0]), value: String(tag[1]))]
        }
        if value("minDuration") == "100ms" { search.minimumDuration = 100_000_000 }
        return search
    }

    /// What must be equal of a trace that a search has found: each span's id, start and duration.
    private typealias Found = [String]

    private static func found(_ exchange: Recordings.Exchange) -> Set<Found> {
        Set(
            exchange.object["data"].elements.map { trace in
                trace["spans"].elements.map {
                    "\($0["spanID"].text) \($0["startTime"].number) \($0["duration"].number)"
                }.sorted()
            })
    }

    private static func found(_ trace: Trace) -> Found {
        trace.spans.map {
            "\($0.spanID.hexadecimal) \($0.startTime / 1000) \($0.duration / 1000)"
        }.sorted()
    }

    @Test(arguments: Speaking.all)
    func aSearchFindsTheUnionsTracesWhole(_ speaking: Speaking) async throws {
        let searches = try Recordings.exchanges("union").filter {
            $0.path == "/api/traces" && $0.status == 200
                && $0.parameters.contains { $0.name == "service" }
        }
        #expect(searches.count == 7)
        let all = searches.reduce(into: Set<Found>()) { $0.formUnion(Self.found($1)) }
        try await withStores(speaking) { service in
            for exchange in searches {
                let search = try #require(Self.search(exchange.parameters))
                let answer = await service.find(search, isRaw: false, TraceCall())
                #expect(answer.missing.isEmpty && answer.warnings.isEmpty)
                let expected = Self.found(exchange)
                let shown = answer.value.map(Self.found)
                #expect(shown.count == expected.count)
                // Which traces a limit leaves depends on the order in which a store got them.
                let isBound = expected.count == search.limit
                let isEqual = isBound ? all.isSuperset(of: shown) : Set(shown) == expected
                #expect(
                    isEqual,
                    """
                    \(exchange.parameters)
                    missing: \(expected.subtracting(shown).map(\.first))
                    added: \(Set(shown).subtracting(expected).map(\.first))
                    """)
                let starts = answer.value.map { $0.spans.map(\.startTime).min() ?? 0 }
                #expect(starts == starts.sorted(by: >))
            }
        }
    }

    @Test(arguments: [JaegerGeneration.v1, .v3])
    func servicesAndOperationsAreTheUnions(_ generation: JaegerGeneration) async throws {
        let speaking = Speaking(east: [generation], west: [generation])
        try await withStores(speaking) { service in
            let exchanges = try Recordings.exchanges("union")
            let services = try #require(exchanges.first { $0.path == "/api/v3/services" })
            let answer = await service.services(TraceCall())
            #expect(answer.value == services.object["services"].elements.map(\.text).sorted())
            for (name, kind) in [("frontend", SpanKind?.none), ("payment", .server)] {
                let operations = try #require(
                    exchanges.first {
                        $0.path == "/api/v3/operations"
                            && $0.parameters.first == .init(name: "service", value: name)
                    })
                let found = await service.operations(service: name, kind: kind, TraceCall())
                #expect(
                    Set(found.value.map { "\($0.name) \($0.kind)" })
                        == Set(
                            operations.object["operations"].elements.map {
                                "\($0["name"].text) \($0["spanKind"].text)"
                            }))
            }
        }
    }

    @Test(arguments: Speaking.all)
    func callsBetweenTheClustersAreFoundAsTheUnionCountsThem(_ speaking: Speaking) async throws {
        try await withStores(speaking) { service in
            let exchange = try #require(
                try Recordings.exchanges("union").first {
                    $0.path == "/api/dependencies" && $0.status == 200 && !$0.parameters.isEmpty
                })
            let answer = await service.dependencies(
                end: Self.end, lookback: 86_400_000, TraceCall())
            #expect(answer.missing.isEmpty && answer.warnings.isEmpty, "\(answer.warnings)")
            #expect(
                Set(answer.value.edges.map { "\($0.parent) \($0.child) \($0.callCount)" })
                    == Set(
                        exchange.object["data"].elements.map {
                            "\($0["parent"].text) \($0["child"].text) \($0["callCount"].number)"
                        }))
            #expect(answer.value.crossings.map(\.child).sorted() == ["payment", "search"])
            #expect(answer.value.sample?.traces == 25)
        }
    }
}

extension ShownSpan {
    fileprivate func without(_ part: WritableKeyPath<ShownSpan, Set<String>>) -> ShownSpan {
        var span = self
        span[keyPath: part] = []
        return span
    }
}
