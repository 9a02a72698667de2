/// Traces as Jaeger's v1 API writes them: microseconds, and everything about a span is a tag.
enum JaegerV1JSON {
    /// `{"data":…,"total":…,"limit":0,"offset":0,"errors":…}`.
    static func envelope(
        total: Int = 0, errors: String = "null", _ data: (inout JSONText) -> Void
    ) -> [UInt8] {
        var json = JSONText()
        json.raw("{\"data\":")
        data(&json)
        json.raw(",\"total\":\(total),\"limit\":0,\"offset\":0,\"errors\":\(errors)}\n")
        return json.bytes
    }

    static func refusal(_ refusal: JaegerRefusal) -> [UInt8] {
        var error = JSONText()
        error.raw("[{\"code\":\(refusal.status),\"msg\":")
        error.string(refusal.message)
        error.raw("}]")
        return envelope(errors: String(decoding: error.bytes, as: UTF8.self)) { $0.raw("null") }
    }

    static func write(_ trace: StoredTrace, to json: inout JSONText) {
        var processes: [SpanPlace] = []
        json.raw("{\"traceID\":\"\(trace.id.shortText)\",\"spans\":")
        json.array(trace.spans) { json, span in
            let process = processes.firstIndex(of: span.place) ?? processes.count
            if process == processes.count { processes.append(span.place) }
            write(span, of: trace.id, process: process + 1, to: &json)
        }
        json.raw(",\"processes\":{")
        for (index, place) in processes.enumerated() {
            json.raw("\(index == 0 ? "" : ",")\"p\(index + 1)\":{\"serviceName\":")
            json.string(place.service)
            json.raw(",\"tags\":")
            json.array(place.tags, write)
            json.raw("}")
        }
        json.raw("},\"warnings\":null}")
    }

    private static func write(
        _ span: RecordedSpan, of id: TraceIdentity, process: Int, to json: inout JSONText
    ) {
        json.raw("{\"traceID\":\"\(id.shortText)\",\"spanID\":\"\(hexadecimal(span.spanID))\"")
        json.raw(",\"operationName\":")
        json.string(span.name)
        var references: [(kind: String, trace: TraceIdentity, span: UInt64)] = []
        if span.parentSpanID != 0 { references.append(("CHILD_OF", id, span.parentSpanID)) }
        references += span.links.map { ("FOLLOWS_FROM", $0.trace, $0.spanID) }
        json.raw(",\"references\":")
        json.array(references) { json, reference in
            json.raw("{\"refType\":\"\(reference.kind)\",\"traceID\":")
            json.raw("\"\(reference.trace.shortText)\",\"spanID\":")
            json.raw("\"\(hexadecimal(reference.span))\"}")
        }
        json.raw(",\"startTime\":\(span.start),\"duration\":\(span.end - span.start),\"tags\":")
        json.array(tags(of: span), write)
        json.raw(",\"logs\":")
        json.array(span.events) { json, event in
            json.raw("{\"timestamp\":\(event.time),\"fields\":")
            json.array([SpanTag("event", .text(event.name))] + event.tags, write)
            json.raw("}")
        }
        json.raw(",\"processID\":\"p\(process)\",\"warnings\":")
        if span.warnings.isEmpty {
            json.raw("null")
        } else {
            json.array(span.warnings) { $0.string($1) }
        }
        json.raw("}")
    }

    private static func tags(of span: RecordedSpan) -> [SpanTag] {
        var tags = [
            SpanTag("otel.scope.name", .text(RecordedSpan.scope.name)),
            SpanTag("otel.scope.version", .text(RecordedSpan.scope.version)),
        ]
        tags += span.tags.sorted { $0.key < $1.key }
        tags.append(SpanTag("span.kind", .text(span.kind.text)))
        if let failure = span.failure {
            tags.append(SpanTag("otel.status_code", .text("ERROR")))
            tags.append(SpanTag("error", .truth(true)))
            tags.append(SpanTag("otel.status_description", .text(failure)))
        }
        return tags
    }

    private static func write(_ json: inout JSONText, _ tag: SpanTag) {
        json.raw("{\"key\":")
        json.string(tag.key)
        switch tag.value {
        case .text(let text):
            json.raw(",\"type\":\"string\",\"value\":")
            json.string(text)
        case .whole(let number):
            // JavaScript's numbers are whole up to here only.
            let isExact = number.magnitude < 1 << 53
            json.raw(",\"type\":\"int64\",\"value\":\(isExact ? "\(number)" : "\"\(number)\"")")
        case .number(let number): json.raw(",\"type\":\"float64\",\"value\":\(number)")
        case .truth(let isTrue): json.raw(",\"type\":\"bool\",\"value\":\(isTrue)")
        }
        json.raw("}")
    }
}
