import Clusters
import Federation
import Spans

/// What one cluster holds of traces that were asked for by their ids.
struct TraceParts: Sendable {
    var cluster: ClusterID
    /// In no particular order.
    var found: [Trace] = []
    /// The ids that it gave no word about.
    var unanswered: [TraceID] = []
    /// Why not.
    var share: MissingShare?
    var refusal: TraceRefusal?

    /// As what came of asking the cluster.
    var reply: TraceRound.Reply<[Trace]> {
        if let share { return .init(cluster: cluster, outcome: .missing(share)) }
        if let refusal { return .init(cluster: cluster, outcome: .refused(refusal)) }
        return .init(cluster: cluster, outcome: .answered(found))
    }

    /// These and what the same cluster says to further ids.
    func joined(with other: TraceParts) -> TraceParts {
        var joined = self
        joined.found += other.found
        joined.unanswered += other.unanswered
        joined.share = share ?? other.share
        joined.refusal = refusal ?? other.refusal
        return joined
    }
}

extension JaegerClient {
    /// What it holds of the traces with these ids. So many questions at a time; the first failure
    /// ends the asking, for the others would fail likewise.
    func parts(
        of ids: [TraceID], hints: ClosedRange<Int64>?, atATime width: Int
    ) async -> TraceParts {
        var parts = TraceParts(cluster: cluster.id)
        let batches: [[TraceID]]
        do {
            batches = Self.batches(of: ids, in: ids.count == 1 ? .v3 : try await generation())
        } catch {
            parts.fail(ids, error)
            return parts
        }
        await withTaskGroup(of: Batch.self) { group in
            var rest = batches[...]
            for batch in rest.prefix(max(1, width)) {
                group.addTask { await self.batch(batch, hints: hints) }
            }
            rest = rest.dropFirst(max(1, width))
            for await batch in group {
                parts.found += batch.found
                if let failure = batch.failure {
                    parts.fail(batch.unanswered, failure)
                    // One trace that is too large says nothing of the others.
                    if parts.share?.isTooLarge != true {
                        parts.unanswered += rest.flatMap(\.self)
                        rest = []
                    }
                }
                if let next = rest.popFirst() {
                    group.addTask { await self.batch(next, hints: hints) }
                }
            }
        }
        return parts
    }

    /// How many ids a question has.
    private static let batchSize = 20

    private static func batches(
        of ids: [TraceID], in generation: JaegerGeneration
    ) -> [[TraceID]] {
        let size = generation == .v1 ? batchSize : 1
        return stride(from: 0, to: ids.count, by: size).map {
            Array(ids[$0..<min($0 + size, ids.count)])
        }
    }

    /// What came of one question.
    private struct Batch: Sendable {
        var found: [Trace] = []
        var unanswered: [TraceID] = []
        var failure: (any Error)?
    }

    private func batch(_ ids: [TraceID], hints: ClosedRange<Int64>?) async -> Batch {
        var batch = Batch()
        do {
            if ids.count > 1 {
                batch.found = try await traces(ids, hints: hints)
            } else if let id = ids.first, let trace = try await trace(id, hints: hints) {
                batch.found = [trace]
            }
        } catch let share as MissingShare where share.isTooLarge && ids.count > 1 {
            return await oneByOne(ids, hints: hints)
        } catch is UnfittingAnswer where ids.count > 1 {
            // It no longer speaks v1.
            return await oneByOne(ids, hints: hints)
        } catch {
            batch.unanswered = ids
            batch.failure = error
        }
        return batch
    }

    private func oneByOne(_ ids: [TraceID], hints: ClosedRange<Int64>?) async -> Batch {
        var batch = Batch()
        for (index, id) in ids.enumerated() {
            do {
                if let trace = try await trace(id, hints: hints) { batch.found.append(trace) }
            } catch {
                batch.unanswered.append(id)
                batch.failure = error
                if let share = error as? MissingShare, share.isTooLarge { continue }
                batch.unanswered += ids[(index + 1)...]
                break
            }
        }
        return batch
    }
}

extension TraceParts {
    fileprivate mutating func fail(_ ids: [TraceID], _ error: any Error) {
        unanswered += ids
        switch JaegerOutcome<Never>(failure: error) {
        case .missing(let share):
            // What is worst is said: all the rest is missing for it.
            if self.share == nil || self.share?.isTooLarge == true { self.share = share }
        case .refused(let refusal): self.refusal = refusal
        }
    }
}

extension TraceRound {
    /// The ids that one cluster is asked for.
    struct Wanted: Sendable {
        var client: JaegerClient
        var ids: [TraceID]
    }

    /// Asks each cluster for its own ids, all at once. In the order of the wishes.
    func parts(of wanted: [Wanted], hints: ClosedRange<Int64>?) async -> [TraceParts] {
        let width = service.settings.concurrentCompletions
        return await withTaskGroup(of: TraceParts.self) { group in
            for wish in wanted where !wish.ids.isEmpty {
                group.addTask {
                    await wish.client.parts(of: wish.ids, hints: hints, atATime: width)
                }
            }
            var byCluster: [ClusterID: TraceParts] = [:]
            for await parts in group { byCluster[parts.cluster] = parts }
            return wanted.map {
                byCluster[$0.client.cluster.id] ?? TraceParts(cluster: $0.client.cluster.id)
            }
        }
    }

    /// Which clusters could not say what they hold of a trace, in inventory order.
    func missing(from id: TraceID, _ parts: [TraceParts]) -> [Coverage.Missing] {
        var missing = absent.map { Coverage.Missing(cluster: $0, .maintenance) }
        for part in parts where part.unanswered.contains(id) {
            if let share = part.share { missing.append(.init(cluster: part.cluster, share)) }
        }
        return missing.sorted { $0.cluster < $1.cluster }
    }

    func assembly(isRaw: Bool) -> TraceAssembly {
        TraceAssembly(
            settings: service.settings, clusters: clients.map(\.cluster.id), isRaw: isRaw)
    }
}
