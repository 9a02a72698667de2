import Foundation

/// A collector of traces that speaks OTLP over HTTP in JSON, and remembers what it was sent.
package final class CollectorServer: Sendable {
    private let server: FaultServer

    /// Answers with success unless `respond` says otherwise.
    package init(
        _ respond: @escaping FaultServer.Script = { _ in .answer(text: "{}") }
    ) throws {
        server = try FaultServer(respond)
    }

    package var url: String { server.url }
    package var facts: FaultServer.Facts { server.facts }
    package func stop() { server.stop() }
    package func open() { server.open() }

    /// The spans of all requests, in the order in which they came.
    package var spans: [CollectedSpan] { Self.spans(of: facts.requests) }

    /// Waits until the spans that have come satisfy `condition`.
    package func wait(
        until condition: @escaping @Sendable ([CollectedSpan]) -> Bool
    ) async {
        await server.wait { condition(Self.spans(of: $0.requests)) }
    }

    package static func spans(of requests: [FaultServer.Request]) -> [CollectedSpan] {
        requests.flatMap { CollectedSpan.all(in: Data($0.body)) }
    }
}

/// A span as a collector sees it.
package struct CollectedSpan: Sendable {
    package var traceID: String
    package var spanID: String
    /// Empty for a root.
    package var parentID: String
    package var name: String
    /// Numbered as in OTLP: 1 internal, 2 server, 3 client.
    package var kind: Int
    /// Nanoseconds since 1970.
    package var start: Int64
    package var end: Int64
    package var attributes: [String: String]
    package var resource: [String: String]
    package var events: [Event]
    /// The ids of the spans that it is linked to.
    package var links: [String]
    /// 0 for none, 1 for well, 2 for an error.
    package var status: Int
    package var message: String

    package struct Event: Sendable {
        package var name: String
        package var attributes: [String: String]
    }

    /// The spans of an `ExportTraceServiceRequest`.
    package static func all(in body: Data) -> [CollectedSpan] {
        let request = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any]
        return objects(request?["resourceSpans"]).flatMap { part in
            let resource = attributes(of: part["resource"] as? [String: Any])
            return objects(part["scopeSpans"]).flatMap { objects($0["spans"]) }
                .map { CollectedSpan($0, resource) }
        }
    }

    private init(_ span: [String: Any], _ resource: [String: String]) {
        func text(_ name: String) -> String { span[name] as? String ?? "" }
        let status = span["status"] as? [String: Any]
        traceID = text("traceId")
        spanID = text("spanId")
        parentID = text("parentSpanId")
        name = text("name")
        kind = span["kind"] as? Int ?? 0
        start = Int64(text("startTimeUnixNano")) ?? 0
        end = Int64(text("endTimeUnixNano")) ?? 0
        attributes = Self.attributes(of: span)
        self.resource = resource
        events = Self.objects(span["events"]).map {
            Event(name: $0["name"] as? String ?? "", attributes: Self.attributes(of: $0))
        }
        links = Self.objects(span["links"]).map { $0["spanId"] as? String ?? "" }
        self.status = status?["code"] as? Int ?? 0
        message = status?["message"] as? String ?? ""
    }

    private static func objects(_ value: Any?) -> [[String: Any]] {
        value as? [[String: Any]] ?? []
    }

    /// The attributes by name, each value as text.
    private static func attributes(of object: [String: Any]?) -> [String: String] {
        var result: [String: String] = [:]
        for attribute in objects(object?["attributes"]) {
            guard let key = attribute["key"] as? String,
                let value = (attribute["value"] as? [String: Any])?.values.first
            else { continue }
            result[key] = "\(value)"
        }
        return result
    }
}
