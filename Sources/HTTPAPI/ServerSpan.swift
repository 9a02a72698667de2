import HTTPTypes
import Telemetry
import Tracing

/// The span of one request to the server, and the trace that the request is part of.
final class ServerSpan: Sendable {
    private let span: TracedSpan
    /// What the span is made of at its end, if it is recorded.
    private let head: HTTPRequest
    private let client: String?

    /// `client` is the address at the other end of the connection.
    init(_ head: HTTPRequest, _ tracer: GatewayTracer, client: String?) {
        var context = ServiceContext.topLevel
        let headers = TraceHeaderFields.carrier(head.headerFields)
        if !headers.isEmpty {
            tracer.extract(headers, into: &context, using: TraceHeaderFields())
        }
        span = tracer.startSpan(head.method.rawValue, context: context, ofKind: .server)
        self.head = head
        self.client = client
    }

    /// Where what is done for the request belongs.
    var context: ServiceContext { span.context }

    /// Names the trace in an answer: its id, and W3C `traceresponse` where the span is recorded.
    func addHeaders(to fields: inout HTTPFields) {
        fields[.traceID] = span.trace.traceText
        if let response = span.responseHeader { fields[.traceResponse] = response }
    }

    /// Ends the span; `route` is the route's template, nil where there is none.
    func end(route: String?, code: Int, bytes: Int, failure: Answer.Failure?) {
        guard span.isRecording else { return }
        let method = head.method.rawValue
        if let route { span.operationName = "\(method) \(route)" }
        var attributes = SpanAttributes([:])
        attributes.reserveCapacity(24)
        addTarget(to: &attributes)
        attributes["http.method"] = method
        attributes["http.request.method"] = method
        attributes["http.status_code"] = code
        attributes["http.response.status_code"] = code
        attributes["http.response.body.size"] = bytes
        if let route { attributes["http.route"] = route }
        if let userAgent = head.headerFields[.userAgent] {
            attributes["user_agent.original"] = userAgent
        }
        if let client { attributes["client.address"] = client }
        if code >= 500 { attributes["error.type"] = failure?.type ?? String(code) }
        span.attributes = attributes
        if let failure { span.addException(type: failure.type, message: failure.message) }
        if code >= 500 {
            span.setStatus(SpanStatus(code: .error, message: failure?.message))
        }
        span.end()
    }

    /// The address that was asked, under its old and its present names.
    private func addTarget(to attributes: inout SpanAttributes) {
        let shown = ShownTarget(head.path ?? "/")
        // What stands before the host is a user's name and password.
        let host = (head.authority ?? "").split(separator: "@").last.map(String.init) ?? ""
        attributes["http.target"] = shown.text
        attributes["url.path"] = shown.path
        if let query = shown.query { attributes["url.query"] = query }
        attributes["url.scheme"] = "http"
        guard !host.isEmpty else { return }
        attributes["http.url"] = "http://\(host)\(shown.text)"
        attributes["url.full"] = "http://\(host)\(shown.text)"
        let colon = host.last == "]" ? nil : host.lastIndex(of: ":")
        attributes["server.address"] = String(host[..<(colon ?? host.endIndex)])
        if let colon, let port = Int(host[host.index(after: colon)...]) {
            attributes["server.port"] = port
        }
    }
}

/// Headers of a request that say which trace it is part of.
private struct TraceHeaderFields: Extractor {
    private static let names: Set<String> = [
        "traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled",
        "x-b3-flags",
    ]

    /// They by their names in lower case. Those that are there twice become a list, as HTTP has it,
    /// which only `tracestate` may be.
    static func carrier(_ fields: HTTPFields) -> [String: String] {
        var carrier: [String: String] = [:]
        for field in fields {
            let name = field.name.canonicalName
            guard name.utf8.count <= 12, names.contains(name) else { continue }
            carrier[name] = carrier[name].map { "\($0),\(field.value)" } ?? field.value
        }
        return carrier
    }

    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}

extension HTTPField.Name {
    static let traceID = HTTPField.Name.validated("X-Isthmus-Trace-Id")
    static let traceResponse = HTTPField.Name.validated("traceresponse")
}
