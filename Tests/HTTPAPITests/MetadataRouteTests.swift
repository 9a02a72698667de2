import Federation
import HTTPAPI
import Synchronization
import Testing

/// `series`, `labels`, `label/…/values` and `metadata`.
@Suite struct MetadataRouteTests {
    @Test func seriesAreLabelSets() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/series?match[]=up")
            #expect(
                answer.text
                    == #"{"status":"success","data":[{"__name__":"up","cluster":"eu-1"}]}"#)
            #expect(answer["x-isthmus-clusters-ok"] == "eu-1")
            #expect(answer["x-isthmus-clusters-missing"] == "us-1")
        }
    }

    @Test func labelNamesAreTexts() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/labels")
            #expect(answer.text == #"{"status":"success","data":["__name__","cluster"]}"#)
        }
    }

    @Test func aRepeatedSelectorIsPassedOnWhole() async throws {
        try await withServer { server in
            let answer = try await server.get(
                "/api/v1/label/job/values?match[]=b&match%5B%5D=a&match[]=%7Bx=%22%26%22%7D")
            #expect(
                answer.text
                    == #"{"status":"success","data":["job","b","a","{x=\"\u0026\"}"]}"#)
        }
    }

    @Test(arguments: [
        ("job", "job"), ("http.status%20code", "http.status code"), ("a%2Fb", "a/b"),
        ("U__http_2e_status__code", "http.status_code"), ("U___263A_", "☺"),
        ("U__a_zz_", "U__a_zz_"), ("U__a_d800_", "U__a_d800_"), ("U__a_2e", "U__a_2e"),
        ("U__a_1234567_", "U__a_1234567_"),
    ])
    func escapedNamesOfLabelsAreUnescaped(_ name: String, _ label: String) async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/label/\(name)/values")
            #expect(answer.text == #"{"status":"success","data":["\#(label)"]}"#)
        }
    }

    @Test func parametersReachTheQuestion() async throws {
        let seen = Mutex<[MetadataRequest]>([])
        var queries = Canned.queries()
        queries.series = { (request) async throws(QueryFailure) in
            seen.withLock { $0.append(request) }
            return Canned.metadata([])
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.post(
                "/api/v1/series?match[]=b",
                form: "match[]=a&start=1&end=2&limit=3&partial_response=0&timeout=2s")
            #expect(answer.text == #"{"status":"success","data":[]}"#)
            _ = try await server.get("/api/v1/series?match[]=a")
        }
        let requests = seen.withLock { $0 }
        #expect(requests.first?.selectors == ["a", "b"])
        #expect(requests.first?.start == 1000)
        #expect(requests.first?.end == 2000)
        #expect(requests.first?.limit == 3)
        #expect(requests.first?.timeout == .seconds(2))
        #expect(requests.first?.partialResponse == false)
        #expect(requests.last?.start == nil)
        #expect(requests.last?.end == nil)
        #expect(requests.last?.limit == 0)
        #expect(requests.last?.timeout == nil)
    }

    @Test func entriesOfOneMetricAreInOneList() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/metadata")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"a":["#
                    + #"{"type":"gauge","help":"one","unit":""},"#
                    + #"{"type":"counter","help":"two","unit":""}],"#
                    + #""b":[{"type":"gauge","help":"\u003cthree\u003e","unit":"s"}]}}"#)
        }
    }

    @Test func aFailureOfTheFleetIsTold() async throws {
        var queries = Canned.queries()
        queries.labelNames = { (_) async throws(QueryFailure) in
            throw .unavailable("no cluster answered", Canned.coverage)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/api/v1/labels")
            #expect(answer.status == 503)
            #expect(
                answer.text
                    == #"{"status":"error","errorType":"unavailable","#
                    + #""error":"no cluster answered"}"#)
        }
    }

    @Test func labelNamesTakeWhatTheyCanReadOfAForm() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/labels?match[]=%zz")
            #expect(answer.status == 200)
        }
    }
}
