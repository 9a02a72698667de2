import Foundation
import Spans
import TestSupport

/// What real Jaegers answered: `east` and `west` hold parts of traces, `union` all of them. A small
/// reader of both forms of the API, which shares nothing with the gateway's.
struct RecordedTraces {
    static let folder = Corpora.folder("jaeger")

    /// By the request that was made: the traces of its answer.
    private(set) var answers: [String: [TraceID: Trace]] = [:]
    /// What was sent to the store.
    private(set) var sent: [TraceID: Trace] = [:]

    init(_ store: String) throws {
        guard let folder = Self.folder else { return }
        let exchanges = try String(
            contentsOf: folder.appending(path: "\(store).exchanges.jsonl"), encoding: .utf8)
        for line in exchanges.split(separator: "\n") {
            guard let exchange = try Self.object(Data(line.utf8)),
                let get = exchange["get"] as? String,
                exchange["status"] as? Int == 200, let body = exchange["body"] as? [String: Any]
            else { continue }
            if get.hasPrefix("/api/traces") {
                answers[get] = Self.traces(v1: body)
            } else if get.hasPrefix("/api/v3/traces"), let result = body["result"] as? [String: Any]
            {
                answers[get] = Self.traces(otlp: result)
            }
        }
        let data = try Data(contentsOf: folder.appending(path: "\(store).otlp.json"))
        sent = Self.traces(otlp: try Self.object(data) ?? [:])
    }

    private static func object(_ data: Data) throws -> [String: Any]? {
        try JSONSerialization.jsonObject(with: data) as? [String: Any]
    }

    private static func id(_ text: Any?) -> UInt64 { UInt64(text as? String ?? "", radix: 16) ?? 0 }

    private static func traceID(_ text: Any?) -> TraceID {
        let text = text as? String ?? ""
        let digits = String(repeating: "0", count: 32 - text.count) + text
        return TraceID(
            high: UInt64(digits.prefix(16), radix: 16) ?? 0,
            low: UInt64(digits.suffix(16), radix: 16) ?? 0)
    }

    // MARK: v1

    private static func traces(v1 body: [String: Any]) -> [TraceID: Trace] {
        var traces: [TraceID: Trace] = [:]
        for trace in body["data"] as? [[String: Any]] ?? [] {
            let id = traceID(trace["traceID"])
            let processes = (trace["processes"] as? [String: [String: Any]] ?? [:]).mapValues {
                let name = Attribute("service.name", .string($0["serviceName"] as? String ?? ""))
                return Resource(
                    attributes: attributes(v1: $0["tags"]).filter { $0.key != "service.name" }
                        + [name])
            }
            let spans = (trace["spans"] as? [[String: Any]] ?? []).map { span(v1: $0, processes) }
            traces[id] = Trace(id: id, spans: spans, warnings: trace["warnings"] as? [String] ?? [])
        }
        return traces
    }

    private static func span(v1 span: [String: Any], _ processes: [String: Resource]) -> Span {
        let start = (span["startTime"] as? Int64 ?? 0) * 1_000
        var result = Span(
            traceID: traceID(span["traceID"]), spanID: SpanID(id(span["spanID"])),
            name: span["operationName"] as? String ?? "", startTime: start,
            endTime: start + (span["duration"] as? Int64 ?? 0) * 1_000,
            warnings: span["warnings"] as? [String] ?? [],
            resource: processes[span["processID"] as? String ?? ""] ?? Resource())
        for attribute in attributes(v1: span["tags"]) {
            switch (attribute.key, attribute.value) {
            case ("span.kind", .string(let name)):
                result.kind = SpanKind.allCases.first { "\($0)" == name } ?? .unspecified
            case ("otel.scope.name", .string(let name)): result.scope.name = name
            case ("otel.scope.version", .string(let version)): result.scope.version = version
            case ("otel.status_code", .string("ERROR")): result.status.code = .error
            case ("otel.status_description", .string(let text)): result.status.message = text
            case ("error", .bool(true)): break
            default: result.attributes.append(attribute)
            }
        }
        for reference in span["references"] as? [[String: Any]] ?? [] {
            let target = SpanID(id(reference["spanID"]))
            if reference["refType"] as? String == "CHILD_OF", result.parentSpanID == .none {
                result.parentSpanID = target
            } else {
                result.links.append(Link(traceID: traceID(reference["traceID"]), spanID: target))
            }
        }
        result.events = (span["logs"] as? [[String: Any]] ?? []).map { log in
            let fields = attributes(v1: log["fields"])
            var name = ""
            if case .string(let text) = fields["event"] { name = text }
            return Event(
                time: (log["timestamp"] as? Int64 ?? 0) * 1_000, name: name,
                attributes: fields.filter { $0.key != "event" })
        }
        return result
    }

    private static func attributes(v1 tags: Any?) -> [Attribute] {
        (tags as? [[String: Any]] ?? []).map { tag in
            let value: AttributeValue =
                switch (tag["type"] as? String, tag["value"]) {
                case ("bool", let value as Bool): .bool(value)
                case ("int64", let value as String): .int(Int64(value) ?? 0)
                case ("int64", let value as Int64): .int(value)
                case ("float64", let value as Double): .double(value)
                case (_, let value as String): .string(value)
                default: .empty
                }
            return Attribute(tag["key"] as? String ?? "", value)
        }
    }

    // MARK: OTLP

    private static func traces(otlp body: [String: Any]) -> [TraceID: Trace] {
        var traces: [TraceID: Trace] = [:]
        for group in body["resourceSpans"] as? [[String: Any]] ?? [] {
            let resource = Resource(
                attributes: attributes((group["resource"] as? [String: Any])?["attributes"]))
            for scoped in group["scopeSpans"] as? [[String: Any]] ?? [] {
                let named = scoped["scope"] as? [String: Any] ?? [:]
                let scope = Scope(
                    name: named["name"] as? String ?? "",
                    version: named["version"] as? String ?? "")
                for object in scoped["spans"] as? [[String: Any]] ?? [] {
                    var span = span(otlp: object)
                    span.resource = resource
                    span.scope = scope
                    traces[span.traceID, default: Trace(id: span.traceID)].spans.append(span)
                }
            }
        }
        return traces
    }

    private static func span(otlp span: [String: Any]) -> Span {
        let status = span["status"] as? [String: Any] ?? [:]
        var result = Span(
            traceID: traceID(span["traceId"]), spanID: SpanID(id(span["spanId"])),
            parentSpanID: SpanID(id(span["parentSpanId"])), name: span["name"] as? String ?? "",
            kind: SpanKind(rawValue: UInt8(span["kind"] as? Int ?? 0)) ?? .unspecified,
            startTime: time(span["startTimeUnixNano"]), endTime: time(span["endTimeUnixNano"]),
            attributes: attributes(span["attributes"]),
            status: Status(
                code: .init(rawValue: UInt8(status["code"] as? Int ?? 0)) ?? .unset,
                message: status["message"] as? String ?? ""))
        if case .array(let texts) = result.attributes["@jaeger@warnings"] {
            result.warnings = texts.compactMap {
                if case .string(let text) = $0 { text } else { nil }
            }
        }
        result.attributes.removeAll { $0.key == "@jaeger@warnings" }
        result.events = (span["events"] as? [[String: Any]] ?? []).map {
            Event(
                time: time($0["timeUnixNano"]), name: $0["name"] as? String ?? "",
                attributes: attributes($0["attributes"]))
        }
        result.links = (span["links"] as? [[String: Any]] ?? []).map {
            Link(traceID: traceID($0["traceId"]), spanID: SpanID(id($0["spanId"])))
        }
        return result
    }

    private static func time(_ value: Any?) -> Int64 { Int64(value as? String ?? "") ?? 0 }

    private static func attributes(_ list: Any?) -> [Attribute] {
        (list as? [[String: Any]] ?? []).map {
            Attribute($0["key"] as? String ?? "", value($0["value"] as? [String: Any] ?? [:]))
        }
    }

    private static func value(_ object: [String: Any]) -> AttributeValue {
        if let text = object["stringValue"] as? String { return .string(text) }
        if let flag = object["boolValue"] as? Bool { return .bool(flag) }
        if let number = object["intValue"] as? String { return .int(Int64(number) ?? 0) }
        if let number = object["intValue"] as? Int64 { return .int(number) }
        if let number = object["doubleValue"] as? Double { return .double(number) }
        if let list = object["arrayValue"] as? [String: Any] {
            return .array((list["values"] as? [[String: Any]] ?? []).map(value))
        }
        return .empty
    }
}
