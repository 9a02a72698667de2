import Foundation
import TestSupport

/// A Jaeger of API v3 that holds spans in OTLP, searched as Jaeger's memory storage does it: all
/// conditions of one span, whole traces, the latest first. It corrects nothing.
final class JaegerStore: Sendable {
    private let server: ScriptedServer

    typealias Object = [String: Any]

    /// A span with what is around it.
    private struct Stored: Sendable {
        var trace: String
        var id: String
        var parent: String
        var service: String
        var name: String
        var kind: Int
        var start: Int64
        var end: Int64
        /// `key=value`
        var attributes: Set<String>
        /// The element of `resourceSpans` that holds it alone.
        var json: String
    }

    private static let kinds = ["", "internal", "server", "client", "producer", "consumer"]

    init(holding otlp: Data) throws {
        let spans = try Self.spans(in: otlp)
        server = try ScriptedServer { Self.answer($0, spans) }
    }

    deinit { server.end() }

    var address: String { server.address }

    /// From now on it breaks every connection.
    func breakDown() { server.setScript { _ in .reset(afterBytes: 0) } }

    // MARK: Reading

    private static func spans(in otlp: Data) throws -> [Stored] {
        let document = try JSONSerialization.jsonObject(with: otlp) as? Object ?? [:]
        var spans: [Stored] = []
        for resource in document["resourceSpans"] as? [Object] ?? [] {
            let recorder = resource["resource"] as? Object ?? [:]
            let service =
                attributes(recorder).first { $0.hasPrefix("service.name=") }?
                .dropFirst("service.name=".count) ?? ""
            for scoped in resource["scopeSpans"] as? [Object] ?? [] {
                for span in scoped["spans"] as? [Object] ?? [] {
                    let alone: Object = [
                        "resource": recorder,
                        "scopeSpans": [["scope": scoped["scope"] ?? Object(), "spans": [span]]],
                    ]
                    spans.append(
                        Stored(
                            trace: span["traceId"] as? String ?? "",
                            id: span["spanId"] as? String ?? "",
                            parent: span["parentSpanId"] as? String ?? "",
                            service: String(service), name: span["name"] as? String ?? "",
                            kind: span["kind"] as? Int ?? 0, start: time(span, "startTimeUnixNano"),
                            end: time(span, "endTimeUnixNano"), attributes: attributes(span),
                            json: String(
                                decoding: try JSONSerialization.data(withJSONObject: alone),
                                as: UTF8.self)))
                }
            }
        }
        return spans
    }

    private static func time(_ span: Object, _ name: String) -> Int64 {
        Int64("\(span[name] ?? "")") ?? 0
    }

    private static func attributes(_ object: Object) -> Set<String> {
        Set(
            (object["attributes"] as? [Object] ?? []).map { attribute in
                let value = (attribute["value"] as? Object)?.values.first
                return "\(attribute["key"] ?? "")=\(value ?? "")"
            })
    }

    // MARK: Answering

    private static func answer(
        _ request: ScriptedServer.Request, _ spans: [Stored]
    ) -> ScriptedServer.Behaviour {
        var parameters: [String: String] = [:]
        for pair in request.form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            // Both spellings are one.
            let name = (parts.first ?? "").replacing("_", with: "").lowercased()
            parameters[name] = parts.count > 1 ? parts[1] : ""
        }
        switch request.path {
        case "/api/v3/services":
            let names = Set(spans.map(\.service)).sorted()
            return json(["services": names])
        case "/api/v3/operations":
            let kind = parameters["spankind"] ?? ""
            let operations = Set(
                spans.filter {
                    $0.service == parameters["service"] && (kind.isEmpty || kinds[$0.kind] == kind)
                }.map { [$0.name, kinds[$0.kind]] })
            return json([
                "operations": operations.map { ["name": $0[0], "spanKind": $0[1]] }
            ])
        case "/api/v3/traces": return traces(found(spans, parameters), spans)
        case "/api/dependencies": return json(["data": dependencies(spans), "errors": NSNull()])
        default:
            let prefix = "/api/v3/traces/"
            guard request.path.hasPrefix(prefix) else {
                return .answer(status: 404, type: "text/plain", body: "404 page not found\n")
            }
            return traces([String(request.path.dropFirst(prefix.count))], spans)
        }
    }

    private static func found(_ spans: [Stored], _ parameters: [String: String]) -> [String] {
        func condition(_ name: String, _ holds: (String) -> Bool) -> Bool {
            parameters["query.\(name)"].map { $0.isEmpty || holds($0) } ?? true
        }
        let attributes =
            parameters["query.attributes"].flatMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String]
            } ?? [:]
        let matching = spans.filter { span in
            condition("servicename") { span.service == $0 }
                && condition("operationname") { span.name == $0 }
                // The recordings know this length alone.
                && condition("durationmin") { _ in span.end - span.start >= 100_000_000 }
                && attributes.allSatisfy { span.attributes.contains("\($0.key)=\($0.value)") }
        }
        var latest: [String: Int64] = [:]
        for span in matching { latest[span.trace] = max(latest[span.trace] ?? 0, span.start) }
        let sorted = latest.sorted { $0.value > $1.value }.map(\.key)
        return Array(sorted.prefix(Int(parameters["query.searchdepth"] ?? "") ?? 100))
    }

    private static func traces(_ ids: [String], _ spans: [Stored]) -> ScriptedServer.Behaviour {
        let wanted = Set(ids)
        let held = spans.filter { wanted.contains($0.trace) }
        if held.isEmpty {
            return .answer(
                status: 404, type: "text/plain",
                body: #"{"error":{"httpCode":404,"message":"No traces found"}}"#)
        }
        let list = held.map(\.json).joined(separator: ",")
        return .answer(
            status: 200, type: "application/json",
            body: #"{"result":{"resourceSpans":[\#(list)]}}"#)
    }

    /// The calls whose both sides are here.
    private static func dependencies(_ spans: [Stored]) -> [Object] {
        var services: [String: String] = [:]
        for span in spans { services[span.trace + span.id] = span.service }
        var seen: Set<String> = []
        var counts: [[String]: Int] = [:]
        for span in spans where seen.insert(span.trace + span.id + span.service).inserted {
            guard let parent = services[span.trace + span.parent] else { continue }
            counts[[parent, span.service], default: 0] += 1
        }
        return counts.map { ["parent": $0.key[0], "child": $0.key[1], "callCount": $0.value] }
    }

    private static func json(_ object: Object) -> ScriptedServer.Behaviour {
        let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
        return .answer(
            status: 200, type: "application/json", body: String(decoding: data, as: UTF8.self))
    }
}
