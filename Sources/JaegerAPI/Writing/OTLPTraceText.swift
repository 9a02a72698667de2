import Spans

/// Traces as OTLP in JSON: what Jaeger's API v3 answers with.
public enum OTLPTraceText {
    /// The trace as elements of `resourceSpans`, with commas between them: spans of one resource and
    /// scope together, in the order in which these appear.
    public static func bytes(of trace: Trace) -> [UInt8] {
        var writer = OTLPTraceWriter()
        for group in Group.groups(of: trace.spans) { writer.write(group, of: trace) }
        return writer.json.bytes
    }

    /// The places of the spans of one resource, by scope.
    struct Group {
        var resource: Resource
        var scopes: [(scope: Scope, spans: [Int])] = []

        static func groups(of spans: [Span]) -> [Group] {
            var groups: [Group] = []
            var places: [Resource: Int] = [:]
            var latest: Int?
            for (index, span) in spans.enumerated() {
                // Spans of one resource mostly stand together.
                if let latest, groups[latest].resource == span.resource {
                    groups[latest].add(index, of: span.scope)
                    continue
                }
                let place = places[span.resource] ?? groups.count
                if place == groups.count {
                    places[span.resource] = place
                    groups.append(Group(resource: span.resource))
                }
                groups[place].add(index, of: span.scope)
                latest = place
            }
            return groups
        }

        private mutating func add(_ index: Int, of scope: Scope) {
            if let place = scopes.firstIndex(where: { $0.scope == scope }) {
                scopes[place].spans.append(index)
            } else {
                scopes.append((scope, [index]))
            }
        }
    }
}

/// Writes as `jsonpb` does: numbers of 64 bits are texts, and what is empty is left out.
private struct OTLPTraceWriter {
    var json = JSONBytes()

    mutating func write(_ group: OTLPTraceText.Group, of trace: Trace) {
        json.begin("{")
        json.name("resource")
        json.begin("{")
        attributes(group.resource.attributes)
        dropped("droppedAttributesCount", group.resource.droppedAttributes)
        json.end("}")
        json.name("scopeSpans")
        json.begin("[")
        for (scope, spans) in group.scopes {
            json.begin("{")
            json.name("scope")
            write(scope)
            json.name("spans")
            json.begin("[")
            for index in spans { write(trace.spans[index]) }
            json.end("]")
            text("schemaUrl", scope.schemaURL)
            json.end("}")
        }
        json.end("]")
        text("schemaUrl", group.resource.schemaURL)
        json.end("}")
    }

    private mutating func write(_ scope: Scope) {
        json.begin("{")
        text("name", scope.name)
        text("version", scope.version)
        attributes(scope.attributes)
        json.end("}")
    }

    private mutating func write(_ span: Span) {
        json.begin("{")
        json.name("traceId")
        json.hexadecimal(span.traceID.high, span.traceID.low)
        json.name("spanId")
        json.hexadecimal(span.spanID.rawValue)
        text("traceState", span.traceState)
        if span.parentSpanID != .none {
            json.name("parentSpanId")
            json.hexadecimal(span.parentSpanID.rawValue)
        }
        if span.flags != 0 {
            json.name("flags")
            json.integer(Int64(span.flags))
        }
        text("name", span.name)
        if span.kind != .unspecified {
            json.name("kind")
            json.integer(Int64(span.kind.rawValue))
        }
        time("startTimeUnixNano", span.startTime)
        time("endTimeUnixNano", span.endTime)
        attributes(span.warnings.isEmpty ? span.attributes : withWarnings(span))
        dropped("droppedAttributesCount", span.dropped.attributes)
        events(span)
        links(span)
        status(span.status)
        json.end("}")
    }

    /// Jaeger keeps warnings in an attribute of this name, in the order of names.
    private func withWarnings(_ span: Span) -> [Attribute] {
        let warnings = Attribute(
            "@jaeger@warnings", .array(span.warnings.map { .string($0) }))
        return [warnings] + span.attributes
    }

    private mutating func events(_ span: Span) {
        if !span.events.isEmpty {
            json.name("events")
            json.begin("[")
            for event in span.events {
                json.begin("{")
                time("timeUnixNano", event.time)
                text("name", event.name)
                attributes(event.attributes)
                dropped("droppedAttributesCount", event.droppedAttributes)
                json.end("}")
            }
            json.end("]")
        }
        dropped("droppedEventsCount", span.dropped.events)
    }

    private mutating func links(_ span: Span) {
        if !span.links.isEmpty {
            json.name("links")
            json.begin("[")
            for link in span.links {
                json.begin("{")
                json.name("traceId")
                json.hexadecimal(link.traceID.high, link.traceID.low)
                json.name("spanId")
                json.hexadecimal(link.spanID.rawValue)
                text("traceState", link.traceState)
                attributes(link.attributes)
                dropped("droppedAttributesCount", link.droppedAttributes)
                if link.flags != 0 {
                    json.name("flags")
                    json.integer(Int64(link.flags))
                }
                json.end("}")
            }
            json.end("]")
        }
        dropped("droppedLinksCount", span.dropped.links)
    }

    private mutating func status(_ status: Status) {
        json.name("status")
        json.begin("{")
        text("message", status.message)
        if status.code != .unset {
            json.name("code")
            json.integer(Int64(status.code.rawValue))
        }
        json.end("}")
    }

    // MARK: Values

    private mutating func text(_ name: StaticString, _ text: String) {
        if text.isEmpty { return }
        json.name(name)
        json.string(text)
    }

    private mutating func time(_ name: StaticString, _ time: Int64) {
        if time == 0 { return }
        json.name(name)
        json.quotedInteger(time)
    }

    private mutating func dropped(_ name: StaticString, _ count: UInt32) {
        if count == 0 { return }
        json.name(name)
        json.integer(Int64(count))
    }

    private mutating func attributes(_ attributes: [Attribute]) {
        if attributes.isEmpty { return }
        json.name("attributes")
        list(attributes)
    }

    private mutating func list(_ attributes: [Attribute]) {
        json.begin("[")
        for attribute in attributes {
            json.begin("{")
            json.name("key")
            json.string(attribute.key)
            json.name("value")
            value(attribute.value)
            json.end("}")
        }
        json.end("]")
    }

    private mutating func value(_ value: AttributeValue) {
        json.begin("{")
        switch value {
        case .string(let text):
            json.name("stringValue")
            json.string(text)
        case .bool(let flag):
            json.name("boolValue")
            json.bool(flag)
        case .int(let number):
            json.name("intValue")
            json.quotedInteger(number)
        case .double(let number):
            json.name("doubleValue")
            json.double(number)
        case .bytes(let bytes):
            json.name("bytesValue")
            json.base64(bytes)
        case .array(let elements):
            json.name("arrayValue")
            json.begin("{")
            if !elements.isEmpty {
                json.name("values")
                json.begin("[")
                for element in elements { self.value(element) }
                json.end("]")
            }
            json.end("}")
        case .map(let attributes):
            json.name("kvlistValue")
            json.begin("{")
            if !attributes.isEmpty {
                json.name("values")
                list(attributes)
            }
            json.end("}")
        case .empty: break
        }
        json.end("}")
    }
}
