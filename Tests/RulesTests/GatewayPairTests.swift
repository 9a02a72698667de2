import Clusters
import Rules
import TestSupport
import Testing
import TimeSeries

/// Several gateways with different views, of which Alertmanager sees one.
@Suite struct GatewayPairTests {
    private static let clusters = ["a", "b"]

    /// What there is, in each of two clusters.
    private struct Truth {
        var values = [0, 0]

        mutating func change(using random: inout SeededGenerator) {
            for index in values.indices where Int.random(in: 0..<5, using: &random) == 0 {
                values[index] = Int.random(in: 0...3, using: &random)
            }
        }

        /// The elements of the rule's answer, of the clusters that are seen.
        func elements(_ kind: Kind, seen: [Int]) -> [Labels] {
            let seenValues = seen.map { values[$0] }
            switch kind {
            case .own:
                return seen.filter { values[$0] > 1 }.map { ["cluster": clusters[$0]] }
            case .count:
                let count = seenValues.reduce(0, +)
                return count > 0 && count < 3 ? [[:]] : []
            case .average:
                guard !seen.isEmpty else { return [] }
                return seenValues.reduce(0, +) > seen.count ? [[:]] : []
            }
        }
    }

    private enum Kind: CaseIterable {
        case own, count, average

        var query: String {
            switch self {
            case .own: "x > 1"
            case .count: "count(x) < 3"
            case .average: "avg(x) > 1"
            }
        }
    }

    private static func view(
        _ truth: Truth, _ kind: Kind, without missing: [Int], since second: Int64
    ) -> GatewayPair.View {
        GatewayPair.View(
            labels: truth.elements(kind, seen: [0, 1].filter { !missing.contains($0) }),
            missing: missing.map { RuleTimeline.cluster(clusters[$0], since: second) },
            hasAnswers: missing.count < 2)
    }

    /// In each evaluation one of the two reaches all clusters, now this and now that, and now and
    /// then one is another process: Alertmanager sees what one Prometheus with all data would tell.
    @Test(arguments: 0..<48)
    func whereOneOfTwoKnowsAllIsToldAsByOneThatKnowsAll(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(3000 + seed))
        let kind = Kind.allCases[seed % 3]
        let hold: Int64 = [0, 120, 300].randomElement(using: &random) ?? 0
        let keep: Int64 = [0, 0, 180].randomElement(using: &random) ?? 0
        // Missing for a moment, or for so long that it is given up.
        let since: Int64 = seed % 2 == 0 ? -20_000 : 0
        var pair = GatewayPair(try RuleTimeline.alert(kind.query, for: hold, keep: keep))
        var plain = PlainAlerts(hold: hold, keep: keep)
        var truth = Truth()
        for step in 0..<150 {
            let second = Int64(step) * 60
            truth.change(using: &random)
            let complete = Int.random(in: 0...1, using: &random)
            let missing =
                step == 0 ? [] : [[0], [1], [0, 1], []].randomElement(using: &random) ?? []
            if step > 0, Int.random(in: 0..<12, using: &random) == 0 {
                try pair.restart(Int.random(in: 0...1, using: &random), at: second)
            }
            var views = [
                Self.view(truth, kind, without: missing, since: since),
                Self.view(truth, kind, without: missing, since: since),
            ]
            views[complete] = Self.view(truth, kind, without: [], since: since)
            try pair.evaluate(second, views, using: &random)
            plain.evaluate(
                second, Set(truth.elements(kind, seen: [0, 1]).map { $0["cluster"] ?? "" }))
            let wanted = plain.alerts.filter { $0.value.state == .firing }.keys
            let found = pair.told.firing(at: second).map { $0["cluster"] ?? "" }
            #expect(Set(found) == Set(wanted), "seed \(seed), \(kind) at \(second)")
        }
    }

    /// Where at times neither knows, nothing begins or ends then.
    @Test(arguments: 0..<24)
    func whereNeitherKnowsNothingIsToldAnew(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(4000 + seed))
        let kind: Kind = seed % 2 == 0 ? .own : .count
        let hold: Int64 = [0, 60].randomElement(using: &random) ?? 0
        var pair = GatewayPair(try RuleTimeline.alert(kind.query, for: hold))
        pair.lookups["count(x) >= 3"] = .samples([])
        var truth = Truth()
        var changes = 0
        for step in 0..<400 {
            let second = Int64(step) * 60
            truth.change(using: &random)
            let missing = (0...1).map { _ in
                [[], [0], [1], [0, 1]].randomElement(using: &random) ?? []
            }
            let before = pair.told.firing(at: second - 60)
            try pair.evaluate(
                second,
                missing.map { Self.view(truth, kind, without: $0, since: second - 60) },
                using: &random)
            for labels in pair.told.firing(at: second).symmetricDifference(before) {
                changes += 1
                let known = missing.contains { gone in
                    gone.isEmpty
                        || gone.allSatisfy { Self.clusters[$0] != labels["cluster"] ?? "a" }
                            && kind == .own
                }
                #expect(known, "seed \(seed), \(kind) at \(second)")
            }
        }
        #expect(changes > 0)
    }
}
