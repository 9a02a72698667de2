import Spans

/// Traces as Jaeger's older API writes them.
public enum V1TraceText {
    /// The trace as one JSON object.
    public static func bytes(of trace: Trace) -> [UInt8] {
        var writer = V1TraceWriter()
        writer.write(trace)
        return writer.json.bytes
    }
}

extension TraceID {
    /// 16 digits where the upper half is zero, else 32, as the older API writes it.
    public var shortText: String {
        high == 0 ? String(hexadecimal.suffix(16)) : hexadecimal
    }
}

private struct V1TraceWriter {
    var json = JSONBytes()
    private var processes = ProcessTable()

    mutating func write(_ trace: Trace) {
        let id = trace.id.shortText
        json.begin("{")
        json.name("traceID")
        json.string(id)
        json.name("spans")
        json.begin("[")
        for span in trace.spans { write(span, id) }
        json.end("]")
        json.name("processes")
        json.begin("{")
        for process in processes.inOrder { write(process) }
        json.end("}")
        warnings(trace.warnings)
        json.end("}")
    }

    private mutating func write(_ span: Span, _ traceID: String) {
        json.begin("{")
        json.name("traceID")
        json.string(traceID)
        json.name("spanID")
        json.hexadecimal(span.spanID.rawValue)
        // The other bits mean other things here.
        if span.flags & Self.sampled != 0 {
            json.name("flags")
            json.integer(Int64(Self.sampled))
        }
        json.name("operationName")
        json.string(span.name)
        references(of: span, traceID)
        json.name("startTime")
        json.integer(Self.microseconds(span.startTime))
        json.name("duration")
        // A span that ends before it begins has none here.
        json.integer(max(0, span.duration / 1000))
        tags(of: span)
        logs(of: span)
        json.name("processID")
        json.string(processes.name(of: span.resource))
        warnings(span.warnings)
        json.end("}")
    }

    private static func microseconds(_ nanoseconds: Int64) -> Int64 {
        let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        return rest < 0 ? quotient - 1 : quotient
    }

    private static let sampled: UInt32 = 1

    /// The parent first. A link to the parent is no reference of its own, but says what the parent's
    /// is.
    private mutating func references(of span: Span, _ traceID: String) {
        json.name("references")
        json.begin("[")
        if span.parentSpanID != .none {
            let link = span.links.last { Self.isToParent($0, of: span) }
            reference(link.map(Self.type) ?? "CHILD_OF", traceID, span.parentSpanID)
        }
        for link in span.links where !Self.isToParent(link, of: span) {
            reference(Self.type(of: link), link.traceID.shortText, link.spanID)
        }
        json.end("]")
    }

    private static func isToParent(_ link: Link, of span: Span) -> Bool {
        span.parentSpanID != .none && link.spanID == span.parentSpanID
            && link.traceID == span.traceID
    }

    private static func type(of link: Link) -> StaticString {
        link.attributes["opentracing.ref_type"] == .string("child_of") ? "CHILD_OF" : "FOLLOWS_FROM"
    }

    private mutating func reference(_ type: StaticString, _ traceID: String, _ spanID: SpanID) {
        json.begin("{")
        json.name("refType")
        json.word(type)
        json.name("traceID")
        json.string(traceID)
        json.name("spanID")
        json.hexadecimal(spanID.rawValue)
        json.end("}")
    }

    private mutating func tags(of span: Span) {
        json.name("tags")
        json.begin("[")
        if !span.scope.name.isEmpty { tag("otel.scope.name", .string(span.scope.name)) }
        if !span.scope.version.isEmpty { tag("otel.scope.version", .string(span.scope.version)) }
        for attribute in span.attributes { tag(attribute.key, attribute.value) }
        if span.kind != .unspecified { tag("span.kind", .string(span.kind.word)) }
        switch span.status.code {
        case .unset: break
        case .ok: tag("otel.status_code", .string("OK"))
        case .error:
            tag("otel.status_code", .string("ERROR"))
            tag("error", .bool(true))
        }
        if !span.status.message.isEmpty {
            tag("otel.status_description", .string(span.status.message))
        }
        if !span.traceState.isEmpty { tag("w3c.tracestate", .string(span.traceState)) }
        json.end("]")
    }

    private mutating func logs(of span: Span) {
        json.name("logs")
        json.begin("[")
        for event in span.events {
            json.begin("{")
            json.name("timestamp")
            json.integer(Self.microseconds(event.time))
            json.name("fields")
            json.begin("[")
            if !event.name.isEmpty, event.attributes["event"] == nil {
                tag("event", .string(event.name))
            }
            for attribute in event.attributes { tag(attribute.key, attribute.value) }
            json.end("]")
            json.end("}")
        }
        json.end("]")
    }

    private mutating func write(_ process: ProcessTable.Process) {
        json.name(process.name)
        json.begin("{")
        json.name("serviceName")
        json.string(process.serviceName)
        json.name("tags")
        json.begin("[")
        for attribute in process.tags { tag(attribute.key, attribute.value) }
        json.end("]")
        json.end("}")
    }

    // MARK: Values

    /// JavaScript reads whole numbers up to this one without loss.
    private static let largestInteger: Int64 = 1 << 53 - 1

    private mutating func tag(_ key: String, _ value: AttributeValue) {
        json.begin("{")
        json.name("key")
        json.string(key)
        json.name("type")
        switch value {
        case .string(let text): typed("string") { $0.string(text) }
        case .bool(let flag): typed("bool") { $0.bool(flag) }
        case .int(let number):
            typed("int64") {
                if number.magnitude > Self.largestInteger.magnitude {
                    $0.quotedInteger(number)
                } else {
                    $0.integer(number)
                }
            }
        case .double(let number): typed("float64") { $0.double(number) }
        case .bytes(let bytes): typed("binary") { $0.base64(bytes) }
        case .array, .map, .empty: typed("string") { $0.string(value.text) }
        }
        json.end("}")
    }

    private mutating func typed(_ type: StaticString, _ write: (inout JSONBytes) -> Void) {
        json.word(type)
        json.name("value")
        write(&json)
    }

    private mutating func warnings(_ warnings: [String]) {
        json.name("warnings")
        if warnings.isEmpty {
            json.raw("null" as StaticString)
            return
        }
        json.begin("[")
        for warning in warnings { json.string(warning) }
        json.end("]")
    }
}
