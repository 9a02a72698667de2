import Clusters
import HTTPAPI
import Spans
import Testing
import Traces

/// `/mesh/v1/path` and `/mesh/v1/critical-path`.
@Suite struct TraceUnderstandingRouteTests {
    private static func graph() -> CannedTraces.Content {
        var content = CannedTraces.Content()
        content.report = DependencyReport(edges: [
            ServiceDependency(parent: "a", child: "b", callCount: 1),
            ServiceDependency(parent: "b", child: "d", callCount: 9),
            ServiceDependency(parent: "a", child: "c", callCount: 5),
            ServiceDependency(parent: "c", child: "b", callCount: 4),
        ])
        return content
    }

    @Test func thePathBetweenServicesIsTheShortestAndTheBusiest() async throws {
        let traces = CannedTraces(Self.graph())
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get(
                "/mesh/v1/path?from=a&to=d&end=1700000000&lookback=1h")
            #expect(answer.status == 200)
            #expect(
                answer.text.hasPrefix(
                    #"{"status":"success","data":{"from":"a","to":"d","#
                        + #""shortest":{"services":["a","b","d"],"calls":["#
                        + #"{"parent":"a","child":"b","callCount":1},"#
                        + #"{"parent":"b","child":"d","callCount":9}],"leastCalls":1},"#
                        + #""busiest":{"services":["a","c","b","d"],"#))
            #expect(answer.text.contains(#""leastCalls":4},"weight":"callCount is"#))
            #expect(answer["x-isthmus-clusters-ok"] == "east,west")
        }
        #expect(
            traces.questions == [
                .dependencies(.init(end: 1_700_000_000_000, lookback: 3_600_000, service: nil))
            ])
    }

    @Test func noPathIsAnErrorThatSaysWhatIsReached() async throws {
        let traces = CannedTraces(Self.graph())
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/mesh/v1/path?from=c&to=a")
            #expect(answer.status == 404)
            #expect(
                answer.text.contains(
                    #"no calls lead from \"c\" to \"a\"; it reaches \"b\", \"d\""#))
            let unknown = try await server.get("/mesh/v1/path?from=c&to=z")
            #expect(unknown.status == 404)
            #expect(unknown.text.contains(#"services that do: \"a\", \"b\", \"c\", \"d\""#))
        }
    }

    @Test func noPathWithClustersMissingIsNotAPathThatIsNowhere() async throws {
        var content = Self.graph()
        content.answered = ["east"]
        content.missing = [CannedTraces.missingWest]
        let traces = CannedTraces(content)
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/mesh/v1/path?from=c&to=a")
            #expect(answer.status == 502)
            #expect(answer.text.contains("west"))
        }
    }

    @Test(arguments: ["?from=a", "?to=a", "?from=a&to=b&end=x", "?from=a&to=b&lookback=0"])
    func aBadQuestionAboutAPathIsRefused(query: String) async throws {
        let traces = CannedTraces(Self.graph())
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/mesh/v1/path" + query)
            #expect(answer.status == 400)
        }
        #expect(traces.questions == [])
    }

    @Test func theCriticalPathOfATraceNamesSpansAndClusters() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get(
                "/mesh/v1/critical-path?trace=\(CannedTraces.id.text)")
            #expect(answer.status == 200)
            #expect(
                answer.text.contains(
                    #"{"spanID":"0000000000000002","service":"cart","operation":"get","#
                        + #""cluster":"west","startTimeUnixNano":"1700000000001000000","#
                        + #""endTimeUnixNano":"1700000000002000000","seconds":0.001}"#))
            let unknown = try await server.get("/mesh/v1/critical-path?trace=abc")
            #expect(unknown.status == 404)
        }
    }

    @Test func criticalPathsOfManyTracesAreAddedUp() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get(
                "/mesh/v1/critical-path?service=frontend&start=1000&end=2000&limit=7")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"traces":1,"tracesInPieces":0,"cut":false,"#
                    + #""seconds":0.005,"operations":[{"service":"frontend","#
                    + #""operation":"GET /","spans":1,"traces":1,"seconds":0.004,"#
                    + #""meanSeconds":0.004,"share":0.8,"percentOfTraces":100,"#
                    + #""secondsByCluster":{"east":0.004}},{"service":"cart","#
                    + #""operation":"get","spans":1,"traces":1,"seconds":0.001,"#
                    + #""meanSeconds":0.001,"share":0.2,"percentOfTraces":100,"#
                    + #""secondsByCluster":{"west":0.001}}],"contexts":["#
                    + #"{"stack":"[frontend] GET /","seconds":0.004},"#
                    + #"{"stack":"[frontend] GET /;[cart] get","seconds":0.001}]}}"#)
            for bad in ["", "?service=a&limit=0", "?service=a&start=2&end=1", "?trace=xyz"] {
                let refused = try await server.get("/mesh/v1/critical-path" + bad)
                #expect(refused.status == 400)
            }
        }
        #expect(
            traces.questions == [
                .find(
                    .init(
                        search: TraceSearch(
                            service: "frontend", start: 1_000_000_000_000,
                            end: 2_000_000_000_000, limit: 7), isRaw: false))
            ])
    }
}

extension TraceID {
    fileprivate var text: String { String(high, radix: 16) + String(low, radix: 16) }
}
