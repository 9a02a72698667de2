import Spans
import Synchronization
package import Tracing

/// A span that was begun here: one that is recorded, or one that only says where in its trace the
/// work is.
package struct TracedSpan: Tracing.Span {
    package let context: ServiceContext
    /// Where what is begun inside it belongs.
    package let trace: TraceContext
    let recording: SpanRecording?

    package var isRecording: Bool { recording != nil }

    /// `traceresponse`, which tells the caller of the recorded span; nil where there is none.
    package var responseHeader: String? {
        recording == nil ? nil : TraceHeaders.parentText(trace)
    }

    package var operationName: String {
        get { recording?.read { $0.name } ?? "" }
        nonmutating set { recording?.change { $0.name = newValue } }
    }

    package func setStatus(_ status: SpanStatus) {
        recording?.change {
            $0.status = Status(
                code: status.code == .ok ? .ok : .error, message: status.message ?? "")
        }
    }

    package func addEvent(_ event: SpanEvent) {
        recording?.add(
            Event(
                time: Int64(clamping: event.nanosecondsSinceEpoch), name: event.name,
                attributes: event.attributes.sorted))
    }

    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard isRecording else { return }
        addException(
            type: "\(type(of: error))", message: "\(error)", attributes,
            at: Int64(clamping: instant().nanosecondsSinceEpoch))
    }

    /// What went wrong, as an event of OpenTelemetry's name for it.
    package func addException(type: String, message: String) {
        guard isRecording else { return }
        let now = Int64(clamping: DefaultTracerClock.now.nanosecondsSinceEpoch)
        addException(type: type, message: message, [:], at: now)
    }

    private func addException(
        type: String, message: String, _ attributes: SpanAttributes, at time: Int64
    ) {
        var attributes = attributes
        attributes["exception.type"] = type
        attributes["exception.message"] = message
        recording?.add(Event(time: time, name: "exception", attributes: attributes.sorted))
    }

    /// Setting them adds to those that are there: what works side by side for one span, such as
    /// several requests, takes nothing away from each other.
    package var attributes: SpanAttributes {
        get { recording?.attributes ?? [:] }
        nonmutating set { recording?.attributes = newValue }
    }

    /// A span of another program's is linked too, by its context.
    package func addLink(_ link: SpanLink) {
        guard let recording, let trace = link.context.trace else { return }
        recording.add(
            Link(
                traceID: trace.traceID, spanID: trace.spanID, traceState: trace.traceState,
                flags: trace.isSampled ? 1 : 0, attributes: link.attributes.sorted))
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        recording?.end(at: Int64(clamping: instant().nanosecondsSinceEpoch))
    }
}

/// A span while it is recorded. What is said of it after its end is not heard.
final class SpanRecording: Sendable {
    private struct State {
        var span: Spans.Span
        var attributes: SpanAttributes = [:]
        var hasEnded = false
    }

    private let state: Mutex<State>
    private let record: GatewayTracer.Recorder

    /// The most events and links of a span; what is more is left out and counted.
    private static let maximumEvents = 128
    private static let maximumLinks = 128

    init(_ span: Spans.Span, record: @escaping GatewayTracer.Recorder) {
        state = Mutex(State(span: span))
        self.record = record
    }

    func read<Value: Sendable>(_ body: (Spans.Span) -> Value) -> Value {
        state.withLock { body($0.span) }
    }

    func change(_ body: (inout Spans.Span) -> Void) {
        state.withLock { if !$0.hasEnded { body(&$0.span) } }
    }

    var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { state.withLock { $0.attributes.merge(newValue) } }
    }

    func add(_ event: Event) {
        change { span in
            if span.events.count < Self.maximumEvents {
                span.events.append(event)
            } else {
                span.dropped.events += 1
            }
        }
    }

    func add(_ link: Link) {
        change { span in
            if span.links.count < Self.maximumLinks {
                span.links.append(link)
            } else {
                span.dropped.links += 1
            }
        }
    }

    func end(at time: Int64) {
        let ended: Spans.Span? = state.withLock { state in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            // The system's clock may have been set back meanwhile.
            state.span.endTime = max(time, state.span.startTime)
            state.span.attributes = state.attributes.sorted
            return state.span
        }
        if let ended { record(ended) }
    }
}

extension SpanAttributes {
    /// In order of their names, long texts cut.
    fileprivate var sorted: [Attribute] {
        var result: [Attribute] = []
        result.reserveCapacity(count)
        forEach { result.append(Attribute($0, AttributeValue($1))) }
        return result.sorted { $0.key < $1.key }
    }
}

extension AttributeValue {
    /// The most bytes of a text, a query's mostly.
    private static let maximumBytes = 4096

    fileprivate init(_ attribute: SpanAttribute) {
        self =
            switch attribute {
            case .int32(let number): .int(Int64(number))
            case .int64(let number): .int(number)
            case .int32Array(let numbers): .array(numbers.map { .int(Int64($0)) })
            case .int64Array(let numbers): .array(numbers.map { .int($0) })
            case .double(let number): .double(number)
            case .doubleArray(let numbers): .array(numbers.map { .double($0) })
            case .bool(let flag): .bool(flag)
            case .boolArray(let flags): .array(flags.map { .bool($0) })
            case .string(let text): .string(Self.cut(text))
            case .stringArray(let texts): .array(texts.map { .string(Self.cut($0)) })
            case .stringConvertible(let value): .string(Self.cut("\(value)"))
            case .stringConvertibleArray(let values):
                .array(values.map { .string(Self.cut("\($0)")) })
            default: .empty
            }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumBytes else { return text }
        return String(decoding: text.utf8.prefix(maximumBytes), as: UTF8.self) + "…"
    }
}
