import Spans

/// Reads a trace in the form of Jaeger's older API. What that form keeps in tags is put back where
/// OpenTelemetry has it.
struct V1TraceReader {
    private(set) var spans: [Span] = []
    private(set) var warnings: [String] = []
    /// The names of processes, and which is each span's.
    private var processNames: [String: Int] = [:]
    private var processOfSpan: [Int] = []
    private var processes: [Int: Resource] = [:]

    mutating func read(_ reader: inout JSONReader) throws(ReadingFailure) {
        try reader.object("a trace") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "spans":
                try reader.list("a list of spans") { (reader) throws(ReadingFailure) in
                    try span(&reader)
                }
            case "processes": try readProcesses(&reader)
            case "warnings": warnings = try reader.texts()
            default: try reader.skip()
            }
        }
        joinProcesses()
    }

    /// Reads what recorded the spans.
    mutating func readProcesses(_ reader: inout JSONReader) throws(ReadingFailure) {
        try reader.object("processes") { (reader, name) throws(ReadingFailure) in
            processes[place(ofProcess: name.text)] = try Self.process(&reader)
        }
    }

    /// Gives each span its process: they stand behind the spans.
    mutating func joinProcesses() {
        for index in spans.indices {
            if let process = processes[processOfSpan[index]] { spans[index].resource = process }
        }
    }

    /// Whether all processes that spans name are known.
    var knowsProcesses: Bool { processOfSpan.allSatisfy { $0 < 0 || processes[$0] != nil } }

    private mutating func place(ofProcess name: String) -> Int {
        let place = processNames[name] ?? processNames.count
        processNames[name] = place
        return place
    }

    private static func process(_ reader: inout JSONReader) throws(ReadingFailure) -> Resource {
        var service = ""
        var attributes: [Attribute] = []
        try reader.object("a process") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "serviceName": service = try reader.text()
            case "tags": attributes = try tags(&reader)
            default: try reader.skip()
            }
        }
        if service.isEmpty || service == ProcessTable.nameless {
            return Resource(attributes: attributes)
        }
        // In the order of names, as the other generation has them.
        let place = attributes.firstIndex { $0.key > "service.name" } ?? attributes.endIndex
        attributes.insert(Attribute("service.name", .string(service)), at: place)
        return Resource(attributes: attributes)
    }

    // MARK: Spans

    private struct Reference {
        var isChild = false
        var traceID = TraceID.none
        var spanID = SpanID.none
    }

    private mutating func span(_ reader: inout JSONReader) throws(ReadingFailure) {
        var span = Span(traceID: .none, spanID: .none, name: "", startTime: 0, endTime: 0)
        var duration: Int64 = 0
        var references: [Reference] = []
        var deprecatedParent = SpanID.none
        var process = -1
        try reader.object("a span") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "traceID": span.traceID = try reader.traceID()
            case "spanID": span.spanID = try reader.spanID()
            case "parentSpanID": deprecatedParent = try reader.spanID()
            case "flags": span.flags = UInt32(clamping: try reader.integer())
            case "operationName": span.name = try reader.text()
            case "references": references = try Self.references(&reader)
            case "startTime": span.startTime = Self.nanoseconds(try reader.integer())
            case "duration": duration = Self.nanoseconds(try reader.integer())
            case "tags": span.attributes = try Self.tags(&reader)
            case "logs": span.events = try Self.events(&reader)
            case "processID": process = place(ofProcess: try reader.text())
            case "process": span.resource = try Self.process(&reader)
            case "warnings": span.warnings = try reader.texts()
            default: try reader.skip()
            }
        }
        let (end, isOver) = span.startTime.addingReportingOverflow(duration)
        span.endTime = isOver ? .max : end
        Self.set(references, orParent: deprecatedParent, in: &span)
        span.takeTags()
        spans.append(span)
        processOfSpan.append(process)
    }

    /// None is negative, so that the time between two is a number too.
    private static func nanoseconds(_ microseconds: Int64) -> Int64 {
        let (product, isOver) = max(0, microseconds).multipliedReportingOverflow(by: 1000)
        return isOver ? .max : product
    }

    private static func references(
        _ reader: inout JSONReader
    ) throws(ReadingFailure) -> [Reference] {
        var references: [Reference] = []
        try reader.list("a list of references") { (reader) throws(ReadingFailure) in
            var reference = Reference()
            try reader.object("a reference") { (reader, name) throws(ReadingFailure) in
                switch name {
                case "refType": reference.isChild = try reader.text() == "CHILD_OF"
                case "traceID": reference.traceID = try reader.traceID()
                case "spanID": reference.spanID = try reader.spanID()
                default: try reader.skip()
                }
            }
            references.append(reference)
        }
        return references
    }

    /// The first CHILD_OF within the trace is the parent; all others are links, of which those that
    /// would have been parents say so.
    private static func set(
        _ references: [Reference], orParent parent: SpanID, in span: inout Span
    ) {
        for reference in references {
            if reference.isChild, reference.traceID == span.traceID, span.parentSpanID == .none {
                span.parentSpanID = reference.spanID
                continue
            }
            var link = Link(traceID: reference.traceID, spanID: reference.spanID)
            if reference.isChild {
                link.attributes = [Attribute("opentracing.ref_type", .string("child_of"))]
            }
            span.links.append(link)
        }
        if span.parentSpanID == .none { span.parentSpanID = parent }
    }

    private static func events(_ reader: inout JSONReader) throws(ReadingFailure) -> [Event] {
        var events: [Event] = []
        try reader.list("a list of logs") { (reader) throws(ReadingFailure) in
            var event = Event(time: 0, name: "")
            try reader.object("a log") { (reader, name) throws(ReadingFailure) in
                switch name {
                case "timestamp": event.time = nanoseconds(try reader.integer())
                case "fields": event.attributes = try tags(&reader)
                default: try reader.skip()
                }
            }
            if let place = event.attributes.firstIndex(where: { $0.key == "event" }),
                case .string(let name) = event.attributes[place].value
            {
                event.name = name
                event.attributes.remove(at: place)
            }
            events.append(event)
        }
        return events
    }

    // MARK: Tags

    private static func tags(_ reader: inout JSONReader) throws(ReadingFailure) -> [Attribute] {
        var tags: [Attribute] = []
        try reader.list("a list of tags") { (reader) throws(ReadingFailure) in
            var key = ""
            var type = ""
            var value: AttributeValue?
            var start: JSONReader?
            try reader.object("a tag") { (reader, name) throws(ReadingFailure) in
                switch name {
                case "key": key = try reader.text()
                case "type": type = try reader.text()
                case "value" where type.isEmpty:
                    // Its type comes after it.
                    start = reader
                    try reader.skip()
                case "value": value = try reader.tagValue(type)
                default: try reader.skip()
                }
            }
            if var start { value = try start.tagValue(type) }
            tags.append(Attribute(key, value ?? .empty))
        }
        return tags
    }
}

extension Span {
    /// Puts what the older form keeps in tags back where it belongs. What `error` says counts before
    /// `otel.status_code`.
    fileprivate mutating func takeTags() {
        var saysError = false
        attributes.removeAll { attribute in
            switch (attribute.key, attribute.value) {
            case ("span.kind", .string(let word)):
                guard let kind = SpanKind(spelled: word) else { return false }
                self.kind = kind
            case ("otel.scope.name", .string(let name)): scope.name = name
            case ("otel.scope.version", .string(let version)): scope.version = version
            case ("error", .bool(true)): saysError = true
            case ("otel.status_code", .string(let word)):
                switch word.uppercased() {
                case "ERROR": status.code = .error
                case "OK": status.code = .ok
                default: return false
                }
            case ("otel.status_description", .string(let message)): status.message = message
            case ("w3c.tracestate", .string(let state)): traceState = state
            default: return false
            }
            return true
        }
        if saysError { status.code = .error }
    }
}

extension JSONReader {
    mutating func texts() throws(ReadingFailure) -> [String] {
        var texts: [String] = []
        try list("a list of texts") { (reader) throws(ReadingFailure) in
            texts.append(try reader.text())
        }
        return texts
    }

    /// The value of a tag of this type. Some storage has all of them as texts.
    fileprivate mutating func tagValue(_ type: String) throws(ReadingFailure) -> AttributeValue {
        if try takesNull() { return .empty }
        switch type {
        case "bool": return .bool(try flag())
        case "int64": return .int(try integer())
        case "float64": return .double(try double())
        case "binary":
            let text = try text()
            return Array(text.utf8)[...].base64.map { .bytes($0) } ?? .string(text)
        default: break
        }
        switch peek() {
        case UInt8(ascii: "\""): return .string(try text())
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool(try flag())
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            try skip()
            return .empty
        default: return .double(try double())
        }
    }
}
