import Clusters
import Federation
import HTTPAPI
import Synchronization
import Testing
import TimeSeries

/// `query`, `query_range`, `format_query`, `parse_query` and `explain`.
@Suite struct QueryRouteTests {
    private static let upAnswer =
        #"{"status":"success","data":{"resultType":"vector","result":["#
        + #"{"metric":{"query":"up"},"value":[1700000000,"1"]}]}}"#

    @Test func anInstantQueryIsAnsweredAsPrometheusWritesIt() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/query?query=up")
            #expect(answer.status == 200)
            #expect(answer.text == Self.upAnswer)
            #expect(answer["content-type"] == "application/json")
            #expect(answer["content-length"] == String(answer.body.count))
            #expect(answer["date"] == "Tue, 14 Nov 2023 22:13:20 GMT")
        }
    }

    @Test func everyAnswerNamesTheClustersItIsAbout() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/query?query=up")
            #expect(answer["x-isthmus-clusters-ok"] == "eu-1")
            #expect(answer["x-isthmus-clusters-missing"] == "us-1")
            let plain = try await server.get("/api/v1/format_query?query=up")
            #expect(plain["x-isthmus-clusters-ok"] == "")
            #expect(plain["x-isthmus-clusters-missing"] == "")
        }
    }

    @Test func namesThatAHeaderCannotHoldAreEscaped() async throws {
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            var answer = Canned.answer(to: request)
            answer.coverage.present = [.init("a,b"), .init("c\r\nd"), .init("é")]
            answer.coverage.missing = []
            return answer
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/api/v1/query?query=up")
            #expect(answer["x-isthmus-clusters-ok"] == "a%2Cb,c%0D%0Ad,%C3%A9")
        }
    }

    @Test func aPostedFormIsReadAsAQueryStringIs() async throws {
        try await withServer { server in
            let answer = try await server.post(
                "/api/v1/query", form: "query=up&time=1600000000.5")
            #expect(
                answer.text == Self.upAnswer.replacing("1700000000", with: "1600000000.500"))
        }
    }

    @Test func theFormCountsBeforeTheQueryString() async throws {
        try await withServer { server in
            let answer = try await server.post("/api/v1/query?query=down", form: "query=up")
            #expect(answer.text == Self.upAnswer)
            let mixed = try await server.post("/api/v1/query?query=up", form: "time=1700000000")
            #expect(mixed.text == Self.upAnswer)
        }
    }

    @Test func plusSignsAndPercentSignsStandForOthers() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/query?query=a+%2B%20b%7b%7D")
            #expect(answer.text.contains(#""query":"a + b{}""#))
        }
    }

    @Test func aRangeQueryIsAMatrix() async throws {
        try await withServer { server in
            let answer = try await server.get(
                "/api/v1/query_range?query=up&start=100&end=130&step=15s")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"resultType":"matrix","result":["#
                    + #"{"metric":{"query":"up"},"values":[[100,"1"],[115,"1"],[130,"1"]]}]}}"#)
        }
    }

    @Test func allParametersReachTheQuery() async throws {
        let seen = Mutex<[QueryRequest]>([])
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            seen.withLock { $0.append(request) }
            return Canned.answer(to: request)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            _ = try await server.get(
                "/api/v1/query?query=up&time=5&timeout=2s&limit=7&lookback_delta=1m"
                    + "&partial_response=false")
            _ = try await server.get("/api/v1/query?query=up")
        }
        let requests = seen.withLock { $0 }
        #expect(requests.count == 2)
        #expect(requests.first?.times == .instant(5000))
        #expect(requests.first?.timeout == .seconds(2))
        #expect(requests.first?.limit == 7)
        #expect(requests.first?.lookbackDelta == 60_000)
        #expect(requests.first?.partialResponse == false)
        #expect(requests.last?.times == .instant(Canned.now))
        #expect(requests.last?.timeout == nil)
        #expect(requests.last?.partialResponse == true)
    }

    @Test func theSettingsSayWhetherAnswersMayBePartial() async throws {
        let seen = Mutex<[Bool]>([])
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            seen.withLock { $0.append(request.partialResponse) }
            return Canned.answer(to: request)
        }
        var settings = HTTPAPISettings()
        settings.partialResponse = false
        try await withServer(
            settings: settings, dependencies: Canned.dependencies(queries: queries)
        ) { server in
            _ = try await server.get("/api/v1/query?query=up")
            _ = try await server.get("/api/v1/query?query=up&partial_response=true")
        }
        #expect(seen.withLock { $0 } == [false, true])
    }

    @Test func aRouteMayHaveASettingOfItsOwn() async throws {
        let seen = Mutex<[Bool]>([])
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            seen.withLock { $0.append(request.partialResponse) }
            return Canned.answer(to: request)
        }
        var settings = HTTPAPISettings()
        settings.partialRoutes = ["/api/v1/query_range": false, "/api/v1/labels": true]
        try await withServer(
            settings: settings, dependencies: Canned.dependencies(queries: queries)
        ) { server in
            let range = "/api/v1/query_range?query=up&start=0&end=60&step=60"
            _ = try await server.get(range)
            _ = try await server.get(range + "&partial_response=true")
            _ = try await server.get("/api/v1/query?query=up")
        }
        #expect(seen.withLock { $0 } == [false, true, true])
    }

    @Test func warningsAndInfosFollowTheData() async throws {
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            var answer = Canned.answer(to: request)
            answer.annotations.warn("us-1 is missing")
            answer.annotations.inform("not a counter")
            return answer
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/api/v1/query?query=up")
            #expect(
                answer.text.hasSuffix(
                    #"]},"warnings":["us-1 is missing"],"infos":["not a counter"]}"#))
        }
    }

    @Test func statisticsComeWhereTheyAreAskedFor() async throws {
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            var answer = Canned.answer(to: request)
            answer.statistics.phases = [
                .init(name: "parse", duration: .milliseconds(250)),
                .init(name: "fetch", duration: .milliseconds(500)),
            ]
            answer.statistics.fetchedSamples = 12
            answer.statistics.cache = CacheReport(
                .partial, steps: 40, cachedSteps: 38, requests: 1, isShared: true)
            return answer
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/api/v1/query?query=up&stats=all")
            let stats = #"""
                ],"stats":{"timings":{"evalTotalTime":0.75,"resultSortTime":0,\#
                "queryPreparationTime":0.25,"innerEvalTime":0.5,"execQueueTime":0,\#
                "execTotalTime":0.75},"samples":{"totalQueryableSamples":12,"peakSamples":12},\#
                "cache":{"outcome":"partial","steps":40,"cachedSteps":38,"requests":1,\#
                "shared":true,"fragments":[]},"completeness":{"complete":false,"ok":["eu-1"],\#
                "missing":[{"cluster":"us-1","cause":"timeout","message":"too slow"}],"gaps":[]}}}}
                """#
            #expect(answer.text.hasSuffix(stats), "\(answer.text)")
            #expect(answer["x-isthmus-cache"] == "partial; steps=40; cached=38")
        }
    }

    @Test func aQueryIsFormatted() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/format_query?query=foo%2Fbar")
            #expect(answer.text == #"{"status":"success","data":"foo / bar"}"#)
            let posted = try await server.post("/api/v1/format_query", form: "query=foo/bar")
            #expect(posted.text == answer.text)
        }
    }

    @Test func aQueryIsShownAsATree() async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/parse_query?query=1")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"type":"numberLiteral","val":"1"}}"#)
        }
    }

    @Test func aPlanIsExplainedAsText() async throws {
        try await withServer { server in
            let answer = try await server.get("/mesh/v1/explain?query=up")
            #expect(answer.text.contains("fragment 0: up\n"))
            #expect(answer.text.contains("clusters: 1 of 2 asked\n"))
            #expect(answer.text.contains("not asked yet what they are"))
            #expect(answer.text.hasSuffix(": us-1\n"))
            #expect(answer["content-type"] == "text/plain; charset=utf-8")
        }
    }

    @Test func aPlanIsExplainedAsJSON() async throws {
        try await withServer { server in
            let answer = try await server.get("/mesh/v1/explain?query=up&time=100&format=json")
            #expect(answer["content-type"] == "application/json")
            #expect(
                answer.text.hasPrefix(
                    #"{"status":"success","data":{"query":"up","time":100,"plan":{"root":"#
                        + #"{"class":"L","title":"fragment 0, side by side","fragment":0,"inputs":[]},"#
                ))
            #expect(
                answer.text.contains(
                    #""requests":[{"cluster":"eu-1","query":"up","addedLabels":{"cluster":"eu-1"},"#
                ))
            #expect(
                answer.text.contains(
                    #"{"name":"us-1","version":null,"assumed":true,"asked":false,"maintenance":false}"#
                ))
            let other = try await server.get("/mesh/v1/explain?query=up&format=xml")
            #expect(other.status == 400)
            #expect(other.text.contains(#"\"xml\" is neither text nor json"#))
        }
    }

    @Test func explainingAnswersTheQueryWhereThatIsWanted() async throws {
        let seen = Mutex<[ExplainRequest]>([])
        var queries = Canned.queries()
        queries.explain = { (request) async throws(QueryFailure) in
            seen.withLock { $0.append(request) }
            return Canned.explanation(of: request)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            _ = try await server.get(
                "/mesh/v1/explain?query=up&start=10&end=20&step=5&analyze=true&timeout=1s")
            _ = try await server.get("/mesh/v1/explain?query=up&analyze=0")
            let wrong = try await server.get("/mesh/v1/explain?query=up&analyze=maybe")
            #expect(wrong.status == 400)
        }
        let requests = seen.withLock { $0 }
        #expect(requests.map(\.analyzes) == [true, false])
        #expect(
            requests.first?.query.times == .range(start: 10_000, end: 20_000, step: 5000))
        #expect(requests.first?.query.timeout == .seconds(1))
    }
}
