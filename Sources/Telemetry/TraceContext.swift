import Spans
package import Tracing

/// The place in a trace that work belongs to: what is handed on from program to program.
package struct TraceContext: Hashable, Sendable {
    package var traceID: TraceID
    /// The span that is the parent of what comes next.
    package var spanID: SpanID
    /// Whether the trace is recorded, by whoever can.
    package var isSampled: Bool
    /// W3C `tracestate`, as it came.
    package var traceState: String

    package init(traceID: TraceID, spanID: SpanID, isSampled: Bool, traceState: String = "") {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.traceState = traceState
    }
}

/// What a `ServiceContext` holds of tracing.
struct ContextEntry: Sendable {
    /// Nil where the caller has a decision and no trace.
    var trace: TraceContext?
    /// The caller's decision on recording; nil where it leaves that to us.
    var decision: Bool?
    /// Whether the trace is the caller's, not one that was begun here.
    var isCallers = false

    enum Key: ServiceContextKey {
        typealias Value = ContextEntry
        static let nameOverride: String? = "isthmus.trace"
    }
}

extension ServiceContext {
    /// Where the present work is in its trace; nil outside of any.
    package var trace: TraceContext? { self[ContextEntry.Key.self]?.trace }
}

extension TraceContext {
    /// The trace's id in 32 hexadecimal digits.
    package var traceText: String { Self.digits(traceID.high, traceID.low) }

    /// The span's id in 16 hexadecimal digits.
    package var spanText: String { Self.digits(spanID.rawValue) }

    /// The numbers in 16 digits each. Every answer has a trace's id, so that it is written at once.
    private static func digits(_ numbers: UInt64...) -> String {
        String(unsafeUninitializedCapacity: 16 * numbers.count) { buffer in
            for (place, number) in numbers.enumerated() {
                for digit in 0..<16 {
                    let value = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * digit)) & 15
                    let first = value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10
                    buffer[16 * place + digit] = first + value
                }
            }
            return 16 * numbers.count
        }
    }
}
