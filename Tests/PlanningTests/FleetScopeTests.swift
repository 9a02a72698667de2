import Clusters
import Foundation
import Planning
import PromQL
import Testing
import TimeSeries

/// Clusters that are asked alike share one text; what each is asked must be what it would be asked
/// alone.
@Suite struct FleetScopeTests {
    private static let clusters = (0..<12).map { number in
        ClusterScope(
            id: ClusterID("c\(number)"),
            externalLabels: [
                "cluster": "c\(number)", "region": "r\(number % 3)",
                "site": "\"$\(number)\\", "zone": "\(number)_isthmus_label_0",
            ],
            capabilities: Capabilities(
                version: [3, 14, 0], conflictingLabels: number % 5 == 0 ? ["region"] : [],
                doublyConflictingLabels: number == 10 ? ["region"] : []))
    }

    private static let grid = TimeGrid(
        start: 1_700_000_000_000, end: 1_700_000_120_000, step: 60_000)

    private static func plan(_ query: String, over clusters: [ClusterScope]) throws -> Plan {
        let times = QueryTimes(
            start: grid.start, end: grid.end, step: grid.step, defaultSubqueryStep: 60_000)
        let expression = try parse(query, options: ParseOptions(experimentalFunctions: true))
            .resolved(in: times)
        var planner = Planner(clusters: clusters)
        return try planner.plan(expression, grid: grid)
    }

    @Test(arguments: [
        "x", #"x{cluster="c3"}"#, #"x{cluster!="c3"}"#, #"x{cluster=~"c[0-4]", region="r1"}"#,
        #"x{region!~"r[01]"}"#, #"x{region="r9"}"#, "sum by (region) (x)",
        #"a{region="r1"} or b{cluster=~"c1.*"}"#, #"a{region="r1"} unless b{cluster="c4"}"#,
        #"a{region="r1"} / on (cluster) b{region=~"r[12]"}"#, "sum without (region) (x)",
        #"label_replace(x, "a", "$1", "cluster", "(.*)")"#, "stddev by (job) (x)",
        #"sum by (a) (label_join(x{region!="r0"}, "a", "\"$", "cluster", "region"))"#,
        #"x{exported_region="a"}"#, #"limit_ratio(0.5, x{region=~"r[12]"})"#,
        #"absent(x{region="r2"})"#,
    ])
    func aClusterIsAskedWhatItWouldBeAskedAlone(_ query: String) throws {
        let together = try Self.plan(query, over: Self.clusters)
        for cluster in Self.clusters {
            let alone = try Self.plan(query, over: [cluster])
            #expect(together.fragments.count == alone.fragments.count)
            for (one, other) in zip(together.fragments, alone.fragments) {
                #expect(
                    one.requests.filter { $0.cluster == cluster.id } == other.requests,
                    "\(query) of \(cluster.id)")
                // Each cluster is asked or left out, and left out for the same reason.
                let reasons = one.pruned.filter { $0.clusters.contains(cluster.id) }
                #expect(reasons.map(\.matchers) == other.pruned.map(\.matchers))
                #expect(reasons.count + other.requests.count == 1)
            }
        }
    }

    @Test func clustersAreAskedInInventoryOrder() throws {
        let plan = try Self.plan(#"x{region=~"r[02]"}"#, over: Self.clusters)
        #expect(
            plan.fragments[0].requests.map(\.cluster.name)
                == ["c0", "c2", "c3", "c5", "c6", "c8", "c9", "c11"])
        #expect(plan.fragments[0].pruned.map(\.reason) == [#"{region=~"r[02]"}"#])
    }

    @Test func aPlanOverAThousandClustersSharesItsTexts() throws {
        let clusters = (0..<1000).map { number in
            ClusterScope(
                id: ClusterID("c\(number)"), externalLabels: ["cluster": "c\(number)"],
                capabilities: Capabilities(version: [3, 14, 0]))
        }
        let plan = try Self.plan(#"sum(rate(x{cluster!="c17"}[5m]))"#, over: clusters)
        #expect(plan.fragments[0].requests.count == 999)
        #expect(Set(plan.fragments[0].requests.map(\.query)) == ["sum(rate(x[5m]))"])
        #expect(plan.fragments[0].pruned.flatMap(\.clusters) == [ClusterID("c17")])
    }
}
