import Clusters
import Foundation
import JaegerAPI
import Spans

/// Where answers are read.
enum JaegerReading {
    typealias Object = [String: Any]

    static func services(_ body: [UInt8], _ g: JaegerGeneration) throws(UnfittingAnswer) -> [String]
    {
        let object = try object(body)
        guard let names = object[g == .v1 ? "data" : "services"] as? [String] else {
            if g == .v1, object["data"] is NSNull { return [] }
            throw .form("no list of services")
        }
        return names
    }

    static func operations(_ body: [UInt8], _ g: JaegerGeneration) throws(UnfittingAnswer)
        -> [Spans.Operation]
    {
        let object = try object(body)
        guard let list = object[g == .v1 ? "data" : "operations"] as? [Object] else {
            if g == .v1, object["data"] is NSNull { return [] }
            throw .form("no list of operations")
        }
        return list.map {
            Spans.Operation(
                name: $0["name"] as? String ?? "", kind: kind($0["spanKind"] as? String ?? ""))
        }
    }

    static func dependencies(_ body: [UInt8]) throws(UnfittingAnswer) -> [ServiceDependency] {
        let object = try object(body)
        guard let list = object["data"] as? [Object] else {
            if object["data"] is NSNull { return [] }
            throw .form("no list of dependencies")
        }
        return list.map {
            ServiceDependency(
                parent: $0["parent"] as? String ?? "", child: $0["child"] as? String ?? "",
                callCount: ($0["callCount"] as? NSNumber)?.uint64Value ?? 0)
        }
    }

    static func errorMessage(_ body: [UInt8]) -> String? {
        guard let object = try? object(body) else { return nil }
        if let errors = object["errors"] as? [Object] { return errors.first?["msg"] as? String }
        return (object["error"] as? Object)?["message"] as? String
    }

    static func traces(_ body: [UInt8], _ g: JaegerGeneration) throws(UnfittingAnswer) -> [Trace] {
        let object = try object(body)
        var spans: [Span] = []
        if g == .v1 {
            guard let data = object["data"] as? [Object] else {
                if object["data"] is NSNull { return [] }
                throw .form("no list of traces")
            }
            for trace in data { spans += first(trace) }
        } else {
            guard let result = object["result"] as? Object else { throw .form("no result") }
            for resource in result["resourceSpans"] as? [Object] ?? [] { spans += third(resource) }
        }
        var order: [TraceID] = []
        var byID: [TraceID: Trace] = [:]
        for span in spans {
            if byID[span.traceID] == nil {
                order.append(span.traceID)
                byID[span.traceID] = Trace(id: span.traceID)
            }
            byID[span.traceID]?.spans.append(span)
        }
        return order.compactMap { byID[$0] }
    }

    private static func first(_ trace: Object) -> [Span] {
        let processes = trace["processes"] as? [String: Object] ?? [:]
        return (trace["spans"] as? [Object] ?? []).map { object in
            let process = processes[object["processID"] as? String ?? ""] ?? [:]
            let resource = Resource(
                attributes: [
                    Attribute("service.name", .string(process["serviceName"] as? String ?? ""))
                ] + tags(process["tags"]))
            let all = tags(object["tags"])
            var span = Span(
                traceID: traceID(object["traceID"]), spanID: spanID(object["spanID"]),
                name: object["operationName"] as? String ?? "",
                startTime: number(object["startTime"]) * 1000,
                endTime: (number(object["startTime"]) + number(object["duration"])) * 1000,
                warnings: object["warnings"] as? [String] ?? [], resource: resource)
            for tag in all {
                switch (tag.key, tag.value) {
                case ("span.kind", .string(let word)): span.kind = kind(word)
                case ("otel.scope.name", .string(let name)): span.scope.name = name
                case ("otel.scope.version", .string(let name)): span.scope.version = name
                default: span.attributes.append(tag)
                }
            }
            for reference in object["references"] as? [Object] ?? [] {
                let id = spanID(reference["spanID"])
                let trace = traceID(reference["traceID"])
                if trace == span.traceID, span.parentSpanID == .none {
                    span.parentSpanID = id
                } else {
                    span.links.append(Link(traceID: trace, spanID: id))
                }
            }
            for log in object["logs"] as? [Object] ?? [] {
                let fields = tags(log["fields"])
                var event = Event(time: number(log["timestamp"]) * 1000, name: "")
                for field in fields {
                    if field.key == "event", case .string(let name) = field.value {
                        event.name = name
                    } else {
                        event.attributes.append(field)
                    }
                }
                span.events.append(event)
            }
            return span
        }
    }

    private static func tags(_ value: Any?) -> [Attribute] {
        (value as? [Object] ?? []).map { tag in
            let key = tag["key"] as? String ?? ""
            return switch tag["type"] as? String ?? "" {
            case "bool": Attribute(key, .bool(tag["value"] as? Bool ?? false))
            case "int64": Attribute(key, .int(number(tag["value"])))
            case "float64": Attribute(key, .double((tag["value"] as? NSNumber)?.doubleValue ?? 0))
            default: Attribute(key, .string(tag["value"] as? String ?? ""))
            }
        }
    }

    private static func third(_ object: Object) -> [Span] {
        let resource = Resource(
            attributes: attributes((object["resource"] as? Object)?["attributes"]))
        var spans: [Span] = []
        for scoped in object["scopeSpans"] as? [Object] ?? [] {
            let scope = scoped["scope"] as? Object ?? [:]
            for one in scoped["spans"] as? [Object] ?? [] {
                let status = one["status"] as? Object ?? [:]
                let said = (one["attributes"] as? [Object] ?? []).first {
                    $0["key"] as? String == "@jaeger@warnings"
                }
                let texts = ((said?["value"] as? Object)?["arrayValue"] as? Object)?["values"]
                spans.append(
                    Span(
                        traceID: traceID(one["traceId"]), spanID: spanID(one["spanId"]),
                        parentSpanID: spanID(one["parentSpanId"]),
                        name: one["name"] as? String ?? "",
                        kind: SpanKind(rawValue: UInt8(number(one["kind"]))) ?? .unspecified,
                        startTime: number(one["startTimeUnixNano"]),
                        endTime: number(one["endTimeUnixNano"]),
                        attributes: attributes(one["attributes"]).filter {
                            $0.key != "@jaeger@warnings"
                        },
                        events: (one["events"] as? [Object] ?? []).map {
                            Event(
                                time: number($0["timeUnixNano"]), name: $0["name"] as? String ?? "",
                                attributes: attributes($0["attributes"]))
                        },
                        links: (one["links"] as? [Object] ?? []).map {
                            Link(
                                traceID: traceID($0["traceId"]), spanID: spanID($0["spanId"]),
                                attributes: attributes($0["attributes"]))
                        },
                        status: Status(
                            code: Status.Code(rawValue: UInt8(number(status["code"]))) ?? .unset,
                            message: status["message"] as? String ?? ""),
                        warnings: (texts as? [Object] ?? []).compactMap {
                            $0["stringValue"] as? String
                        },
                        resource: resource,
                        scope: Scope(
                            name: scope["name"] as? String ?? "",
                            version: scope["version"] as? String ?? "")))
            }
        }
        return spans
    }

    private static func attributes(_ value: Any?) -> [Attribute] {
        (value as? [Object] ?? []).map { one in
            let value = one["value"] as? Object ?? [:]
            let key = one["key"] as? String ?? ""
            if let text = value["stringValue"] as? String { return Attribute(key, .string(text)) }
            if let flag = value["boolValue"] as? Bool { return Attribute(key, .bool(flag)) }
            if let int = value["intValue"] { return Attribute(key, .int(number(int))) }
            if let double = value["doubleValue"] as? NSNumber {
                return Attribute(key, .double(double.doubleValue))
            }
            return Attribute(key, .empty)
        }
    }

    private static func number(_ value: Any?) -> Int64 {
        if let text = value as? String { return Int64(text) ?? 0 }
        return (value as? NSNumber)?.int64Value ?? 0
    }

    private static func traceID(_ value: Any?) -> TraceID {
        let text = value as? String ?? ""
        return TraceID(
            high: UInt64(text.dropLast(16), radix: 16) ?? 0,
            low: UInt64(text.suffix(16), radix: 16) ?? 0)
    }

    private static func spanID(_ value: Any?) -> SpanID {
        SpanID(UInt64(value as? String ?? "", radix: 16) ?? 0)
    }

    private static func kind(_ word: String) -> SpanKind {
        SpanKind.allCases.first { "\($0)" == word } ?? .unspecified
    }

    private static func object(_ body: [UInt8]) throws(UnfittingAnswer) -> Object {
        guard let any = try? JSONSerialization.jsonObject(with: Data(body)),
            let object = any as? Object
        else { throw .form("it is no JSON object") }
        return object
    }
}
