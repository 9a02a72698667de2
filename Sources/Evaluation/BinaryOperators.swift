import Planning
import PromQL
import TimeSeries

extension Evaluator {
    mutating func value(
        ofBinary node: BinaryNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        let left = try value(of: node.left, on: grid)
        let right = try value(of: node.right, on: grid)
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            return .scalar(Arithmetic.column(node.operator, left, right, comparison: .truth))
        case (.vector(let series), .scalar(let numbers)):
            return .vector(try withScalar(node, series, numbers, scalarIsLeft: false))
        case (.scalar(let numbers), .vector(let series)):
            return .vector(try withScalar(node, series, numbers, scalarIsLeft: true))
        case (.vector(let left), .vector(let right)):
            if node.operator.isSet { return .vector(try combined(node, left, right, on: grid)) }
            return .vector(try matched(node, left, right, on: grid))
        case (.string, _), (_, .string):
            preconditionFailure("the parser has checked the types")
        }
    }

    private mutating func withScalar(
        _ node: BinaryNode, _ series: [GridSeries], _ numbers: [Double], scalarIsLeft: Bool
    ) throws(EvaluationFailure) -> [GridSeries] {
        try budget.charge(series.count * numbers.count)
        let keepsMetric = node.keepsMetric
        // A filter keeps the vector's own value, whichever side it is on.
        let comparison: Arithmetic.ComparisonResult =
            node.returnsBool ? .truth : scalarIsLeft ? .right : .left
        var result: [GridSeries] = []
        result.reserveCapacity(series.count)
        for one in series {
            let values = Arithmetic.column(
                node.operator, scalarIsLeft ? numbers : one.values,
                scalarIsLeft ? one.values : numbers, comparison: comparison)
            if !one.histograms.isEmpty {
                try requireNothing(
                    of: node, scalarIsLeft ? .float : .histogram,
                    scalarIsLeft ? .histogram : .float)
            }
            if keepsMetric, values.allSatisfy(Absent.isAbsent) { continue }
            result.append(
                keepsMetric
                    ? GridSeries(
                        labels: one.labels, values: values, dropsMetricName: one.dropsMetricName)
                    : names.computed(from: one, values: values))
        }
        return keepsMetric ? result : try result.unified(.atOtherTimes)
    }

    /// Remarks that operands of which one is a histogram give nothing, if so it is.
    mutating func requireNothing(
        of node: BinaryNode, _ left: HistogramArithmetic.Operand,
        _ right: HistogramArithmetic.Operand
    ) throws(EvaluationFailure) {
        switch HistogramArithmetic.outcome(node.operator, left, right) {
        case .later: throw .nativeHistograms(operation: node.operator.rawValue)
        case .nothing:
            annotations.inform(
                Remarks.incompatibleTypes(
                    left.rawValue, node.operator.rawValue, right.rawValue), at: node.source)
        }
    }
}

extension BinaryNode {
    /// Whether the result still measures what the operands do: comparisons that filter.
    var keepsMetric: Bool { self.operator.isComparison && !returnsBool }
}

/// The labels by which the series of two vectors find each other.
struct Signature {
    private let names: LabelNames
    private let isOn: Bool

    init(_ matching: VectorMatching) {
        switch matching.labels {
        case .on(let labels):
            names = LabelNames(labels)
            isOn = true
        case .ignoring(let labels):
            names = LabelNames(labels + [Labels.metricNameLabel])
            isOn = false
        }
    }

    func key(_ labels: Labels) -> Labels {
        if !isOn { return labels.removing(names) }
        return names.isEmpty ? Labels() : labels.keeping(names)
    }
}
