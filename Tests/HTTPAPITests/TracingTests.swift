import Federation
import HTTPAPI
import Spans
import Synchronization
import Telemetry
import Testing
import Tracing

/// What the server's requests say in traces.
@Suite struct TracingTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// Remembers what is recorded.
    private final class Recordings: Sendable {
        private let state = Mutex<[Spans.Span]>([])

        var spans: [Spans.Span] { state.withLock { $0 } }

        func dependencies(
            ratio: Double = 1, queries: QueryAnswering = Canned.queries()
        ) -> HTTPAPIDependencies {
            var dependencies = Canned.dependencies(queries: queries)
            dependencies.tracer = GatewayTracer(
                sampleRatio: ratio, record: { span in self.state.withLock { $0.append(span) } })
            return dependencies
        }
    }

    /// Asks on one connection, and once more at the end: the next request is read when the span of
    /// the one before has ended.
    private func ask(
        _ recordings: Recordings, _ targets: [(target: String, headers: [String])],
        dependencies: HTTPAPIDependencies? = nil
    ) async throws -> [WireAnswer] {
        try await withServer(
            dependencies: dependencies ?? recordings.dependencies()
        ) { server in
            let client = try WireClient(port: server.port)
            var answers: [WireAnswer] = []
            for (target, headers) in targets + [("/-/healthy", ["b3: 0"])] {
                try await client.send(server.head("GET", target, headers))
                answers.append(try await client.answer())
            }
            return answers
        }
    }

    private func text(_ span: Spans.Span, _ name: String) -> String? {
        guard let value = span.attributes[name] else { return nil }
        return switch value {
        case .string(let text): text
        case .int(let number): String(number)
        default: nil
        }
    }

    @Test func aRequestIsASpanUnderItsRoutesName() async throws {
        let recordings = Recordings()
        let answers = try await ask(
            recordings,
            [
                (
                    "/api/v1/label/job/values?match[]=up&token=hidden",
                    ["traceparent: \(Self.parent)", "User-Agent: grafana/12"]
                )
            ])
        let span = try #require(recordings.spans.first)
        #expect(recordings.spans.count == 1)
        #expect(span.name == "GET /api/v1/label/<name>/values" && span.kind == .server)
        #expect(span.parentSpanID == SpanID(0xb7ad_6b71_6920_3331))
        #expect(span.status.code == .unset && span.events.isEmpty)
        let target = "/api/v1/label/job/values?match[]=up&token=REDACTED"
        let expected = [
            "http.method": "GET", "http.request.method": "GET", "http.status_code": "200",
            "http.response.status_code": "200", "http.target": target,
            "http.url": "http://127.0.0.1\(target)", "url.full": "http://127.0.0.1\(target)",
            "url.path": "/api/v1/label/job/values", "url.query": "match[]=up&token=REDACTED",
            "url.scheme": "http", "http.route": "/api/v1/label/<name>/values",
            "server.address": "127.0.0.1", "client.address": "127.0.0.1",
            "user_agent.original": "grafana/12",
        ]
        for (name, value) in expected { #expect(text(span, name) == value, "\(name)") }
        let id = "0af7651916cd43dd8448eb211c80319c"
        #expect(answers[0]["x-isthmus-trace-id"] == id)
        #expect(answers[0]["traceresponse"]?.hasPrefix("00-\(id)-") == true)
        #expect(answers[0]["traceresponse"]?.hasSuffix("-01") == true)
        #expect(!"\(span)".contains("hidden"))
    }

    @Test func aFailureOfTheServerIsAnErrorWithItsReason() async throws {
        let recordings = Recordings()
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            throw .internal("the sky fell")
        }
        _ = try await ask(
            recordings, [("/api/v1/query?query=up", [])],
            dependencies: recordings.dependencies(queries: queries))
        let span = try #require(recordings.spans.first)
        #expect(span.status == Status(code: .error, message: "the sky fell"))
        #expect(text(span, "error.type") == "internal")
        let event = try #require(span.events.first)
        #expect(event.name == "exception")
        #expect(event.attributes["exception.type"] == .string("internal"))
        #expect(event.attributes["exception.message"] == .string("the sky fell"))
    }

    @Test func aMistakeOfTheClientsIsNoErrorOfOurs() async throws {
        let recordings = Recordings()
        _ = try await ask(recordings, [("/api/v1/query?query=up&time=x", []), ("/no", [])])
        let spans = recordings.spans
        #expect(spans.map(\.name) == ["GET /api/v1/query", "GET"])
        #expect(spans.allSatisfy { $0.status.code == .unset })
        #expect(spans.map { $0.events.map(\.name) } == [["exception"], ["exception"]])
    }

    @Test func anUnrecordedRequestHasATraceAllTheSame() async throws {
        let recordings = Recordings()
        let answers = try await ask(
            recordings, [("/api/v1/query?query=up", [])],
            dependencies: recordings.dependencies(ratio: 0))
        #expect(recordings.spans.isEmpty)
        #expect(answers[0]["x-isthmus-trace-id"]?.count == 32)
        #expect(answers[0]["traceresponse"] == nil)
    }

    @Test func theHandlerWorksInsideTheRequestsSpan() async throws {
        let recordings = Recordings()
        let seen = Mutex<TraceContext?>(nil)
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            seen.withLock { $0 = ServiceContext.current?.trace }
            return Canned.answer(to: request)
        }
        _ = try await ask(
            recordings, [("/api/v1/query?query=up", [])],
            dependencies: recordings.dependencies(queries: queries))
        let span = try #require(recordings.spans.first)
        let trace = try #require(seen.withLock { $0 })
        #expect(trace.traceID == span.traceID && trace.spanID == span.spanID)
    }

    struct Shown: Sendable {
        var target: String
        var shown: String
    }

    @Test(arguments: [
        Shown(target: "/x?a=1&b=2", shown: "/x?a=1&b=2"),
        Shown(target: "/x?password=p&q=1", shown: "/x?password=REDACTED&q=1"),
        Shown(target: "/x?API_KEY=p", shown: "/x?API_KEY=REDACTED"),
        Shown(target: "/x?access%5Ftoken=p", shown: "/x?access%5Ftoken=REDACTED"),
        Shown(target: "/x?p%61ssword=p", shown: "/x?p%61ssword=REDACTED"),
        Shown(target: "/x?sig=p&Signature=q", shown: "/x?sig=REDACTED&Signature=REDACTED"),
        Shown(target: "http://user:word@host/x?a=1", shown: "/x?a=1"),
        Shown(target: "/x?token", shown: "/x?token"),
    ])
    func secretsInTheAddressAreNotRecorded(_ one: Shown) async throws {
        let recordings = Recordings()
        _ = try await ask(recordings, [(one.target, [])])
        let span = try #require(recordings.spans.first)
        #expect(text(span, "http.target") == one.shown)
        #expect(text(span, "url.full") == "http://127.0.0.1\(one.shown)")
    }

    @Test(arguments: [
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", true),
        ("application/openmetrics-text; version=0.0.1; charset=utf-8", true),
        ("application/openmetrics-text", true),
        ("text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5", false),
        ("application/openmetrics-text;version=2.0.0", false),
        ("application/openmetrics-text;q=0", false),
        ("text/plain", false), ("*/*", false), ("nonsense;;q=x", false), ("", false),
    ])
    func metricsAreOpenMetricsForThoseWhoLikeThem(_ accept: String, _ isOpen: Bool) async throws {
        var dependencies = Canned.dependencies()
        dependencies.openMetricsText = { "# EOF\n" }
        let answer = try await withServer(dependencies: dependencies) { server in
            try await server.get("/metrics", accept.isEmpty ? [] : ["Accept: \(accept)"])
        }
        #expect((answer.text == "# EOF\n") == isOpen)
        #expect(
            answer["content-type"]
                == (isOpen
                    ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                    : "text/plain; version=0.0.4; charset=utf-8"))
    }
}
