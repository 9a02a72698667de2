/// Which node all ways to a node lead through, from where traffic enters a graph.
///
/// The algorithm of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm", 2001): without
/// recursion, in the order of a depth-first walk backwards.
struct Dominators {
    /// The nearest node through which all ways to each lead; the number of nodes for those that are
    /// entered, or reached in several ways from different entries.
    private var parents: [Int]
    /// Nodes by when the walk left them, the last first; the entry of all entries not among them.
    private var order: [Int]
    /// For each node its place before and after all that it dominates.
    private var first: [Int]
    private var last: [Int]

    /// - Parameter edges: from, to, and the edge's place.
    init(nodeCount: Int, edges: [(Int, Int, Int)]) {
        let successors = Neighbours(nodeCount: nodeCount, edges: edges)
        let predecessors = Neighbours(
            nodeCount: nodeCount, edges: edges.map { ($0.1, $0.0, $0.2) })
        let entries = Self.entries(nodeCount, successors, predecessors)
        order = Self.order(nodeCount, entries, successors)
        var rank = Array(repeating: 0, count: nodeCount + 1)
        for (place, node) in order.enumerated() { rank[node] = place + 1 }
        var isEntry = Array(repeating: false, count: nodeCount)
        for entry in entries { isEntry[entry] = true }

        var found: [Int?] = Array(repeating: nil, count: nodeCount + 1)
        found[nodeCount] = nodeCount
        var isSettled = false
        while !isSettled {
            isSettled = true
            for node in order {
                var nearest: Int? = isEntry[node] ? nodeCount : nil
                for step in predecessors.steps(from: node) where found[step.node] != nil {
                    guard var one = nearest else {
                        nearest = step.node
                        continue
                    }
                    var other = step.node
                    while one != other {
                        while rank[one] > rank[other] { one = found[one] ?? nodeCount }
                        while rank[other] > rank[one] { other = found[other] ?? nodeCount }
                    }
                    nearest = one
                }
                if found[node] != nearest {
                    found[node] = nearest
                    isSettled = false
                }
            }
        }
        parents = (0..<nodeCount).map { found[$0] ?? nodeCount }
        first = Array(repeating: 0, count: nodeCount)
        last = first
        number()
    }

    func parent(of node: Int) -> Int { parents[node] }

    /// Whether all ways to `node` lead through `other`, or it is the same.
    func dominates(_ other: Int, _ node: Int) -> Bool {
        first[other] <= first[node] && last[node] <= last[other]
    }

    /// For each node the sum over it and all that it dominates.
    func sums(_ values: [Double]) -> [Double] {
        var sums = values
        for node in order.reversed() where parents[node] < sums.count {
            sums[parents[node]] += sums[node]
        }
        return sums
    }

    /// The nodes without a caller, and the first node of whatever is not reached from those.
    private static func entries(
        _ nodeCount: Int, _ successors: Neighbours, _ predecessors: Neighbours
    ) -> [Int] {
        var isReached = Array(repeating: false, count: nodeCount)
        var entries = (0..<nodeCount).filter { predecessors.steps(from: $0).isEmpty }
        var queue = entries
        for entry in entries { isReached[entry] = true }
        var next = 0
        var candidate = 0
        while true {
            while next < queue.count {
                let node = queue[next]
                next += 1
                for step in successors.steps(from: node) where !isReached[step.node] {
                    isReached[step.node] = true
                    queue.append(step.node)
                }
            }
            while candidate < nodeCount, isReached[candidate] { candidate += 1 }
            guard candidate < nodeCount else { return entries }
            isReached[candidate] = true
            entries.append(candidate)
            queue.append(candidate)
        }
    }

    /// The nodes in the reverse of the order in which a depth-first walk leaves them.
    private static func order(
        _ nodeCount: Int, _ entries: [Int], _ successors: Neighbours
    ) -> [Int] {
        var isSeen = Array(repeating: false, count: nodeCount)
        var left: [Int] = []
        left.reserveCapacity(nodeCount)
        for entry in entries where !isSeen[entry] {
            isSeen[entry] = true
            var stack = [(node: entry, rest: successors.steps(from: entry))]
            while var top = stack.popLast() {
                if let step = top.rest.popFirst() {
                    stack.append(top)
                    guard !isSeen[step.node] else { continue }
                    isSeen[step.node] = true
                    stack.append((node: step.node, rest: successors.steps(from: step.node)))
                } else {
                    left.append(top.node)
                }
            }
        }
        return left.reversed()
    }

    /// Numbers the tree of dominators so that whatever a node dominates is between its numbers.
    private mutating func number() {
        var sizes = Array(repeating: 1, count: parents.count)
        for node in order.reversed() where parents[node] < sizes.count {
            sizes[parents[node]] += sizes[node]
        }
        var next = Array(repeating: 0, count: parents.count + 1)
        for node in order {
            // A node comes after the one that dominates it.
            let parent = parents[node]
            first[node] = next[parent]
            last[node] = next[parent] + sizes[node] - 1
            next[parent] += sizes[node]
            next[node] = first[node] + 1
        }
    }
}
