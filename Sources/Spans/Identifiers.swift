/// The identity of a trace, always 128 bits wide: a 64-bit id is the same id with its upper half
/// zero.
public struct TraceID: Hashable, Sendable, Comparable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// No trace: stores refuse it.
    public static let none = TraceID(high: 0, low: 0)

    public static func < (left: TraceID, right: TraceID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// The identity of a span within its trace.
public struct SpanID: Hashable, Sendable, Comparable {
    public var rawValue: UInt64

    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// No span: what the parent of a root is.
    public static let none = SpanID(0)

    public static func < (left: SpanID, right: SpanID) -> Bool { left.rawValue < right.rawValue }
}
