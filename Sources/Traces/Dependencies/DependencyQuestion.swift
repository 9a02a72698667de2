import Clusters
import Federation
import Spans

/// Asks who calls whom: what the clusters say, and the calls from cluster to cluster, which none of
/// them can know of.
struct DependencyQuestion: Sendable {
    let service: TraceService
    let call: TraceCall
    /// Milliseconds since 1970.
    let end: Int64
    /// Milliseconds.
    let lookback: Int64
    /// Nil for all services.
    let named: String?

    func answer() async -> TraceAnswer<DependencyReport> {
        let round = TraceRound(service, call)
        async let sampled = sample(round)
        async let own = replies(round)
        let (sample, replies) = (await sampled, await own)
        var answer = round.answer(replies) { report(of: $0, with: sample) }
        if let sample { note(sample, in: &answer) }
        return answer
    }

    private func replies(
        _ round: TraceRound
    ) async -> [TraceRound.Reply<[ServiceDependency]>] {
        await round.replies { client in
            try await client.dependencies(end: end, lookback: lookback)
        }
    }

    /// Milliseconds.
    private static let farthest: Int64 = 9_000_000_000_000

    /// What was found of calls between clusters; nil where none are looked for.
    private func sample(_ round: TraceRound) async -> CallSample? {
        let settings = service.settings.dependencies
        guard settings.findsCrossings, round.clients.count > 1, lookback > 0 else { return nil }
        // The end of a request that asks for what is going on is always another.
        let now = service.now()
        let isNow = end > now - settings.sampleKept.wholeMilliseconds
        // No store has spans of farther times, and they fit in nanoseconds.
        let end = min(max(end, -Self.farthest), Self.farthest)
        let minute: Int64 = 60_000
        let subject = CallSample.Subject(
            clusters: round.clients.map(\.cluster.id),
            generation: service.fleet.current.inventory.generation,
            end: isNow ? nil : end - end % minute,
            lookback: min(lookback, settings.lookback.wholeMilliseconds))
        return await service.samples.sample(
            of: subject, settings: settings, skipsMemory: call.skipsMemory, by: round.deadline
        ) {
            let sampling = CallSampling(
                round: round, start: (isNow ? now : end) - subject.lookback,
                end: isNow ? now : end)
            let sample = await sampling.sample()
            service.metrics.sampled(sample.traces)
            return sample
        }
    }

    private func report(
        of shares: [[ServiceDependency]], with sample: CallSample?
    ) -> DependencyReport {
        let crossings = DependencyReport.united((sample?.crossings ?? []).filter(isWanted))
        let wanted = shares.map { $0.filter(isWanted) }
        let own =
            switch service.settings.dependencies.merging {
            case .sum: wanted.flatMap(\.self)
            // One cluster may name a pair more than once: its own are added in any case.
            case .max: DependencyReport.largest(wanted.map(DependencyReport.united))
            }
        let edges = DependencyReport.united(own + crossings)
        return DependencyReport(
            edges: edges, crossings: crossings, sample: sample?.size(now: service.now()))
    }

    private func isWanted(_ edge: ServiceDependency) -> Bool {
        named.map { edge.parent == $0 || edge.child == $0 } ?? true
    }

    private func note(_ sample: CallSample, in answer: inout TraceAnswer<DependencyReport>) {
        for missing in sample.missing
        where !answer.missing.contains(where: {
            $0.cluster == missing.cluster
        }) {
            answer.warnings.append(
                "calls from and to cluster \(missing.cluster) were looked for without it: "
                    + missing.message)
        }
        if sample.isCut {
            answer.warnings.append(
                "calls between clusters were looked for in \(sample.traces) traces, not in all")
        }
    }
}

extension DependencyReport {
    /// Each pair with the most calls that one of the shares has.
    static func largest(_ shares: [[ServiceDependency]]) -> [ServiceDependency] {
        var counts: [String: [String: UInt64]] = [:]
        for edge in shares.joined() {
            let known = counts[edge.parent]?[edge.child] ?? 0
            counts[edge.parent, default: [:]][edge.child] = max(known, edge.callCount)
        }
        return counts.flatMap { parent, children in
            children.map { ServiceDependency(parent: parent, child: $0, callCount: $1) }
        }
    }

    /// Each pair once with its calls added, ordered by parent and child.
    static func united(_ edges: [ServiceDependency]) -> [ServiceDependency] {
        let sorted = edges.sorted { left, right in
            left.parent == right.parent
                ? byBytes(left.child, right.child) : byBytes(left.parent, right.parent)
        }
        var united: [ServiceDependency] = []
        for edge in sorted {
            if let last = united.last, last.parent == edge.parent, last.child == edge.child {
                let (sum, isOver) = last.callCount.addingReportingOverflow(edge.callCount)
                united[united.count - 1].callCount = isOver ? .max : sum
            } else {
                united.append(edge)
            }
        }
        return united
    }
}
