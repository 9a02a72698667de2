import Clusters
import Federation
import Spans

/// Finds traces in all clusters, and what the others hold of those that one has found: the span that
/// meets the conditions is in one cluster, the rest of its trace may be in another.
struct TraceFinding: Sendable {
    let round: TraceRound
    let search: TraceSearch
    let isRaw: Bool
    /// Whether a cluster may be left alone because of what is remembered of it.
    let usesMemory: Bool

    private typealias Reply = TraceRound.Reply<JaegerClient.Found>

    func answer() async -> TraceAnswer<[Trace]> {
        guard search.start <= search.end else {
            // There is no such time, which not every release takes.
            return round.answer(
                round.clients.map { Reply(cluster: $0.cluster.id, outcome: .answered(.init())) }
            ) { _ in [] }
        }
        let replies = await round.replies(by: searchEnd) { client in
            if usesMemory, lacksService(client) { return JaegerClient.Found() }
            return try await client.found(search)
        }
        var answer = round.answer(replies) { _ in [Trace]() }
        answer.warnings += replies.flatMap { $0.value?.warnings ?? [] }

        var parts = replies.map {
            TraceParts(cluster: $0.cluster, found: $0.value?.traces ?? [])
        }
        let candidates = latest(TraceFragments(parts: parts))
        let completed = await completed(&parts, candidates, replies)
        note(completed, in: &answer)

        let general = answer.missing.filter { missing in
            !completed.contains { $0.cluster == missing.cluster && $0.share != nil }
        }
        let fragments = TraceFragments(parts: parts)
        let isAlone = round.clients.count < 2
        let wholes = candidates.enumerated().map { index, id in
            var whole = TraceAssembly.Whole(id: id, fragments: fragments[id])
            whole.missing = general
            for part in completed where part.unanswered.contains(id) {
                guard let share = part.share else { continue }
                whole.missing.append(Coverage.Missing(cluster: part.cluster, share))
            }
            whole.missing.sort { $0.cluster < $1.cluster }
            if index >= mostCompleted, !isAlone { whole.warnings.append(incomplete) }
            return whole
        }
        if candidates.count > mostCompleted, !isAlone {
            answer.warnings.append(
                "\(mostCompleted) of \(candidates.count) traces were completed from other "
                    + "clusters; the others are shown as they were found")
        }
        let assembled = round.assembly(isRaw: isRaw).assembled(wholes)
        answer.warnings += assembled.warnings
        answer.value = cut(Self.sorted(assembled.traces))
        return answer
    }

    // MARK: Searching

    /// When searching is over, so that there is time to complete what was found.
    private var searchEnd: ContinuousClock.Instant {
        let now = ContinuousClock.now
        return round.clients.count < 2
            ? round.deadline : now + now.duration(to: round.deadline) * 3 / 5
    }

    /// How long after the end of a search its last spans may still come, milliseconds.
    private static let settlingTime: Int64 = 60_000

    /// Whether it is certain that the cluster has no span of the service: the list of its services
    /// is fresh, and was read when all spans of the time that is searched had come.
    private func lacksService(_ client: JaegerClient) -> Bool {
        guard !search.service.isEmpty, let list = client.known.services(of: client.cluster) else {
            return false
        }
        let age = client.now - list.readAt
        let kept = round.service.settings.servicesKept
        return age >= 0 && .milliseconds(age) < kept
            && list.readAt >= search.end / 1_000_000 + Self.settlingTime
            && !list.names.isEmpty && !list.names.contains(search.service)
    }

    /// The ids of the latest traces, as far as they have been found.
    private func latest(_ fragments: TraceFragments) -> [TraceID] {
        let starts = fragments.ids.map { id in
            (id: id, start: fragments[id].lazy.map(\.trace.startTime).min() ?? .min)
        }
        return cut(
            starts.sorted { $0.start == $1.start ? $0.id < $1.id : $0.start > $1.start }
                .map(\.id))
    }

    private func cut<Element>(_ elements: [Element]) -> [Element] {
        search.limit > 0 ? Array(elements.prefix(search.limit)) : elements
    }

    private static func sorted(_ traces: [Trace]) -> [Trace] {
        // In steps, which the compiler takes no time to understand.
        let started = traces.map { trace in (start: trace.startTime, trace: trace) }
        let latest = started.sorted { one, other in
            one.start == other.start ? one.trace.id < other.trace.id : one.start > other.start
        }
        return latest.map(\.trace)
    }

    // MARK: Completing

    private var mostCompleted: Int { round.service.settings.maximumCompletedTraces }

    private var incomplete: String {
        "what other clusters hold of the trace is not here: \(mostCompleted) traces are completed "
            + "at most"
    }

    /// Asks the clusters for the traces that only others have found, and adds them to `parts`.
    /// Returns what came of it, in inventory order.
    private func completed(
        _ parts: inout [TraceParts], _ candidates: [TraceID], _ replies: [Reply]
    ) async -> [TraceParts] {
        guard round.clients.count > 1 else { return [] }
        let ids = candidates.prefix(mostCompleted)
        var wanted: [TraceRound.Wanted] = []
        for (client, reply) in zip(round.clients, replies) {
            // Whoever was away for the search is away for this too.
            if case .missing = reply.outcome { continue }
            let has = Set(reply.value?.traces.map(\.id) ?? [])
            wanted.append(.init(client: client, ids: ids.filter { !has.contains($0) }))
        }
        let completed = await round.parts(of: wanted, hints: nil)
        round.service.metrics.completed(completed.reduce(0) { $0 + $1.found.count })
        for part in completed {
            guard let place = parts.firstIndex(where: { $0.cluster == part.cluster }) else {
                continue
            }
            parts[place].found += part.found
        }
        return completed
    }

    /// A cluster that did not say what it holds of some trace is missing from the answer.
    private func note(_ completed: [TraceParts], in answer: inout TraceAnswer<[Trace]>) {
        for part in completed {
            guard let share = part.share else { continue }
            answer.answered.removeAll { $0 == part.cluster }
            let missing = Coverage.Missing(cluster: part.cluster, share)
            answer.missing.append(missing)
            answer.warnings.append(missing.warning)
        }
        answer.missing.sort { $0.cluster < $1.cluster }
    }
}
