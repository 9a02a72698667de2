import Clusters
import Federation
import HTTPAPI
import Testing

/// Every error: its status code and its body, byte for byte.
@Suite struct ErrorResponseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var target: String
        var status: Int
        var type: String
        /// As JSON has it, between its quotes.
        var error: String

        init(_ target: String, _ status: Int, _ type: String, _ error: String) {
            self.target = target
            self.status = status
            self.type = type
            self.error = error
        }

        var testDescription: String { target }
        var body: String {
            #"{"status":"error","errorType":"\#(type)","error":"\#(error)"}"#
        }
    }

    struct FailureCase: Sendable, CustomTestStringConvertible {
        var failure: QueryFailure
        var expected: Case

        init(_ failure: QueryFailure, _ status: Int, _ type: String, _ error: String) {
            self.failure = failure
            expected = Case("/api/v1/query?query=up", status, type, error)
        }

        var testDescription: String { expected.type }
    }

    @Test(arguments: [
        FailureCase(.badData("no \"such\" thing"), 400, "bad_data", #"no \"such\" thing"#),
        FailureCase(
            .execution("found duplicate series"), 422, "execution", "found duplicate series"),
        FailureCase(
            .timeout("query timed out in expression evaluation"), 503, "timeout",
            "query timed out in expression evaluation"),
        FailureCase(.cancelled, 499, "canceled", "query was canceled"),
        FailureCase(.internal("a < b"), 500, "internal", #"a \u003c b"#),
        FailureCase(
            .unavailable("no cluster answered", Canned.coverage), 503, "unavailable",
            "no cluster answered"),
        FailureCase(
            .overloaded("too much (query.limits.max_queued)", retryAfter: 7), 503, "unavailable",
            "too much (query.limits.max_queued)"),
    ])
    func everyFailureHasItsStatusAndBody(_ one: FailureCase) async throws {
        let queries = Canned.queries { (_) async throws(QueryFailure) in throw one.failure }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get(one.expected.target)
            #expect(answer.status == one.expected.status)
            #expect(answer.text == one.expected.body)
            #expect(answer["content-type"] == "application/json")
        }
    }

    @Test func whoIsRefusedIsToldWhenToComeAgain() async throws {
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            throw .overloaded("too much", retryAfter: 7)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/api/v1/query?query=up")
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "7")
            let other = try await server.get("/api/v1/query?query=up&time=x")
            #expect(other["retry-after"] == nil)
        }
    }

    @Test func anErrorNamesTheClustersToo() async throws {
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            throw .unavailable("us-1 is missing", Canned.coverage)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/api/v1/query?query=up")
            #expect(answer["x-isthmus-clusters-ok"] == "eu-1")
            #expect(answer["x-isthmus-clusters-missing"] == "us-1")
            let other = try await server.get("/api/v1/query?query=up&time=x")
            #expect(other["x-isthmus-clusters-ok"] == "")
            #expect(other["x-isthmus-clusters-missing"] == "")
        }
    }

    @Test(arguments: [
        Case(
            "/api/v1/query?query=up&time=abc", 400, "bad_data",
            #"invalid parameter \"time\": Invalid time value for 'time': "#
                + #"cannot parse \"abc\" to a valid timestamp"#),
        Case(
            "/api/v1/query?query=up&timeout=x", 400, "bad_data",
            #"invalid parameter \"timeout\": cannot parse \"x\" to a valid duration"#),
        Case(
            "/api/v1/query?query=up&partial_response=maybe", 400, "bad_data",
            #"invalid parameter \"partial_response\": strconv.ParseBool: "#
                + #"parsing \"maybe\": invalid syntax"#),
        Case(
            "/api/v1/query?query=up&limit=-1", 400, "bad_data",
            #"invalid parameter \"limit\": limit must be non-negative"#),
        Case(
            "/api/v1/query_range?query=up&start=0&end=11001&step=1", 400, "bad_data",
            "exceeded maximum resolution of 11,000 points per timeseries. "
                + "Try decreasing the query resolution (?step=XX)"),
        Case(
            "/api/v1/query_range?query=up&start=10&end=1&step=1", 400, "bad_data",
            #"invalid parameter \"end\": end timestamp must not be before start time"#),
        Case(
            "/api/v1/query_range?query=up&start=1&end=2&step=0", 400, "bad_data",
            #"invalid parameter \"step\": zero or negative query resolution step widths are not "#
                + "accepted. Try a positive integer"),
        Case(
            "/api/v1/query_range?query=up", 400, "bad_data",
            #"invalid parameter \"start\": cannot parse \"\" to a valid timestamp"#),
        Case(
            "/api/v1/format_query?query=up%7B", 400, "bad_data",
            #"invalid parameter \"query\": 1:4: parse error: "#
                + "unexpected end of input inside braces"),
        Case("/api/v1/series", 400, "bad_data", "no match[] parameter provided"),
        Case(
            "/api/v1/series?match[]=%zz", 400, "bad_data",
            #"error parsing form values: invalid URL escape \"%zz\""#),
        Case(
            "/api/v1/series?match[]=up;a=b", 400, "bad_data",
            "error parsing form values: invalid semicolon separator in query"),
        Case(
            "/api/v1/labels?start=x", 400, "bad_data",
            #"invalid parameter \"start\": Invalid time value for 'start': "#
                + #"cannot parse \"x\" to a valid timestamp"#),
        Case("/api/v1/label//values", 400, "bad_data", #"invalid label name: \"\""#),
        Case("/api/v1/metadata?limit=x", 400, "bad_data", "limit must be a number"),
        Case(
            "/api/v1/targets", 404, "not_found",
            "Isthmus does not answer /api/v1/targets: ask the clusters' Prometheus servers"),
        Case(
            "/api/v1/query_exemplars", 404, "not_found",
            "Isthmus does not answer /api/v1/query_exemplars: "
                + "ask the clusters' Prometheus servers"),
        Case(
            "/api/v1/nothing", 404, "not_found",
            "there is nothing at this path; /-/routes lists what there is"),
        Case(
            "/favicon.ico", 404, "not_found",
            "there is nothing at this path; /-/routes lists what there is"),
        Case(
            "/mesh/v1/explain?query=up&step=1", 400, "bad_data",
            #"invalid parameter \"start\": cannot parse \"\" to a valid timestamp"#),
    ])
    func aMistakeInTheRequestIsToldAsPrometheusTellsIt(_ one: Case) async throws {
        try await withServer { server in
            let answer = try await server.get(one.target)
            #expect(answer.status == one.status)
            #expect(answer.text == one.body)
            #expect(answer["content-type"] == "application/json")
        }
    }

    @Test func aMethodThatIsNotTakenIsRefused() async throws {
        try await withServer { server in
            let answer = try await server.ask("DELETE", "/api/v1/query")
            #expect(answer.status == 405)
            #expect(answer["allow"] == "GET, POST, HEAD, OPTIONS")
            #expect(
                answer.text
                    == #"{"status":"error","errorType":"method_not_allowed","#
                    + #""error":"/api/v1/query takes GET, POST, HEAD, OPTIONS"}"#)
            let posted = try await server.post("/api/v1/label/a/values", form: "")
            #expect(posted.status == 405)
            #expect(posted["allow"] == "GET, HEAD, OPTIONS")
            let reload = try await server.get("/-/reload")
            #expect(reload.status == 405)
            #expect(reload["allow"] == "POST, PUT")
        }
    }
}
