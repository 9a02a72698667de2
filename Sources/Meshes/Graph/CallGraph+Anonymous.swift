/// Callers without a name, as edges of the graph.
extension CallGraph {
    /// Takes from what destinations count of callers without a name all that callers report to have
    /// sent there (`UnnamedCalls`).
    ///
    /// - Returns: the edges of which nothing is left.
    mutating func takeNamedFromAnonymous() -> Set<Int> {
        let isAnonymous = nodes.map { $0.key.sort == .unknown }
        let anonymous = edges.indices.filter { isAnonymous[Int(edges[$0].source)] }
        guard !anonymous.isEmpty else { return [] }
        let destinations = Set(anonymous.lazy.map { [edges] in edges[$0].destination })
        func words(_ edge: GraphEdge) -> UnnamedCalls.Edge {
            UnnamedCalls.Edge(
                destination: edge.destination, hasCallersName: !isAnonymous[Int(edge.source)],
                marks: edge.marks)
        }
        let told = edges.filter { destinations.contains($0.destination) }
        var calls = UnnamedCalls(told.map(words))
        for edge in told {
            calls.add(
                isAnonymous[Int(edge.source)] ? edge.counted : edge.claimed, of: words(edge))
        }
        var explained: Set<Int> = []
        for place in anonymous {
            switch calls.role(of: words(edges[place])) {
            case .named, .claimed: continue
            case .repeated: explained.insert(place)
            case .unnamed:
                guard let rest = calls.rest(at: edges[place].destination) else { continue }
                edges[place].sum.scale(
                    requests: rest.requests, connections: rest.connections, bytes: rest.bytes)
                edges[place].marks.insert(.isRemainder)
                if edges[place].sum.isIdle { explained.insert(place) }
            }
        }
        return explained
    }
}

extension GraphEdge {
    /// What the destination counts.
    fileprivate var counted: UnnamedCalls.Amounts {
        UnnamedCalls.Amounts(
            requests: sum.requests, connections: sum.connectionRate, bytes: sum.bytes)
    }

    /// What arrived, as the caller says.
    fileprivate var claimed: UnnamedCalls.Amounts {
        UnnamedCalls.Amounts(
            requests: departed - departedInVain, connections: sum.connectionRate, bytes: sum.bytes)
    }
}
