import Evaluation
import MemoryServer
import PromQL
import TimeSeries

/// Runs a script against the engine over samples in memory.
struct ScriptRun {
    /// Cases that agree.
    private(set) var agreed = 0
    /// What differs, by the line of the query.
    private(set) var differences: [(line: Int, query: String, text: String)] = []
    /// How many cases were left out, by reason.
    private(set) var left: [String: Int] = [:]

    private var server = MemoryServer()
    private var places: [Labels: Int] = [:]
    /// The label sets that have native histograms.
    private var histograms: Set<Labels> = []

    init(_ script: PromQLScript) {
        for command in script.commands {
            switch command {
            case .clear:
                server = MemoryServer()
                places = [:]
                histograms = []
            case .load(let series): for one in series { load(one) }
            case .eval(let eval): run(eval)
            }
        }
    }

    private mutating func load(_ series: PromQLScript.LoadedSeries) {
        if series.hasHistograms { histograms.insert(series.labels) }
        let place = places[series.labels] ?? server.series.count
        if place == server.series.count {
            places[series.labels] = place
            server.series.append(.init(labels: series.labels, samples: []))
        }
        var samples: [Int64: Double] = [:]
        for sample in server.series[place].samples + series.samples {
            samples[sample.time] = sample.value
        }
        server.series[place].samples = samples.map { ($0.key, $0.value) }
            .sorted { $0.time < $1.time }
    }

    private mutating func run(_ eval: PromQLScript.Eval) {
        if let reason = eval.unusable {
            left[reason, default: 0] += 1
            return
        }
        do {
            let failure: String
            do {
                let difference = try difference(eval)
                note(eval, difference)
                return
            } catch let error as ParseError {
                failure = error.message
            } catch let error as ResolutionError {
                failure = error.message
            } catch let error as EvaluationFailure {
                if case .unsupported(let part) = error { throw NotInMemory(reason: part) }
                failure = error.description
            }
            note(eval, eval.fails ? difference(eval.failure, failure) : "fails: \(failure)")
        } catch {
            let reason = (error as? NotInMemory)?.reason ?? "\(error)"
            left[reason, default: 0] += 1
        }
    }

    private mutating func note(_ eval: PromQLScript.Eval, _ difference: String?) {
        if let difference {
            differences.append((eval.line, eval.query, difference))
        } else {
            agreed += 1
        }
    }

    // MARK: Queries

    /// What differs from what the script expects, or nil.
    private func difference(_ eval: PromQLScript.Eval) throws -> String? {
        let outcome = try answer(eval, start: eval.start, end: eval.end, step: eval.step)
        if eval.fails { return "should fail, and gives \(outcome.value)" }
        if let difference = annotationDifference(eval.warnings, outcome.annotations.warnings)
            ?? annotationDifference(eval.infos, outcome.annotations.infos)
            ?? difference(eval, outcome.value, at: 0)
        {
            return difference
        }
        // An instant query answers what the middle of a range query does.
        guard eval.step == 0, !eval.isOrdered, eval.string == nil, !eval.asksForItsTimes else {
            return nil
        }
        let minute: Int64 = 60_000
        let range = try answer(
            eval, start: eval.start - minute, end: eval.end + minute, step: minute)
        return difference(eval, range.value, at: 1).map { "as a range: " + $0 }
    }

    private func answer(
        _ eval: PromQLScript.Eval, start: Int64, end: Int64, step: Int64
    ) throws -> EvaluationOutcome {
        let times = QueryTimes(start: start, end: end, step: step, defaultSubqueryStep: 60_000)
        let options = ParseOptions(experimentalFunctions: true, extendedRangeSelectors: true)
        let expression = try parse(eval.query, options: options).resolved(in: times)
        try requireFloats(expression)
        let grid =
            step == 0
            ? TimeGrid(instant: start) : TimeGrid(start: start, end: end, step: step)
        return try server.answer(expression, on: grid)
    }

    /// Leaves out what selects native histograms, or samples outside its window.
    private func requireFloats(_ expression: PromQL.Expression) throws {
        for selector in expression.selectors {
            if histograms.contains(where: { labels in
                selector.matchers.allSatisfy { $0.matches(labels) }
            }) {
                throw NotInMemory(reason: "native histograms")
            }
            if selector.sampling != .plain { throw NotInMemory(reason: "anchored or smoothed") }
        }
    }

    // MARK: Comparison

    private func difference(_ rule: PromQLScript.TextRule?, _ text: String) -> String? {
        guard let rule else { return nil }
        return rule.accepts(text) ? nil : "says \(text)"
    }

    private func annotationDifference(
        _ rule: PromQLScript.AnnotationRule?, _ texts: Set<String>
    ) -> String? {
        switch rule {
        case nil: return nil
        case PromQLScript.AnnotationRule.none?: return texts.isEmpty ? nil : "says \(texts)"
        case .any(let rules)?:
            if texts.isEmpty { return "says nothing" }
            if rules.isEmpty { return nil }
            let isRight =
                texts.allSatisfy { text in rules.contains { $0.accepts(text) } }
                && rules.allSatisfy { rule in texts.contains { rule.accepts($0) } }
            return isRight ? nil : "says \(texts)"
        }
    }

    /// What differs at the places that the script speaks of, the first of which is `first`.
    private func difference(
        _ eval: PromQLScript.Eval, _ value: QueryValue, at first: Int
    ) -> String? {
        let count = eval.step == 0 ? 1 : Int((eval.end - eval.start) / eval.step) + 1
        switch value {
        case .string(let text, _): return eval.string == text ? nil : "gives \(text)"
        case .samples: return "gives a window"
        case .scalar(let values, _):
            let wanted = eval.scalar ?? eval.series.first?.points ?? []
            return agree(wanted, values[first..<first + count]) ? nil : "gives \(values)"
        case .vector(let series, _):
            let got = series.map { ($0.labels, $0.values[first..<first + count]) }
                .filter { !$0.1.allSatisfy(Absent.isAbsent) }
            let wanted = eval.series.filter { $0.points.contains { !$0.isNone } }
            guard got.count == wanted.count else { return "gives \(got)" }
            for (place, one) in wanted.enumerated() {
                let found =
                    eval.isOrdered
                    ? got[place].0 == one.labels ? got[place] : nil
                    : got.first { $0.0 == one.labels }
                guard let found, agree(one.points, found.1) else { return "gives \(got)" }
            }
            return nil
        }
    }

    private func agree(_ points: [PromQLScript.Point], _ values: ArraySlice<Double>) -> Bool {
        for (place, value) in values.enumerated() {
            let point = place < points.count ? points[place] : .none
            switch point {
            case .value(let wanted): if !Self.areClose(wanted, value) { return false }
            case .none: if !Absent.isAbsent(value) { return false }
            case .stale, .histogram: return false
            }
        }
        return true
    }

    /// As close as Prometheus asks for in its tests.
    private static func areClose(_ left: Double, _ right: Double) -> Bool {
        if Absent.isAbsent(right) { return false }
        if left == right || (left.isNaN && right.isNaN) { return true }
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < 1e-6 * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < 1e-6
    }
}

extension PromQLScript.Eval {
    /// Whether the query speaks of its own times, so that another query has another answer.
    fileprivate var asksForItsTimes: Bool {
        ["start()", "end()", "step()", "range()"].contains { query.contains($0) }
    }
}

extension PromQLScript.Point {
    fileprivate var isNone: Bool { if case .none = self { true } else { false } }
}

extension PromQLScript.TextRule {
    fileprivate func accepts(_ text: String) -> Bool {
        switch self {
        case .exactly(let wanted): text == wanted
        case .matching(let pattern):
            (try? Pattern(".*(?:" + pattern + ").*"))?.matches(text) ?? false
        }
    }
}

extension PromQL.Expression {
    /// All selectors in the expression.
    fileprivate var selectors: [Selector] {
        switch self {
        case .number, .string: []
        case .selector(let selector): [selector]
        case .range(let range): [range.selector]
        case .subquery(let subquery): subquery.expression.selectors
        case .call(let call): call.arguments.flatMap(\.selectors)
        case .aggregation(let aggregation):
            aggregation.expression.selectors + (aggregation.parameter?.selectors ?? [])
        case .binary(let operation): operation.left.selectors + operation.right.selectors
        case .unary(let operation): operation.expression.selectors
        case .parenthesized(let group): group.expression.selectors
        }
    }
}
