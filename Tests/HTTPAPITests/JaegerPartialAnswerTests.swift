import Clusters
import Federation
import HTTPAPI
import PrometheusAPI
import Spans
import Testing
import Traces

/// Answers of Jaeger's API that lack clusters.
@Suite struct JaegerPartialAnswerTests {
    private static func content(
        _ change: (inout CannedTraces.Content) -> Void = { _ in }
    ) -> CannedTraces.Content {
        var content = CannedTraces.Content()
        content.answered = ["east"]
        content.missing = [CannedTraces.missingWest]
        change(&content)
        return content
    }

    private static let times =
        "query.startTimeMin=2026-11-23T16:06:30Z&query.startTimeMax=2026-11-23T17:00:00Z"

    @Test(arguments: [
        "services", "operations?service=a", "services/a/operations", "traces?service=a",
        "traces/e2acf72f9e574f7aa0ee89aed453dd33", "dependencies", "v3/services",
        "v3/operations?service=a", "v3/traces?query.serviceName=a&\(times)",
        "v3/traces/e2acf72f9e574f7aa0ee89aed453dd33",
        "v3/trace-summaries?query.serviceName=a&\(times)",
    ])
    func theClustersAreNamed(_ target: String) async throws {
        let traces = CannedTraces(Self.content())
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/jaeger/api/\(target)")
            #expect(answer.status == 200)
            #expect(answer["x-isthmus-clusters-ok"] == "east")
            #expect(answer["x-isthmus-clusters-missing"] == "west")
            let mark = target.contains("?") ? "&" : "?"
            let strict = try await server.get(
                "/jaeger/api/\(target)\(mark)partial_response=false")
            #expect(strict.status == 503)
            #expect(strict["x-isthmus-clusters-missing"] == "west")
            #expect(
                strict.text.contains(
                    "partial answer refused: cluster west is missing: it took too long"))
        }
    }

    /// Grafana takes any error here for a failure of the whole.
    @Test func dependenciesHaveNoErrors() async throws {
        let traces = CannedTraces(Self.content())
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.json("/jaeger/api/dependencies")
            #expect(answer["errors"] == .null)
        }
    }

    @Test func whatMayBeInAMissingClusterIsNotSaidToBeNowhere() async throws {
        let content = Self.content {
            $0.traces = []
            $0.isArchived = false
        }
        let message = "trace not found in east; cluster west is missing: it took too long"
        let id = "e2acf72f9e574f7aa0ee89aed453dd33"
        try await withServer(dependencies: Canned.dependencies(CannedTraces(content))) { server in
            let answer = try await server.get("/jaeger/api/traces/\(id)")
            #expect(answer.status == 502)
            #expect(answer.text.contains(#""errors":[{"code":502,"msg":"\#(message)"}]"#))
            let third = try await server.get("/jaeger/api/v3/traces/\(id)")
            #expect(third.status == 502)
            #expect(
                third.text.contains(
                    "No traces found in east; cluster west is missing: it took too long"))
            let archive = try await server.post("/jaeger/api/archive/\(id)", form: "")
            #expect(archive.status == 502)
            let several = try await server.get("/jaeger/api/traces?traceID=\(id)")
            #expect(several.status == 200)
            #expect(several.text.contains(#""errors":[{"msg":"\#(message)","traceID":"\#(id)"}]"#))
        }
    }

    @Test func nothingFoundInASearchIsNothing() async throws {
        let content = Self.content { $0.traces = [] }
        try await withServer(dependencies: Canned.dependencies(CannedTraces(content))) { server in
            let older = try await server.get("/jaeger/api/traces?service=a")
            #expect(older.status == 200)
            #expect(older.text == #"{"data":[],"total":0,"limit":0,"offset":0,"errors":null}"#)
            let third = try await server.get(
                "/jaeger/api/v3/traces?query.serviceName=a&\(Self.times)")
            #expect(third.status == 404)
            #expect(
                third.text.contains(
                    "No traces found in east; cluster west is missing: it took too long"))
        }
    }

    @Test func withoutAnyClusterThereIsNoAnswer() async throws {
        let content = Self.content { $0.answered = [] }
        try await withServer(dependencies: Canned.dependencies(CannedTraces(content))) { server in
            let answer = try await server.get("/jaeger/api/services")
            #expect(answer.status == 503)
            #expect(
                answer.text.contains(
                    "no cluster answered: cluster west is missing: it took too long"))
        }
    }

    @Test(arguments: [
        (
            TraceRefusal(
                status: 400,
                message: "this storage backend requires a service name to search; searching all "
                    + "services is not supported"), 400
        ),
        (TraceRefusal(status: 501, message: "archiving is off"), 501),
    ])
    func whatAllClustersRefuseIsRefused(_ refusal: TraceRefusal, status: Int) async throws {
        let content = Self.content {
            $0.answered = []
            $0.missing = []
            $0.refusal = refusal
        }
        try await withServer(dependencies: Canned.dependencies(CannedTraces(content))) { server in
            let answer = try await server.get("/jaeger/api/traces?service=a")
            #expect(answer.status == status)
            #expect(answer.text.contains(#"{"code":\#(status),"msg":"\#(refusal.message)"}"#))
        }
    }

    @Test func clustersAreChosenByName() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            _ = try await server.get("/jaeger/api/services?clusters=east,west")
            _ = try await server.get("/jaeger/api/v3/services?cluster=west")
            _ = try await server.get(
                "/jaeger/api/services?clusters=all", ["Cache-Control: no-cache"])
            let unknown = try await server.get("/jaeger/api/services?clusters=north")
            #expect(unknown.status == 400)
            #expect(
                unknown.text.contains(
                    #"invalid parameter \"clusters\": there is no cluster \"north\""#))
        }
        #expect(
            traces.calls == [
                TraceCall(clusters: [ClusterID("east"), ClusterID("west")]),
                TraceCall(clusters: [ClusterID("west")]), TraceCall(skipsMemory: true),
            ])
    }
}
