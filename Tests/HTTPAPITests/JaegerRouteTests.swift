import Clusters
import HTTPAPI
import PrometheusAPI
import Spans
import Testing
import Traces

/// The routes of Jaeger's older API: what they ask, and what they answer.
@Suite struct JaegerRouteTests {
    private static let envelope = #""total":0,"limit":0,"offset":0,"errors":null}"#

    @Test func servicesAreAListInTheEnvelope() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/jaeger/api/services")
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "application/json")
            #expect(
                answer.text
                    == #"{"data":["cart","frontend"],"total":2,"limit":0,"offset":0,"errors":null}"#
            )
            #expect(answer["x-isthmus-clusters-ok"] == "east,west")
            #expect(answer["x-isthmus-clusters-missing"] == "")
        }
        #expect(traces.questions == [.services])
        #expect(traces.calls == [TraceCall()])
    }

    @Test func noServicesAreAnEmptyList() async throws {
        var content = CannedTraces.Content()
        content.services = []
        try await withServer(dependencies: Canned.dependencies(CannedTraces(content))) { server in
            let answer = try await server.get("/jaeger/api/services")
            #expect(answer.text == #"{"data":[],"# + Self.envelope)
        }
    }

    @Test func namesOfOperationsStandOnce() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/jaeger/api/services/a%2Fb%20c/operations")
            #expect(
                answer.text
                    == #"{"data":["GET /","checkout"],"total":2,"limit":0,"offset":0,"#
                    + #""errors":null}"#)
        }
        #expect(traces.questions == [.operations(.init(service: "a/b c", kind: nil))])
    }

    /// Go's list without elements is null here, and nowhere else.
    @Test func namesOfNoOperationsAreNull() async throws {
        var content = CannedTraces.Content()
        content.operations = []
        try await withServer(dependencies: Canned.dependencies(CannedTraces(content))) { server in
            let names = try await server.get("/jaeger/api/services/nope/operations")
            #expect(names.text == #"{"data":null,"# + Self.envelope)
            let operations = try await server.get("/jaeger/api/operations?service=nope")
            #expect(operations.text == #"{"data":[],"# + Self.envelope)
            let third = try await server.get("/jaeger/api/v3/operations?service=nope")
            #expect(third.text == #"{"operations":[]}"#)
        }
    }

    @Test func operationsHaveTheirKinds() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get(
                "/jaeger/api/operations?service=cart&spanKind=server")
            #expect(
                answer.text.hasPrefix(
                    #"{"data":[{"name":"GET /","spanKind":"server"},"#
                        + #"{"name":"GET /","spanKind":"client"},"#))
            #expect(answer.text.hasSuffix(#""total":3,"limit":0,"offset":0,"errors":null}"#))
        }
        #expect(traces.questions == [.operations(.init(service: "cart", kind: .server))])
    }

    @Test func aSearchIsAskedWithAllItsConditions() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get(
                "/jaeger/api/traces?service=cart&operation=GET+%2F&start=1000&end=2000&limit=7"
                    + "&minDuration=1.5ms&maxDuration=2s&tag=a:b:c&tags=%7B%22x%22:%22y%22%7D"
                    + "&raw=true")
            #expect(answer.status == 200)
        }
        let search = TraceSearch(
            service: "cart", operation: "GET /",
            tags: [.init(key: "a", value: "b:c"), .init(key: "x", value: "y")],
            start: 1_000_000, end: 2_000_000, minimumDuration: 1_500_000,
            maximumDuration: 2_000_000_000, limit: 7)
        #expect(traces.questions == [.find(.init(search: search, isRaw: true))])
    }

    @Test func aSearchThatSaysLittleIsOfTwoDaysAndAHundredTraces() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            _ = try await server.get("/jaeger/api/traces?service=cart")
        }
        let now = Canned.now * 1_000_000
        let search = TraceSearch(
            service: "cart", start: now - 48 * 3_600_000_000_000, end: now, limit: 100)
        #expect(traces.questions == [.find(.init(search: search, isRaw: false))])
    }

    @Test func tracesAreInTheEnvelope() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedTraces())) { server in
            for target in ["traces?service=cart", "traces/e2acf72f9e574f7aa0ee89aed453dd33"] {
                let answer = try await server.json("/jaeger/api/\(target)")
                let data = answer["data"]?.array
                #expect(data?.count == 1)
                #expect(data?.first?["traceID"]?.string == "e2acf72f9e574f7aa0ee89aed453dd33")
                #expect(data?.first?["spans"]?.array?.count == 2)
                #expect(answer["errors"] == .null)
            }
        }
    }

    @Test func anIdIsOneInAllItsForms() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            for id in [
                "e2acf72f9e574f7aa0ee89aed453dd33", "E2ACF72F9E574F7AA0EE89AED453DD33",
                "4qz3L55XT3qg7omu1FPdMw==", "4qz3L55XT3qg7omu1FPdMw",
            ] {
                let answer = try await server.get(
                    "/jaeger/api/traces/\(id)?start=1700000000000000&end=1700000001000000&raw=1")
                #expect(answer.status == 200, "\(id)")
            }
        }
        let question = TraceAnswering.TracesQuestion(
            ids: [CannedTraces.id],
            hints: 1_700_000_000_000_000_000...1_700_000_001_000_000_000, isRaw: true)
        #expect(traces.questions == Array(repeating: .traces(question), count: 4))
    }

    /// Grafana has sent milliseconds here for years.
    @Test func timesInMillisecondsAreKnownByTheirSize() async throws {
        let traces = CannedTraces()
        let id = "e2acf72f9e574f7aa0ee89aed453dd33"
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            _ = try await server.get(
                "/jaeger/api/traces/\(id)?start=1700000000000&end=1700000060000")
            _ = try await server.get(
                "/jaeger/api/traces/\(id)?start=1700000000000000&end=1700000060000000")
        }
        let hints = 1_700_000_000_000_000_000...1_700_000_060_000_000_000 as ClosedRange<Int64>
        let question = TraceAnswering.TracesQuestion(
            ids: [CannedTraces.id], hints: hints, isRaw: false)
        #expect(traces.questions == [.traces(question), .traces(question)])
    }

    @Test func ofSeveralIdsThoseThatAreNowhereAreNamed() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedTraces())) { server in
            let answer = try await server.get(
                "/jaeger/api/traces?traceID=abc&traceID=e2acf72f9e574f7aa0ee89aed453dd33")
            #expect(answer.status == 200)
            #expect(
                answer.text.hasSuffix(
                    #""total":0,"limit":0,"offset":0,"errors":[{"msg":"trace not found","#
                        + #""traceID":"0000000000000abc"}]}"#))
        }
    }

    @Test func dependenciesSayWhatTheyWereFoundIn() async throws {
        var content = CannedTraces.Content()
        let crossing = ServiceDependency(parent: "frontend", child: "cart", callCount: 3)
        content.report = DependencyReport(
            edges: [ServiceDependency(parent: "cart", child: "db", callCount: 9), crossing],
            crossings: [crossing],
            sample: .init(
                traces: 812, spans: 4060, isCut: true, takenAt: Canned.now - 60_000,
                age: .seconds(60)))
        let traces = CannedTraces(content)
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/jaeger/api/dependencies?endTs=5000&lookback=1000")
            #expect(
                answer.text
                    == #"{"data":[{"parent":"cart","child":"db","callCount":9},"#
                    + #"{"parent":"frontend","child":"cart","callCount":3}],"total":0,"limit":0,"#
                    + #""offset":0,"errors":null,"sample":{"traces":812,"spans":4060,"#
                    + #""crossings":1,"cut":true,"takenAt":"2023-11-14T22:12:20Z"}}"#)
            #expect(
                answer["x-isthmus-dependency-sample"]
                    == "traces=812; spans=4060; crossings=1; cut=true; age=60")
            _ = try await server.get("/jaeger/api/dependencies?service=cart")
        }
        #expect(
            traces.questions == [
                .dependencies(.init(end: 5000, lookback: 1000, service: nil)),
                .dependencies(.init(end: Canned.now, lookback: 86_400_000, service: "cart")),
            ])
    }

    @Test func aTraceIsArchived() async throws {
        let traces = CannedTraces()
        let path = "/jaeger/api/archive/e2acf72f9e574f7aa0ee89aed453dd33"
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.post(path, form: "")
            #expect(answer.status == 200)
            #expect(
                answer.text == #"{"data":[],"total":0,"limit":0,"offset":0,"errors":[]}"#)
            #expect(try await server.get(path).status == 405)
        }
        #expect(traces.questions == [.archive(.init(id: CannedTraces.id, hints: nil))])
    }

    @Test func aDocumentOfOTLPIsTurnedIntoTraces() async throws {
        let document =
            #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":"#
            + #"{"stringValue":"cart"}}]},"scopeSpans":[{"spans":[{"traceId":"#
            + #""e2acf72f9e574f7aa0ee89aed453dd33","spanId":"0000000000000001","name":"get","#
            + #""kind":2,"startTimeUnixNano":"1700000000000000000","#
            + #""endTimeUnixNano":"1700000000005000000"}]}]}]}"#
        try await withServer(dependencies: Canned.dependencies(CannedTraces())) { server in
            let answer = try await server.post(
                "/jaeger/api/transform", form: document, type: "application/json")
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""traceID":"e2acf72f9e574f7aa0ee89aed453dd33""#))
            #expect(answer.text.contains(#""duration":5000"#))
            // The body is a document whatever it is said to be.
            let form = try await server.post("/jaeger/api/transform", form: document)
            #expect(form.text == answer.text)
            let bad = try await server.post(
                "/jaeger/api/transform", form: "{", type: "application/json")
            #expect(bad.status == 400)
            #expect(bad.text.hasPrefix(#"{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"#))
        }
    }

    @Test func anAnswerIsIndentedForPeople() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedTraces())) { server in
            let answer = try await server.get("/jaeger/api/services?prettyPrint=true")
            #expect(
                answer.text == """
                    {
                        "data": [
                            "cart",
                            "frontend"
                        ],
                        "total": 2,
                        "limit": 0,
                        "offset": 0,
                        "errors": null
                    }
                    """)
            let plain = try await server.get("/jaeger/api/services?prettyPrint=false")
            #expect(!plain.text.contains("\n"))
            let trace = try await server.get(
                "/jaeger/api/traces/e2acf72f9e574f7aa0ee89aed453dd33?prettyPrint=1")
            #expect(trace.text.contains("\n                    \"operationName\": \"get\",\n"))
        }
    }

    @Test func thePathOfTheAPIIsWhereTheSettingsSay() async throws {
        var settings = HTTPAPISettings()
        settings.tracesPath = "/tools/traces"
        try await withServer(settings: settings) { server in
            #expect(try await server.get("/tools/traces/api/services").status == 200)
            #expect(try await server.get("/tools/traces/api/v3/services").status == 200)
            #expect(try await server.get("/jaeger/api/services").status == 404)
            let page = try await server.get("/tools/traces")
            #expect(page.status == 200)
            #expect(page.text.contains("/tools/traces/api/traces/<name>"))
            #expect(try await server.get("/tools/traces/").text == page.text)
        }
    }
}
