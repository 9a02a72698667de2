import Spans
import Telemetry
import Testing
import Tracing

/// Which spans are recorded, and what they say.
@Suite struct GatewayTracerTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    private static let silent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    @Test func spansFormATreeBelowTheCallersSpan() throws {
        let recordings = Recordings()
        let tracer = recordings.tracer()
        let server = tracer.startSpan(
            "GET /api/v1/query", context: context(["traceparent": Self.parent], by: tracer),
            ofKind: .server)
        let client = tracer.startSpan("east", context: server.context, ofKind: .client)
        client.end()
        server.end()
        let spans = recordings.spans
        #expect(spans.map(\.name) == ["east", "GET /api/v1/query"])
        #expect(spans.map(\.kind) == [.client, .server])
        #expect(Set(spans.map(\.traceID)).count == 1)
        #expect(spans[0].parentSpanID == spans[1].spanID)
        #expect(spans[1].parentSpanID == SpanID(0xb7ad_6b71_6920_3331))
        #expect(spans[0].startTime >= spans[1].startTime)
        #expect(spans[0].endTime <= spans[1].endTime)
    }

    @Test func aCallersDecisionGoesBeforeTheShare() {
        for (header, ratio, count) in [(Self.parent, 0.0, 1), (Self.silent, 1.0, 0)] {
            let recordings = Recordings()
            let tracer = recordings.tracer(ratio: ratio)
            let span = tracer.startSpan(
                "GET /", context: context(["traceparent": header], by: tracer), ofKind: .server)
            #expect(span.isRecording == (count == 1))
            span.end()
            #expect(recordings.spans.count == count)
        }
    }

    @Test(arguments: [0.0, 0.01, 0.5, 1.0])
    func asManyAreRecordedAsTheShareSays(_ ratio: Double) {
        let recordings = Recordings()
        let tracer = GatewayTracer(sampleRatio: ratio, record: { recordings.add($0) })
        for _ in 0..<20_000 {
            tracer.startSpan("GET /", context: .topLevel, ofKind: .server).end()
        }
        let share = Double(recordings.spans.count) / 20_000
        // Six standard deviations of a binomial distribution.
        #expect(abs(share - ratio) <= 6 * (ratio * (1 - ratio) / 20_000).squareRoot())
    }

    @Test func whatIsInsideAnUnrecordedSpanIsUnrecordedToo() {
        let recordings = Recordings()
        let tracer = recordings.tracer(ratio: 0)
        let server = tracer.startSpan("GET /", context: .topLevel, ofKind: .server)
        let client = tracer.startSpan("east", context: server.context, ofKind: .client)
        client.end()
        server.end()
        #expect(recordings.spans.isEmpty)
        #expect(client.trace.traceID == server.trace.traceID)
    }

    @Test func idsAreNeverTheSame() {
        var seen: Set<SpanID> = []
        var traces: Set<TraceID> = []
        for tracer in [Self.tracer, Self.tracer] {
            for _ in 0..<10_000 {
                let trace = tracer.startSpan("GET /", context: .topLevel).trace
                seen.insert(trace.spanID)
                traces.insert(trace.traceID)
            }
        }
        #expect(seen.count == 20_000 && traces.count == 20_000)
    }

    private static var tracer: GatewayTracer { GatewayTracer(sampleRatio: 0, record: { _ in }) }

    private func injected(_ context: ServiceContext, by tracer: GatewayTracer) -> [String: String] {
        var headers: [String: String] = [:]
        tracer.inject(context, into: &headers, using: HeaderCarrier())
        return headers
    }

    @Test func requestsAreToldOfTheSpanThatTheyAreMadeFor() {
        let tracer = Recordings().tracer()
        let span = tracer.startSpan(
            "GET /",
            context: context(
                ["traceparent": Self.parent, "tracestate": "rojo=1"], by: tracer),
            ofKind: .server)
        #expect(
            injected(span.context, by: tracer) == [
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-0000000000000001-01",
                "tracestate": "rojo=1",
            ])
        #expect(injected(.topLevel, by: tracer).isEmpty)
    }

    @Test func aDecisionNotToRecordIsHandedOn() {
        let tracer = Recordings().tracer(ratio: 0)
        let span = tracer.startSpan("GET /", context: .topLevel, ofKind: .server)
        #expect(injected(span.context, by: tracer)["traceparent"]?.hasSuffix("-00") == true)
    }

    @Test func withoutACollectorOnlyTheCallersTraceIsHandedOn() {
        let tracer = GatewayTracer(sampleRatio: 1, record: nil)
        let own = tracer.startSpan("GET /", context: .topLevel, ofKind: .server)
        #expect(!own.isRecording && own.trace.traceID != .none)
        #expect(injected(own.context, by: tracer).isEmpty)
        let callers = tracer.startSpan(
            "GET /", context: context(["traceparent": Self.parent], by: tracer), ofKind: .server)
        #expect(!callers.isRecording)
        #expect(injected(callers.context, by: tracer) == ["traceparent": Self.parent])
    }

    @Test func aSpanSaysWhatItWasTold() throws {
        struct Mishap: Error, CustomStringConvertible { var description = "the disk is full" }
        let recordings = Recordings()
        let tracer = recordings.tracer()
        let other = tracer.startSpan("other", context: .topLevel)
        let span = tracer.startSpan("work", context: .topLevel)
        span.operationName = "better"
        span.attributes["b"] = 7
        span.attributes["a"] = "text"
        span.updateAttributes { $0["c"] = [1.5, 2.5] }
        span.addEvent("half way")
        span.recordError(Mishap())
        span.addLink(other)
        span.setStatus(SpanStatus(code: .error, message: "no"))
        span.end()
        span.attributes["late"] = true
        span.addEvent("late")
        span.end()
        let recorded = try #require(recordings.spans.first)
        #expect(recordings.spans.count == 1)
        #expect(recorded.name == "better")
        #expect(
            recorded.attributes == [
                Attribute("a", .string("text")), Attribute("b", .int(7)),
                Attribute("c", .array([.double(1.5), .double(2.5)])),
            ])
        #expect(recorded.events.map(\.name) == ["half way", "exception"])
        #expect(
            recorded.events[1].attributes == [
                Attribute("exception.message", .string("the disk is full")),
                Attribute("exception.type", .string("Mishap")),
            ])
        #expect(recorded.links.map(\.spanID) == [other.trace.spanID])
        #expect(recorded.status == Status(code: .error, message: "no"))
    }

    @Test func longTextsAndManyEventsAreCut() throws {
        let recordings = Recordings()
        let span = recordings.tracer().startSpan("work", context: .topLevel)
        span.attributes["query"] = String(repeating: "é", count: 10_000)
        for _ in 0..<1000 { span.addEvent("again") }
        span.end()
        let recorded = try #require(recordings.spans.first)
        #expect(recorded.events.count == 128 && recorded.dropped.events == 872)
        guard case .string(let text) = recorded.attributes["query"] else {
            Issue.record("no text")
            return
        }
        #expect(text.utf8.count < 4200 && text.hasSuffix("é…"))
    }
}
