import Clusters
import Federation
import Meshes
import MetricsTestKit
import ServiceGraph
import Testing

/// Which dialects clusters speak, as it is found out from servers that say which metrics they have.
@Suite struct DialectWatchTests {
    private static let istio = [
        "istio_requests_total", "istio_request_duration_milliseconds_bucket",
    ]
    private static let linkerd = ["response_total", "response_latency_ms_bucket"]
    private static let recorded = "mesh:istio_requests:rate5m"
    private static let minute: Int64 = 60_000

    private static func withFleet<Result: Sendable>(
        _ clusters: [(String, DialectFleet.Conduct)] = [
            ("east", .names(istio)), ("west", .names(linkerd)),
        ], dialects: [String: [String]] = [:], maintenance: Set<String> = [],
        metrics: MeshMetrics = MeshMetrics(), _ body: (DialectFleet) async throws -> Result
    ) async throws -> Result {
        let fleet = try DialectFleet(
            clusters, dialects: dialects, maintenance: maintenance, metrics: metrics)
        do {
            let result = try await body(fleet)
            await fleet.end()
            return result
        } catch {
            await fleet.end()
            throw error
        }
    }

    /// `east: istio`, or why nothing is known of it.
    private static func lines(_ clusters: [ClusterDialects]) -> [String] {
        clusters.map { cluster in
            let dialects = cluster.dialects.map(\.rawValue).joined(separator: ",")
            return "\(cluster.cluster): \(cluster.missing ?? dialects)"
        }
    }

    @Test func eachClusterSpeaksWhatItsMetricsProve() async throws {
        try await Self.withFleet([
            ("west", .names(Self.linkerd)), ("east", .names(Self.istio + Self.linkerd)),
            ("none", .names([])),
        ]) { fleet in
            let clusters = await fleet.watch.clusters()
            #expect(Self.lines(clusters) == ["east: istio,linkerd", "none: ", "west: linkerd"])
            #expect(clusters[0].metrics == Set(Self.istio + Self.linkerd))
            // Who has no such metrics lately is asked for those of the past.
            #expect(fleet.asked.count { $0 == "none" } == 2)
            #expect(fleet.asked.count { $0 == "west" } == 1)
        }
    }

    /// With two hundred clusters it was forty thousand questions at once.
    @Test func aClusterIsIdentifiedForItsOwnSakeAlone() async throws {
        let names = ["a", "b", "c", "d", "e"]
        try await Self.withFleet(names.map { ($0, .names(Self.istio)) }) { fleet in
            _ = await fleet.watch.clusters()
            #expect(fleet.identified.sorted() == names)
        }
    }

    @Test func metricsOfThePastCountWhereThereAreNoneLately() async throws {
        try await Self.withFleet([("east", .namesOfThePast(Self.istio))]) { fleet in
            #expect(Self.lines(await fleet.watch.clusters()) == ["east: istio"])
        }
    }

    @Test func whatChangesWhileItRunsIsSeenAfterAWhile() async throws {
        try await Self.withFleet { fleet in
            _ = await fleet.watch.clusters()
            fleet.set(.names(Self.istio + Self.linkerd), of: "east")
            fleet.set(.names([]), of: "west")
            fleet.clock.move(3 * Self.minute)
            #expect(Self.lines(await fleet.watch.clusters()) == ["east: istio", "west: linkerd"])
            #expect(fleet.asked.count == 2)
            fleet.clock.move(1)
            #expect(Self.lines(await fleet.watch.clusters()) == ["east: istio,linkerd", "west: "])
        }
    }

    @Test func ratesThatAreRecordedFromNowOnTakeThePlaceOfCounters() async throws {
        try await Self.withFleet([("east", .names(Self.istio))]) { fleet in
            func requests(_ clusters: [ClusterDialects]) -> String? {
                clusters.first?.source(
                    of: .requests, in: .istio, window: SignalQuestion.standardWindow)?.name
            }
            let before = await fleet.watch.clusters()
            #expect(requests(before) == "istio_requests_total")
            #expect(!before[0].hasRecordedRates)
            fleet.set(.names(Self.istio + [Self.recorded]), of: "east")
            fleet.clock.move(4 * Self.minute)
            let after = await fleet.watch.clusters()
            #expect(requests(after) == Self.recorded)
            #expect(after[0].hasRecordedRates)
            // The rules are gone again.
            fleet.set(.names(Self.istio), of: "east")
            fleet.clock.move(4 * Self.minute)
            #expect(requests(await fleet.watch.clusters()) == "istio_requests_total")
        }
    }

    @Test func aClustersFileGoesBeforeWhatItsMetricsProve() async throws {
        let dialects = ["east": ["service-graph", "linkerd"], "west": ["istio"]]
        try await Self.withFleet(
            [("east", .names(Self.istio)), ("west", .refusal)], dialects: dialects
        ) { fleet in
            let clusters = await fleet.watch.clusters()
            // In order of rank, whatever the file's order is.
            #expect(clusters[0].dialects == [.linkerd, .serviceGraph])
            #expect(clusters[0].metrics == Set(Self.istio))
            // What it has is known by its word alone.
            #expect(clusters[1].missing != nil)
            #expect(clusters[1].dialects.isEmpty)
        }
    }

    @Test func aClustersFileCanNameEachDialectAndNothingElse() {
        #expect(InventoryReader.dialects.sorted() == Dialect.allCases.map(\.rawValue).sorted())
    }

    // MARK: Clusters that fail

    @Test func aSilentClusterIsNamedAndTheOthersAreKnown() async throws {
        try await Self.withFleet([("east", .names(Self.istio)), ("west", .silence)]) { fleet in
            let clusters = await fleet.watch.clusters()
            #expect(clusters.map(\.cluster) == ["east", "west"])
            #expect(clusters[0].dialects == [.istio])
            #expect(clusters[1].missing?.isEmpty == false)
            #expect(clusters[1].metrics.isEmpty)
            // Whoever asks next tries again.
            fleet.set(.names(Self.linkerd), of: "west")
            #expect(Self.lines(await fleet.watch.clusters()) == ["east: istio", "west: linkerd"])
        }
    }

    @Test(arguments: [
        DialectFleet.Conduct.refusal, .data("7"), .data(#"["istio_requests_total",5]"#),
        .data("[\"istio_"),
    ])
    func aBadAnswerIsNone(_ conduct: DialectFleet.Conduct) async throws {
        try await Self.withFleet([("east", conduct), ("west", .names(Self.linkerd))]) { fleet in
            let clusters = await fleet.watch.clusters()
            #expect(clusters[0].missing?.isEmpty == false)
            #expect(clusters[0].dialects.isEmpty)
            #expect(clusters[1].dialects == [.linkerd])
        }
    }

    @Test func whatWasKnownOfAClusterThatFailsHoldsForAnHour() async throws {
        try await Self.withFleet([("east", .names(Self.istio))]) { fleet in
            _ = await fleet.watch.clusters()
            fleet.set(.refusal, of: "east")
            fleet.clock.move(60 * Self.minute)
            #expect(Self.lines(await fleet.watch.clusters()) == ["east: istio"])
            fleet.clock.move(1)
            let clusters = await fleet.watch.clusters()
            #expect(clusters[0].missing?.contains("503") == true)
            #expect(clusters[0].dialects.isEmpty)
        }
    }

    @Test func aClusterUnderMaintenanceIsNotAsked() async throws {
        try await Self.withFleet(maintenance: ["east"]) { fleet in
            let clusters = await fleet.watch.clusters()
            #expect(clusters[0].missing == "it is under maintenance, as its file says")
            #expect(clusters[1].dialects == [.linkerd])
            #expect(fleet.asked == ["west"])
        }
    }

    @Test func aClusterWhoseFileHasChangedIsAskedAnew() async throws {
        try await Self.withFleet([("east", .names(Self.istio))]) { fleet in
            _ = await fleet.watch.clusters()
            var cluster = fleet.fleet.current.inventory.clusters[0]
            cluster.meshDialects = ["envoy"]
            fleet.fleet.replace(with: [cluster])
            #expect(Self.lines(await fleet.watch.clusters()) == ["east: envoy"])
            #expect(fleet.asked.count == 2)
        }
    }

    // MARK: While it runs

    @Test func aServiceKeepsWhatIsKnownFresh() async throws {
        try await Self.withFleet { fleet in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await fleet.watch.run() }
                while fleet.clock.slept.isEmpty { await Task.yield() }
                #expect(fleet.asked.sorted() == ["east", "west"])
                fleet.set(.names(Self.linkerd), of: "east")
                // Before it is too old it is asked again, so that nobody waits for it.
                #expect(fleet.clock.slept == [90_000])
                fleet.clock.move(90_000)
                while fleet.clock.slept.count < 2 { await Task.yield() }
                #expect(fleet.asked.count == 4)
                #expect(
                    Self.lines(await fleet.watch.clusters()) == ["east: linkerd", "west: linkerd"])
                #expect(fleet.asked.count == 4)
                group.cancelAll()
            }
        }
    }

    @Test func dialectsAndFailuresAreCountedByCluster() async throws {
        let metrics = TestMetrics()
        try await Self.withFleet(
            [("east", .names(Self.istio)), ("west", .refusal)],
            metrics: MeshMetrics(factory: metrics)
        ) { fleet in
            _ = await fleet.watch.clusters()
            fleet.set(.names(Self.linkerd), of: "east")
            fleet.clock.move(4 * Self.minute)
            _ = await fleet.watch.clusters()
        }
        func count(_ cluster: String, _ outcome: String) throws -> Int64 {
            try metrics.expectCounter(
                MeshMetric.detections.name, [("cluster", cluster), ("outcome", outcome)]
            ).totalValue
        }
        #expect(try count("east", "answered") == 2)
        #expect(try count("west", "failed") == 2)
        func speaks(_ dialect: Dialect) throws -> Double? {
            try metrics.expectGauge(
                MeshMetric.dialects.name, [("cluster", "east"), ("dialect", dialect.rawValue)]
            ).lastValue
        }
        #expect(try speaks(.istio) == 0)
        #expect(try speaks(.linkerd) == 1)
        #expect(try speaks(.envoy) == 0)
    }
}
