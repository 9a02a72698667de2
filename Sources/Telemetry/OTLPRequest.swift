import JaegerAPI
import Spans

/// The body of an OTLP export over HTTP, in its JSON form: an `ExportTraceServiceRequest` of spans
/// of one program.
struct OTLPRequest {
    let resource: Resource
    /// The library that recorded the spans.
    let scope: Scope

    static let contentType = "application/json"
    static let path = "/v1/traces"

    func body(_ spans: [Spans.Span]) -> [UInt8] {
        var writer = OTLPWriter()
        writer.bytes.reserveCapacity(spans.count * 1024)
        writer.raw(#"{"resourceSpans":[{"resource":{"attributes":"#)
        writer.attributes(resource.attributes)
        writer.raw(#"},"scopeSpans":[{"scope":{"name":"#)
        writer.text(scope.name)
        writer.raw(#","version":"#)
        writer.text(scope.version)
        writer.raw(#"},"spans":"#)
        writer.list(spans) { $0.span($1) }
        writer.raw("}]}]}")
        return writer.bytes
    }
}

/// Writes the parts of the request. Numbers of 64 bits are texts, as protobuf's JSON has them.
private struct OTLPWriter {
    var bytes: [UInt8] = []

    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func list<Element>(
        _ elements: [Element], _ write: (inout OTLPWriter, Element) -> Void
    ) {
        raw("[")
        for (place, element) in elements.enumerated() {
            if place > 0 { raw(",") }
            write(&self, element)
        }
        raw("]")
    }

    mutating func span(_ span: Spans.Span) {
        raw(#"{"traceId":"#)
        text(span.traceID.hexadecimal)
        raw(#","spanId":"#)
        text(span.spanID.hexadecimal)
        if span.parentSpanID != .none {
            raw(#","parentSpanId":"#)
            text(span.parentSpanID.hexadecimal)
        }
        if !span.traceState.isEmpty {
            raw(#","traceState":"#)
            text(span.traceState)
        }
        raw(#","flags":"#)
        plain(Int64(span.flags))
        raw(#","name":"#)
        text(span.name)
        raw(#","kind":"#)
        plain(Int64(span.kind.rawValue))
        raw(#","startTimeUnixNano":"#)
        text(String(span.startTime))
        raw(#","endTimeUnixNano":"#)
        text(String(span.endTime))
        raw(#","attributes":"#)
        attributes(span.attributes)
        raw(#","events":"#)
        list(span.events) { $0.event($1) }
        raw(#","links":"#)
        list(span.links) { $0.link($1) }
        raw(#","droppedEventsCount":"#)
        plain(Int64(span.dropped.events))
        raw(#","droppedLinksCount":"#)
        plain(Int64(span.dropped.links))
        raw(#","status":{"code":"#)
        plain(Int64(span.status.code.rawValue))
        if !span.status.message.isEmpty {
            raw(#","message":"#)
            text(span.status.message)
        }
        raw("}}")
    }

    private mutating func event(_ event: Event) {
        raw(#"{"timeUnixNano":"#)
        text(String(event.time))
        raw(#","name":"#)
        text(event.name)
        raw(#","attributes":"#)
        attributes(event.attributes)
        raw("}")
    }

    private mutating func link(_ link: Link) {
        raw(#"{"traceId":"#)
        text(link.traceID.hexadecimal)
        raw(#","spanId":"#)
        text(link.spanID.hexadecimal)
        raw(#","flags":"#)
        plain(Int64(link.flags))
        raw(#","attributes":"#)
        attributes(link.attributes)
        raw("}")
    }

    mutating func attributes(_ attributes: [Attribute]) {
        list(attributes) { writer, attribute in
            writer.raw(#"{"key":"#)
            writer.text(attribute.key)
            writer.raw(#","value":"#)
            writer.value(attribute.value)
            writer.raw("}")
        }
    }

    private mutating func value(_ value: AttributeValue) {
        switch value {
        case .string(let text):
            raw(#"{"stringValue":"#)
            self.text(text)
        case .bool(let flag):
            raw(#"{"boolValue":"#)
            if flag { raw("true") } else { raw("false") }
        case .int(let number):
            raw(#"{"intValue":"#)
            text(String(number))
        case .double(let number):
            raw(#"{"doubleValue":"#)
            // JSON has no such numbers; protobuf writes their names.
            if number.isNaN {
                raw(#""NaN""#)
            } else if number.isInfinite {
                if number > 0 { raw(#""Infinity""#) } else { raw(#""-Infinity""#) }
            } else {
                bytes.append(contentsOf: "\(number)".utf8)
            }
        case .array(let elements):
            raw(#"{"arrayValue":{"values":"#)
            list(elements) { $0.value($1) }
            raw("}")
        case .map(let members):
            raw(#"{"kvlistValue":{"values":"#)
            attributes(members)
            raw("}")
        // The gateway records no bytes.
        case .bytes, .empty: raw("{")
        }
        raw("}")
    }

    private mutating func plain(_ number: Int64) { bytes.append(contentsOf: String(number).utf8) }

    mutating func text(_ text: String) {
        raw("\"")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                raw("\\u00")
                if digits.utf8.count == 1 { raw("0") }
                bytes.append(contentsOf: digits.utf8)
            default: bytes.append(byte)
            }
        }
        raw("\"")
    }
}
