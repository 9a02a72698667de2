import Clusters
import Federation
import Spans

/// One request's dealings with the clusters.
struct TraceRound: Sendable {
    let service: TraceService
    /// When the whole answer must be there.
    let deadline: ContinuousClock.Instant
    /// The Jaegers to ask, in inventory order.
    let clients: [JaegerClient]
    /// Chosen clusters that are expected to be away.
    let absent: [ClusterID]

    init(_ service: TraceService, _ call: TraceCall) {
        self.service = service
        let settings = service.settings
        let start = ContinuousClock.now
        let end = min(call.deadline ?? start + settings.timeout, start + settings.timeout)
        // Early enough to answer without those that are late.
        let reserve = max(.milliseconds(20), min(.milliseconds(500), start.duration(to: end) / 20))
        let deadline = end - reserve
        self.deadline = deadline

        let chosen = service.fleet.current.inventory.clusters.filter {
            $0.jaeger != nil && call.clusters?.contains($0.id) != false
        }
        let asked = chosen.filter { !$0.maintenance }
        absent = chosen.filter(\.maintenance).map(\.id)
        let whole = AnswerBudget(bytes: settings.maximumBytes, spans: .max)
        let now = service.now()
        clients = asked.compactMap { cluster in
            guard let jaeger = cluster.jaeger else { return nil }
            return JaegerClient(
                cluster: cluster, jaeger: jaeger, upstream: service.upstream,
                known: service.known, gate: service.gates.gate(of: cluster, jaeger),
                budget: AnswerBudget(
                    bytes: 2 * settings.maximumResponseBytes,
                    spans: settings.maximumSpansPerCluster, of: whole),
                metrics: service.metrics,
                maximumBytes: settings.maximumResponseBytes, deadline: deadline, now: now)
        }
    }

    /// What one cluster said.
    struct Reply<Value: Sendable>: Sendable {
        var cluster: ClusterID
        var outcome: JaegerOutcome<Value>

        var value: Value? {
            if case .answered(let value) = outcome { value } else { nil }
        }
    }

    /// Asks all of them the same, at once. In inventory order.
    func replies<Value: Sendable>(
        by end: ContinuousClock.Instant? = nil,
        _ ask: @escaping @Sendable (JaegerClient) async throws -> Value
    ) async -> [Reply<Value>] {
        await withTaskGroup(of: Reply<Value>.self) { group in
            for var client in clients {
                client.deadline = min(client.deadline, end ?? client.deadline)
                let asked = client
                group.addTask { await Self.reply(of: asked, ask) }
            }
            var result: [Reply<Value>] = []
            for await reply in group { result.append(reply) }
            return result.sorted { $0.cluster < $1.cluster }
        }
    }

    private static func reply<Value: Sendable>(
        of client: JaegerClient, _ ask: @Sendable (JaegerClient) async throws -> Value
    ) async -> Reply<Value> {
        do {
            let value = try await ask(client)
            return Reply(cluster: client.cluster.id, outcome: .answered(value))
        } catch {
            return Reply(cluster: client.cluster.id, outcome: JaegerOutcome(failure: error))
        }
    }

    /// Who has answered, with a value made of what they said.
    func answer<Share, Value>(
        _ replies: [Reply<Share>], _ value: ([Share]) -> Value
    ) -> TraceAnswer<Value> {
        var answer = TraceAnswer(value: value(replies.compactMap(\.value)))
        var refusals: [(cluster: ClusterID, refusal: TraceRefusal)] = []
        answer.missing = absent.map { .init(cluster: $0, .maintenance) }
        for reply in replies {
            switch reply.outcome {
            case .answered: answer.answered.append(reply.cluster)
            case .missing(let share): answer.missing.append(.init(cluster: reply.cluster, share))
            case .refused(let refusal): refusals.append((reply.cluster, refusal))
            }
        }
        answer.missing.sort { $0.cluster < $1.cluster }
        answer.warnings = answer.missing.map(\.warning)
        if answer.answered.isEmpty {
            answer.refusal = refusals.first?.refusal
        } else {
            // What a storage cannot do is no outage, but what it holds is not in the answer.
            answer.warnings += refusals.map {
                "cluster \($0.cluster) does not answer this: \($0.refusal.message)"
            }
        }
        return answer
    }
}

extension Coverage.Missing {
    init(cluster: ClusterID, _ share: MissingShare) {
        self.init(cluster: cluster, cause: share.cause, message: share.message)
    }
}
