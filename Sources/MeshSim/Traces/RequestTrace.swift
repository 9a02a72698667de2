// The first file to read in Traces: what one simulated request leaves behind. `RequestArrivals` says
// when requests come, `RequestWalk` sends one through the mesh, `TraceStore` keeps in each cluster
// what its services recorded, by clocks that are wrong, and `JaegerAnswers` tells it in Jaeger's
// words. Like all of meshsim it is a function of the options and the time: nothing is kept, and a
// trace is made anew whenever it is asked for.

/// The identity of a trace. Where `high` is zero it is one of 64 bits.
struct TraceIdentity: Hashable, Sendable {
    var high: UInt64
    var low: UInt64

    /// As Jaeger's v1 API writes it.
    var shortText: String { high == 0 ? hexadecimal(low) : longText }

    /// As Jaeger's v3 API writes it.
    var longText: String { hexadecimal(high) + hexadecimal(low) }
}

/// Sixteen digits.
func hexadecimal(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

/// All that happened for one request, by the true time, wherever it was recorded.
struct RequestTrace: Sendable {
    var id: TraceIdentity
    var spans: [RecordedSpan]
}

/// One operation, as its service recorded it.
struct RecordedSpan: Sendable {
    /// Counts the trace's spans from zero. It is also an attribute, so that a span can be told
    /// whatever becomes of its identity.
    var number: Int
    /// The number of the span that it is part of; nil for the first.
    var parentNumber: Int?
    var spanID: UInt64
    /// Zero for the first.
    var parentSpanID: UInt64
    var name: String
    var kind: SpanPart
    var place: SpanPlace
    /// Microseconds since 1970.
    var start: Int64
    var end: Int64
    var tags: [SpanTag] = []
    var events: [SpanEvent] = []
    var links: [SpanLink] = []
    /// What went wrong, where something did.
    var failure: String?
    /// The clusters whose stores have it. None where it was lost on the way.
    var stores: [String]
    /// What a store has to say about it.
    var warnings: [String] = []

    /// The attribute that holds `number`.
    static let numberKey = "meshsim.span"
}

/// The part a span plays in a call, numbered as in OTLP.
enum SpanPart: Int, Sendable {
    case work = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5

    /// As Jaeger writes it.
    var text: String {
        switch self {
        case .work: "internal"
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        }
    }
}

/// Where a span was recorded.
struct SpanPlace: Hashable, Sendable {
    var service: String
    var namespace: String
    var cluster: String
    var pod: String
    var node: String

    /// What is said of it beside the service's name, in the order of the names.
    var tags: [SpanTag] {
        [
            SpanTag("host.name", .text(node)), SpanTag("k8s.cluster.name", .text(cluster)),
            SpanTag("k8s.namespace.name", .text(namespace)), SpanTag("k8s.pod.name", .text(pod)),
        ]
    }
}

/// An attribute.
struct SpanTag: Sendable {
    var key: String
    var value: Value

    enum Value: Sendable {
        case text(String)
        case whole(Int64)
        case number(Double)
        case truth(Bool)

        /// As a search compares it.
        var searchText: String {
            switch self {
            case .text(let text): text
            case .whole(let number): "\(number)"
            case .number(let number): "\(number)"
            case .truth(let isTrue): "\(isTrue)"
            }
        }
    }

    init(_ key: String, _ value: Value) {
        self.key = key
        self.value = value
    }
}

/// Something that happened during a span.
struct SpanEvent: Sendable {
    /// Microseconds since 1970.
    var time: Int64
    var name: String
    var tags: [SpanTag]
}

/// Another span that this one has to do with.
struct SpanLink: Sendable {
    var trace: TraceIdentity
    var spanID: UInt64
}
