import Clusters
import Federation
import Spans
import Upstream

/// Takes a sample of traces and looks for calls from cluster to cluster in them.
///
/// Each cluster is asked for the latest traces of each of its services. The called side of each
/// crossing is then in hand, with a parent that its own cluster does not have; for such traces the
/// other clusters are asked too.
struct CallSampling: Sendable {
    let round: TraceRound
    /// Milliseconds since 1970.
    let start: Int64
    let end: Int64

    private var settings: DependencySettings { round.service.settings.dependencies }

    func sample() async -> CallSample {
        var sample = CallSample(takenAt: round.service.now())
        let share = max(1, settings.maximumTraces / max(1, round.clients.count))
        let replies = await round.replies(by: searchEnd) { client in
            try await shareOfSample(client, traces: share)
        }
        var parts = replies.map { TraceParts(cluster: $0.cluster, found: $0.value?.traces ?? []) }
        for reply in replies {
            switch reply.outcome {
            case .answered(let found): sample.isCut = sample.isCut || found.isCut
            case .missing(let share): sample.missing.append(.init(cluster: reply.cluster, share))
            case .refused(let refusal):
                sample.missing.append(
                    .init(cluster: reply.cluster, cause: "refused", message: refusal.message))
            }
        }
        let completed = await completed(parts, replies)
        for part in completed {
            guard let place = parts.firstIndex(where: { $0.cluster == part.cluster }) else {
                continue
            }
            parts[place].found += part.found.map(TracePairing.slimmed)
            if let share = part.share {
                sample.missing.append(.init(cluster: part.cluster, share))
            }
        }
        let fragments = TraceFragments(parts: parts)
        var edges: [ServiceDependency] = []
        for id in fragments.ids.sorted() {
            let held = fragments[id]
            sample.traces += 1
            sample.spans += held.reduce(0) { $0 + $1.trace.spans.count }
            // Traces in one cluster have no crossings.
            if held.count > 1 { edges += TracePairing.crossings(held, id: id) }
        }
        sample.crossings = DependencyReport.united(edges)
        return sample
    }

    private var searchEnd: ContinuousClock.Instant {
        let now = ContinuousClock.now
        return now + now.duration(to: round.deadline) * 3 / 5
    }

    // MARK: One cluster

    private struct Share: Sendable {
        var traces: [Trace] = []
        var isCut = false
    }

    /// The latest traces of each service of a cluster.
    private func shareOfSample(_ client: JaegerClient, traces most: Int) async throws -> Share {
        let services = try await client.services().sorted(by: byBytes)
        guard !services.isEmpty else { return Share() }
        let each = max(1, min(settings.tracesPerService, most / services.count))
        var share = Share()
        var seen: Set<TraceID> = []
        let chosen = services.prefix(most)
        // As many at a time as completing a search asks.
        let found = try await Array(chosen).answers(
            atOnce: round.service.settings.concurrentCompletions
        ) { name in
            try await traces(of: name, most: each, client)
        }
        share.isCut = chosen.count < services.count
        for one in found {
            share.isCut = share.isCut || one.isCut || one.traces.count >= each
            for trace in one.traces where seen.insert(trace.id).inserted {
                share.traces.append(trace)
            }
        }
        return share
    }

    /// The latest traces of one service.
    private struct OfService: Sendable {
        var traces: [Trace]
        /// Whether the cluster could not give as many as were wanted.
        var isCut: Bool
    }

    private func traces(
        of service: String, most: Int, _ client: JaegerClient
    ) async throws -> OfService {
        let (nanoseconds, isOver) = start.multipliedReportingOverflow(by: 1_000_000)
        let search = TraceSearch(
            service: service, start: isOver ? .min : nanoseconds, end: end * 1_000_000,
            limit: most)
        let found = try await client.found(search)
        return OfService(
            traces: found.traces.map(TracePairing.slimmed), isCut: !found.warnings.isEmpty)
    }

    // MARK: Other clusters

    /// Asks the other clusters for the traces of which some span's parent is not in hand.
    private func completed(
        _ parts: [TraceParts], _ replies: [TraceRound.Reply<Share>]
    ) async -> [TraceParts] {
        let fragments = TraceFragments(parts: parts)
        let open = fragments.ids.filter { Self.isOpen(fragments[$0]) }.sorted()
        var wanted: [TraceRound.Wanted] = []
        for (client, reply) in zip(round.clients, replies) {
            guard case .answered(let share) = reply.outcome else { continue }
            let has = Set(share.traces.map(\.id))
            wanted.append(.init(client: client, ids: open.filter { !has.contains($0) }))
        }
        return await round.parts(of: wanted, hints: nil)
    }

    private static func isOpen(_ fragments: [TraceFragment]) -> Bool {
        let ids = Set(fragments.lazy.flatMap { $0.trace.spans.map(\.spanID) })
        return fragments.contains { fragment in
            fragment.trace.spans.contains { span in
                if span.parentSpanID != .none { return !ids.contains(span.parentSpanID) }
                return span.kind == .consumer
                    && span.links.contains {
                        $0.traceID == fragment.trace.id && !ids.contains($0.spanID)
                    }
            }
        }
    }
}
