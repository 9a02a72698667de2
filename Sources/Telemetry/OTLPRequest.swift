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
        let ours = spans.map { span in
            var span = span
            span.resource = resource
            span.scope = scope
            return span
        }
        // Each span names its own trace; the request is not about one.
        let elements = OTLPTraceText.bytes(of: Trace(id: .none, spans: ours))
        return Array(#"{"resourceSpans":["#.utf8) + elements + Array("]}".utf8)
    }
}
