import Clusters
import Federation
import Spans

/// Looks traces up by their ids in all clusters at once.
struct TraceLookup: Sendable {
    let round: TraceRound
    let ids: [TraceID]
    let hints: ClosedRange<Int64>?
    let isRaw: Bool

    func answer() async -> TraceAnswer<[Trace?]> {
        var seen: Set<TraceID> = []
        let wanted = ids.filter { seen.insert($0).inserted }
        var parts = await parts(of: wanted)
        // Something between two services may have cut the ids of what came after to 64 bits.
        let short = short(of: wanted, beside: parts)
        if !short.isEmpty {
            let others = await self.parts(of: Set(short.values).sorted())
            parts = zip(parts, others).map { $0.joined(with: $1) }
        }
        var answer = round.answer(parts.map(\.reply)) { _ in [Trace?]() }

        let fragments = TraceFragments(parts: parts)
        let wholes = wanted.compactMap { id -> TraceAssembly.Whole? in
            let held = fragments[id].isEmpty ? short[id] ?? id : id
            guard !fragments[held].isEmpty else { return nil }
            var whole = TraceAssembly.Whole(id: held, fragments: fragments[held])
            whole.missing = round.missing(from: held, parts)
            if held != id {
                whole.warnings.append("the trace was found by the last 64 bits of its id alone")
            }
            return whole
        }
        let assembly = round.assembly(isRaw: isRaw)
        let assembled = assembly.assembled(wholes)
        var byID: [TraceID: Trace] = [:]
        for trace in assembled.traces { byID[trace.id] = trace }
        answer.value = ids.map { byID[$0] ?? short[$0].flatMap { byID[$0] } }
        answer.warnings += assembled.warnings
        return answer
    }

    /// The shorter ids of those that are nowhere, by the whole ones.
    private func short(of ids: [TraceID], beside parts: [TraceParts]) -> [TraceID: TraceID] {
        guard round.service.settings.triesShortIdentities else { return [:] }
        let found = Set(parts.flatMap { $0.found.map(\.id) })
        var short: [TraceID: TraceID] = [:]
        for id in ids where id.high != 0 && id.low != 0 && !found.contains(id) {
            short[id] = TraceID(high: 0, low: id.low)
        }
        return short
    }

    private func parts(of ids: [TraceID]) async -> [TraceParts] {
        await round.parts(of: round.clients.map { .init(client: $0, ids: ids) }, hints: hints)
    }
}
