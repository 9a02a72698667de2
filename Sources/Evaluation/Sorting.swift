import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// How the functions that sort do so, by their names.
    private enum SortOrder {
        case byValue(descending: Bool)
        case byLabels(descending: Bool)
    }

    private static let sortOrders: [String: SortOrder] = [
        "sort": .byValue(descending: false),
        "sort_desc": .byValue(descending: true),
        "sort_by_label": .byLabels(descending: false),
        "sort_by_label_desc": .byLabels(descending: true),
    ]

    /// An instant query's series in order. Those of a range query are ordered by their labels
    /// whatever is asked.
    mutating func sorted(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let input = try vector(node.arguments[0], on: grid).filter { !$0.isEmpty }
        if grid.count > 1 { annotations.warn(Remarks.sortInRangeQuery, at: node.sources.whole) }
        switch Self.sortOrders[node.function.name] {
        case .byValue(let isDescending):
            // Histograms have no order, so they are left out.
            let floats = input.map { series in
                GridSeries(
                    labels: series.labels, values: series.values,
                    dropsMetricName: series.dropsMetricName)
            }.filter { !$0.isEmpty }
            return grid.count > 1 ? floats : byValue(floats, isDescending)
        case .byLabels(let isDescending):
            if grid.count > 1 { return input }
            var names: [String] = []
            for argument in node.arguments.dropFirst() {
                names.append(try text(argument, on: grid))
            }
            return byLabels(input, names, isDescending)
        case nil:
            throw .unsupported(node.function.name + "()")
        }
    }

    private func byValue(_ input: [GridSeries], _ isDescending: Bool) -> [GridSeries] {
        input.sorted { left, right in
            let (first, second) = (left.values[0], right.values[0])
            // NaN is last in either direction.
            if first.isNaN != second.isNaN { return second.isNaN }
            if first.isNaN || first == second { return left.labels < right.labels }
            return isDescending ? first > second : first < second
        }
    }

    private func byLabels(
        _ input: [GridSeries], _ names: [String], _ isDescending: Bool
    ) -> [GridSeries] {
        let keyed = input.map { series in
            (series: series, keys: names.map { NaturalText(series.labels[$0] ?? "") })
        }
        return keyed.sorted { left, right in
            for (first, second) in zip(left.keys, right.keys) where first.text != second.text {
                if first < second { return !isDescending }
                if second < first { return isDescending }
            }
            return isDescending
                ? right.series.labels < left.series.labels
                : left.series.labels < right.series.labels
        }.map(\.series)
    }
}

/// A text ordered so that numbers inside it count as numbers: `node2` before `node10`.
struct NaturalText {
    let text: String
    private let chunks: [Chunk]

    /// Digits, or anything between digits.
    private struct Chunk {
        let bytes: Substring.UTF8View
        /// Nil where the chunk is no number, or none that an integer holds.
        let number: Int?
    }

    init(_ text: String) {
        self.text = text
        var chunks: [Chunk] = []
        var rest = text.utf8[...]
        while let first = rest.first {
            let isNumber = Self.isDigit(first)
            let chunk = rest.prefix { Self.isDigit($0) == isNumber }
            chunks.append(
                Chunk(
                    bytes: chunk,
                    number: isNumber ? Int(String(decoding: chunk, as: UTF8.self)) : nil))
            rest = rest.dropFirst(chunk.count)
        }
        self.chunks = chunks
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    static func < (left: NaturalText, right: NaturalText) -> Bool {
        for (first, second) in zip(left.chunks, right.chunks) {
            if let firstNumber = first.number, let secondNumber = second.number {
                if firstNumber != secondNumber { return firstNumber < secondNumber }
            } else if !first.bytes.elementsEqual(second.bytes) {
                return first.bytes.lexicographicallyPrecedes(second.bytes)
            }
        }
        return left.chunks.count < right.chunks.count
    }
}
