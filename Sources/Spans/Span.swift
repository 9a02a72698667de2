// The first file to read in Spans: what a span and a trace are, in OpenTelemetry's terms, which
// both generations of Jaeger's API are translated from and to. The module computes only: merging
// the parts of a trace, clock skew, the critical path, who calls whom.

/// One operation of one service.
public struct Span: Hashable, Sendable {
    public var traceID: TraceID
    public var spanID: SpanID
    /// `SpanID.none` for a root.
    public var parentSpanID: SpanID
    /// W3C `tracestate`.
    public var traceState: String
    /// W3C trace flags and OpenTelemetry's bits above them.
    public var flags: UInt32
    public var name: String
    public var kind: SpanKind
    /// Nanoseconds since 1970. Correcting clock skew may take it below zero.
    public var startTime: Int64
    /// Nanoseconds since 1970.
    public var endTime: Int64
    public var attributes: [Attribute]
    public var events: [Event]
    public var links: [Link]
    public var status: Status
    /// How many attributes, events and links the recorder left out.
    public var dropped: DroppedCounts
    /// What is doubtful about the span, for people.
    public var warnings: [String]
    public var resource: Resource
    public var scope: Scope
    /// The clusters whose stores hold a copy, in the order of the inventory; empty before merging.
    public var clusters: [String]

    public init(
        traceID: TraceID, spanID: SpanID, parentSpanID: SpanID = .none, traceState: String = "",
        flags: UInt32 = 0, name: String, kind: SpanKind = .unspecified, startTime: Int64,
        endTime: Int64, attributes: [Attribute] = [], events: [Event] = [], links: [Link] = [],
        status: Status = Status(), dropped: DroppedCounts = DroppedCounts(),
        warnings: [String] = [], resource: Resource = Resource(), scope: Scope = Scope(),
        clusters: [String] = []
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.traceState = traceState
        self.flags = flags
        self.name = name
        self.kind = kind
        self.startTime = startTime
        self.endTime = endTime
        self.attributes = attributes
        self.events = events
        self.links = links
        self.status = status
        self.dropped = dropped
        self.warnings = warnings
        self.resource = resource
        self.scope = scope
        self.clusters = clusters
    }

    /// Nanoseconds; below zero where the span ends before it begins. As far as 64 bits reach.
    public var duration: Int64 {
        let (difference, isOver) = endTime.subtractingReportingOverflow(startTime)
        return isOver ? (endTime < startTime ? .min : .max) : difference
    }
}

/// The part a span plays in a call, numbered as in OTLP.
public enum SpanKind: UInt8, Hashable, Sendable, CaseIterable {
    case unspecified = 0
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}

/// How an operation ended.
public struct Status: Hashable, Sendable {
    public var code: Code
    public var message: String

    /// Numbered as in OTLP.
    public enum Code: UInt8, Hashable, Sendable {
        case unset = 0
        case ok = 1
        case error = 2
    }

    public init(code: Code = .unset, message: String = "") {
        self.code = code
        self.message = message
    }
}

/// How many of each a recorder left out.
public struct DroppedCounts: Hashable, Sendable {
    public var attributes: UInt32
    public var events: UInt32
    public var links: UInt32

    public init(attributes: UInt32 = 0, events: UInt32 = 0, links: UInt32 = 0) {
        self.attributes = attributes
        self.events = events
        self.links = links
    }
}

/// Something that happened during a span (Jaeger's log).
public struct Event: Hashable, Sendable {
    /// Nanoseconds since 1970.
    public var time: Int64
    public var name: String
    public var attributes: [Attribute]
    public var droppedAttributes: UInt32

    public init(
        time: Int64, name: String, attributes: [Attribute] = [], droppedAttributes: UInt32 = 0
    ) {
        self.time = time
        self.name = name
        self.attributes = attributes
        self.droppedAttributes = droppedAttributes
    }
}

/// A span, of this trace or another, that this one has to do with; never its parent.
public struct Link: Hashable, Sendable {
    public var traceID: TraceID
    public var spanID: SpanID
    public var traceState: String
    public var flags: UInt32
    public var attributes: [Attribute]
    public var droppedAttributes: UInt32

    public init(
        traceID: TraceID, spanID: SpanID, traceState: String = "", flags: UInt32 = 0,
        attributes: [Attribute] = [], droppedAttributes: UInt32 = 0
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.traceState = traceState
        self.flags = flags
        self.attributes = attributes
        self.droppedAttributes = droppedAttributes
    }
}

/// What recorded a span (Jaeger's process). Spans of one answer share the storage of theirs, so
/// that a resource costs a span a few words.
public struct Resource: Hashable, Sendable {
    /// `service.name` among them where there is one.
    public var attributes: [Attribute]
    public var schemaURL: String
    public var droppedAttributes: UInt32

    public init(
        attributes: [Attribute] = [], schemaURL: String = "", droppedAttributes: UInt32 = 0
    ) {
        self.attributes = attributes
        self.schemaURL = schemaURL
        self.droppedAttributes = droppedAttributes
    }

    /// The service's name; empty where the resource has none.
    public var serviceName: String {
        if case .string(let name) = attributes["service.name"] { name } else { "" }
    }
}

/// The library that recorded a span.
public struct Scope: Hashable, Sendable {
    public var name: String
    public var version: String
    public var attributes: [Attribute]
    public var schemaURL: String

    public init(
        name: String = "", version: String = "", attributes: [Attribute] = [],
        schemaURL: String = ""
    ) {
        self.name = name
        self.version = version
        self.attributes = attributes
        self.schemaURL = schemaURL
    }
}
