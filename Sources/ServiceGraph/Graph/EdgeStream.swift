import Federation
import Meshes

/// The edges of a map with their details, batch after batch: each is asked about when the one before is
/// taken, so that no more than one is held.
actor EdgeStream {
    private let details: EdgeDetails
    /// The edges that have details, in the order of their places.
    private let batches: [[Int]]
    private var batch = 0
    /// The places before are handed over.
    private var place = 0
    private var union: CoverageUnion
    private let known: Set<String>
    /// The edges of batches that there was no time for.
    private var late = 0
    private var failures: [String] = []
    private let keepsQueries: Bool
    private var queries: [AskedQuery] = []

    /// - Parameters:
    ///   - edges: those that have details.
    ///   - union: which clusters the answer is about without them.
    ///   - warnings: what is said already.
    ///   - keepsQueries: whether to remember what was asked: long texts, which name services.
    init(
        _ details: EdgeDetails, of edges: [Int], in union: CoverageUnion, warnings: [String],
        keepsQueries: Bool
    ) {
        self.details = details
        self.union = union
        batches = details.batches(of: edges)
        known = Set(warnings)
        self.keepsQueries = keepsQueries
    }

    /// The next edges; nil after the last. What goes wrong is told by `warnings`.
    func next() async -> EdgePieces.Piece? {
        let all = details.answer.map.edges
        guard place < all.count else { return nil }
        var end = all.count
        var edges = all[place..<end]
        if batch < batches.count {
            let asked = batches[batch]
            batch += 1
            if batch < batches.count { end = batches[batch].first ?? end }
            edges = all[place..<end]
            for (place, edge) in await told(of: asked) { edges[place] = edge }
        }
        defer { place = end }
        return EdgePieces.Piece(places: place..<end, edges: edges)
    }

    private func told(of edges: [Int]) async -> [Int: ServiceMap.Edge] {
        guard let reply = await details.reply(about: edges) else {
            late += edges.count
            return [:]
        }
        for result in reply.results {
            do {
                try union.note(result)
            } catch {
                let sentence = "some edges have no details: \(error.message)"
                if !failures.contains(sentence) { failures.append(sentence) }
            }
        }
        if keepsQueries { queries += reply.told.queries }
        return reply.told.edges
    }

    /// What is to be said of the details so far.
    var remarks: EdgePieces.Remarks {
        let count = batches.reduce(0) { $0 + $1.count }
        let lateness = late > 0 ? [EdgeDetails.lateWarning(late, of: count)] : []
        return EdgePieces.Remarks(
            coverage: union.coverage,
            warnings: union.warnings.filter { !known.contains($0) } + failures + lateness,
            queries: queries)
    }

    nonisolated var pieces: EdgePieces {
        EdgePieces(next: { await self.next() }, remarks: { await self.remarks })
    }
}
