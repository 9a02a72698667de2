import Clusters
import Foundation
import Spans
import Synchronization
import TestSupport
import TimeSeries

/// A small span of a store in memory.
struct CannedSpan: Sendable {
    /// Hexadecimal digits.
    var trace: String
    var id: UInt64
    var parent: UInt64 = 0
    var service: String
    var name = "work"
    var kind = SpanKind.server
    /// Microseconds since 1970.
    var start: Int64
    var duration: Int64 = 1000

    var traceID: String {
        String(repeating: "0", count: max(0, 32 - trace.count)) + trace
    }
}

/// A Jaeger with a store in memory, which speaks the generations that it is told to and remembers
/// what it was asked. A script may come before what it would do.
final class CannedJaeger: Sendable {
    typealias Script = @Sendable (ScriptedServer.Request) -> ScriptedServer.Behaviour?

    private struct State: Sendable {
        var spans: [CannedSpan]
        var generations: Set<JaegerGeneration>
        var script: Script?
        var asked: [String] = []
    }

    private let state: Mutex<State>
    private let server: ScriptedServer

    init(
        _ spans: [CannedSpan] = [], speaking generations: Set<JaegerGeneration> = [.v1, .v3],
        _ script: Script? = nil
    ) throws {
        let state = Mutex(State(spans: spans, generations: generations, script: script))
        let server = try ScriptedServer { _ in .answer(status: 500, type: "text/plain", body: "") }
        self.state = state
        self.server = server
        server.setScript { [weak self] request in
            self?.behaviour(request) ?? .answer(status: 503, type: "text/plain", body: "over")
        }
    }

    deinit { server.end() }

    var address: String { server.address }

    /// Path and query string of each request, decoded.
    var asked: [String] { state.withLock { $0.asked } }

    func asked(containing text: String) -> Int { asked.count { $0.contains(text) } }

    func speak(_ generations: Set<JaegerGeneration>) {
        state.withLock { $0.generations = generations }
    }

    func script(_ script: Script?) { state.withLock { $0.script = script } }

    func cluster(
        _ name: String, generation: JaegerGeneration? = nil, timeout: Duration = .seconds(30),
        maintenance: Bool = false
    ) -> Cluster {
        Cluster(
            id: ClusterID(name), externalLabels: ["cluster": name],
            prometheus: Service(urls: ["http://127.0.0.1:9"]),
            jaeger: Service(urls: [address], timeout: timeout), jaegerGeneration: generation,
            maintenance: maintenance)
    }

    // MARK: Answers

    private func behaviour(_ request: ScriptedServer.Request) -> ScriptedServer.Behaviour {
        let (spans, generations, script) = state.withLock { state in
            state.asked.append(
                "\(request.method) \(request.path)?\(request.form)".trimmingCharacters(
                    in: ["&", "?"]))
            return (state.spans, state.generations, state.script)
        }
        if let behaviour = script?(request) { return behaviour }
        let parameters = Self.parameters(request.form)
        let path = request.path.split(separator: "/").map(String.init)
        if path.starts(with: ["api", "v3"]) {
            guard generations.contains(.v3) else { return Self.noEndpoint }
            return Self.third(Array(path.dropFirst(2)), parameters, spans)
        }
        return Self.first(
            Array(path.dropFirst()), parameters, spans, isWhole: generations.contains(.v1))
    }

    private static let noEndpoint = ScriptedServer.Behaviour.answer(
        status: 404, type: "text/plain; charset=utf-8", body: "404 page not found\n")

    private static func parameters(_ form: String) -> [(name: String, value: String)] {
        form.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
        }
    }

    private static func json(_ body: String) -> ScriptedServer.Behaviour {
        .answer(status: 200, type: "application/json", body: body)
    }

    /// The ids of the traces that have a matching span, the latest first.
    private static func found(
        _ spans: [CannedSpan], service: String?, limit: Int
    ) -> [String] {
        var starts: [String: Int64] = [:]
        for span in spans where service == nil || span.service == service {
            starts[span.traceID] = max(starts[span.traceID] ?? .min, span.start)
        }
        return starts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit).map(\.key)
    }

    // MARK: v1

    static func envelope(_ data: String, errors: String = "null") -> String {
        #"{"data":\#(data),"total":0,"limit":0,"offset":0,"errors":\#(errors)}"#
    }

    private static func first(
        _ path: [String], _ parameters: [(name: String, value: String)], _ spans: [CannedSpan],
        isWhole: Bool
    ) -> ScriptedServer.Behaviour {
        let value = { (name: String) in parameters.first { $0.name == name }?.value }
        switch path.first {
        case "traces" where path.count == 2:
            let id = path[1]
            let held = spans.filter { $0.traceID == id }
            if held.isEmpty { return notFound }
            return json(envelope("[\(first(id, held))]"))
        case "dependencies": return json(envelope(dependencies(spans)))
        case "archive" where path.count == 2:
            let id = path[1]
            return spans.contains { $0.traceID == id }
                ? json(envelope("[]", errors: "[]")) : notFound
        case "services" where isWhole:
            return json(envelope(list(Set(spans.map(\.service)))))
        case "operations" where isWhole:
            let service = value("service")
            let operations = Set(
                spans.filter { $0.service == service }.map {
                    #"{"name":"\#($0.name)","spanKind":"\#($0.kind)"}"#
                })
            return json(envelope("[\(operations.sorted().joined(separator: ","))]"))
        case "traces" where isWhole:
            var ids = parameters.filter { $0.name == "traceID" }.map(\.value)
            if ids.isEmpty {
                ids = found(
                    spans, service: value("service"), limit: Int(value("limit") ?? "") ?? 100)
            }
            let traces = ids.compactMap { id -> String? in
                let held = spans.filter { $0.traceID == id }
                return held.isEmpty ? nil : first(id, held)
            }
            return json(envelope("[\(traces.joined(separator: ","))]"))
        default: return noEndpoint
        }
    }

    static let notFound = ScriptedServer.Behaviour.answer(
        status: 404, type: "text/plain; charset=utf-8",
        body: envelope("null", errors: #"[{"code":404,"msg":"trace not found"}]"#) + "\n")

    private static func list(_ names: Set<String>) -> String {
        "[\(names.sorted().map { "\"\($0)\"" }.joined(separator: ","))]"
    }

    static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func first(_ id: String, _ spans: [CannedSpan]) -> String {
        let shown = id.hasPrefix("0000000000000000") ? String(id.suffix(16)) : id
        let services = Set(spans.map(\.service)).sorted()
        let processes = services.enumerated().map {
            #""p\#($0.offset + 1)":{"serviceName":"\#($0.element)","tags":[]}"#
        }
        let texts = spans.map { span in
            let parent =
                span.parent == 0
                ? ""
                : #"{"refType":"CHILD_OF","traceID":"\#(shown)","spanID":"\#(hexadecimal(span.parent))"}"#
            let process = (services.firstIndex(of: span.service) ?? 0) + 1
            return #"{"traceID":"\#(shown)","spanID":"\#(hexadecimal(span.id))","#
                + #""operationName":"\#(span.name)","references":[\#(parent)],"#
                + #""startTime":\#(span.start),"duration":\#(span.duration),"#
                + #""tags":[{"key":"span.kind","type":"string","value":"\#(span.kind)"}],"#
                + #""logs":[],"processID":"p\#(process)","warnings":null}"#
        }
        return #"{"traceID":"\#(shown)","spans":[\#(texts.joined(separator: ","))],"#
            + #""processes":{\#(processes.joined(separator: ","))},"warnings":null}"#
    }

    private static func dependencies(_ spans: [CannedSpan]) -> String {
        var counts: [String: Int] = [:]
        for span in spans {
            guard
                let parent = spans.first(where: {
                    $0.id == span.parent && $0.traceID == span.traceID
                })
            else { continue }
            counts[#""parent":"\#(parent.service)","child":"\#(span.service)""#, default: 0] += 1
        }
        let edges = counts.sorted { $0.key < $1.key }.map {
            "{\($0.key),\"callCount\":\($0.value)}"
        }
        return "[\(edges.joined(separator: ","))]"
    }

    // MARK: v3

    private static let noTraces = ScriptedServer.Behaviour.answer(
        status: 404, type: "text/plain; charset=utf-8",
        body: #"{"error":{"httpCode":404,"message":"No traces found"}}"# + "\n")

    private static func third(
        _ path: [String], _ parameters: [(name: String, value: String)], _ spans: [CannedSpan]
    ) -> ScriptedServer.Behaviour {
        let value = { (name: String) in parameters.first { $0.name == name }?.value }
        switch path.first {
        case "services": return json("{\"services\":\(list(Set(spans.map(\.service))))}")
        case "operations":
            let service = value("service")
            let operations = Set(
                spans.filter { $0.service == service }.map {
                    #"{"name":"\#($0.name)","spanKind":"\#($0.kind)"}"#
                })
            return json("{\"operations\":[\(operations.sorted().joined(separator: ","))]}")
        case "traces":
            var ids = path.count == 2 ? [path[1]] : []
            if ids.isEmpty {
                ids = found(
                    spans, service: value("query.serviceName"),
                    limit: Int(value("query.searchDepth") ?? "") ?? 100)
            }
            let held = ids.flatMap { id in spans.filter { $0.traceID == id } }
            if held.isEmpty { return noTraces }
            return json(
                "{\"result\":{\"resourceSpans\":[\(held.map(third).joined(separator: ","))]}}")
        default: return noEndpoint
        }
    }

    private static func third(_ span: CannedSpan) -> String {
        let parent = span.parent == 0 ? "" : #""parentSpanId":"\#(hexadecimal(span.parent))","#
        return #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"#
            + #""\#(span.service)"}}]},"scopeSpans":[{"scope":{},"spans":[{"traceId":"#
            + #""\#(span.traceID)","spanId":"\#(hexadecimal(span.id))",\#(parent)"name":"#
            + #""\#(span.name)","kind":\#(span.kind.rawValue),"startTimeUnixNano":"#
            + #""\#(span.start * 1000)","endTimeUnixNano":"\#((span.start + span.duration) * 1000)","#
            + #""status":{}}]}]}"#
    }
}
