import Clusters
import Spans
import Telemetry
import TestSupport
import Testing
import Tracing
import Upstream

/// What requests to clusters say in traces.
@Suite(.timeLimit(.minutes(10)))
struct RequestSpanTests {
    private static let request = UpstreamRequest(
        method: .get, path: "/api/v1/query", parameters: [.init(name: "query", value: "up")],
        endpoint: "query", maximumBytes: 1 << 20)

    /// Asks replicas inside the context; returns whether one answered.
    private func ask(
        _ urls: [String], in context: ServiceContext?, by tracer: GatewayTracer
    ) async -> Bool {
        let client = UpstreamClient(tracer: tracer)
        let answer = await ServiceContext.$current.withValue(context) {
            try? await client.ask(
                cluster: ClusterID("east"), service: Service(urls: urls), request: Self.request,
                deadline: .now + .seconds(20)
            ) { response in try await response.collect(upTo: 100) }
        }
        await client.stop()
        return answer != nil
    }

    @Test func aReplicaIsToldOfTheRequestsSpan() async throws {
        let server = try FaultServer { _ in .answer(text: "{}") }
        defer { server.stop() }
        let recordings = Recordings()
        let tracer = recordings.tracer()
        let root = tracer.startSpan("root", context: .topLevel)
        #expect(await ask([server.url], in: root.context, by: tracer))
        let span = try #require(recordings.spans.first)
        #expect(span.name == "GET query" && span.kind == .client)
        #expect(span.parentSpanID == root.trace.spanID)
        #expect(
            server.facts.requests.first?.header("traceparent")
                == "00-00000000000000010000000000000002-0000000000000004-01")
        #expect(span.spanID == SpanID(4) && span.traceID == TraceID(high: 1, low: 2))
        #expect(span.attributes["isthmus.cluster"] == .string("east"))
        #expect(span.attributes["server.address"] == .string("127.0.0.1"))
        #expect(span.attributes["server.port"] == .int(Int64(server.port)))
        #expect(span.attributes["http.response.status_code"] == .int(200))
        #expect(span.status.code == .unset)
    }

    @Test func outsideOfATraceNothingIsSaid() async throws {
        let server = try FaultServer { _ in .answer(text: "{}") }
        defer { server.stop() }
        let recordings = Recordings()
        #expect(await ask([server.url], in: nil, by: recordings.tracer()))
        #expect(server.facts.requests.first?.header("traceparent") == nil)
        #expect(recordings.spans.isEmpty)
    }

    @Test func requestsMadeForAQuestionAreEventsOfItsSpan() async throws {
        let bad = try FaultServer { _ in .answer(status: 503, text: "no") }
        let good = try FaultServer { _ in .answer(text: "{}") }
        defer {
            bad.stop()
            good.stop()
        }
        let recordings = Recordings()
        let tracer = recordings.tracer()
        let question = tracer.startSpan("east", context: .topLevel, ofKind: .client)
        var context = question.context
        context.clientSpan = question
        let secret = bad.url.replacing("http://", with: "http://user:password@")
        #expect(await ask([secret, good.url], in: context, by: tracer))
        question.end()
        let span = try #require(recordings.spans.first)
        #expect(recordings.spans.count == 1)
        #expect(span.events.map(\.name) == ["attempt", "attempt"])
        #expect(
            span.events.map { $0.attributes["isthmus.outcome"] } == [
                .string("status_5xx"), .string("success"),
            ])
        #expect(span.events[0].attributes["http.response.status_code"] == .int(503))
        #expect(span.events[0].attributes["isthmus.replica"] == .string(bad.url))
        #expect(span.attributes["server.port"] == .int(Int64(good.port)))
    }

    @Test func aRequestThatFailsIsAnErrorWithoutSecrets() async throws {
        let server = try FaultServer { _ in .answer(status: 500, text: "broken") }
        defer { server.stop() }
        let recordings = Recordings()
        let tracer = recordings.tracer()
        let root = tracer.startSpan("root", context: .topLevel)
        let secret = server.url.replacing("http://", with: "http://user:password@")
        #expect(await !ask([secret], in: root.context, by: tracer))
        let span = try #require(recordings.spans.first)
        #expect(span.status.code == .error)
        #expect(span.attributes["error.type"] == .string("status_5xx"))
        #expect(span.events.map(\.name) == ["attempt", "exception"])
        #expect(!"\(span)".contains("password"))
    }
}
