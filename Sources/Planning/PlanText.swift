import Clusters
import PromQL
import TimeSeries

extension Plan: CustomStringConvertible {
    /// What `explain` shows: the remainder as a tree, then what each cluster is asked.
    public var description: String { outline.description }
}

extension PlanOutline: CustomStringConvertible {
    public var description: String {
        var lines = questions.map { "first \($0), then with its value" }
        lines += root.lines
        for (index, fragment) in fragments.enumerated() {
            lines.append("fragment \(index): \(fragment.text)")
            lines += fragment.lines.map { "  " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension PlanOutline.Node {
    /// The node and, indented, what it is computed from.
    fileprivate var lines: [String] {
        ["\(kind.rawValue) \(title)"] + children.flatMap(\.lines).map { "  " + $0 }
    }
}

extension Fragment {
    fileprivate var lines: [String] {
        var lines = [grid.words]
        if requests.isEmpty, !includesObservations { lines.append("no cluster can match") }
        if includesObservations { lines.append("the gateway's own series: \(text)") }
        for request in requests {
            var line = "\(request.cluster): \(request.query)"
            if !request.addedLabels.isEmpty { line += "  adding \(request.addedLabels)" }
            if !request.renamedLabels.isEmpty { line += "  moving own \(request.renamedLabels)" }
            lines.append(line)
        }
        return lines + pruned.map(\.line)
    }
}

extension Fragment.Pruned {
    /// How many clusters are named.
    private static let maximumNames = 10

    /// The conditions that the clusters do not meet, as a selector.
    public var reason: String { Selector(matchers: matchers).text }

    fileprivate var line: String {
        let names = clusters.prefix(Self.maximumNames).map(\.name).joined(separator: ", ")
        let more = clusters.count - Self.maximumNames
        return "not asked for \(reason): \(names)"
            + (more > 0 ? " and \(more) more" : "")
    }
}
