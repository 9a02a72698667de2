import Clusters
import Federation
import JaegerAPI
import Spans
import Upstream

/// Asks one cluster's Jaeger, in the generation of the API that it speaks.
struct JaegerClient: Sendable {
    let cluster: Cluster
    let jaeger: Clusters.Service
    let upstream: UpstreamClient
    let known: KnownJaegers
    let gate: ConcurrencyGate
    let budget: AnswerBudget
    let metrics: TraceMetrics
    /// Bytes of one answer.
    let maximumBytes: Int
    /// When the answer must be there.
    var deadline: ContinuousClock.Instant
    /// The time now, milliseconds since 1970.
    let now: Int64

    /// Traces as a cluster gave them.
    struct Found: Sendable {
        var traces: [Trace] = []
        /// What there is to say of them as a whole.
        var warnings: [String] = []
    }

    // MARK: Questions

    /// The services that it has spans of.
    func services() async throws -> [String] {
        let names = try await ask(.services) { body, generation in
            try JaegerReading.services(body.bytes, generation)
        }
        known.note(.init(names: Set(names), readAt: now), of: cluster)
        return names
    }

    func operations(service: String, kind: SpanKind?) async throws -> [Operation] {
        try await ask(.operations(service: service, kind: kind)) { body, generation in
            try JaegerReading.operations(body.bytes, generation)
        }
    }

    /// The traces that meet a search. Where as many are too much, fewer are asked for.
    func found(_ search: TraceSearch) async throws -> Found {
        do {
            return try await foundAtOnce(search)
        } catch let share as MissingShare where share.isTooLarge && search.limit > 1 {
            var smaller = search
            smaller.limit = max(1, search.limit / 10)
            guard budget.bytes > 0 else { throw share }
            var found = try await foundAtOnce(smaller)
            found.warnings.append(
                "cluster \(cluster.id) was asked for \(smaller.limit) traces instead of "
                    + "\(search.limit): \(share.message)")
            return found
        }
    }

    private func foundAtOnce(_ search: TraceSearch) async throws -> Found {
        do {
            let traces = try await ask(.find(search)) { body, generation in
                try JaegerReading.traces(body, generation)
            }
            return kept(traces.traces)
        } catch is NotFound {
            return Found()
        }
    }

    /// What it holds of a trace; nil for nothing.
    func trace(_ id: TraceID, hints: ClosedRange<Int64>?) async throws -> Trace? {
        do {
            let traces = try await ask(.trace(id, hints: hints)) { body, generation in
                try JaegerReading.traces(body, generation)
            }
            var part = kept(traces.traces.filter { $0.id == id }).traces.first
            if traces.isCut {
                guard let count = part?.spans.count else {
                    throw MissingShare.tooLarge(limit: maximumBytes)
                }
                part?.warnings.append(
                    "cluster \(cluster.id) has more spans of this trace than are taken; the first "
                        + "\(count) are shown")
            }
            return part
        } catch is NotFound {
            return nil
        }
    }

    /// What it holds of several traces, where it speaks v1.
    func traces(_ ids: [TraceID], hints: ClosedRange<Int64>?) async throws -> [Trace] {
        let traces = try await ask(.traces(ids, hints: hints)) { body, generation in
            try JaegerReading.traces(body, generation)
        }
        let wanted = Set(ids)
        return kept(traces.traces.filter { wanted.contains($0.id) }).traces
    }

    /// Who calls whom as far as it knows.
    func dependencies(end: Int64, lookback: Int64) async throws -> [ServiceDependency] {
        try await ask(.dependencies(end: end, lookback: lookback)) { body, _ in
            try JaegerReading.dependencies(body.bytes)
        }
    }

    /// Has it archive its part of a trace. Returns whether it has one.
    func archive(_ id: TraceID, hints: ClosedRange<Int64>?) async throws -> Bool {
        do {
            return try await ask(.archive(id, hints: hints)) { _, _ in true }
        } catch is NotFound {
            return false
        }
    }

    /// The generation that it speaks, found out now where that is not known.
    func generation() async throws -> JaegerGeneration {
        if let generation = known.generation(of: cluster) { return generation }
        return try await probed(.v3, .v1)
    }

    // MARK: Spans

    /// The traces as far as the cluster may still contribute spans.
    private func kept(_ traces: [Trace]) -> Found {
        metrics.received(
            spans: traces.reduce(0) { $0 + $1.spans.count }, from: cluster.id)
        var found = Found()
        for var trace in traces where !trace.spans.isEmpty {
            let count = trace.spans.count
            let taken = budget.take(spans: count)
            guard taken > 0 else {
                found.warnings.append(
                    "cluster \(cluster.id) has more spans than are taken of one cluster: traces of "
                        + "it are left out")
                break
            }
            if taken < count {
                trace.spans.removeLast(count - taken)
                trace.warnings.append(
                    "cluster \(cluster.id) has \(count) spans of this trace; the first \(taken) are "
                        + "taken")
            }
            found.traces.append(trace)
        }
        return found
    }

    // MARK: Generations

    /// Asks in the generation that it speaks; once more in the other where the answer is none.
    private func ask<Answer: Sendable>(
        _ question: JaegerQuestion,
        _ read: @escaping @Sendable (JaegerAnswer.Body, JaegerGeneration) throws -> Answer
    ) async throws -> Answer {
        if question.isOfAnyGeneration { return try await ask(question, in: .v1, read) }
        let generation = try await generation()
        do {
            return try await ask(question, in: generation, read)
        } catch let unfitting as UnfittingAnswer {
            guard cluster.jaegerGeneration == nil else { throw unfitting }
            known.note(nil as JaegerGeneration?, of: cluster)
            let other: JaegerGeneration = generation == .v3 ? .v1 : .v3
            if case .traces = question, other == .v3 { throw unfitting }
            // What it says of the other generation is beside the point where there is none.
            guard (try? await probed(other)) != nil else { throw unfitting }
            return try await ask(question, in: other, read)
        }
    }

    /// Finds out which of these generations it speaks, by the smallest question.
    private func probed(_ candidates: JaegerGeneration...) async throws -> JaegerGeneration {
        var problem: (any Error)?
        /// Whether one of them has failed, which says nothing about what is spoken.
        var isDoubtful = false
        for candidate in candidates {
            do {
                let names = try await ask(.services, in: candidate) { body, generation in
                    try JaegerReading.services(body.bytes, generation)
                }
                if !isDoubtful { known.note(candidate, of: cluster) }
                known.note(.init(names: Set(names), readAt: now), of: cluster)
                return candidate
            } catch let unfitting as UnfittingAnswer {
                // A page says more than its absence.
                if unfitting == .page || problem == nil { problem = unfitting }
            } catch let share as MissingShare where share.cause == "status_5xx" {
                isDoubtful = true
                problem = share
            }
        }
        throw problem ?? UnfittingAnswer.oldSpelling
    }

    // MARK: One request

    private func ask<Answer: Sendable>(
        _ question: JaegerQuestion, in generation: JaegerGeneration,
        _ read: @escaping @Sendable (JaegerAnswer.Body, JaegerGeneration) throws -> Answer
    ) async throws -> Answer {
        let limit = min(maximumBytes, budget.bytes)
        guard limit > 0 else { throw MissingShare.tooLarge(limit: 2 * maximumBytes) }
        let cut = question.cut(in: generation)
        // What says its length beforehand is refused at once, where its beginning is of no use.
        let request = question.request(
            in: generation, maximumBytes: cut == .never ? limit : .max)
        do {
            return try await gate.withPlace(by: deadline) {
                try await upstream.ask(
                    cluster: cluster.id, service: jaeger, request: request, deadline: deadline
                ) { response in
                    let body = try await JaegerAnswer.body(
                        of: response, within: budget, limit: limit, cut)
                    return try read(body, generation)
                }
            }
        } catch let failure as UpstreamError {
            throw JaegerAnswer.meaning(of: failure, question)
        }
    }
}
