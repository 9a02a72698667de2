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
            if node.operator == .trimUpper || node.operator == .trimLower {
                throw .notForScalars(operation: node.operator.rawValue)
            }
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
        var remarks: Set<HistogramArithmetic.Remark> = []
        let scalar = GridSeries(labels: Labels(), values: numbers)
        for one in series {
            try budget.work(onHistogramsOf: one)
            let (left, right) = scalarIsLeft ? (scalar, one) : (one, scalar)
            var values = Arithmetic.column(
                node.operator, left.values, right.values, comparison: comparison)
            let histograms = HistogramArithmetic.compute(
                node.shape, left, right, &values, &remarks)
            if node.operator.isTrim, !one.values.allSatisfy(Absent.isAbsent) {
                remarks.insert(.types(.float, .float))
            }
            if keepsMetric, histograms.isEmpty, values.allSatisfy(Absent.isAbsent) { continue }
            result.append(
                keepsMetric
                    ? GridSeries(
                        labels: one.labels, values: values, histograms: histograms,
                        dropsMetricName: one.dropsMetricName)
                    : names.computed(from: one, values: values, histograms: histograms))
        }
        remark(remarks, of: node)
        return keepsMetric ? result : try result.unified(.atOtherTimes)
    }

    /// Notes what is to be said about operands of which some are histograms.
    mutating func remark(_ remarks: Set<HistogramArithmetic.Remark>, of node: BinaryNode) {
        let name = node.operator.rawValue
        for remark in remarks {
            switch remark {
            case .types(let left, let right):
                annotations.inform(
                    Remarks.incompatibleTypes(left.rawValue, name, right.rawValue),
                    at: node.source)
            case .layouts:
                annotations.warn(Remarks.incompatibleLayouts(name), at: node.source)
            case .resets(let operation):
                annotations.warn(Remarks.resetsConflict(in: operation), at: node.source)
            case .bounds(let operation):
                annotations.inform(Remarks.boundsReconciled(in: operation), at: node.source)
            }
        }
    }
}

extension BinaryNode {
    /// Whether the result still measures what the operands do: comparisons that filter, and trims.
    var keepsMetric: Bool { keepsName && !returnsBool }

    /// Whether the operator itself keeps the name.
    var keepsName: Bool { self.operator.isComparison || self.operator.isTrim }

    var shape: HistogramArithmetic.BinaryShape {
        HistogramArithmetic.BinaryShape(operator: self.operator, returnsBool: returnsBool)
    }
}

extension BinaryOperator {
    /// `</` and `>/`.
    var isTrim: Bool { facts.kind == .trimming }
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
