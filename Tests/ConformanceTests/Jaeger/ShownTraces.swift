import Foundation

/// Answers of Jaeger's API as far as the gateway's and the union's must agree: without the gateway's
/// cluster tags, and without an order where there is none. The union repeats a warning each time that
/// the trace is read; it counts once.
enum ShownTraces {
    typealias Object = [String: Any]

    /// The traces of an answer of the older API, by their ids; each a set of lines, one for a span.
    static func older(_ body: Data) throws -> [String: Set<String>] {
        let answer = try object(body)
        var traces: [String: Set<String>] = [:]
        for trace in answer["data"] as? [Object] ?? [] {
            let processes = trace["processes"] as? [String: Object] ?? [:]
            let lines = try (trace["spans"] as? [Object] ?? []).map { span in
                var shown = span
                shown["tags"] = try list(span["tags"], without: "isthmus.clusters")
                shown["logs"] = try sorted(span["logs"])
                shown["references"] = try sorted(span["references"])
                shown["warnings"] = Set(span["warnings"] as? [String] ?? []).sorted()
                let process = processes[span["processID"] as? String ?? ""] ?? [:]
                shown["process"] = [
                    process["serviceName"] ?? "",
                    try list(process["tags"], without: "cluster").joined(),
                ]
                shown["processID"] = nil
                return try text(shown)
            }
            traces[trace["traceID"] as? String ?? "", default: []].formUnion(lines)
        }
        return traces
    }

    /// The same of an answer of API v3.
    static func third(_ body: Data) throws -> [String: Set<String>] {
        let answer = try object(body)
        var traces: [String: Set<String>] = [:]
        let result = answer["result"] as? Object ?? [:]
        for resource in result["resourceSpans"] as? [Object] ?? [] {
            let recorder = try list(
                (resource["resource"] as? Object)?["attributes"], without: "cluster")
            for scoped in resource["scopeSpans"] as? [Object] ?? [] {
                for span in scoped["spans"] as? [Object] ?? [] {
                    var shown = span
                    shown["attributes"] = try list(
                        once(span["attributes"]), without: "isthmus.clusters")
                    shown["resource"] = recorder
                    shown["scope"] = scoped["scope"]
                    traces[span["traceId"] as? String ?? "", default: []].insert(try text(shown))
                }
            }
        }
        return traces
    }

    /// The elements of the list of that name, each as a line.
    static func elements(_ body: Data, _ name: String) throws -> Set<String> {
        let list = try object(body)[name]
        return Set(try sorted(list))
    }

    static func object(_ body: Data) throws -> Object {
        try JSONSerialization.jsonObject(with: body) as? Object ?? [:]
    }

    /// The attributes, with each warning once.
    private static func once(_ attributes: Any?) -> [Object] {
        (attributes as? [Object] ?? []).map { attribute in
            guard attribute["key"] as? String == "@jaeger@warnings",
                let list = (attribute["value"] as? Object)?["arrayValue"] as? Object
            else { return attribute }
            let texts = (list["values"] as? [Object] ?? []).map { "\($0["stringValue"] ?? "")" }
            return ["key": "@jaeger@warnings", "value": Set(texts).sorted()]
        }
    }

    private static func list(_ value: Any?, without key: String) throws -> [String] {
        try (value as? [Object] ?? []).filter { $0["key"] as? String != key }.map(text).sorted()
    }

    private static func sorted(_ value: Any?) throws -> [String] {
        try (value as? [Any] ?? []).map(text).sorted()
    }

    private static func text(_ value: Any) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed]),
            as: UTF8.self)
    }
}
