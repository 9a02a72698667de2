// The first file to read in Traces: asks the Jaegers of all clusters, each in the generation of the
// API that it speaks, and answers as one Jaeger that holds everything. The module stores no traces,
// and never shows a cluster's part of a trace as if it were the whole.

import Clusters
import Federation
import ServiceLifecycle
import Spans
import Upstream

/// Answers what services, operations, traces and dependencies there are in the fleet.
///
/// It runs as a service, which does what several askers share; it answers before and after too.
package final class TraceService: ServiceLifecycle.Service {
    let fleet: Fleet
    let upstream: UpstreamClient
    let settings: TraceSettings
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64
    let known: KnownJaegers
    let gates: JaegerGates
    let metrics: TraceMetrics
    let samples: CallSamples

    package init(
        fleet: Fleet, upstream: UpstreamClient, settings: TraceSettings = TraceSettings(),
        now: @escaping @Sendable () -> Int64
    ) {
        self.fleet = fleet
        self.upstream = upstream
        self.settings = settings
        self.now = now
        known = KnownJaegers()
        gates = JaegerGates()
        metrics = TraceMetrics()
        samples = CallSamples(now: now)
    }

    /// The service of whoever sees a part of the fleet alone. Which API a Jaeger speaks and how many
    /// ask it at a time is common to both; what is made of several clusters' traces is made and
    /// remembered here, of those in view.
    package init(_ other: TraceService, seeing fleet: Fleet) {
        self.fleet = fleet
        upstream = other.upstream
        settings = other.settings
        now = other.now
        known = other.known
        gates = other.gates
        metrics = other.metrics
        samples = CallSamples(now: other.now)
    }

    package func run() async throws { await samples.run() }

    /// The generation of the API that a cluster's Jaeger speaks; nil while that is not known.
    package func generation(of cluster: Cluster) -> JaegerGeneration? {
        known.generation(of: cluster)
    }

    /// Whether it runs, so that several askers share what is done for them.
    package var sharesWork: Bool { samples.isOpen }

    /// The names of all services, ordered.
    package func services(_ call: TraceCall) async -> TraceAnswer<[String]> {
        await metrics.recording(.services) {
            let round = TraceRound(self, call)
            let replies = await round.replies { client in try await client.services() }
            return round.answer(replies) { Set($0.joined()).sorted(by: byBytes) }
        }
    }

    /// The operations of a service, ordered by name and kind; of all kinds where `kind` is nil.
    package func operations(
        service: String, kind: SpanKind?, _ call: TraceCall
    ) async -> TraceAnswer<[Operation]> {
        await metrics.recording(.operations) {
            let round = TraceRound(self, call)
            let replies = await round.replies { client in
                try await client.operations(service: service, kind: kind)
            }
            return round.answer(replies) { shares in
                Set(shares.joined()).sorted { left, right in
                    left.name == right.name
                        ? left.kind.rawValue < right.kind.rawValue : byBytes(left.name, right.name)
                }
            }
        }
    }

    /// The traces that meet the search, each whole, the latest first. Raw means as they were
    /// recorded: no times are corrected, no span ids changed.
    package func find(
        _ search: TraceSearch, isRaw: Bool, _ call: TraceCall
    ) async -> TraceAnswer<[Trace]> {
        await metrics.recording(.find) {
            await TraceFinding(
                round: TraceRound(self, call), search: search, isRaw: isRaw,
                usesMemory: !call.skipsMemory
            ).answer()
        }
    }

    /// The trace with an identity; nil where it is not found. `hints` say when it was, nanoseconds
    /// since 1970.
    package func trace(
        _ id: TraceID, hints: ClosedRange<Int64>? = nil, isRaw: Bool, _ call: TraceCall
    ) async -> TraceAnswer<Trace?> {
        let answer = await traces([id], hints: hints, isRaw: isRaw, call)
        return TraceAnswer(
            value: answer.value.first ?? nil, answered: answer.answered, missing: answer.missing,
            refusal: answer.refusal, warnings: answer.warnings)
    }

    /// The traces with these identities, in their order; nil for each that is not found.
    package func traces(
        _ ids: [TraceID], hints: ClosedRange<Int64>? = nil, isRaw: Bool, _ call: TraceCall
    ) async -> TraceAnswer<[Trace?]> {
        await metrics.recording(.traces) {
            await TraceLookup(
                round: TraceRound(self, call), ids: ids, hints: hints, isRaw: isRaw
            ).answer()
        }
    }

    /// Who calls whom. `end` is in milliseconds since 1970, `lookback` in milliseconds; `service`
    /// keeps the edges from and to it.
    package func dependencies(
        end: Int64, lookback: Int64, service: String? = nil, _ call: TraceCall
    ) async -> TraceAnswer<DependencyReport> {
        await metrics.recording(.dependencies) {
            await DependencyQuestion(
                service: self, call: call, end: end, lookback: lookback, named: service
            ).answer()
        }
    }

    /// Has each cluster that holds a part of the trace archive it; the value says whether any did.
    package func archive(
        _ id: TraceID, hints: ClosedRange<Int64>? = nil, _ call: TraceCall
    ) async -> TraceAnswer<Bool> {
        await metrics.recording(.archive) {
            let round = TraceRound(self, call)
            let replies = await round.replies { client in
                try await client.archive(id, hints: hints)
            }
            return round.answer(replies) { $0.contains(true) }
        }
    }
}

/// Texts in the order of their bytes, which is the same everywhere.
func byBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
}
