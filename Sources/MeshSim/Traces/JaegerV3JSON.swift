/// Traces as Jaeger's v3 API writes them: OTLP in JSON, all traces of an answer in one list.
enum JaegerV3JSON {
    static func refusal(_ refusal: JaegerRefusal) -> [UInt8] {
        var json = JSONText()
        json.raw("{\"error\":{\"httpCode\":\(refusal.status),\"message\":")
        json.string(refusal.message)
        json.raw("}}\n")
        return json.bytes
    }

    static func result(_ traces: [StoredTrace]) -> [UInt8] {
        var json = JSONText()
        json.raw("{\"result\":")
        write(traces, to: &json)
        json.raw("}")
        return json.bytes
    }

    /// What a recorder sends.
    static func sent(_ traces: [StoredTrace]) -> [UInt8] {
        var json = JSONText()
        write(traces, to: &json)
        return json.bytes
    }

    private static func write(_ traces: [StoredTrace], to json: inout JSONText) {
        json.raw("{\"resourceSpans\":")
        let groups = traces.flatMap { trace in
            places(of: trace).map { place in
                (place: place, spans: trace.spans.filter { $0.place == place }, id: trace.id)
            }
        }
        json.array(groups) { json, group in
            json.raw("{\"resource\":{\"attributes\":")
            json.array(group.place.resourceTags, write)
            json.raw("},\"scopeSpans\":[{\"scope\":{\"name\":\"\(RecordedSpan.scope.name)\"")
            json.raw(",\"version\":\"\(RecordedSpan.scope.version)\"},\"spans\":")
            json.array(group.spans) { write($1, of: group.id, to: &$0) }
            json.raw("}]}")
        }
        json.raw("}")
    }

    /// What is known of each trace without looking at its spans.
    static func summaries(_ traces: [StoredTrace]) -> [UInt8] {
        var json = JSONText()
        json.raw("{\"summaries\":")
        json.array(traces) { writeSummary(of: $1, to: &$0) }
        json.raw("}")
        return json.bytes
    }

    private static func writeSummary(of trace: StoredTrace, to json: inout JSONText) {
        json.raw("{\"traceId\":\"\(trace.id.longText)\"")
        let identities = Set(trace.spans.map(\.spanID))
        let root = trace.spans.filter { $0.parentSpanID == 0 }.min { $0.start < $1.start }
        if let root {
            json.raw(",\"rootServiceName\":")
            json.string(root.place.service)
            json.raw(",\"rootOperationName\":")
            json.string(root.name)
        }
        let start = trace.spans.map(\.start).min() ?? 0
        let end = trace.spans.map(\.end).max() ?? 0
        json.raw(",\"minStartTimeUnixNano\":\"\(start * 1000)\"")
        json.raw(",\"maxEndTimeUnixNano\":\"\(end * 1000)\"")
        writeCount("spanCount", trace.spans.count, to: &json)
        writeCount("errorSpanCount", trace.spans.count { $0.failure != nil }, to: &json)
        writeCount(
            "orphanSpanCount",
            trace.spans.count { $0.parentSpanID != 0 && !identities.contains($0.parentSpanID) },
            to: &json)
        json.raw(",\"services\":")
        json.array(Set(trace.spans.map(\.place.service)).sorted()) { json, service in
            json.raw("{\"name\":")
            json.string(service)
            let spans = trace.spans.filter { $0.place.service == service }
            writeCount("spanCount", spans.count, to: &json)
            writeCount("errorSpanCount", spans.count { $0.failure != nil }, to: &json)
            json.raw("}")
        }
        json.raw("}")
    }

    /// Zero is left out.
    private static func writeCount(_ name: String, _ count: Int, to json: inout JSONText) {
        if count > 0 { json.raw(",\"\(name)\":\(count)") }
    }

    private static func places(of trace: StoredTrace) -> [SpanPlace] {
        var places: [SpanPlace] = []
        for span in trace.spans where !places.contains(span.place) { places.append(span.place) }
        return places
    }

    private static func write(
        _ span: RecordedSpan, of id: TraceIdentity, to json: inout JSONText
    ) {
        json.raw("{\"traceId\":\"\(id.longText)\",\"spanId\":\"\(hexadecimal(span.spanID))\"")
        if span.parentSpanID != 0 {
            json.raw(",\"parentSpanId\":\"\(hexadecimal(span.parentSpanID))\"")
        }
        json.raw(",\"name\":")
        json.string(span.name)
        json.raw(",\"kind\":\(span.kind.rawValue)")
        json.raw(",\"startTimeUnixNano\":\"\(span.start * 1000)\"")
        json.raw(",\"endTimeUnixNano\":\"\(span.end * 1000)\",\"attributes\":[")
        if !span.warnings.isEmpty {
            json.raw("{\"key\":\"@jaeger@warnings\",\"value\":{\"arrayValue\":{\"values\":")
            json.array(span.warnings) { json, warning in
                json.raw("{\"stringValue\":")
                json.string(warning)
                json.raw("}")
            }
            json.raw("}}},")
        }
        for (index, tag) in span.tags.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { json.raw(",") }
            write(&json, tag)
        }
        json.raw("]")
        if !span.events.isEmpty {
            json.raw(",\"events\":")
            json.array(span.events, write)
        }
        if !span.links.isEmpty {
            json.raw(",\"links\":")
            json.array(span.links) { json, link in
                json.raw("{\"traceId\":\"\(link.trace.longText)\"")
                json.raw(",\"spanId\":\"\(hexadecimal(link.spanID))\"}")
            }
        }
        json.raw(",\"status\":{")
        if let failure = span.failure {
            json.raw("\"message\":")
            json.string(failure)
            json.raw(",\"code\":2")
        }
        json.raw("}}")
    }

    private static func write(_ json: inout JSONText, _ event: SpanEvent) {
        json.raw("{\"timeUnixNano\":\"\(event.time * 1000)\",\"name\":")
        json.string(event.name)
        if !event.tags.isEmpty {
            json.raw(",\"attributes\":")
            json.array(event.tags, write)
        }
        json.raw("}")
    }

    private static func write(_ json: inout JSONText, _ tag: SpanTag) {
        json.raw("{\"key\":")
        json.string(tag.key)
        json.raw(",\"value\":{")
        switch tag.value {
        case .text(let text):
            json.raw("\"stringValue\":")
            json.string(text)
        case .whole(let number): json.raw("\"intValue\":\"\(number)\"")
        case .number(let number): json.raw("\"doubleValue\":\(number)")
        case .truth(let isTrue): json.raw("\"boolValue\":\(isTrue)")
        }
        json.raw("}}")
    }
}
