import Spans
import TestSupport

/// Fragments that no recorder would leave: few ids for many spans, circles, all kinds of collisions,
/// copies that differ, warnings of every sort. Each different span has an attribute of its own.
struct TraceChaos {
    var random: SeededGenerator
    private var count = 0
    private let texts = [
        "odd", "trace has more than 5 spans, showing first 5 spans only",
        "parent span ID=0000000000000009 is not in the trace; skipping clock skew adjustment",
        "This span's timestamps were adjusted by 1.5ms", "Invalid span link removed",
        "duplicate span IDs; skipping clock skew adjustment",
        "conflicting values between Span and Resource for attribute telemetry.sdk.name",
    ]

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func chance(_ one: Int) -> Bool {
        Int.random(in: 0..<one, using: &random) == 0
    }

    private mutating func attributes() -> [Attribute] {
        var list: [Attribute] = []
        for key in ["a", "b", "ip", "telemetry.sdk.name", "Z"] where chance(3) {
            list.append(
                Attribute(
                    key,
                    [.int(1), .int(2), .string("x"), .bool(true)][
                        Int.random(in: 0..<4, using: &random)]))
        }
        return list.shuffled(using: &random)
    }

    private mutating func span() -> Span {
        count += 1
        let start = Int64.random(in: 0..<6, using: &random) * 10_000
        var span = Span(
            traceID: TraceID(high: 3, low: 4),
            spanID: SpanID(UInt64.random(in: 1..<12, using: &random)),
            parentSpanID: SpanID(UInt64.random(in: 0..<12, using: &random)), name: "n",
            kind: SpanKind.allCases.randomElement(using: &random) ?? .client, startTime: start,
            endTime: start + Int64.random(in: 0..<4, using: &random) * 10_000,
            attributes: attributes() + [Attribute("input.\(count)", .int(Int64(count)))],
            resource: Resource(
                attributes: [
                    Attribute(
                        "service.name", .string(["x", "y"].randomElement(using: &random) ?? ""))
                ] + attributes()))
        if chance(3) { span.name = "m" }
        if chance(3) { span.status = Status(code: .error, message: "failed") }
        for number in 0..<Int.random(in: 0..<3, using: &random) {
            span.events.append(
                Event(time: Int64(10 - number) * 10_000, name: "e", attributes: attributes()))
        }
        if chance(4) { span.links.append(Link(traceID: .none, spanID: SpanID(1))) }
        if chance(4) {
            span.links.append(
                Link(
                    traceID: TraceID(high: 0, low: 8), spanID: SpanID(2),
                    attributes: [Attribute("why", .int(Int64(count)))]))
        }
        if chance(3) {
            let host = ["h1", "h2"].randomElement(using: &random) ?? ""
            span.resource.attributes.append(Attribute("host.name", .string(host)))
        }
        if chance(5) { span.resource.attributes.append(Attribute("cluster", .string("blue"))) }
        for text in texts where chance(8) { span.warnings.append(text) }
        return span
    }

    mutating func fragments() -> [TraceFragment] {
        var parts = GeneratedTrace.clusters.map {
            TraceFragment(cluster: $0, trace: Trace(id: TraceID(high: 3, low: 4)))
        }
        for _ in 0..<Int.random(in: 1..<30, using: &random) {
            let span = span()
            for place in parts.indices where chance(2) { parts[place].trace.spans.append(span) }
            guard chance(3) else { continue }
            // A copy that says something else.
            var copy = self.span()
            (copy.spanID, copy.kind) = (span.spanID, span.kind)
            (copy.startTime, copy.endTime) = (span.startTime, span.endTime)
            parts[Int.random(in: parts.indices, using: &random)].trace.spans.append(copy)
        }
        return parts
    }
}
