import Clusters
import Foundation
import Planning
import PromQL
import Testing
import TimeSeries

/// Plans as text: `conformance/planning/plans.txt` holds queries and what becomes of them.
@Suite struct PlanCorpusTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance/planning/plans.txt")

    /// `eu` has nothing special; `us` runs an old server whose own series carry `cluster`; `ap` has
    /// no external label `region`.
    static let clusters = [
        ClusterScope(
            id: ClusterID("ap"), externalLabels: ["cluster": "ap"],
            capabilities: Capabilities(version: [3, 14, 0])),
        ClusterScope(
            id: ClusterID("eu"), externalLabels: ["cluster": "eu", "region": "emea"],
            capabilities: Capabilities(version: [3, 14, 0])),
        ClusterScope(
            id: ClusterID("us"), externalLabels: ["cluster": "us", "region": "amer"],
            capabilities: Capabilities(
                version: [2, 42, 0], conflictingLabels: ["cluster"], hasNativeHistograms: false)),
    ]

    static func planned(_ query: String, exact: Set<String> = []) -> String {
        let grid = TimeGrid(start: 1_700_000_000_000, end: 1_700_000_120_000, step: 60_000)
        let times = QueryTimes(
            start: grid.start, end: grid.end, step: grid.step, defaultSubqueryStep: 60_000)
        do {
            let expression = try parse(
                query, options: ParseOptions(experimentalFunctions: true)
            ).resolved(in: times)
            var planner = Planner(clusters: clusters, exactAggregations: exact)
            return try planner.plan(expression, grid: grid).description
        } catch {
            return "refused: \(error)\n"
        }
    }

    @Test func plansAreAsTheCorpusSays() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        var expected: [(query: String, plan: String)] = []
        var comment = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") {
                comment += line + "\n"
            } else if line.hasPrefix("> ") {
                expected.append((String(line.dropFirst(2)), ""))
            } else if !line.isEmpty, !expected.isEmpty {
                expected[expected.count - 1].plan += line + "\n"
            }
        }
        #expect(expected.count > 40)
        let actual = expected.map { ($0.query, Self.planned($0.query)) }
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] != nil {
            let written = actual.map { "> \($0.0)\n\($0.1)" }.joined(separator: "\n")
            try (comment + "\n" + written).write(to: Self.file, atomically: true, encoding: .utf8)
        }
        for (wanted, got) in zip(expected, actual) {
            #expect(got.1 == wanted.plan, "\(wanted.query)")
        }
    }

    @Test func theSamePlanComesFromTheSameQuery() {
        let query = "sum by (job) (rate(x[5m])) / avg(y{region=\"emea\"})"
        #expect(Self.planned(query) == Self.planned(query))
    }

    @Test func anAggregationThatMustBeExactIsComputedFromItsSeries() {
        #expect(Self.planned("sum(x)").contains("sum of fragment 0"))
        #expect(Self.planned("sum(x)", exact: ["sum(x)"]).contains("fragment 0, side by side"))
    }
}
