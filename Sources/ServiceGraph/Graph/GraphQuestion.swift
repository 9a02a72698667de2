import Meshes

/// What is asked of the service graph.
package struct GraphQuestion: Hashable, Sendable {
    /// Which part of it, and how it is drawn.
    package var shape: GraphShape
    /// Milliseconds since the Unix epoch; nil for now, which askers of about the same time share.
    package var time: Int64?
    /// What rates are taken over, milliseconds, above zero.
    package var range: Int64
    package var evidence: Evidence
    package var percentiles: Percentiles
    /// The ids of edges that have percentiles in the place of those that `percentiles` names; empty for
    /// none.
    package var timedEdges: Set<String> = []
    /// Whether the details of all edges are handed over piece by piece (`GraphAnswer.details`) rather
    /// than gathered first. It takes `percentiles` of all, and a partial answer that is good enough.
    package var streamsDetails = false
    /// Whether those pieces' queries are told at their end (`EdgePieces.Remarks`). Where details are
    /// gathered first, their queries always are.
    package var tellsDetailQueries = false
    /// How long before there is another graph to compare with, milliseconds; nil for none.
    package var compare: Int64?
    /// Whether a graph without some clusters is wanted rather than an error.
    package var partialResponse: Bool
    /// Whether nothing that is remembered may take the place of asking.
    package var skipsMemory: Bool

    /// Whose word edges are.
    package enum Evidence: String, Hashable, Sendable, CaseIterable {
        case metrics, traces, both
    }

    /// Which edges have percentiles, principals and the proxies' own statistics.
    package enum Percentiles: String, Hashable, Sendable, CaseIterable {
        /// The edges with the most requests, up to the settings' limit.
        case shown
        case all
        case none
    }

    package init(
        shape: GraphShape = GraphShape(top: 500), time: Int64? = nil, range: Int64 = 300_000,
        evidence: Evidence = .metrics, percentiles: Percentiles = .shown, compare: Int64? = nil,
        partialResponse: Bool = true, skipsMemory: Bool = false
    ) {
        self.shape = shape
        self.time = time
        self.range = range
        self.evidence = evidence
        self.percentiles = percentiles
        self.compare = compare
        self.partialResponse = partialResponse
        self.skipsMemory = skipsMemory
    }
}
