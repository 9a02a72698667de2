import Spans

/// Reads what Jaeger's API v3 answers.
public enum V3Answer {
    /// `services`.
    public static func services(_ bytes: [UInt8]) throws(ReadingFailure) -> [String] {
        var names: [String] = []
        try list("services", bytes) { (reader) throws(ReadingFailure) in
            names.append(try reader.text())
        }
        return names
    }

    /// `operations`.
    public static func operations(_ bytes: [UInt8]) throws(ReadingFailure) -> [Operation] {
        var operations: [Operation] = []
        try list("operations", bytes) { (reader) throws(ReadingFailure) in
            operations.append(try reader.operation())
        }
        return operations
    }

    private static func list(
        _ member: StaticString, _ bytes: [UInt8],
        _ element: (inout JSONReader) throws(ReadingFailure) -> Void
    ) throws(ReadingFailure) {
        let expected = "an object with \(member)"
        try JSONReader.reading(bytes) { (reader) throws(ReadingFailure) in
            var isThere = false
            try reader.object(expected) { (reader, name) throws(ReadingFailure) in
                guard case member = name else { return try reader.skip() }
                isThere = true
                try reader.list("a list of \(member)", element)
            }
            guard isThere else { throw reader.failure(.form(expected: expected)) }
            guard reader.peek() == nil else { throw reader.failure(.syntax) }
        }
    }

    /// Traces as they were read.
    public struct Traces: Sendable {
        /// Each once, in the order of their first spans.
        public var traces: [Trace]
        /// Whether the answer broke off: these are the spans before.
        public var isCut: Bool

        public init(traces: [Trace], isCut: Bool) {
            self.traces = traces
            self.isCut = isCut
        }
    }

    /// `traces`, of a search or by an id: the spans of all of them come in one list. Where `mayBeCut`
    /// holds, an answer that breaks off is read as far as it goes.
    public static func traces(
        _ bytes: [UInt8], mayBeCut: Bool = false
    ) throws(ReadingFailure) -> Traces {
        var otlp = OTLPReader()
        do throws(ReadingFailure) {
            try otlp.read(bytes)
        } catch {
            guard mayBeCut, error.problem == .truncated else { throw error }
            otlp.flush()
            return Traces(traces: otlp.groups.traces, isCut: true)
        }
        return Traces(traces: otlp.groups.traces, isCut: false)
    }
}

/// Reads spans in OTLP's JSON.
struct OTLPReader {
    private(set) var groups = TraceGroups()
    /// The spans of the resource that is being read.
    private var pending: [Span] = []

    /// Gives the spans that wait for the end of their resource to their traces.
    mutating func flush() {
        for span in pending { groups.add(span) }
        pending.removeAll(keepingCapacity: true)
    }

    /// Reads an answer, or a document of OTLP: one object, or as many as a stream had pieces. A document
    /// may be empty.
    mutating func read(_ bytes: [UInt8], mayBeEmpty: Bool = false) throws(ReadingFailure) {
        try JSONReader.reading(bytes) { (reader) throws(ReadingFailure) in
            let hasResult = try read(&reader)
            guard hasResult || mayBeEmpty else {
                throw reader.failure(.form(expected: "an object with result"))
            }
        }
    }

    private mutating func read(_ reader: inout JSONReader) throws(ReadingFailure) -> Bool {
        var hasResult = false
        repeat {
            try reader.object("an object with result") { (reader, name) throws(ReadingFailure) in
                switch name {
                case "result":
                    hasResult = true
                    try reader.object("a result") { (reader, name) throws(ReadingFailure) in
                        switch name {
                        case "resourceSpans", "resource_spans": try resources(&reader)
                        default: try reader.skip()
                        }
                    }
                case "resourceSpans", "resource_spans":
                    hasResult = true
                    try resources(&reader)
                case "error": throw reader.failure(.said(try reader.errorText()))
                default: try reader.skip()
                }
            }
        } while reader.peek() != nil
        return hasResult
    }

    private mutating func resources(_ reader: inout JSONReader) throws(ReadingFailure) {
        try reader.list("a list of resourceSpans") { (reader) throws(ReadingFailure) in
            try resource(&reader)
        }
    }

    private mutating func resource(_ reader: inout JSONReader) throws(ReadingFailure) {
        var resource = Resource()
        var waiting: JSONReader?
        try reader.object("a resource's spans") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "resource": try Self.read(&resource, &reader)
            case "schemaUrl", "schema_url": resource.schemaURL = try reader.text()
            case "scopeSpans", "scope_spans":
                if resource == Resource() {
                    // The resource may come after its spans.
                    waiting = reader
                    try reader.skip()
                } else {
                    try scopes(&reader, resource)
                }
            default: try reader.skip()
            }
        }
        if var waiting { try scopes(&waiting, resource) }
        // What stands behind the spans is theirs too.
        if let first = pending.first, first.resource != resource {
            for index in pending.indices { pending[index].resource = resource }
        }
        flush()
    }

    private static func read(
        _ resource: inout Resource, _ reader: inout JSONReader
    ) throws(ReadingFailure) {
        try reader.object("a resource") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "attributes": resource.attributes = try reader.attributes()
            case "droppedAttributesCount", "dropped_attributes_count":
                resource.droppedAttributes = try reader.count()
            default: try reader.skip()
            }
        }
    }

    private mutating func scopes(
        _ reader: inout JSONReader, _ resource: Resource
    ) throws(ReadingFailure) {
        try reader.list("a list of scopeSpans") { (reader) throws(ReadingFailure) in
            var scope = Scope()
            let first = pending.count
            try reader.object("a scope's spans") { (reader, name) throws(ReadingFailure) in
                switch name {
                case "scope": scope = try Self.scope(&reader)
                case "schemaUrl", "schema_url": scope.schemaURL = try reader.text()
                case "spans":
                    try reader.list("a list of spans") { (reader) throws(ReadingFailure) in
                        var span = try reader.span()
                        span.resource = resource
                        span.scope = scope
                        pending.append(span)
                    }
                default: try reader.skip()
                }
            }
            // What stands behind the spans is theirs too.
            if first < pending.count, pending[first].scope != scope {
                for index in first..<pending.count { pending[index].scope = scope }
            }
        }
    }

    private static func scope(_ reader: inout JSONReader) throws(ReadingFailure) -> Scope {
        var scope = Scope()
        try reader.object("a scope") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "name": scope.name = try reader.text()
            case "version": scope.version = try reader.text()
            case "attributes": scope.attributes = try reader.attributes()
            default: try reader.skip()
            }
        }
        return scope
    }
}
