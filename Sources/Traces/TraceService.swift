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

    package init(
        fleet: Fleet, upstream: UpstreamClient, settings: TraceSettings = TraceSettings(),
        now: @escaping @Sendable () -> Int64
    ) {
        self.fleet = fleet
        self.upstream = upstream
        self.settings = settings
        self.now = now
    }

    package func run() async throws {
        try await gracefulShutdown()
    }

    /// The names of all services, ordered.
    package func services(_ call: TraceCall) async -> TraceAnswer<[String]> {
        unasked([])
    }

    /// The operations of a service, ordered by name and kind; of all kinds where `kind` is nil.
    package func operations(
        service: String, kind: SpanKind?, _ call: TraceCall
    ) async -> TraceAnswer<[Operation]> {
        unasked([])
    }

    /// The traces that meet the search, each whole, the latest first. Raw means as they were
    /// recorded: no times are corrected, no span ids changed.
    package func find(
        _ search: TraceSearch, isRaw: Bool, _ call: TraceCall
    ) async -> TraceAnswer<[Trace]> {
        unasked([])
    }

    /// The trace with an identity; nil where it is not found. `hints` say when it was, nanoseconds
    /// since 1970.
    package func trace(
        _ id: TraceID, hints: ClosedRange<Int64>? = nil, isRaw: Bool, _ call: TraceCall
    ) async -> TraceAnswer<Trace?> {
        unasked(nil)
    }

    /// The traces with these identities, in their order; nil for each that is not found.
    package func traces(
        _ ids: [TraceID], hints: ClosedRange<Int64>? = nil, isRaw: Bool, _ call: TraceCall
    ) async -> TraceAnswer<[Trace?]> {
        unasked(ids.map { _ in nil })
    }

    /// Who calls whom. `end` is in milliseconds since 1970, `lookback` in milliseconds; `service`
    /// keeps the edges from and to it.
    package func dependencies(
        end: Int64, lookback: Int64, service: String? = nil, _ call: TraceCall
    ) async -> TraceAnswer<DependencyReport> {
        unasked(DependencyReport())
    }

    /// Has each cluster that holds a part of the trace archive it; the value says whether any did.
    package func archive(
        _ id: TraceID, hints: ClosedRange<Int64>? = nil, _ call: TraceCall
    ) async -> TraceAnswer<Bool> {
        unasked(false)
    }

    private func unasked<Value: Sendable>(_ value: Value) -> TraceAnswer<Value> {
        TraceAnswer(
            value: value,
            missing: fleet.current.inventory.clusters.filter { $0.jaeger != nil }.map {
                Coverage.Missing(cluster: $0.id, cause: "internal", message: "it is not asked yet")
            })
    }
}
