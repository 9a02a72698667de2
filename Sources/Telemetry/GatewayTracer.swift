// The first file to read in Telemetry: the gateway's own spans. A tracer for swift-distributed-
// tracing begins them; whoever began one ends it, and it goes to `SpanExporter`, which sends what
// has gathered to a collector. The module never waits for the collector, and knows nothing of what
// is traced.

import Spans
package import Tracing

/// Begins spans. Without a recorder nothing is recorded, and the contexts of callers are handed on
/// as they came.
package struct GatewayTracer: Tracer {
    package typealias Span = TracedSpan

    private let sampler: Sampler
    private let record: Recorder?
    private let identifiers: @Sendable () -> UInt64

    /// Takes a span that has ended. It must not wait.
    package typealias Recorder = @Sendable (Spans.Span) -> Void

    /// `identifiers` gives random numbers.
    package init(
        sampleRatio: Double, record: Recorder?,
        identifiers: @escaping @Sendable () -> UInt64 = IdentifierSource().next
    ) {
        sampler = Sampler(ratio: sampleRatio)
        self.record = record
        self.identifiers = identifiers
    }

    // MARK: Spans

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext,
        ofKind kind: Tracing.SpanKind, at instant: @autoclosure () -> Instant, function: String,
        file fileID: String, line: UInt
    ) -> TracedSpan {
        var context = context()
        let entry = context[ContextEntry.Key.self]
        let parent = entry?.trace
        if let parent, entry?.decision == false || record == nil {
            // Not ours to record: what comes next is still a child of the caller's span.
            return TracedSpan(context: context, trace: parent, recording: nil)
        }
        let traceID = parent?.traceID ?? newTraceID()
        let isSampled = record != nil && (entry?.decision ?? sampler.isSampled(traceID))
        let trace = TraceContext(
            traceID: traceID, spanID: SpanID(nonZero()), isSampled: isSampled,
            traceState: parent?.traceState ?? "")
        context[ContextEntry.Key.self] = ContextEntry(
            trace: trace, decision: isSampled, isCallers: entry?.isCallers ?? false)
        guard isSampled, let record else {
            return TracedSpan(context: context, trace: trace, recording: nil)
        }
        let span = Spans.Span(
            traceID: traceID, spanID: trace.spanID, parentSpanID: parent?.spanID ?? .none,
            traceState: trace.traceState, flags: 1, name: operationName,
            kind: Spans.SpanKind(kind), startTime: Int64(clamping: instant().nanosecondsSinceEpoch),
            endTime: 0)
        return TracedSpan(
            context: context, trace: trace, recording: SpanRecording(span, record: record))
    }

    private func newTraceID() -> TraceID { TraceID(high: identifiers(), low: nonZero()) }

    /// Ids of zero stand for none.
    private func nonZero() -> UInt64 {
        while true {
            let number = identifiers()
            if number != 0 { return number }
        }
    }

    package func forceFlush() {}

    // MARK: From program to program

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let entry = TraceHeaders.entry { extractor.extract(key: $0, from: carrier) }
        if let entry { context[ContextEntry.Key.self] = entry }
    }

    /// A gateway that records nothing decides nothing: only what callers say is handed on.
    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let entry = context[ContextEntry.Key.self], let trace = entry.trace,
            record != nil || entry.isCallers
        else { return }
        injector.inject(
            TraceHeaders.parentText(trace), forKey: TraceHeaders.parent, into: &carrier)
        if !trace.traceState.isEmpty {
            injector.inject(trace.traceState, forKey: TraceHeaders.state, into: &carrier)
        }
    }
}

extension Spans.SpanKind {
    fileprivate init(_ kind: Tracing.SpanKind) {
        self =
            switch kind {
            case .server: .server
            case .client: .client
            case .producer: .producer
            case .consumer: .consumer
            case .internal: .internal
            }
    }
}
