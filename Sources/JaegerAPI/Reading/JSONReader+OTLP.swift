import Spans

extension JSONReader {
    /// A span without its resource and scope.
    mutating func span() throws(ReadingFailure) -> Span {
        var span = Span(traceID: .none, spanID: .none, name: "", startTime: 0, endTime: 0)
        try object("a span") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "traceId", "trace_id": span.traceID = try reader.traceID()
            case "spanId", "span_id": span.spanID = try reader.spanID()
            case "parentSpanId", "parent_span_id": span.parentSpanID = try reader.spanID()
            case "traceState", "trace_state": span.traceState = try reader.text()
            case "flags": span.flags = try reader.count()
            case "name": span.name = try reader.text()
            case "kind": span.kind = try reader.kind()
            case "startTimeUnixNano", "start_time_unix_nano": span.startTime = try reader.time()
            case "endTimeUnixNano", "end_time_unix_nano": span.endTime = try reader.time()
            case "attributes":
                span.attributes = try reader.attributes()
                span.takeWarnings()
            case "droppedAttributesCount", "dropped_attributes_count":
                span.dropped.attributes = try reader.count()
            case "events":
                try reader.list("a list of events") { (reader) throws(ReadingFailure) in
                    span.events.append(try reader.event())
                }
            case "droppedEventsCount", "dropped_events_count":
                span.dropped.events = try reader.count()
            case "links":
                try reader.list("a list of links") { (reader) throws(ReadingFailure) in
                    span.links.append(try reader.link())
                }
            case "droppedLinksCount", "dropped_links_count": span.dropped.links = try reader.count()
            case "status": span.status = try reader.status()
            default: try reader.skip()
            }
        }
        return span
    }

    private mutating func event() throws(ReadingFailure) -> Event {
        var event = Event(time: 0, name: "")
        try object("an event") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "timeUnixNano", "time_unix_nano": event.time = try reader.time()
            case "name": event.name = try reader.text()
            case "attributes": event.attributes = try reader.attributes()
            case "droppedAttributesCount", "dropped_attributes_count":
                event.droppedAttributes = try reader.count()
            default: try reader.skip()
            }
        }
        return event
    }

    private mutating func link() throws(ReadingFailure) -> Link {
        var link = Link(traceID: .none, spanID: .none)
        try object("a link") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "traceId", "trace_id": link.traceID = try reader.traceID()
            case "spanId", "span_id": link.spanID = try reader.spanID()
            case "traceState", "trace_state": link.traceState = try reader.text()
            case "flags": link.flags = try reader.count()
            case "attributes": link.attributes = try reader.attributes()
            case "droppedAttributesCount", "dropped_attributes_count":
                link.droppedAttributes = try reader.count()
            default: try reader.skip()
            }
        }
        return link
    }

    private mutating func status() throws(ReadingFailure) -> Status {
        var status = Status()
        try object("a status") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "message": status.message = try reader.text()
            case "code":
                guard reader.peek() == UInt8(ascii: "\"") else {
                    let number = UInt8(clamping: try reader.integer())
                    status.code = Status.Code(rawValue: number) ?? .unset
                    return
                }
                switch try reader.text() {
                case "STATUS_CODE_OK": status.code = .ok
                case "STATUS_CODE_ERROR": status.code = .error
                default: break
                }
            default: try reader.skip()
            }
        }
        return status
    }

    private mutating func kind() throws(ReadingFailure) -> SpanKind {
        if peek() == UInt8(ascii: "\"") { return SpanKind(spelled: try text()) ?? .unspecified }
        return SpanKind(rawValue: UInt8(clamping: try integer())) ?? .unspecified
    }

    /// Nanoseconds since 1970: never before, so that the time between two is a number too.
    mutating func time() throws(ReadingFailure) -> Int64 { max(0, try integer()) }

    /// A number of 32 bits.
    mutating func count() throws(ReadingFailure) -> UInt32 { UInt32(clamping: try integer()) }

    // MARK: Attributes

    mutating func attributes() throws(ReadingFailure) -> [Attribute] {
        var attributes: [Attribute] = []
        try list("a list of attributes") { (reader) throws(ReadingFailure) in
            var attribute = Attribute("", .empty)
            try reader.object("an attribute") { (reader, name) throws(ReadingFailure) in
                switch name {
                case "key": attribute.key = try reader.text()
                case "value": attribute.value = try reader.attributeValue()
                default: try reader.skip()
                }
            }
            attributes.append(attribute)
        }
        return attributes
    }

    private mutating func attributeValue() throws(ReadingFailure) -> AttributeValue {
        var value = AttributeValue.empty
        try object("a value") { (reader, name) throws(ReadingFailure) in
            switch name {
            case "stringValue", "string_value": value = .string(try reader.text())
            case "boolValue", "bool_value": value = .bool(try reader.flag())
            case "intValue", "int_value": value = .int(try reader.integer())
            case "doubleValue", "double_value": value = .double(try reader.double())
            case "bytesValue", "bytes_value":
                guard let bytes = Array(try reader.text().utf8)[...].base64 else {
                    throw reader.failure(.form(expected: "bytes in base64"))
                }
                value = .bytes(bytes)
            case "arrayValue", "array_value":
                var elements: [AttributeValue] = []
                try reader.values { (reader) throws(ReadingFailure) in
                    elements.append(try reader.attributeValue())
                }
                value = .array(elements)
            case "kvlistValue", "kvlist_value":
                var members: [Attribute] = []
                try reader.object("a map") { (reader, name) throws(ReadingFailure) in
                    guard case "values" = name else { return try reader.skip() }
                    members = try reader.attributes()
                }
                value = .map(members)
            default: try reader.skip()
            }
        }
        return value
    }

    private mutating func values(
        _ element: (inout JSONReader) throws(ReadingFailure) -> Void
    ) throws(ReadingFailure) {
        try object("an array") { (reader, name) throws(ReadingFailure) in
            guard case "values" = name else { return try reader.skip() }
            try reader.list("a list of values", element)
        }
    }
}

extension Span {
    /// Jaeger keeps its warnings in an attribute.
    fileprivate mutating func takeWarnings() {
        attributes.removeAll { attribute in
            guard attribute.key == "@jaeger@warnings", case .array(let texts) = attribute.value
            else { return false }
            for case .string(let text) in texts { warnings.append(text) }
            return true
        }
    }
}
