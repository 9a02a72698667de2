import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// The answer to the whole query.
    mutating func value(of plan: Plan) throws(EvaluationFailure) -> QueryValue {
        for fragment in plan.fragments
        where fragment.requests.isEmpty && !fragment.includesObservations {
            try checkUnasked(fragment)
        }
        let value = try value(of: plan.remainder, on: plan.grid)
        for fragment in inputs.fragments { annotations.fill(from: fragment.remarks) }
        return value
    }

    private mutating func value(
        of remainder: Plan.Remainder, on grid: TimeGrid
    ) throws(EvaluationFailure) -> QueryValue {
        switch remainder {
        case .samples(let fragment):
            let samples = inputs.fragments[fragment].samples.map(SampledSeries.init)
                .filter { !$0.samples.isEmpty }
            return .samples(samples.arranged(byLabels: \.labels))
        case .points(let input, let grid):
            let series = try vectorOfPoints(input, on: grid).filter { !$0.isEmpty }
                .withNamesDropped().arranged(byLabels: \.labels)
            return .samples(try series.unified(.atOtherTimes).map { sampled($0, on: grid) })
        case .value(let node):
            switch try value(of: node, on: grid) {
            case .string(let text):
                return .string(text, time: grid.start)
            case .scalar(let values):
                return .scalar(values, grid: grid)
            case .vector(let series):
                if inputs.keepsFragmentsOrder, case .fragment = node {
                    return .vector(
                        try series.filter { !$0.isEmpty }.withNamesDropped(), grid: grid)
                }
                let keepsOrder = grid.count == 1 && node.hasOwnOrder
                return .vector(try finished(series, keepsOrder: keepsOrder), grid: grid)
            }
        }
    }

    /// A question that no cluster is asked may be at fault all the same: `label_replace` with a
    /// pattern that is none fails over nothing too. An empty server would say so, and what it would
    /// remark is remarked.
    private mutating func checkUnasked(_ fragment: Fragment) throws(EvaluationFailure) {
        for question in fragment.questions {
            let outcome = try evaluate(
                question, over: SampleStore(), on: fragment.grid, limits: budget.limits)
            annotations.add(outcome.annotations)
        }
    }

    /// A root subquery may be over a scalar: `1[5m:1m]`.
    private mutating func vectorOfPoints(
        _ node: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        switch try value(of: node, on: grid) {
        case .vector(let series): return series
        case .scalar(let values): return [GridSeries(labels: Labels(), values: values)]
        case .string: preconditionFailure("the parser has checked the types")
        }
    }

    /// The series that have something, in their order, each label set once.
    private func finished(
        _ series: [GridSeries], keepsOrder: Bool
    ) throws(EvaluationFailure) -> [GridSeries] {
        let present = try series.filter { !$0.isEmpty }.withNamesDropped()
        if keepsOrder { return try present.unified(.never) }
        let ordered = present.arranged(byLabels: \.labels)
        let isUnique = zip(ordered, ordered.dropFirst()).allSatisfy { $0.labels != $1.labels }
        return isUnique ? ordered : try ordered.unified(.atOtherTimes)
    }

    /// The points of a series with their times.
    private func sampled(_ series: GridSeries, on grid: TimeGrid) -> SampledSeries {
        var samples: [SampledSeries.Sample] = []
        var histograms = series.histograms[...]
        for time in 0..<grid.count {
            if let point = histograms.first, point.index == time {
                samples.append(
                    .init(time: grid.time(at: time), value: .histogram(point.histogram)))
                histograms = histograms.dropFirst()
            } else if !Absent.isAbsent(series.values[time]) {
                samples.append(
                    .init(time: grid.time(at: time), value: .float(series.values[time])))
            }
        }
        return SampledSeries(labels: series.labels, samples: samples)
    }
}

extension PlanNode {
    /// Whether the order of the node's series means something in an instant query.
    fileprivate var hasOwnOrder: Bool {
        switch self {
        case .call(let call): call.function.kind == .sort
        case .aggregation(let aggregation):
            aggregation.operator == .topk || aggregation.operator == .bottomk
        default: false
        }
    }
}
