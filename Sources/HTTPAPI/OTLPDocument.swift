import PrometheusAPI
import Spans

/// A document of OTLP in JSON, as `transform` takes it. What is not understood is passed over, as
/// OpenTelemetry wants it.
enum OTLPDocument {
    /// The traces in the order in which they appear.
    static func traces(in bytes: [UInt8]) throws(ErrorResponse) -> [Trace] {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: bytes)
        } catch {
            throw .badData("cannot unmarshal OTLP: \(error)")
        }
        guard document.members != nil else {
            throw .badData("cannot unmarshal OTLP: it is no JSON object")
        }
        var order: [TraceID] = []
        var traces: [TraceID: Trace] = [:]
        for resource in document.list("resourceSpans", "resource_spans") {
            for span in spans(of: resource) {
                if traces[span.traceID] == nil { order.append(span.traceID) }
                traces[span.traceID, default: Trace(id: span.traceID)].spans.append(span)
            }
        }
        return order.compactMap { traces[$0] }
    }

    private static func spans(of json: JSONValue) -> [Span] {
        let recorder = json["resource"] ?? .null
        let resource = Resource(
            attributes: recorder.attributes,
            schemaURL: json.text("schemaUrl", "schema_url"),
            droppedAttributes: recorder.count("droppedAttributesCount", "dropped_attributes_count"))
        var spans: [Span] = []
        for scoped in json.list("scopeSpans", "scope_spans") {
            let library = scoped["scope"] ?? .null
            let scope = Scope(
                name: library.text("name"), version: library.text("version"),
                attributes: library.attributes,
                schemaURL: scoped.text("schemaUrl", "schema_url"))
            spans += scoped.list("spans").map { span($0, resource, scope) }
        }
        return spans
    }

    private static func span(_ json: JSONValue, _ resource: Resource, _ scope: Scope) -> Span {
        let status = json["status"] ?? .null
        return Span(
            traceID: json.traceID("traceId", "trace_id"), spanID: json.spanID("spanId", "span_id"),
            parentSpanID: json.spanID("parentSpanId", "parent_span_id"),
            traceState: json.text("traceState", "trace_state"), flags: json.count("flags"),
            name: json.text("name"),
            kind: SpanKind(rawValue: UInt8(clamping: json.integer("kind"))) ?? .unspecified,
            startTime: json.integer("startTimeUnixNano", "start_time_unix_nano"),
            endTime: json.integer("endTimeUnixNano", "end_time_unix_nano"),
            attributes: json.attributes,
            events: json.list("events").map { event in
                Event(
                    time: event.integer("timeUnixNano", "time_unix_nano"),
                    name: event.text("name"), attributes: event.attributes)
            },
            links: json.list("links").map { link in
                Link(
                    traceID: link.traceID("traceId", "trace_id"),
                    spanID: link.spanID("spanId", "span_id"),
                    traceState: link.text("traceState", "trace_state"),
                    attributes: link.attributes)
            },
            status: Status(
                code: Status.Code(rawValue: UInt8(clamping: status.integer("code"))) ?? .unset,
                message: status.text("message")),
            resource: resource, scope: scope)
    }
}

extension JSONValue {
    /// The member of the first of the names that is there.
    private func member(_ names: [String]) -> JSONValue? {
        for name in names { if let value = self[name] { return value } }
        return nil
    }

    fileprivate func list(_ names: String...) -> [JSONValue] { member(names)?.array ?? [] }

    fileprivate func text(_ names: String...) -> String { member(names)?.string ?? "" }

    /// A whole number, or the text of one: numbers of 64 bits are texts in JSON.
    fileprivate func integer(_ names: String...) -> Int64 { member(names)?.whole ?? 0 }

    fileprivate func count(_ names: String...) -> UInt32 {
        UInt32(clamping: member(names)?.whole ?? 0)
    }

    private var whole: Int64? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value)
        case .string(let text): Int64(text)
        default: nil
        }
    }

    fileprivate func traceID(_ names: String...) -> TraceID {
        let digits = member(names)?.string ?? ""
        return TraceID(
            high: UInt64(digits.dropLast(16), radix: 16) ?? 0,
            low: UInt64(digits.suffix(16), radix: 16) ?? 0)
    }

    fileprivate func spanID(_ names: String...) -> SpanID {
        SpanID(UInt64(member(names)?.string ?? "", radix: 16) ?? 0)
    }

    fileprivate var attributes: [Attribute] {
        list("attributes").map { Attribute($0.text("key"), ($0["value"] ?? .null).attributeValue) }
    }

    private var attributeValue: AttributeValue {
        if let text = member(["stringValue", "string_value"])?.string { return .string(text) }
        if let flag = member(["boolValue", "bool_value"])?.bool { return .bool(flag) }
        if let number = member(["intValue", "int_value"])?.whole { return .int(number) }
        if let number = member(["doubleValue", "double_value"]) {
            return .double(number.double ?? number.string.flatMap(Double.init) ?? 0)
        }
        if let list = member(["arrayValue", "array_value"]) {
            return .array(list.list("values").map(\.attributeValue))
        }
        if let map = member(["kvlistValue", "kvlist_value"]) {
            return .map(
                map.list("values").map {
                    Attribute($0.text("key"), ($0["value"] ?? .null).attributeValue)
                })
        }
        return .empty
    }
}
