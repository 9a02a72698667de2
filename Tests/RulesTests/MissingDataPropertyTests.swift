import Evaluation
import Planning
import PromQL
import TestSupport
import Testing
import TimeSeries

/// What the planner says missing clusters mean, against what they do mean: expressions that a seed
/// makes, over the samples of all clusters and of some.
@Suite struct MissingDataPropertyTests {
    private static let analysis = MissingDataAnalysis(
        externalNames: ["cluster", "region"], identifyingName: "cluster")
    private static let clusters: [Labels] = [
        ["cluster": "c0", "region": "r0"], ["cluster": "c1", "region": "r0"],
        ["cluster": "c2", "region": "r1"],
    ]
    private static let time: Int64 = 600_000

    private static func samples(_ random: inout SeededGenerator) -> [SampleColumns] {
        var result: [SampleColumns] = []
        for cluster in clusters {
            for metric in ["x", "y", "z", "t"] {
                for job in ["a", "b"] {
                    for pod in 0..<Int.random(in: 0...2, using: &random) {
                        var columns = SampleColumns(
                            labels: cluster.setting([
                                "__name__": metric, "job": job, "pod": "\(pod)",
                            ]))
                        var total = 0.0
                        for minute in 0...10 {
                            total += Double(Int.random(in: 0...5, using: &random))
                            let gauge = Double(Int.random(in: -4...6, using: &random))
                            let value =
                                metric == "t" ? total : metric == "z" ? gauge.magnitude : gauge
                            columns.set(.float(value), at: Int64(minute) * 60_000)
                        }
                        result.append(columns)
                    }
                }
            }
        }
        return result
    }

    // MARK: Expressions

    private struct Grammar {
        var random: SeededGenerator

        mutating func pick(_ words: [String]) -> String {
            words.randomElement(using: &random) ?? ""
        }

        mutating func vector(_ depth: Int) -> String {
            if depth == 0 {
                return pick([
                    "x", "y", "z", "rate(t[5m])", "increase(t[5m])", #"x{cluster="c1"}"#,
                    #"x{job="a"}"#, "sum_over_time(z[3m])", "max_over_time(x[3m])", "vector(1)",
                ])
            }
            let inner = vector(depth - 1)
            switch Int.random(in: 0..<15, using: &random) {
            case 0...3: return aggregation(inner)
            case 4, 5: return "(\(inner) \(comparison()) \(number()))"
            case 6: return "(\(inner) \(pick(["+", "-", "*", "/"])) \(number()))"
            case 7: return "(\(number()) \(pick(["+", "-", "*", "/"])) \(inner))"
            case 8, 9: return binary(inner, vector(Int.random(in: 0..<depth, using: &random)))
            case 10: return set(inner, vector(Int.random(in: 0..<depth, using: &random)))
            case 11:
                return pick(["abs", "-", "sqrt", "ceil", "sgn", "exp"]) + "(\(inner))"
            case 12:
                return pick([
                    "clamp_max(\(inner), 3)", "clamp_min(\(inner), 0)", "sort(\(inner))",
                    "absent(\(inner))", #"absent(x{cluster="c1", job="a"})"#,
                    #"label_replace(\#(inner), "cluster", "c9", "", "")"#,
                    "(\(inner) or vector(0))", "(\(inner) > scalar(\(inner)))",
                    "(\(inner) \(comparison()) bool \(number()))",
                ])
            case 13:
                let function = pick([
                    "max", "min", "avg", "sum", "count", "last", "stddev", "present",
                ])
                return "\(function)_over_time((\(inner))[3m:1m])"
            default: return "(\(inner) \(comparison()) \(number()))"
            }
        }

        mutating func aggregation(_ inner: String) -> String {
            let grouping = pick([
                "", "", "by (cluster)", "by (job)", "by (region)", "by (cluster, job)",
                "without (pod)", "without (cluster, region)", "by (region, job)",
            ])
            let operation = pick([
                "sum", "count", "min", "max", "avg", "group", "stddev", "topk", "bottomk",
                "quantile", "count_values",
            ])
            let parameter =
                [
                    "topk": "2, ", "bottomk": "2, ", "quantile": "0.5, ",
                    "count_values": #""v", "#,
                ][operation] ?? ""
            return "\(operation) \(grouping) (\(parameter)\(inner))"
        }

        mutating func comparison() -> String { pick([">", "<", ">=", "<=", "==", "!="]) }
        mutating func number() -> String { pick(["0", "1", "2", "3", "-1", "5", "0.5", "10"]) }

        mutating func matching() -> String {
            pick([
                "", "", "on (job)", "on (cluster)", "on (cluster, job)", "on ()", "ignoring (pod)",
                "on (region)",
            ])
        }

        mutating func binary(_ left: String, _ right: String) -> String {
            let operation = pick(["+", "-", "*", "/", ">", "<", ">=", "=="])
            let matching = matching()
            let group = matching.isEmpty ? "" : pick(["", "", "group_left ()"])
            return "(\(left) \(operation) \(matching) \(group) \(right))"
        }

        mutating func set(_ left: String, _ right: String) -> String {
            "(\(left) \(pick(["and", "or", "unless"])) \(matching()) \(right))"
        }
    }

    private static func values(
        _ expression: PromQL.Expression, _ store: SampleStore
    ) -> [Labels: Double]? {
        guard
            case .vector(let series, _)? = try? evaluate(
                expression, over: store, on: TimeGrid(instant: time)
            ).value
        else { return nil }
        var result: [Labels: Double] = [:]
        for one in series where !Absent.isAbsent(one.values[0]) {
            result[one.labels.removingMetricName()] = one.values[0]
        }
        return result
    }

    @Test(arguments: 0..<30)
    func whatIsSaidOfMissingClustersIsTrue(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let samples = Self.samples(&random)
        var grammar = Grammar(random: random)
        let times = QueryTimes(
            start: Self.time, end: Self.time, step: 0, defaultSubqueryStep: 60_000)
        var checked = 0
        for _ in 0..<150 {
            let text = grammar.vector(Int.random(in: 1...3, using: &random))
            let expression = try parse(text).resolved(in: times)
            let effect = Self.analysis.effect(of: expression)
            for missing in [[0], [1], [2], [0, 2], [0, 1, 2]] {
                let gone = missing.map { Self.clusters[$0] }
                let seen = samples.filter { columns in
                    !gone.contains { columns.labels["cluster"] == $0["cluster"] }
                }
                guard let truth = Self.values(expression, SampleStore(samples)),
                    let found = Self.values(expression, SampleStore(seen))
                else { continue }
                checked += 1
                let problem = Self.problem(effect, truth, found, gone)
                #expect(problem == nil, "\(text) without \(missing): \(effect)")
                if let witness = Self.analysis.witnessOfAbsence(of: expression),
                    let proofs = Self.values(witness, SampleStore(seen))
                {
                    let wrong = proofs.keys.first { truth[$0] != nil }
                    #expect(wrong == nil, "\(text) without \(missing), proven over")
                }
            }
        }
        #expect(checked > 200)
    }

    /// How what was found contradicts what was said; nil where it does not.
    private static func problem(
        _ effect: MissingDataEffect, _ truth: [Labels: Double], _ found: [Labels: Double],
        _ gone: [Labels]
    ) -> String? {
        for labels in Set(truth.keys).union(found.keys) {
            let depends = gone.contains { effect.depends(labels, on: $0) }
            switch (truth[labels], found[labels]) {
            case (let true_?, let found?):
                if true_.isNaN || found.isNaN || true_ == found { continue }
                let direction = depends ? effect.value : .exact
                let tolerance = 1e-9 * max(1, true_.magnitude, found.magnitude)
                let isRight =
                    switch direction {
                    case .exact: (true_ - found).magnitude < tolerance
                    case .more: true_ >= found - tolerance
                    case .less: true_ <= found + tolerance
                    case .either: true
                    }
                if !isRight { return "\(labels): \(found), in truth \(true_)" }
            case (_?, nil):
                if !depends || !effect.canAppear, !(depends && effect.isOneClustersOwn) {
                    return "\(labels) appears"
                }
            case (nil, _?):
                if !depends || effect.presence == .certain { return "\(labels) vanishes" }
            case (nil, nil): break
            }
        }
        return nil
    }
}
