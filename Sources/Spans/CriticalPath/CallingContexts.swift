/// The ways of calls that lead to operations, as a tree, so that long ways cost a node a call.
struct CallingContexts: Sendable {
    typealias Subject = CriticalPathTotals.Subject

    private struct Node: Sendable {
        /// Nil at a root.
        var parent: Int?
        var subject: Subject
        var depth: Int
        var time: Int64 = 0
    }

    private struct Step: Hashable, Sendable {
        var parent: Int?
        var subject: Subject
    }

    private var nodes: [Node] = []
    private var nodesByStep: [Step: Int] = [:]

    /// The nodes of one trace's spans, as far as they are known.
    struct Places {
        let tree: SpanTree
        var nodes: [Int?]

        init(_ tree: SpanTree) {
            self.tree = tree
            nodes = Array(repeating: nil, count: tree.parents.count)
        }
    }

    /// Adds time to the way that leads to a span.
    mutating func add(
        _ time: Int64, at place: Int, _ places: inout Places, subject: (Int) -> Subject
    ) {
        var way: [Int] = []
        var next: Int? = place
        while let span = next, places.nodes[span] == nil {
            way.append(span)
            next = places.tree.parents[span]
        }
        var parent = next.flatMap { places.nodes[$0] }
        for span in way.reversed() {
            let node = node(Step(parent: parent, subject: subject(span)))
            places.nodes[span] = node
            parent = node
        }
        if let node = places.nodes[place] { nodes[node].time += time }
    }

    private mutating func node(_ step: Step) -> Int {
        if let node = nodesByStep[step] { return node }
        let depth = step.parent.map { nodes[$0].depth + 1 } ?? 0
        nodes.append(Node(parent: step.parent, subject: step.subject, depth: depth))
        nodesByStep[step] = nodes.count - 1
        return nodes.count - 1
    }

    func contexts(most: Int, depth: Int) -> [CriticalPathTotals.Context] {
        // Ways of equal time are ordered by their calls, which are compared as far as they are
        // shown.
        let timed = nodes.indices.filter { nodes[$0].time > 0 }
            .sorted { nodes[$0].time > nodes[$1].time }
        guard most > 0, let least = timed.prefix(most).last.map({ nodes[$0].time }) else {
            return []
        }
        let shown = timed.prefix { nodes[$0].time >= least }.map { context($0, depth: depth) }
        return Array(
            shown.sorted {
                $0.time == $1.time
                    ? $0.calls.lexicographicallyPrecedes($1.calls) : $0.time > $1.time
            }
            .prefix(most))
    }

    private func context(_ node: Int, depth: Int) -> CriticalPathTotals.Context {
        var calls: [Subject] = []
        var next: Int? = node
        while let place = next, calls.count < depth {
            calls.append(nodes[place].subject)
            next = nodes[place].parent
        }
        return CriticalPathTotals.Context(
            calls: calls.reversed(), time: nodes[node].time, isCut: next != nil)
    }
}
