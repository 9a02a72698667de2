extension CallLedger {
    /// The map, and where its edges are found for whoever adds percentiles or principals to them.
    public struct Mapped: Sendable {
        public var map: ServiceMap
        public var places: EdgePlaces
    }

    /// Makes the map of one shape.
    public func map(
        _ shape: GraphShape, evidence: GraphEvidence = GraphEvidence(),
        tolerances: HealthTolerances = HealthTolerances()
    ) -> Mapped {
        WholeGraph(self, view: shape.view).map(shape, evidence: evidence, tolerances: tolerances)
    }
}

/// Everything that a ledger tells of calls in one view. Maps of other shapes are made of it in a
/// part of the time that it takes to find out.
public struct WholeGraph: Sendable {
    private let ledger: CallLedger
    private let graph: CallGraph

    public var view: GraphView { graph.view }

    public init(_ ledger: CallLedger, view: GraphView) {
        self.ledger = ledger
        graph = CallGraph(ledger, view: view)
    }

    /// Makes the map of one shape, which has to be of this view.
    public func map(
        _ shape: GraphShape, evidence: GraphEvidence = GraphEvidence(),
        tolerances: HealthTolerances = HealthTolerances()
    ) -> CallLedger.Mapped {
        precondition(shape.view == view, "a shape of another view takes another graph")
        var graph = graph
        if let earlier = evidence.earlier {
            graph.compare(with: CallGraph(earlier, view: shape.view), evidence.changes)
        }
        if let traces = evidence.traces {
            graph.reconcile(with: traces, usesMetrics: evidence.usesMetrics)
        }
        let shown = ShownGraph(graph, shape)
        let map = shown.map(shape, missing: ledger.missing, tolerances)
        let places = ledger.rows.enumerated().map { place, row -> EdgePlaces.Place? in
            let leaf = graph.resolved.leafOfRow[place]
            let edge = graph.edgeOfLeaf[Int(leaf)]
            guard edge >= 0 else { return nil }
            let shownEdge = shown.edgeOfEdge[Int(edge)]
            guard shownEdge >= 0 else { return nil }
            let (counts, isSeenTwice) = graph.witnesses.requests(of: row, leaf: leaf)
            return EdgePlaces.Place(
                edge: Int(shownEdge), counts: counts, isSeenTwice: isSeenTwice)
        }
        return CallLedger.Mapped(
            map: map,
            places: EdgePlaces(
                ledger: ledger, places: places, edgeCount: map.edges.count,
                leafOfRow: graph.resolved.leafOfRow, leaves: graph.resolved.leaves))
    }
}
