import Clusters
import Federation
import Meshes
import ServiceGraph
import Testing

/// What Envoys count of the calls of an edge, asked of the clusters that keep it.
@Suite struct GraphShapingTests {
    private typealias Series = MeshFleet.Series

    /// `front` in east calls `back` in west; both sides report it.
    private static let east: [Series] = [
        .istio("source", from: "front", "east", to: "back", "west", rate: 12)
    ]
    private static let west: [Series] = [
        .istio("destination", from: "front", "east", to: "back", "west", rate: 12)
    ]

    /// What the Envoys of `front` count of `back`.
    private static func counted(_ metric: String, _ rate: Double) -> Series {
        Series(
            "envoy_cluster_\(metric)",
            [
                "namespace": "shop", "workload": "front",
                "cluster_name": "outbound|8080||back.shop.svc.cluster.local",
            ], rate)
    }

    private static func withFleet(
        _ east: MeshFleet.Conduct, _ body: (MeshFleet) async throws -> Void
    ) async throws {
        var settings = GraphSettings()
        settings.timeout = .seconds(60)
        let fleet = try MeshFleet(
            [("east", east), ("west", .series(west))], settings: settings)
        do {
            try await body(fleet)
            await fleet.end()
        } catch {
            await fleet.end()
            throw error
        }
    }

    private static func crossing(_ map: ServiceMap) -> ServiceMap.Edge? {
        map.edges.first { map.id(of: $0) == "east/shop/front>west/shop/back" }
    }

    @Test func whatEnvoysCountOfAnEdgeIsToldWithWhoseWordItIs() async throws {
        let series =
            Self.east + [
                Self.counted("upstream_rq_total", 15), Self.counted("upstream_rq_retry", 3),
                Self.counted("upstream_rq_retry_success", 2),
                Self.counted("circuit_breakers_default_rq_open", 1),
            ]
        try await Self.withFleet(.series(series)) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            let shaping = try #require(Self.crossing(answer.value.map)?.shaping)
            #expect(shaping.retryRate == .init(3, .envoy))
            #expect(shaping.retrySuccessRatio == .init(2.0 / 3, .envoy))
            #expect(shaping.retryAmplification == .init(1.25, .envoy))
            #expect(shaping.openCircuitBreakers == .init(1, .envoy))
            // Nobody keeps these.
            #expect(shaping.timeoutRate == .init(0, .flags))
            #expect(shaping.poolOverflowRate == nil)
            #expect(shaping.origins == [.envoy, .flags])
        }
    }

    @Test func statisticsAreAskedOnceOfTheClustersThatKeepThem() async throws {
        let series = Self.east + [Self.counted("upstream_rq_retry", 3)]
        try await Self.withFleet(.series(series)) { fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            let asked = fleet.asked.filter { $0.query.contains("envoy_cluster_") }
            #expect(asked.map(\.cluster) == ["east"])
            #expect(answer.value.queries.count { $0.signal == "shaping" } == 1)
            // Whoever wants no details does not ask for them.
            _ = try await fleet.graphs.graph(GraphQuestion(percentiles: .none))
            #expect(fleet.asked.count { $0.query.contains("envoy_cluster_") } == 1)
        }
    }

    @Test func statisticsThatLackTheirClusterLeaveTheWordToFlags() async throws {
        let series = Self.east + [Self.counted("upstream_rq_retry", 3)]
        try await Self.withFleet(.failingAbout("envoy_cluster_upstream_rq_retry", series)) {
            fleet in
            let answer = try await fleet.graphs.graph(GraphQuestion())
            let shaping = try #require(Self.crossing(answer.value.map)?.shaping)
            #expect(shaping.retryRate == nil)
            #expect(shaping.timeoutRate == .init(0, .flags))
            #expect(answer.coverage.missing.map(\.cluster.name) == ["east"])
        }
    }
}
