import Federation
import Meshes
import TimeSeries

/// Asks what Envoys count of some edges' calls: one query, of the clusters that keep such statistics.
struct ShapingAsking: Sendable {
    let query: MeshQuerying
    let answer: GraphAnswer

    /// What was found out.
    struct Reply: Sendable {
        var shapings: EdgeShapings
        /// None where nothing was to be asked.
        var results: [Result<QueryAnswer, QueryFailure>] = []
        var asked: [AskedQuery] = []
    }

    /// - Parameter edges: their places in the map's edges.
    func reply(about edges: Set<Int>) async -> Reply {
        var reply = Reply(
            shapings: EdgeShapings(
                of: edges, in: answer.places, clusters: answer.clusters, window: answer.range))
        guard let statistics = reply.shapings.query else { return reply }
        let text = statistics.text
        reply.asked = [
            AskedQuery(signal: "shaping", query: text, clusters: statistics.clusters)
        ]
        let result = await query.answer(to: text)
        reply.results = [result]
        if case .success(let told) = result, case .vector(let series, _) = told.value {
            for one in series { reply.shapings.add(one) }
        }
        return reply
    }
}
