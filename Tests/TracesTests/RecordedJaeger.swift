import Clusters
import Foundation
import Synchronization
import TestSupport
import TimeSeries

/// A Jaeger that answers what a real one answered. What that was not asked, it answers from the
/// spans that the real one held, as Jaeger's memory storage does.
final class RecordedJaeger: Sendable {
    private let server: ScriptedServer
    private let exchanges: [Key: Recordings.Exchange]
    private let traces: [StoredTrace]
    private let generations: Set<JaegerGeneration>

    /// What distinguishes answers.
    private struct Key: Hashable, Sendable {
        var path: String
        var parameters: Set<Recordings.Parameter>
    }

    /// One trace of the store.
    private struct StoredTrace: Sendable {
        var id: String
        var spans: [StoredSpan] = []
        /// What stands between the brackets of `resourceSpans`.
        var third: String

        var latest: Int64 { spans.map(\.start).max() ?? 0 }
    }

    private struct StoredSpan: Sendable {
        var service: String
        var name: String
        /// Nanoseconds since 1970.
        var start: Int64
        var duration: Int64
        /// `key=value`.
        var attributes: Set<String>
    }

    init(_ store: String, speaking generations: Set<JaegerGeneration>) throws {
        self.generations = generations
        exchanges = Dictionary(
            try Recordings.exchanges(store).map { exchange in
                let parameters = Self.canonical(exchange.parameters)
                return (Key(path: exchange.path, parameters: parameters), exchange)
            }, uniquingKeysWith: { first, _ in first })
        traces = try Self.traces(try Recordings.otlp(store))
        server = try ScriptedServer { _ in .answer(status: 500, type: "text/plain", body: "") }
        server.setScript { [weak self] request in
            self?.behaviour(request) ?? .answer(status: 503, type: "text/plain", body: "over")
        }
    }

    deinit { server.end() }

    func cluster(_ name: String) -> Cluster {
        Cluster(
            id: ClusterID(name), externalLabels: [:],
            prometheus: Service(urls: ["http://127.0.0.1:9"]),
            jaeger: Service(urls: [server.address]))
    }

    private static func traces(_ otlp: JSONObject) throws -> [StoredTrace] {
        var traces: [String: StoredTrace] = [:]
        for resource in otlp["resourceSpans"].elements {
            let service =
                resource["resource"]["attributes"].elements
                .first { $0["key"].text == "service.name" }?["value"]["stringValue"].text ?? ""
            for scoped in resource["scopeSpans"].elements {
                for span in scoped["spans"].elements {
                    let id = span["traceId"].text
                    var trace = traces[id] ?? StoredTrace(id: id, third: "")
                    let start = span["startTimeUnixNano"].number
                    trace.spans.append(
                        StoredSpan(
                            service: service, name: span["name"].text, start: start,
                            duration: span["endTimeUnixNano"].number - start,
                            attributes: try attributes(span)))
                    if !trace.third.isEmpty { trace.third += "," }
                    trace.third +=
                        "{\"resource\":\(try resource["resource"].json()),\"scopeSpans\":[{"
                        + "\"scope\":\(try scoped["scope"].json()),"
                        + "\"spans\":[\(try span.json())]}]}"
                    traces[id] = trace
                }
            }
        }
        // The latest first.
        return traces.values.sorted { $1.latest < $0.latest }
    }

    private static func attributes(_ span: JSONObject) throws -> Set<String> {
        Set(
            try span["attributes"].elements.map { attribute in
                let value = attribute["value"].members.first?.value ?? JSONObject("null")
                return "\(attribute["key"].text)=\(value.isText ? value.text : try value.json())"
            })
    }

    // MARK: Answers

    private func behaviour(_ request: ScriptedServer.Request) -> ScriptedServer.Behaviour {
        let isThird = request.path.hasPrefix("/api/v3/")
        // Later releases keep these of v1.
        let isKept =
            request.path.hasPrefix("/api/traces/") || request.path.hasPrefix("/api/dependencies")
        guard generations.contains(isThird ? .v3 : .v1) || isKept else {
            return .answer(status: 404, type: "text/plain", body: "404 page not found\n")
        }
        let parameters = Self.parameters(request)
        let asked = Self.canonical(parameters)
        let path = request.path
        if let exchange = exchanges[Key(path: path, parameters: asked)] {
            return .answer(
                status: exchange.status, type: exchange.contentType, body: exchange.body)
        }
        return isThird ? third(path, asked) : first(path, parameters, asked)
    }

    /// The parameters as they came: `ScriptedServer` has decoded them already.
    private static func parameters(_ request: ScriptedServer.Request) -> [Recordings.Parameter] {
        request.form.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return .init(name: parts[0], value: parts.count > 1 ? parts[1] : "")
        }
    }

    private static let aliases = [
        "query.service_name": "query.serviceName", "query.operation_name": "query.operationName",
        "query.start_time_min": "query.startTimeMin", "query.start_time_max": "query.startTimeMax",
        "query.search_depth": "query.searchDepth", "span_kind": "spanKind",
    ]

    /// What distinguishes answers: without what the stores make no difference of.
    private static func canonical(
        _ parameters: [Recordings.Parameter]
    ) -> Set<Recordings.Parameter> {
        var result: Set<Recordings.Parameter> = []
        for var parameter in parameters {
            parameter.name = aliases[parameter.name] ?? parameter.name
            switch parameter.name {
            case "raw", "rawTraces", "raw_traces", "query.rawTraces": continue
            case "limit" where parameter.value == "100": continue
            case "query.searchDepth" where parameter.value == "100": continue
            case "tag":
                let parts = parameter.value.split(separator: ":", maxSplits: 1)
                parameter = .init(name: "tags", value: "{\"\(parts[0])\":\"\(parts.last ?? "")\"}")
            default: break
            }
            result.insert(parameter)
        }
        return result
    }

    private func third(
        _ path: String, _ asked: Set<Recordings.Parameter>
    ) -> ScriptedServer.Behaviour {
        let found = held(
            path, prefix: "/api/v3/traces", asked, "query.serviceName", "query.searchDepth")
        guard !found.isEmpty else {
            return .answer(
                status: 404, type: "text/plain",
                body: #"{"error":{"httpCode":404,"message":"No traces found"}}"#)
        }
        let spans = found.map(\.third).joined(separator: ",")
        return .answer(
            status: 200, type: "application/json",
            body: #"{"result":{"resourceSpans":[\#(spans)]}}"#)
    }

    private func first(
        _ path: String, _ parameters: [Recordings.Parameter], _ asked: Set<Recordings.Parameter>
    ) -> ScriptedServer.Behaviour {
        let ids = parameters.filter { $0.name == "traceID" }.map(\.value)
        let found =
            ids.isEmpty
            ? held(path, prefix: "/api/traces", asked, "service", "limit")
            : traces.filter { ids.contains($0.id) }
        if found.isEmpty, path.hasPrefix("/api/traces/") { return CannedJaeger.notFound }
        let texts = found.map { FirstForm.trace($0.id, JSONObject("[\($0.third)]")) }
        return .answer(
            status: 200, type: "application/json",
            body: CannedJaeger.envelope("[\(texts.joined(separator: ","))]"))
    }

    private func held(
        _ path: String, prefix: String, _ asked: Set<Recordings.Parameter>, _ serviceName: String,
        _ limitName: String
    ) -> [StoredTrace] {
        if path.hasPrefix(prefix + "/") {
            let id = path.dropFirst(prefix.count + 1)
            return traces.filter { $0.id == id }
        }
        // v3's names begin with the prefix, v1's are shorter.
        func value(_ names: String...) -> String? {
            asked.first { names.contains($0.name) }?.value
        }
        let limit = Int(value(limitName) ?? "") ?? 100
        let service = value(serviceName) ?? ""
        let operation = value("operation", "query.operationName")
        let tags = JSONObject(value("tags", "query.attributes") ?? "{}").members
        // The recordings search for one length alone.
        let least: Int64 = value("minDuration", "query.durationMin") == "100ms" ? 100_000_000 : 0
        let found = traces.filter { trace in
            trace.spans.contains { span in
                span.service == service && span.duration >= least
                    && (operation == nil || span.name == operation)
                    && tags.allSatisfy { span.attributes.contains("\($0.name)=\($0.value.text)") }
            }
        }
        return Array(found.prefix(limit))
    }
}

/// v1's form of spans in OTLP, as far as the recordings have them.
private enum FirstForm {
    static func trace(_ id: String, _ resources: JSONObject) -> String {
        let shown = id.hasPrefix("0000000000000000") ? String(id.suffix(16)) : id
        var processes: [String] = []
        var spans: [String] = []
        for (index, resource) in resources.elements.enumerated() {
            let attributes = resource["resource"]["attributes"].elements
            let service = attributes.first { $0["key"].text == "service.name" }
            let others = attributes.filter { $0["key"].text != "service.name" }.map(tag)
            processes.append(
                #""p\#(index)":{"serviceName":"\#(service?["value"]["stringValue"].text ?? "")","#
                    + #""tags":[\#(others.joined(separator: ","))]}"#)
            for scoped in resource["scopeSpans"].elements {
                for one in scoped["spans"].elements {
                    spans.append(span(one, scoped["scope"], trace: shown, process: "p\(index)"))
                }
            }
        }
        return #"{"traceID":"\#(shown)","spans":[\#(spans.joined(separator: ","))],"#
            + #""processes":{\#(processes.joined(separator: ","))},"warnings":null}"#
    }

    private static let kinds = ["", "internal", "server", "client", "producer", "consumer"]

    private static func span(
        _ span: JSONObject, _ scope: JSONObject, trace: String, process: String
    ) -> String {
        let start = span["startTimeUnixNano"].number
        let duration = span["endTimeUnixNano"].number - start
        var references: [String] = []
        if span["parentSpanId"].isThere {
            references.append(reference("CHILD_OF", trace, span["parentSpanId"].text))
        }
        for link in span["links"].elements {
            let other = link["traceId"].text
            references.append(
                reference(
                    "FOLLOWS_FROM", other.hasSuffix(trace) ? trace : other, link["spanId"].text))
        }
        var tags = [
            text("otel.scope.name", scope["name"].text),
            text("otel.scope.version", scope["version"].text),
        ]
        tags += span["attributes"].elements.map(tag)
        tags.append(text("span.kind", kinds[Int(span["kind"].number)]))
        if span["status"]["code"].number == 2 {
            tags.append(#"{"key":"error","type":"bool","value":true}"#)
            tags.append(text("otel.status_code", "ERROR"))
            tags.append(text("otel.status_description", span["status"]["message"].text))
        }
        let logs = span["events"].elements.map { event in
            let fields =
                [text("event", event["name"].text)] + event["attributes"].elements.map(tag)
            return #"{"timestamp":\#(event["timeUnixNano"].number / 1000),"#
                + #""fields":[\#(fields.joined(separator: ","))]}"#
        }
        return #"{"traceID":"\#(trace)","spanID":"\#(span["spanId"].text)","#
            + #""operationName":"\#(span["name"].text)","#
            + #""references":[\#(references.joined(separator: ","))],"#
            + #""startTime":\#(start / 1000),"duration":\#(duration / 1000),"#
            + #""tags":[\#(tags.joined(separator: ","))],"logs":[\#(logs.joined(separator: ","))],"#
            + #""processID":"\#(process)","warnings":null}"#
    }

    private static func reference(_ type: String, _ trace: String, _ span: String) -> String {
        #"{"refType":"\#(type)","traceID":"\#(trace)","spanID":"\#(span)"}"#
    }

    private static func text(_ key: String, _ value: String) -> String {
        #"{"key":"\#(key)","type":"string","value":"\#(value)"}"#
    }

    private static func tag(_ attribute: JSONObject) -> String {
        let (key, value) = (attribute["key"].text, attribute["value"])
        for (name, type) in [("boolValue", "bool"), ("doubleValue", "float64")]
        where value[name].isThere {
            return
                #"{"key":"\#(key)","type":"\#(type)","value":\#((try? value[name].json()) ?? "")}"#
        }
        if value["intValue"].isThere {
            let number = value["intValue"].number
            let shown = number.magnitude < 1 << 53 ? "\(number)" : "\"\(number)\""
            return #"{"key":"\#(key)","type":"int64","value":\#(shown)}"#
        }
        return text(key, value["stringValue"].text)
    }
}
