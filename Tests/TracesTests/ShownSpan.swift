import JaegerAPI
import Spans

/// A span as far as answers of the union and of the gateway must agree: without the gateway's
/// cluster tags, and without an order where there is none.
struct ShownSpan: Hashable, CustomStringConvertible {
    var id: String
    var parent: String
    var name: String
    var kind: Int64
    var start: Int64
    var end: Int64
    var attributes: Set<String>
    var events: Set<String>
    var links: Set<String>
    var status: String
    var resource: Set<String>
    var scope: String
    var warnings: Set<String>

    var description: String {
        "\(name) \(id) of \(parent) from \(start) to \(end), \(attributes.sorted()) "
            + "\(resource.sorted()) \(warnings.sorted())"
    }

    /// A span of the gateway's.
    init(_ span: Span) {
        id = span.spanID.hexadecimal
        parent = span.parentSpanID == .none ? "" : span.parentSpanID.hexadecimal
        name = span.name
        kind = Int64(span.kind.rawValue)
        (start, end) = (span.startTime, span.endTime)
        attributes = Self.texts(span.attributes.filter { $0.key != "isthmus.clusters" })
        events = Set(
            span.events.map { event in
                "\(event.name) \(event.time) \(Self.texts(event.attributes).sorted())"
            })
        links = Set(span.links.map { "\($0.traceID.hexadecimal) \($0.spanID.hexadecimal)" })
        status = "\(span.status.code.rawValue) \(span.status.message)"
        resource = Self.texts(span.resource.attributes.filter { $0.key != "cluster" })
        scope = "\(span.scope.name) \(span.scope.version)"
        warnings = Set(span.warnings)
    }

    private static func texts(_ attributes: [Attribute]) -> Set<String> {
        Set(
            attributes.map { attribute in
                let value =
                    switch attribute.value {
                    case .string(let text): text
                    case .bool(let flag): "\(flag)"
                    case .int(let number): "\(number)"
                    case .double(let number): "\(number)"
                    default: "\(attribute.value)"
                    }
                return "\(attribute.key)=\(value)"
            })
    }

    // MARK: Recordings

    /// The spans of a recorded answer of API v3.
    static func all(inThird answer: JSONObject) -> Set<ShownSpan> {
        all(inResources: answer["result"]["resourceSpans"])
    }

    /// The spans in OTLP, by their traces.
    static func all(inResources list: JSONObject, ofTrace id: String? = nil) -> Set<ShownSpan> {
        var spans: Set<ShownSpan> = []
        for resource in list.elements {
            for scoped in resource["scopeSpans"].elements {
                for span in scoped["spans"].elements
                where id == nil || span["traceId"].text == id {
                    spans.insert(
                        ShownSpan(span, resource: resource["resource"], scope: scoped["scope"]))
                }
            }
        }
        return spans
    }

    private static let warningKey = "@jaeger@warnings"

    private init(_ span: JSONObject, resource: JSONObject, scope: JSONObject) {
        id = span["spanId"].text
        parent = span["parentSpanId"].text
        name = span["name"].text
        kind = span["kind"].number
        start = span["startTimeUnixNano"].number
        end = span["endTimeUnixNano"].number
        let all = span["attributes"].elements
        attributes = Self.texts(all.filter { $0["key"].text != Self.warningKey })
        events = Set(
            span["events"].elements.map { event in
                "\(event["name"].text) \(event["timeUnixNano"].number) "
                    + "\(Self.texts(event["attributes"].elements).sorted())"
            })
        links = Set(span["links"].elements.map { "\($0["traceId"].text) \($0["spanId"].text)" })
        status = "\(span["status"]["code"].number) \(span["status"]["message"].text)"
        self.resource = Self.texts(resource["attributes"].elements)
        self.scope = "\(scope["name"].text) \(scope["version"].text)"
        let said = all.first { $0["key"].text == Self.warningKey }
        warnings = Set(
            said?["value"]["arrayValue"]["values"].elements.map { $0["stringValue"].text } ?? [])
    }

    private static func texts(_ attributes: [JSONObject]) -> Set<String> {
        Set(
            attributes.map { attribute in
                let value = attribute["value"].members.first?.value ?? JSONObject("null")
                let text = (try? value.json()) ?? ""
                return "\(attribute["key"].text)=\(value.isText ? value.text : text)"
            })
    }
}
