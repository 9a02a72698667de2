import Clusters
import Federation
import Meshes
import MetricsTestKit
import ServiceGraph
import Testing

/// Signals as they are asked of clusters that answer well, badly, late or not at all.
@Suite struct SignalServiceTests {
    private typealias Series = MeshFleet.Series

    /// `front` in east calls `back` in west, and in west `back` calls `store`, `stock` and `mail`.
    private static let east: [Series] =
        [.istio("source", from: "front", "east", to: "back", "west", rate: 11)]
        + Series.istioLatency(
            "source", from: "front", "east", to: "back", "west", rate: 11,
            [("100", 0), ("200", 1)])
    private static let west: [Series] =
        [.istio("destination", from: "front", "east", to: "back", "west", rate: 10)]
        + Series.istioLatency(
            "destination", from: "front", "east", to: "back", "west", rate: 10,
            [("50", 0), ("100", 1)])
        + [("store", 5.0), ("stock", 3), ("mail", 1)].flatMap { name, rate in
            [Series.istio("destination", from: "back", "west", to: name, "west", rate: rate)]
                + Series.istioLatency(
                    "destination", from: "back", "west", to: name, "west", rate: rate,
                    [("10", 0.5), ("20", 1)])
        }

    /// A busy machine is none of a test's business.
    private static let patient = {
        var settings = SignalSettings()
        settings.timeout = .seconds(60)
        return settings
    }()

    private static func withFleet<Result: Sendable>(
        _ clusters: [(String, MeshFleet.Conduct)] = [
            ("east", .series(east)), ("west", .series(west)),
        ], settings: SignalSettings = Self.patient, dialects: [ClusterDialects]? = nil,
        timeouts: [String: Duration] = [:], metrics: MeshMetrics = MeshMetrics(),
        _ body: (MeshFleet) async throws -> Result
    ) async throws -> Result {
        let fleet = try MeshFleet(
            clusters, signals: settings, dialects: dialects, timeouts: timeouts,
            metrics: metrics)
        do {
            let result = try await body(fleet)
            await fleet.end()
            return result
        } catch {
            await fleet.end()
            throw error
        }
    }

    private static func question(
        _ change: (inout SignalQuestion) -> Void = { _ in }
    ) -> SignalQuestion {
        var question = SignalQuestion(end: MeshFleet.now)
        change(&question)
        return question
    }

    /// `back 10` for a service in all clusters, `back@west 10` in one.
    private static func lines(_ report: SignalReport) -> [String] {
        report.subjects.map { subject in
            let place = subject.subject.cluster.map { "@" + $0 } ?? ""
            let rate = subject.signals[.requestRate]?.value.map { "\($0)" } ?? "-"
            return "\(subject.subject.service)\(place) \(rate)"
        }
    }

    // MARK: Both clusters

    @Test func aServiceIsToldAsItsOwnProxiesSawItInAllClustersAndInEach() async throws {
        try await Self.withFleet { fleet in
            let answer = try await fleet.signals.signals(Self.question())
            #expect(
                Self.lines(answer.value) == [
                    "back 10.0", "back@west 10.0", "mail 1.0", "mail@west 1.0", "stock 3.0",
                    "stock@west 3.0", "store 5.0", "store@west 5.0",
                ])
            let back = try #require(answer.value.subjects.first)
            #expect(back.signals[.latencyP50]?.value == 75)
            #expect(answer.value.totals == .init(subjects: 4, shown: 4))
            #expect(answer.coverage.present.map(\.name) == ["east", "west"])
            #expect(answer.coverage.missing.isEmpty)
            #expect(answer.warnings.isEmpty)
        }
    }

    @Test func valuesOverTimeAreThoseOfEachTime() async throws {
        try await Self.withFleet { fleet in
            let answer = try await fleet.signals.signals(
                Self.question {
                    $0.range = 120_000
                    $0.service = ServiceName(name: "store")
                })
            let store = try #require(
                answer.value.subjects.first { $0.subject.service == "store" })
            #expect(store.signals[.requestRate]?.values == [5, 5, 5])
            #expect(store.signals[.latencyP95]?.values == [19, 19, 19])
        }
    }

    // MARK: Many services

    @Test func ofManyOnlyTheBusiestAreAskedInDetail() async throws {
        try await Self.withFleet { fleet in
            let answer = try await fleet.signals.signals(Self.question { $0.top = 2 })
            #expect(
                Self.lines(answer.value) == [
                    "back 10.0", "back@west 10.0", "store 5.0", "store@west 5.0",
                ])
            #expect(answer.value.totals == .init(subjects: 4, shown: 2))
            #expect(
                answer.value.subjects.allSatisfy { $0.signals[.latencyP95]?.value != nil })
            let details = fleet.asked.map(\.query).filter { $0.contains("_bucket") }
            #expect(details.count == 2)
            for query in details {
                #expect(query.contains(#"destination_service_name=~"back|store""#), "\(query)")
            }
            // The answer says what was asked for it.
            #expect(answer.value.queries.first?.signal == "top")
        }
    }

    @Test func whatIsAskedInBatchesIsWhatIsAskedTogether() async throws {
        try await Self.withFleet { fleet in
            let together = try await fleet.signals.signals(Self.question { $0.top = 3 }).value
            let count = fleet.asked.count
            var settings = Self.patient
            settings.valuesAtATime = 1
            try await Self.withFleet(settings: settings) { fleet in
                let batches = try await fleet.signals.signals(Self.question { $0.top = 3 }).value
                #expect(batches.subjects == together.subjects)
                #expect(batches.totals == together.totals)
                // Each service for itself.
                #expect(fleet.asked.count > count)
            }
        }
    }

    @Test func edgesAreChosenOneByOne() async throws {
        try await Self.withFleet { fleet in
            let answer = try await fleet.signals.signals(
                Self.question {
                    $0.grouping = .edge
                    $0.top = 1
                })
            #expect(answer.value.totals == .init(subjects: 4, shown: 1))
            #expect(answer.value.subjects.map(\.subject.source?.service) == ["front"])
            #expect(answer.value.subjects.first?.signals[.latencyP50]?.value == 75)
        }
    }

    @Test func servicesThatWereThereOnlyBeforeAreShownWhereThereIsRoom() async throws {
        let gone = Self.west.filter { $0.labels["destination_service_name"] != "mail" }
        let now = "\(MeshFleet.now / 1000)"
        try await Self.withFleet([
            ("east", .series(Self.east)), ("west", .varying(now, gone, otherwise: Self.west)),
        ]) { fleet in
            let question = Self.question { $0.range = 120_000 }
            let all = try await fleet.signals.signals(question).value
            #expect(all.totals == .init(subjects: 4, shown: 4))
            // Those of now come first.
            var few = question
            few.top = 3
            let some = try await fleet.signals.signals(few).value
            #expect(Set(some.subjects.map(\.subject.service)) == ["back", "store", "stock"])
            #expect(some.totals == .init(subjects: 4, shown: 3))
        }
    }

    @Test(arguments: [0, -1, 5001, Int.max])
    func noMoreCanBeAskedForThanTheLimit(_ top: Int) async throws {
        try await Self.withFleet { fleet in
            let expected = QueryFailure.badData(
                "invalid parameter \"top\": a number from 1 to 5000 is expected "
                    + "(mesh.limits.max_subjects)")
            await #expect(throws: expected) {
                _ = try await fleet.signals.signals(Self.question { $0.top = top })
            }
            #expect(fleet.asked.isEmpty)
        }
    }

    // MARK: Sums over services

    /// `front` in east also calls `lone` in west, whose proxies tell nothing.
    private static let lonely: [Series] =
        east + [.istio("source", from: "front", "east", to: "lone", "west", rate: 4)]
        + Series.istioLatency(
            "source", from: "front", "east", to: "lone", "west", rate: 4,
            [("100", 0), ("200", 1)])

    @Test func durationsOfWhatOnlyCallersTellOfAreAskedForByService() async throws {
        try await Self.withFleet([("east", .series(Self.lonely)), ("west", .series(Self.west))]) {
            fleet in
            let answer = try await fleet.signals.signals(Self.question { $0.grouping = .mesh })
            #expect(Self.lines(answer.value) == [" 23.0"])
            let details = fleet.asked.map(\.query).filter { $0.contains("_bucket") }
            // Both are asked for sums, and the caller for the service that they do not tell of.
            #expect(details.count == 3)
            #expect(
                details.filter { $0.contains(#"destination_service_name="lone""#) }.count == 1)
            #expect(answer.value.queries.last?.clusters == ["east"])
        }
    }

    @Test func aClusterThatFailsAboutThemIsLeftOutOfAll() async throws {
        try await Self.withFleet([
            ("east", .failingAbout(#"destination_service_name="lone""#, Self.lonely)),
            ("west", .series(Self.west)),
        ]) { fleet in
            let answer = try await fleet.signals.signals(Self.question { $0.grouping = .mesh })
            #expect(answer.coverage.missing.map(\.cluster.name) == ["east"])
            #expect(Self.lines(answer.value) == [" 19.0"])
            #expect(answer.value.subjects.first?.missing == ["east"])
        }
    }

    // MARK: Names

    @Test func aServiceOfLinkerdsIsAskedForByItsWorkloadsToo() async throws {
        let series = [
            Series(
                "response_total",
                [
                    "direction": "outbound", "namespace": "shop", "deployment": "web",
                    "dst_namespace": "shop", "dst_service": "cart", "dst_deployment": "cart-v1",
                    "status_code": "200", "classification": "success",
                ], 5),
            Series(
                "response_total",
                [
                    "direction": "inbound", "namespace": "shop", "deployment": "cart-v1",
                    "status_code": "200", "classification": "success",
                ], 6),
        ]
        try await Self.withFleet([("east", .series(series))]) { fleet in
            let answer = try await fleet.signals.signals(
                Self.question { $0.service = ServiceName(namespace: "shop", name: "cart") })
            #expect(Self.lines(answer.value) == ["cart 6.0", "cart@east 6.0"])
            let queries = fleet.asked.map(\.query)
            #expect(queries.first?.contains(#"deployment="cart""#) == true)
            #expect(queries.dropFirst().contains { $0.contains(#"deployment=~"cart|cart-v1""#) })
            #expect(answer.value.queries.first?.signal == "names")
        }
    }

    // MARK: Clusters that fail

    @Test func aSilentClusterIsNamedAndWhatTheOthersTellIsWhole() async throws {
        try await Self.withFleet(
            [("east", .silence), ("west", .series(Self.west))],
            timeouts: ["east": .seconds(1)]
        ) { fleet in
            let answer = try await fleet.signals.signals(Self.question())
            #expect(answer.coverage.missing.map(\.cluster.name) == ["east"])
            #expect(Self.lines(answer.value).first == "back 10.0")
            #expect(answer.value.subjects.allSatisfy { $0.missing == ["east"] })
            // It is not asked again once it has not answered.
            #expect(fleet.asked.count { $0.cluster == "east" } == 1)
            #expect(answer.value.clusters.map(\.cluster) == ["east", "west"])
        }
    }

    @Test func aClusterThatIsSilentAboutOneThingIsLeftOutOfAll() async throws {
        try await Self.withFleet(
            [
                ("east", .series(Self.east)),
                ("west", .failingAbout("istio_request_duration", Self.west)),
            ]
        ) { fleet in
            let answer = try await fleet.signals.signals(Self.question())
            #expect(answer.coverage.missing.map(\.cluster.name) == ["west"])
            // What is left is what the callers in east saw.
            #expect(Self.lines(answer.value) == ["back 11.0", "back@west 11.0"])
            let back = try #require(answer.value.subjects.first)
            #expect(back.signals[.latencyP50]?.value == 150)
            #expect(back.missing == ["west"])
            #expect(answer.value.clusters.map { $0.missing == nil } == [true, false])
        }
    }

    @Test func aBatchThatLacksAClusterSaysSoAndTheOneBeforeIsWhole() async throws {
        var settings = Self.patient
        settings.valuesAtATime = 1
        // Details of `store` fail in west, those of `back` do not.
        try await Self.withFleet(
            [
                ("east", .series(Self.east)),
                ("west", .failingAbout(#"destination_service_name="store""#, Self.west)),
            ], settings: settings
        ) { fleet in
            let answer = try await fleet.signals.signals(Self.question { $0.top = 2 })
            let subjects = answer.value.subjects
            #expect(answer.coverage.missing.map(\.cluster.name) == ["west"])
            #expect(Self.lines(answer.value) == ["back 10.0", "back@west 10.0"])
            #expect(subjects.allSatisfy { $0.missing.isEmpty })
            #expect(answer.value.totals == .init(subjects: 4, shown: 1))
        }
    }

    @Test func whoWantsAllOrNothingIsToldWhoIsMissing() async throws {
        try await Self.withFleet([("east", .refusal), ("west", .series(Self.west))]) { fleet in
            do {
                _ = try await fleet.signals.signals(Self.question(), partialResponse: false)
                Issue.record("it was answered")
            } catch QueryFailure.unavailable(let text, let coverage) {
                #expect(text.hasPrefix("clusters are missing: east: "))
                #expect(coverage.present.map(\.name) == ["west"])
            }
        }
    }

    @Test(arguments: [false, true])
    func whereNobodyAnswersThereIsNoAnswer(_ isNarrow: Bool) async throws {
        try await Self.withFleet([("east", .refusal), ("west", .refusal)]) { fleet in
            do {
                _ = try await fleet.signals.signals(
                    Self.question { if isNarrow { $0.service = ServiceName(name: "back") } })
                Issue.record("it was answered")
            } catch QueryFailure.unavailable(let text, let coverage) {
                #expect(text.hasPrefix("no cluster answered: "))
                #expect(coverage.missing.map(\.cluster.name) == ["east", "west"])
            }
        }
    }

    @Test func anAnswerComesByTheDeadlineAndNamesWhoWasTooSlow() async throws {
        var settings = SignalSettings()
        settings.timeout = .seconds(12)
        try await Self.withFleet(
            [("east", .silence), ("west", .series(Self.west))], settings: settings
        ) { fleet in
            let start = ContinuousClock.now
            let answer = try await fleet.signals.signals(Self.question())
            #expect(answer.coverage.missing.map(\.cluster.name) == ["east"])
            #expect(Self.lines(answer.value).count == 8)
            // The clusters' own patience would end later.
            #expect(ContinuousClock.now < start + .seconds(40))
        }
    }

    @Test func whoLeavesEndsTheQuestion() async throws {
        try await Self.withFleet([("east", .silence), ("west", .series(Self.west))]) { fleet in
            let outcome = await withTaskGroup(of: QueryFailure?.self) { group in
                group.addTask { await Self.failure(of: fleet) }
                while !fleet.asked.contains(where: { $0.cluster == "east" }) {
                    await Task.yield()
                }
                group.cancelAll()
                return await group.next()
            }
            #expect(outcome == .cancelled)
        }
    }

    private static func failure(of fleet: MeshFleet) async -> QueryFailure? {
        do throws(QueryFailure) {
            _ = try await fleet.signals.signals(question())
            return nil
        } catch {
            return error
        }
    }

    @Test func aClusterOfWhichNothingIsKnownIsNotAskedAndIsNamed() async throws {
        let dialects = [
            ClusterDialects(cluster: "east", missing: "it took too long"),
            ClusterDialects(
                cluster: "west", dialects: [.istio],
                metrics: ["istio_requests_total", "istio_request_duration_milliseconds_bucket"]),
        ]
        try await Self.withFleet(dialects: dialects) { fleet in
            let answer = try await fleet.signals.signals(Self.question())
            #expect(answer.coverage.missing.map(\.message) == ["it took too long"])
            #expect(Set(fleet.asked.map(\.cluster)) == ["west"])
            #expect(answer.value.clusters == dialects)
        }
    }

    // MARK: Answers that are none

    /// A row of `back`'s requests in west with these labels beside it, and a value.
    private static func row(_ labels: String, _ value: String) -> String {
        let common =
            #""source_cluster":"west","destination_cluster":"west","request_protocol":"http","#
            + #""response_code":"200","destination_service_namespace":"shop""#
        return #"{"metric":{\#(common),\#(labels)},"value":[TIME,"\#(value)"]}"#
    }

    private static let good = row(
        #""reporter":"destination","destination_service_name":"store""#, "5")

    @Test(arguments: [
        row(#""reporter":"destination","destination_service_name":"bad""#, "NaN"),
        row(#""reporter":"destination","destination_service_name":"bad""#, "+Inf"),
        row(#""reporter":"destination""#, "7"),
        row(#""reporter":"somebody","destination_service_name":"bad""#, "7"),
        row(#""destination_service_name":"bad""#, "7"), #"{"metric":{},"value":[TIME,"7"]}"#,
    ])
    func whatMakesNoSenseLeavesTheRestAsItIs(_ bad: String) async throws {
        let west = [MeshFleet.Series("istio_requests_total", [:], 0)]
        let result = "[\(bad),\(Self.good)]"
        try await Self.withFleet([
            ("west", .telling(result, about: "istio_requests_total", west))
        ]) { fleet in
            let all = try await fleet.signals.signals(Self.question())
            #expect(Self.lines(all.value).contains("store 5.0"))
            #expect(!Self.lines(all.value).contains { $0.hasSuffix(" 7.0") })
            // It is the first where one alone is shown, whatever else is told.
            let one = try await fleet.signals.signals(Self.question { $0.top = 1 })
            #expect(Self.lines(one.value) == ["store 5.0", "store@west 5.0"])
        }
    }

    @Test(arguments: ["7", #"[{"metric":5}]"#, #"[{"metric":{},"value":[TIME,"x"]}]"#, "["])
    func anAnswerThatCannotBeReadIsAMissingCluster(_ result: String) async throws {
        try await Self.withFleet([
            ("east", .telling(result, about: "istio_requests_total", Self.east)),
            ("west", .series(Self.west)),
        ]) { fleet in
            let answer = try await fleet.signals.signals(Self.question())
            #expect(answer.coverage.missing.map(\.cluster.name) == ["east"])
            #expect(Self.lines(answer.value).first == "back 10.0")
        }
    }

    // MARK: Recorded rates

    @Test func recordedRatesTakeThePlaceOfCounters() async throws {
        let recorded = [
            Series(
                "mesh:istio_requests:rate5m",
                Series.istio("destination", from: "front", "west", to: "back", "west", rate: 0)
                    .labels, 10)
        ]
        try await Self.withFleet([("west", .series(recorded))]) { fleet in
            let question = Self.question { $0.service = ServiceName(name: "back") }
            let answer = try await fleet.signals.signals(question)
            #expect(answer.value.subjects.first?.signals[.requestRate]?.value == 10)
            #expect(fleet.asked.allSatisfy { !$0.query.contains("rate(") })
            // Over another window nothing is recorded, and there are no counters.
            var other = question
            other.window = 60_000
            #expect(try await fleet.signals.signals(other).value.subjects.isEmpty)
        }
    }

    // MARK: Telemetry

    @Test func questionsRowsAndMissingClustersAreCounted() async throws {
        let metrics = TestMetrics()
        try await Self.withFleet(
            [("east", .refusal), ("west", .series(Self.west))],
            metrics: MeshMetrics(factory: metrics)
        ) { fleet in
            _ = try await fleet.signals.signals(Self.question())
            _ = try await fleet.graphs.graph(GraphQuestion(percentiles: .none))
            _ = try await fleet.graphs.graph(GraphQuestion(percentiles: .none, skipsMemory: true))
            _ = try? await fleet.signals.signals(Self.question { $0.top = 0 })
        }
        func count(_ row: MeshMetric, _ labels: [(String, String)]) throws -> Int64 {
            try metrics.expectCounter(row.name, labels).totalValue
        }
        let signals = [("question", "signals")]
        #expect(try count(.requests, signals + [("outcome", "partial")]) == 1)
        #expect(try count(.requests, signals + [("outcome", "bad_data")]) == 1)
        #expect(try count(.requests, [("question", "graph"), ("outcome", "partial")]) == 2)
        // Four services' requests twice, and three buckets of each.
        #expect(try count(.rows, signals) == 4 + 4 + 12)
        #expect(try count(.rows, [("question", "graph")]) == 8)
        #expect(try count(.passes, [("source", "clusters")]) == 2)
        #expect(try metrics.expectTimer(MeshMetric.duration.name, signals).values.count == 2)
        #expect(try metrics.expectGauge(MeshMetric.edges.name).lastValue == 4)
        let missing = metrics.counters.filter { $0.label == MeshMetric.missing.name }
        #expect(missing.map(\.totalValue).reduce(0, +) == 3)
        #expect(missing.allSatisfy { $0.dimensions.contains { $0 == ("cluster", "east") } })
    }
}
