import Spans

/// Reads what Jaeger's older API answers.
public enum V1Answer {
    /// `services`.
    public static func services(_ bytes: [UInt8]) throws(ReadingFailure) -> [String] {
        var names: [String] = []
        try data(bytes) { (reader) throws(ReadingFailure) in names.append(try reader.text()) }
        return names
    }

    /// `operations`, with their kinds.
    public static func operations(_ bytes: [UInt8]) throws(ReadingFailure) -> [Operation] {
        var operations: [Operation] = []
        try data(bytes) { (reader) throws(ReadingFailure) in
            operations.append(try reader.operation())
        }
        return operations
    }

    /// `dependencies`.
    public static func dependencies(
        _ bytes: [UInt8]
    ) throws(ReadingFailure) -> [ServiceDependency] {
        var edges: [ServiceDependency] = []
        try data(bytes, mayBeBare: true) { (reader) throws(ReadingFailure) in
            var edge = ServiceDependency(parent: "", child: "", callCount: 0)
            try reader.object { (reader, name) throws(ReadingFailure) in
                switch name {
                case "parent": edge.parent = try reader.text()
                case "child": edge.child = try reader.text()
                case "callCount": edge.callCount = UInt64(clamping: try reader.integer())
                default: try reader.skip()
                }
            }
            edges.append(edge)
        }
        return edges
    }

    /// `traces`, of a search or by ids. Each trace once, in their order.
    public static func traces(_ bytes: [UInt8]) throws(ReadingFailure) -> [Trace] {
        var groups = TraceGroups()
        try data(bytes) { (reader) throws(ReadingFailure) in
            var traceReader = V1TraceReader()
            try traceReader.read(&reader)
            groups.add(traceReader.spans, warnings: traceReader.warnings)
        }
        return groups.traces
    }

    /// What is known of a trace whose answer is too long to be kept: of its beginning the spans
    /// before the break, and of its end the processes, which stand behind all spans. Without these
    /// it is nothing: no service could be told.
    public static func trace(
        beginning: [UInt8], end: [UInt8]
    ) throws(ReadingFailure) -> V3Answer.Traces {
        var groups = TraceGroups()
        var broken = V1TraceReader()
        do throws(ReadingFailure) {
            try data(beginning) { (reader) throws(ReadingFailure) in
                try broken.read(&reader)
                groups.add(broken.spans, warnings: broken.warnings)
                broken = V1TraceReader()
            }
        } catch {
            guard error.problem == .truncated else { throw error }
        }
        if let place = placeOfProcesses(end) {
            try JSONReader.reading(Array(end[place...])) { (reader) throws(ReadingFailure) in
                try broken.readProcesses(&reader)
            }
        }
        if broken.knowsProcesses {
            broken.joinProcesses()
            groups.add(broken.spans, warnings: broken.warnings)
        }
        return V3Answer.Traces(traces: groups.traces, isCut: true)
    }

    /// Where the last `"processes":{…}` has its brace. Within a text there would be strokes before
    /// the quotes, so that this is the name of a member wherever it stands.
    private static func placeOfProcesses(_ end: [UInt8]) -> Int? {
        let name = Array(#""processes""#.utf8)
        var start = end.count - name.count
        while start >= 0 {
            defer { start -= 1 }
            guard end[start] == name[0], end[start..<start + name.count].elementsEqual(name) else {
                continue
            }
            let rest = end[(start + name.count)...].lazy.filter(Self.isNoSpace).prefix(2)
            guard rest.elementsEqual([UInt8(ascii: ":"), UInt8(ascii: "{")]) else { continue }
            return end[start...].firstIndex(of: UInt8(ascii: "{"))
        }
        return nil
    }

    private static func isNoSpace(_ byte: UInt8) -> Bool {
        byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09
    }

    /// Reads the envelope, or where that may be the bare list that some give instead, and each element
    /// of its data.
    private static func data(
        _ bytes: [UInt8], mayBeBare: Bool = false,
        _ element: (inout JSONReader) throws(ReadingFailure) -> Void
    ) throws(ReadingFailure) {
        try JSONReader.reading(bytes) { (reader) throws(ReadingFailure) in
            var hasData = false
            if mayBeBare, reader.peek() == UInt8(ascii: "[") {
                hasData = true
                try reader.list("a list of data", element)
            } else {
                try reader.object("an object with data") { (reader, name) throws(ReadingFailure) in
                    guard case "data" = name else { return try reader.skip() }
                    hasData = true
                    try reader.list("a list of data", element)
                }
            }
            guard hasData else { throw reader.failure(.form(expected: "an object with data")) }
            guard reader.peek() == nil else { throw reader.failure(.syntax) }
        }
    }
}

/// Spans that are gathered by their traces.
struct TraceGroups {
    private(set) var traces: [Trace] = []
    private var places: [TraceID: Int] = [:]
    /// Where the last span went: spans of a trace mostly stand together.
    private var latest: Int?

    mutating func add(_ span: Span) {
        let place = place(of: span.traceID)
        traces[place].spans.append(span)
    }

    mutating func add(_ spans: [Span], warnings: [String]) {
        guard let first = spans.first else { return }
        if places[first.traceID] == nil, spans.allSatisfy({ $0.traceID == first.traceID }) {
            places[first.traceID] = traces.count
            traces.append(Trace(id: first.traceID, spans: spans, warnings: warnings))
            return
        }
        for span in spans { add(span) }
        let place = place(of: first.traceID)
        traces[place].warnings += warnings
    }

    private mutating func place(of id: TraceID) -> Int {
        if let latest, traces[latest].id == id { return latest }
        let place = places[id] ?? traces.count
        if place == traces.count {
            places[id] = place
            traces.append(Trace(id: id))
        }
        latest = place
        return place
    }
}

extension JSONReader {
    /// An operation of either generation.
    mutating func operation() throws(ReadingFailure) -> Operation {
        var operation = Operation(name: "", kind: .unspecified)
        try object { (reader, name) throws(ReadingFailure) in
            switch name {
            case "name": operation.name = try reader.text()
            case "spanKind", "span_kind":
                operation.kind = SpanKind(spelled: try reader.text()) ?? .unspecified
            default: try reader.skip()
            }
        }
        return operation
    }
}

extension SpanKind {
    /// The kind of a word of the API or a name of OTLP; nil where it is neither.
    init?(spelled word: String) {
        switch word {
        case "internal", "SPAN_KIND_INTERNAL": self = .internal
        case "server", "SPAN_KIND_SERVER": self = .server
        case "client", "SPAN_KIND_CLIENT": self = .client
        case "producer", "SPAN_KIND_PRODUCER": self = .producer
        case "consumer", "SPAN_KIND_CONSUMER": self = .consumer
        default: return nil
        }
    }
}
