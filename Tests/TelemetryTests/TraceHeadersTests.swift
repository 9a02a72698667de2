import Spans
import Telemetry
import TestSupport
import Testing
import Tracing

/// Which trace the headers of a request say it belongs to.
@Suite struct TraceHeadersTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var headers: [String: String]
        /// The trace's id, the parent's and whether it is recorded; nil for a trace of our own.
        var expected: TraceContext?
        var testDescription: String

        init(_ description: String, _ headers: [String: String], _ expected: TraceContext?) {
            testDescription = description
            self.headers = headers
            self.expected = expected
        }
    }

    private static let id = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"
    private static let sampled = TraceContext(
        traceID: id, spanID: SpanID(0xb7ad_6b71_6920_3331), isSampled: true)
    private static let unsampled = TraceContext(
        traceID: id, spanID: SpanID(0xb7ad_6b71_6920_3331), isSampled: false)
    private static let short = TraceContext(
        traceID: TraceID(high: 0, low: 0x8448_eb21_1c80_319c),
        spanID: SpanID(0xb7ad_6b71_6920_3331), isSampled: true)

    private static func stated(_ state: String) -> TraceContext {
        var context = sampled
        context.traceState = state
        return context
    }

    static let w3c: [Case] = [
        Case("recorded", ["traceparent": "00-\(trace)-\(span)-01"], sampled),
        Case("not recorded", ["traceparent": "00-\(trace)-\(span)-00"], unsampled),
        Case("other flags are no decision", ["traceparent": "00-\(trace)-\(span)-fe"], unsampled),
        Case("the random flag beside", ["traceparent": "00-\(trace)-\(span)-03"], sampled),
        Case("a later version", ["traceparent": "cc-\(trace)-\(span)-01"], sampled),
        Case(
            "a later version with more", ["traceparent": "cc-\(trace)-\(span)-01-what-is-new"],
            sampled),
        Case("a later version run on", ["traceparent": "cc-\(trace)-\(span)-01what"], nil),
        Case("version 00 with more", ["traceparent": "00-\(trace)-\(span)-01-x"], nil),
        Case("the forbidden version", ["traceparent": "ff-\(trace)-\(span)-01"], nil),
        Case("no version", ["traceparent": "\(trace)-\(span)-01"], nil),
        Case("upper case", ["traceparent": "00-\(trace.uppercased())-\(span)-01"], nil),
        Case(
            "no trace",
            ["traceparent": "00-\(String(repeating: "0", count: 32))-\(span)-01"], nil),
        Case("no span", ["traceparent": "00-\(trace)-0000000000000000-01"], nil),
        Case("a digit short", ["traceparent": "00-\(trace.dropLast())-\(span)-01"], nil),
        Case("no flags", ["traceparent": "00-\(trace)-\(span)"], nil),
        Case("no hexadecimal flags", ["traceparent": "00-\(trace)-\(span)-0g"], nil),
        Case("underscores", ["traceparent": "00_\(trace)_\(span)_01"], nil),
        Case("letters of more bytes", ["traceparent": "00-\(trace)-é7ad6b71692033-01"], nil),
        Case("empty", ["traceparent": ""], nil),
        Case(
            "huge", ["traceparent": "00-" + String(repeating: "a", count: 100_000)], nil),
    ]

    static let state: [Case] = [
        Case(
            "a state goes along",
            ["traceparent": "00-\(trace)-\(span)-01", "tracestate": "rojo=00f067aa0ba902b7"],
            stated("rojo=00f067aa0ba902b7")),
        Case(
            "empty members and blanks go",
            ["traceparent": "00-\(trace)-\(span)-01", "tracestate": " a=1 , ,b@c=x y,"],
            stated("a=1,b@c=x y")),
        Case(
            "a state that cannot be read is dropped, the trace is not",
            ["traceparent": "00-\(trace)-\(span)-01", "tracestate": "Rojo"], sampled),
        Case(
            "a state of too many members is dropped",
            [
                "traceparent": "00-\(trace)-\(span)-01",
                "tracestate": (0..<33).map { "k\($0)=1" }.joined(separator: ","),
            ], sampled),
        Case(
            "a state with line breaks is dropped",
            ["traceparent": "00-\(trace)-\(span)-01", "tracestate": "a=1\r\nX-Evil: 1"], sampled),
        Case("a state alone is nothing", ["tracestate": "rojo=1"], nil),
    ]

    static let b3: [Case] = [
        Case("single", ["b3": "\(trace)-\(span)-1"], sampled),
        Case("single with a parent", ["b3": "\(trace)-\(span)-1-05e3ac9a4f6e3b90"], sampled),
        Case("single for who looks", ["b3": "\(trace)-\(span)-d"], sampled),
        Case("single, not recorded", ["b3": "\(trace)-\(span)-0"], unsampled),
        Case("single of 64 bits", ["b3": "8448eb211c80319c-\(span)-1"], short),
        Case("single in upper case", ["b3": "\(trace.uppercased())-\(span)-1"], sampled),
        Case("single with an odd decision", ["b3": "\(trace)-\(span)-x"], nil),
        Case("single with a bad parent", ["b3": "\(trace)-\(span)-1-zz"], nil),
        Case("single with too much", ["b3": "\(trace)-\(span)-1-05e3ac9a4f6e3b90-1"], nil),
        Case("single without a span", ["b3": "\(trace)"], nil),
        Case("single of zeros", ["b3": "\(String(repeating: "0", count: 16))-\(span)-1"], nil),
        Case(
            "several",
            ["x-b3-traceid": trace, "x-b3-spanid": span, "x-b3-sampled": "1"], sampled),
        Case(
            "several, in a word",
            ["x-b3-traceid": trace, "x-b3-spanid": span, "x-b3-sampled": "true"], sampled),
        Case(
            "several, not recorded",
            ["x-b3-traceid": trace, "x-b3-spanid": span, "x-b3-sampled": "0"], unsampled),
        Case(
            "several for who looks",
            ["x-b3-traceid": trace, "x-b3-spanid": span, "x-b3-flags": "1"], sampled),
        Case("several without a span", ["x-b3-traceid": trace, "x-b3-sampled": "1"], nil),
        Case("several with a bad trace", ["x-b3-traceid": "x", "x-b3-spanid": span], nil),
        Case(
            "W3C goes first",
            ["traceparent": "00-\(trace)-\(span)-00", "b3": "\(trace)-\(span)-1"], unsampled),
        Case(
            "B3 where W3C cannot be read", ["traceparent": "00-x", "b3": "\(trace)-\(span)-1"],
            sampled),
        Case(
            "single goes before several",
            [
                "b3": "\(trace)-\(span)-1", "x-b3-traceid": "1111111111111111",
                "x-b3-spanid": span,
            ], sampled),
    ]

    @Test(arguments: w3c + state + b3)
    func aRequestIsPartOfTheTraceThatItsHeadersName(_ one: Case) {
        let recordings = Recordings()
        let found = context(one.headers, by: recordings.tracer()).trace
        #expect(found == one.expected)
    }

    @Test func whatIsHandedOnIsReadAsItWasMeant() {
        var random = SeededGenerator(seed: 6)
        let tracer = Recordings().tracer()
        for _ in 0..<1000 {
            let header =
                "00-" + digits(32, &random) + "-" + digits(16, &random)
                + (Bool.random(using: &random) ? "-01" : "-00")
            var headers: [String: String] = [:]
            tracer.inject(
                context(["traceparent": header], by: tracer), into: &headers,
                using: HeaderCarrier())
            #expect(headers == ["traceparent": header])
        }
    }

    private func digits(_ count: Int, _ random: inout SeededGenerator) -> String {
        String((0..<count).map { _ in "0123456789abcdef".randomElement(using: &random) ?? "1" })
    }

    @Test func nonsenseIsNoTrace() {
        var random = SeededGenerator(seed: 7)
        let tracer = Recordings().tracer()
        let letters = Array("0123456789abcdefABCDEFg-- ,=dé\u{0}")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int.random(in: 0...70, using: &random)).map { _ in
                    letters.randomElement(using: &random) ?? "-"
                })
            for name in ["traceparent", "b3"] {
                let found = context([name: text], by: tracer).trace
                #expect(found == nil, "\(name): \(text)")
            }
        }
    }

    @Test func aDecisionWithoutATraceHoldsForOurOwn() {
        let recordings = Recordings()
        let tracer = recordings.tracer()
        for headers in [["b3": "0"], ["x-b3-sampled": "0"], ["b3": "1"]] {
            tracer.startSpan("GET /", context: context(headers, by: tracer), ofKind: .server).end()
        }
        #expect(recordings.spans.count == 1)
    }

    @Test func anUndecidedTraceIsDecidedByItsID() {
        for (ratio, count) in [(1.0, 1), (0.0, 0)] {
            let recordings = Recordings()
            let tracer = recordings.tracer(ratio: ratio)
            let context = context(["b3": "\(Self.trace)-\(Self.span)"], by: tracer)
            tracer.startSpan("GET /", context: context, ofKind: .server).end()
            #expect(recordings.spans.count == count)
        }
    }
}
