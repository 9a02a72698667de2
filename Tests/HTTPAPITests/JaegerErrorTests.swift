import Clusters
import Federation
import HTTPAPI
import Spans
import Testing
import Traces

/// Every error of Jaeger's API: its status code and its body, byte for byte as Jaeger has it.
@Suite struct JaegerErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var target: String
        var status: Int
        var body: String

        /// `message` as JSON has it, between its quotes.
        static func older(_ target: String, _ status: Int, _ message: String) -> Case {
            Case(
                target: target, status: status,
                body: #"{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":\#(status),"#
                    + #""msg":"\#(message)"}]}"# + "\n")
        }

        static func third(_ target: String, _ status: Int, _ message: String) -> Case {
            Case(
                target: "v3/\(target)", status: status,
                body: #"{"error":{"httpCode":\#(status),"message":"\#(message)"}}"# + "\n")
        }

        var testDescription: String { target }
    }

    private static let older: [Case] = [
        .older("operations", 400, "parameter 'service' is required"),
        .older("traces", 400, "parameter 'service' is required"),
        .older(
            "traces?service=a&minDuration=5s&maxDuration=1s", 400,
            "'maxDuration' should be greater than 'minDuration'"),
        .older(
            "traces?service=a&start=x", 400,
            #"unable to parse param 'start': strconv.ParseInt: parsing \"x\": invalid syntax"#),
        .older(
            "traces?service=a&limit=x", 400,
            #"strconv.ParseInt: parsing \"x\": invalid syntax"#),
        .older(
            "traces?service=a&tag=bad", 400,
            "malformed 'tag' parameter, expecting key:value, received: bad"),
        .older(
            "traces?service=a&tags=%7Bbad", 400,
            "malformed 'tags' parameter, cannot unmarshal JSON: invalid character 'b' looking for "
                + "beginning of object key string"),
        .older(
            "traces?service=a&minDuration=5", 400,
            #"unable to parse param 'minDuration': time: missing unit in duration \"5\""#),
        .older("traces/zzz", 400, #"strconv.ParseUint: parsing \"zzz\": invalid syntax"#),
        .older("traces/0", 404, "trace not found"),
        .older("traces/00000000000000000000000000000abc", 404, "trace not found"),
        .older(
            "dependencies?endTs=x", 400,
            #"unable to parse param 'endTs': strconv.ParseInt: parsing \"x\": invalid syntax"#),
        .older(
            "metrics/calls", 400,
            "unable to parse param 'service': please provide at least one service name"),
        .older(
            "metrics/latencies?service=a", 400,
            #"unable to parse param 'quantile': strconv.ParseFloat: parsing \"\": invalid syntax"#
        ),
        .older(
            "metrics/calls?service=a&spanKind=x", 400,
            "unable to parse param 'spanKind': unsupported span kind: 'x'"),
    ]

    private static let third: [Case] = [
        .third(
            "traces?query.serviceName=a", 400,
            "query.startTimeMin and query.startTimeMax are required"),
        .third(
            "traces?query.serviceName=a&query.startTimeMin=2026-11-23T16:56:40Z"
                + "&query.startTimeMax=2026-11-23T16:06:30Z",
            400, "query.startTimeMin must be before query.startTimeMax"),
        .third(
            "traces/zzz", 400,
            #"malformed parameter trace_id: strconv.ParseUint: parsing \"zzz\": invalid syntax"#),
        .third("traces/00000000000000000000000000000abc", 404, "No traces found"),
    ]

    @Test(arguments: older + third)
    func everyErrorHasItsStatusAndBody(_ one: Case) async throws {
        try await withServer(dependencies: Canned.dependencies(CannedTraces())) { server in
            let answer = try await server.get("/jaeger/api/\(one.target)")
            #expect(answer.status == one.status)
            #expect(answer.text == one.body)
            #expect(answer["content-type"] == "text/plain; charset=utf-8")
            #expect(answer["x-content-type-options"] == "nosniff")
        }
    }

    @Test func aSearchOfV3ThatFindsNothingIsNotFound() async throws {
        var content = CannedTraces.Content()
        content.traces = []
        let times =
            "query.startTimeMin=2026-11-23T16:06:30Z&query.startTimeMax=2026-11-23T17:00:00Z"
        try await withServer(dependencies: Canned.dependencies(CannedTraces(content))) { server in
            let answer = try await server.get(
                "/jaeger/api/v3/traces?query.serviceName=nope&\(times)")
            #expect(answer.status == 404)
            #expect(
                answer.text == #"{"error":{"httpCode":404,"message":"No traces found"}}"# + "\n")
            let older = try await server.get("/jaeger/api/traces?service=nope")
            #expect(older.status == 200)
            #expect(
                older.text == #"{"data":[],"total":0,"limit":0,"offset":0,"errors":null}"#)
        }
    }

    @Test func whatJaegerDoesNotHaveIsSaidInItsWords() async throws {
        try await withServer { server in
            for path in ["/jaeger/api/nope", "/jaeger/api/v3/nope", "/jaeger/api"] {
                let answer = try await server.get(path)
                #expect(answer.status == 404)
                #expect(answer.text == "404 page not found\n")
                #expect(answer["content-type"] == "text/plain; charset=utf-8")
            }
        }
    }

    @Test func otherErrorsHaveJaegersFormToo() async throws {
        try await withServer { server in
            let answer = try await server.ask("DELETE", "/jaeger/api/services")
            #expect(answer.status == 405)
            #expect(answer["allow"] == "GET, HEAD, OPTIONS")
            #expect(answer.text.hasPrefix(#"{"data":null,"#))
            let text = try await server.get("/jaeger/api/v3/operations?service=%ff")
            #expect(text.status == 400)
            #expect(
                text.text == #"{"error":{"httpCode":400,"message":"invalid parameter "#
                    + #"\"service\": not valid UTF-8"}}"# + "\n")
        }
    }

    @Test func aDocumentThatIsTooLargeIsRefused() async throws {
        var settings = HTTPAPISettings()
        settings.limits.bodyBytes = 100
        try await withServer(settings: settings) { server in
            let answer = try await server.post(
                "/jaeger/api/transform", form: String(repeating: " ", count: 101),
                type: "application/json")
            #expect(answer.status == 413)
            #expect(answer.text.contains("the body is longer than 100 bytes"))
        }
    }
}
