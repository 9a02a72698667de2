/// Which traces are looked for. The conditions hold together, of one span; a trace with such a span
/// is found whole. What "one span" means in detail is the stores' own.
public struct TraceSearch: Hashable, Sendable {
    /// Empty for any service, which not every store allows.
    public var service: String
    /// Empty for any operation.
    public var operation: String
    /// Attributes with their values as text, in the request's order, each name once.
    public var tags: [Tag]
    /// When the span begins, nanoseconds since 1970, both ends included.
    public var start: Int64
    public var end: Int64
    /// Nanoseconds; nil for no bound.
    public var minimumDuration: Int64?
    public var maximumDuration: Int64?
    /// How many traces at most.
    public var limit: Int

    public struct Tag: Hashable, Sendable {
        public var key: String
        public var value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(
        service: String, operation: String = "", tags: [Tag] = [], start: Int64, end: Int64,
        minimumDuration: Int64? = nil, maximumDuration: Int64? = nil, limit: Int = 100
    ) {
        self.service = service
        self.operation = operation
        self.tags = tags
        self.start = start
        self.end = end
        self.minimumDuration = minimumDuration
        self.maximumDuration = maximumDuration
        self.limit = limit
    }
}

/// An operation that a service's spans are named after, and the kind of these spans.
public struct Operation: Hashable, Sendable {
    public var name: String
    public var kind: SpanKind

    public init(name: String, kind: SpanKind) {
        self.name = name
        self.kind = kind
    }
}

/// How often one service called another.
public struct ServiceDependency: Hashable, Sendable {
    public var parent: String
    public var child: String
    public var callCount: UInt64

    public init(parent: String, child: String, callCount: UInt64) {
        self.parent = parent
        self.child = child
        self.callCount = callCount
    }
}
