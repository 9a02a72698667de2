import Clusters
import Planning
import PromQL
import Testing
import TimeSeries

/// What is planned where the gateway has series of its own.
@Suite struct ObservedMetricsTests {
    private static let grid = TimeGrid(
        start: 1_700_000_000_000, end: 1_700_000_120_000, step: 60_000)

    private func plan(_ query: String, on grid: TimeGrid = grid) throws -> Plan {
        let times = QueryTimes(
            start: grid.start, end: grid.end, step: grid.step, defaultSubqueryStep: 60_000)
        let expression = try parse(query, options: ParseOptions(experimentalFunctions: true))
            .resolved(in: times)
        let fleet = FleetScope(
            PlanCorpusTests.clusters,
            observed: ObservedMetrics(
                names: ["ALERTS", "job:errors:ratio", "isthmus:cluster_reachable"]))
        var planner = Planner(fleet: fleet)
        return try planner.plan(expression, grid: grid)
    }

    /// The texts of the fragments that the gateway's own series are asked.
    private func observed(_ query: String) throws -> [String] {
        try plan(query).fragments.filter(\.includesObservations).map(\.text)
    }

    @Test(arguments: [
        ("ALERTS", "ALERTS"), ("sum by (cluster) (ALERTS)", "ALERTS"),
        ("count_over_time(ALERTS[5m])", "count_over_time(ALERTS[5m])"),
        ("sum(rate(job:errors:ratio[5m] offset 1m))", "rate(job:errors:ratio[5m] offset 1m)"),
        ("timestamp((ALERTS))", "timestamp((ALERTS))"), ("absent(ALERTS)", "group(ALERTS)"),
        ("absent_over_time(ALERTS[5m])", "group(present_over_time(ALERTS[5m]))"),
        ("max_over_time(ALERTS[5m:1m])", "ALERTS"),
        ("label_replace(ALERTS, \"a\", \"$1\", \"cluster\", \"(.*)\")", "ALERTS"),
        ("x * on (cluster) group_left () ALERTS", "ALERTS"),
        ("{__name__=~\"AL.*\"}", "{__name__=~\"AL.*\"}"), ("{job=\"a\"}", "{job=\"a\"}"),
        ("-ALERTS", "ALERTS"), ("(ALERTS)", "ALERTS"), ("abs(ALERTS)", "ALERTS"),
    ])
    func theGatewayIsAskedForNoMoreThanItsSeries(_ query: String, _ asked: String) throws {
        #expect(try observed(query) == [asked])
    }

    @Test(arguments: ["x", "sum(rate(x[5m]))", "{__name__=~\"istio_.*\"}", "1 + 1", "ALERTSX"])
    func whatIsAboutNoneOfItsMetricsIsLeftToTheClusters(_ query: String) throws {
        #expect(try observed(query).isEmpty)
    }

    @Test func clustersAreAskedForAMetricThatTheyMayHaveToo() throws {
        let fragment = try #require(try plan("sum(ALERTS)").fragments.first)
        #expect(fragment.requests.map(\.query) == ["ALERTS", "ALERTS", "ALERTS"])
    }

    @Test(arguments: [
        "isthmus:cluster_reachable == 0", "absent(isthmus:cluster_reachable{cluster=\"eu\"})",
        "min_over_time(isthmus:cluster_reachable[5m])", "isthmus:unheard_of",
        "changes(isthmus:cluster_reachable[10m:1m])",
        "max by (cluster) (mesh_control_plane_state{state=\"unhealthy\"}) == 1",
        "isthmus_cluster_up{cluster=\"eu\"}",
    ])
    func noClusterIsAskedForWhatIsTheGatewaysAlone(_ query: String) throws {
        let plan = try plan(query)
        #expect(plan.fragments.count == 1)
        #expect(plan.fragments.allSatisfy { $0.requests.isEmpty })
    }

    @Test func anotherSideOfAnOperationIsAskedAsBefore() throws {
        let fragments = try plan("up and on (cluster) isthmus:cluster_reachable == 0").fragments
        #expect(fragments.count == 2)
        #expect(
            fragments.allSatisfy { $0.requests.count == ($0.includesObservations ? 0 : 3) })
    }

    @Test func aRootWindowHasTheGatewaysSamples() throws {
        let plan = try plan("ALERTS[5m]", on: TimeGrid(instant: 1_700_000_000_000))
        #expect(plan.remainder == .samples(fragment: 0))
        #expect(plan.fragments.map(\.includesObservations) == [true])
    }

    @Test func thePlanSaysWhatTheGatewayIsAsked() throws {
        let text = try plan("isthmus:cluster_reachable < 1").description
        #expect(
            text == """
                G <
                  L fragment 0, side by side
                  K 1
                fragment 0: isthmus:cluster_reachable
                  from 1700000000 to 1700000120 every 60 s: 3 points
                  the gateway's own series: isthmus:cluster_reachable
                  not asked for {__name__="isthmus:cluster_reachable"}: ap, eu, us

                """)
    }

    @Test func whatIsTheGatewaysAloneLacksNothingWhoeverIsMissing() throws {
        let analysis = MissingDataAnalysis(externalNames: ["cluster"], identifyingName: "cluster")
        for query in [
            "isthmus:cluster_reachable == 0", "absent(isthmus:cluster_reachable)",
            "count(isthmus:cluster_reachable) < 3", "mesh_config_issues > 0",
        ] {
            let effect = analysis.effect(of: try parse(query))
            #expect(effect.presence == .certain, "\(query)")
            #expect(!effect.canAppear, "\(query)")
        }
        #expect(analysis.effect(of: try parse("absent(up)")).presence == .deficit)
    }
}
