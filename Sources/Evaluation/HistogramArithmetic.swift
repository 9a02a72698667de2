import PromQL
import TimeSeries

/// What binary operators do where a native histogram takes part.
enum HistogramArithmetic {
    enum Operand {
        case float(Double)
        case histogram(NativeHistogram)

        var kind: Kind {
            switch self {
            case .float: .float
            case .histogram: .histogram
            }
        }
    }

    enum Kind: String {
        case float, histogram
    }

    /// What comes of two operands.
    enum Outcome {
        case histogram(NativeHistogram)
        /// Whether a comparison holds.
        case truth(Bool)
        case nothing
    }

    /// What is to be said about it.
    enum Remark: Hashable {
        /// The operator does not know such operands.
        case types(Kind, Kind)
        /// Exponential and custom buckets have no sum.
        case layouts
        case resets(Remarks.HistogramOperation)
        case bounds(Remarks.HistogramOperation)
    }

    static func outcome(
        _ operation: BinaryOperator, _ left: Operand, _ right: Operand,
        _ remarks: inout Set<Remark>
    ) -> Outcome {
        switch (operation, left, right) {
        case (.add, .histogram(let left), .histogram(let right)):
            return sum(of: .addition, &remarks) { () throws(IncompatibleHistograms) in
                try left.adding(right)
            }
        case (.subtract, .histogram(let left), .histogram(let right)):
            let outcome = sum(of: .subtraction, &remarks) { () throws(IncompatibleHistograms) in
                try left.subtracting(right)
            }
            // A difference may fall, whatever the operands are.
            guard case .histogram(let difference) = outcome else { return outcome }
            return .histogram(difference.withHint(.gauge))
        case (.equal, .histogram(let left), .histogram(let right)):
            return .truth(left.compacted().hasSameData(as: right.compacted()))
        case (.notEqual, .histogram(let left), .histogram(let right)):
            return .truth(!left.compacted().hasSameData(as: right.compacted()))
        case (.multiply, .histogram(let histogram), .float(let factor)),
            (.multiply, .float(let factor), .histogram(let histogram)):
            return .histogram(histogram.multiplied(by: factor).compacted())
        case (.divide, .histogram(let histogram), .float(let divisor)):
            return .histogram(histogram.divided(by: divisor).compacted())
        case (.trimUpper, .histogram(let histogram), .float(let value)):
            return .histogram(histogram.trimmed(.above, of: value))
        case (.trimLower, .histogram(let histogram), .float(let value)):
            return .histogram(histogram.trimmed(.below, of: value))
        default:
            remarks.insert(.types(left.kind, right.kind))
            return .nothing
        }
    }

    private static func sum(
        of operation: Remarks.HistogramOperation, _ remarks: inout Set<Remark>,
        _ compute: () throws(IncompatibleHistograms) -> (
            histogram: NativeHistogram, conflicts: HistogramConflicts
        )
    ) -> Outcome {
        do {
            let (histogram, conflicts) = try compute()
            // What was reset and what was not do not go together: Prometheus says so and drops them.
            if conflicts.contains(.resetHints) {
                remarks.insert(.resets(operation))
                return .nothing
            }
            if conflicts.contains(.bounds) { remarks.insert(.bounds(operation)) }
            return .histogram(histogram.compacted())
        } catch {
            remarks.insert(.layouts)
            return .nothing
        }
    }

    /// What an operator makes of two columns where at least one has a histogram; each such result
    /// stands in `points`, or in `values` where it is a number.
    static func compute(
        _ node: BinaryShape, _ left: GridSeries, _ right: GridSeries, _ values: inout [Double],
        _ remarks: inout Set<Remark>
    ) -> [GridSeries.HistogramPoint] {
        guard !left.histograms.isEmpty || !right.histograms.isEmpty else { return [] }
        var points: [GridSeries.HistogramPoint] = []
        var places = left.histograms.map(\.index)
        places += right.histograms.map(\.index)
        for place in Set(places).sorted() {
            guard let first = left.operand(at: place), let second = right.operand(at: place)
            else { continue }
            switch outcome(node.operator, first, second, &remarks) {
            case .histogram(let histogram):
                points.append(.init(index: place, histogram: histogram))
            case .truth(let holds) where node.returnsBool:
                values[place] = holds ? 1 : 0
            case .truth(true):
                if case .histogram(let histogram) = first {
                    points.append(.init(index: place, histogram: histogram))
                }
            case .truth, .nothing: break
            }
        }
        return points
    }

    /// What an operator does, without its operands.
    struct BinaryShape {
        var `operator`: BinaryOperator
        var returnsBool: Bool
    }
}

extension GridSeries {
    /// What the series has at a time.
    func operand(at time: Int) -> HistogramArithmetic.Operand? {
        if !Absent.isAbsent(values[time]) { return .float(values[time]) }
        return histogram(at: time).map(HistogramArithmetic.Operand.histogram)
    }

    /// The native histogram that the series has at a time.
    func histogram(at time: Int) -> NativeHistogram? {
        place(ofHistogramAt: time).map { histograms[$0].histogram }
    }

    /// Where among the native histograms that of a time is.
    func place(ofHistogramAt time: Int) -> Int? {
        var low = 0
        var high = histograms.count
        while low < high {
            let middle = (low + high) / 2
            if histograms[middle].index < time { low = middle + 1 } else { high = middle }
        }
        return low < histograms.count && histograms[low].index == time ? low : nil
    }
}
