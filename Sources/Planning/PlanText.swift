import Clusters
import PromQL
import TimeSeries

extension Plan: CustomStringConvertible {
    /// What `explain` shows: the remainder as a tree, then what each cluster is asked.
    public var description: String {
        var lines: [String] = []
        switch remainder {
        case .value(let node): lines += node.lines
        case .samples(let fragment): lines.append("samples of fragment \(fragment)")
        case .points(let input, let grid):
            lines.append("points \(grid.words)")
            lines += input.lines.map { "  " + $0 }
        }
        for (index, fragment) in fragments.enumerated() {
            lines.append("fragment \(index): \(fragment.text)")
            lines.append("  \(fragment.grid.words)")
            if fragment.requests.isEmpty { lines.append("  no cluster can match") }
            for request in fragment.requests {
                var line = "  \(request.cluster): \(request.query)"
                if !request.addedLabels.isEmpty { line += "  adding \(request.addedLabels)" }
                if !request.renamedLabels.isEmpty {
                    line += "  moving own \(request.renamedLabels)"
                }
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension TimeGrid {
    fileprivate var words: String {
        let first = NumberText.timestamp(start)
        if count == 1 { return "at \(first)" }
        return "from \(first) to \(NumberText.timestamp(end)) every "
            + "\(NumberText.timestamp(step)) s: \(count) points"
    }
}

extension PlanNode {
    /// The node and, indented, what it is computed from.
    fileprivate var lines: [String] {
        [head] + children.flatMap(\.lines).map { "  " + $0 }
    }

    private var head: String {
        switch self {
        case .number(let value): NumberText.literal(value)
        case .string(let text): GoText.quoted(text)
        case .time: "time()"
        case .fragment(let index): "fragment \(index), side by side"
        case .merged(let fragment, let operation, _):
            "\(operation.rawValue) of fragment \(fragment)"
        case .average(let sum, let count, _):
            "sum of fragment \(sum) / sum of fragment \(count)"
        case .call(let call): "\(call.function.name)()"
        case .aggregation(let aggregation):
            aggregation.operator.rawValue + aggregation.grouping.words
        case .binary(let operation):
            operation.operator.rawValue + (operation.returnsBool ? " bool" : "")
                + (operation.matching?.words ?? "")
        case .negated: "-"
        case .absent(_, let labels): "absent \(labels)"
        case .window(let node):
            "\(node.function.name)() over windows of \(node.window.range) ms, \(node.input.words)"
        }
    }
}

extension WindowNode.WindowInput {
    fileprivate var words: String {
        switch self {
        case .points(_, let grid): grid.words
        case .samples(let fragment): "samples of fragment \(fragment)"
        }
    }
}

extension Grouping {
    fileprivate var words: String {
        switch self {
        case .by(let labels): labels.isEmpty ? "" : " by (\(labels.joined(separator: ", ")))"
        case .without(let labels): " without (\(labels.joined(separator: ", ")))"
        }
    }
}

extension VectorMatching {
    fileprivate var words: String {
        var result =
            switch labels {
            case .on(let names): " on (\(names.joined(separator: ", ")))"
            case .ignoring(let names):
                names.isEmpty ? "" : " ignoring (\(names.joined(separator: ", ")))"
            }
        switch cardinality {
        case .manyToOne: result += " group_left (\(include.joined(separator: ", ")))"
        case .oneToMany: result += " group_right (\(include.joined(separator: ", ")))"
        case .oneToOne, .manyToMany: break
        }
        return result
    }
}
