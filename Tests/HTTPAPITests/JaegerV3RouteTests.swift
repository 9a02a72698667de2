import Clusters
import HTTPAPI
import Spans
import Testing
import Traces

/// The routes of Jaeger's API v3.
@Suite struct JaegerV3RouteTests {
    private static let times =
        "query.startTimeMin=2023-11-14T22:13:20Z&query.startTimeMax=2023-11-14T22:14:20.5%2B00:00"
    private static let start: Int64 = 1_700_000_000_000_000_000

    @Test func servicesAndOperationsAreListsOfTheirOwn() async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let services = try await server.get("/jaeger/api/v3/services")
            #expect(services.text == #"{"services":["cart","frontend"]}"#)
            for parameter in ["spanKind", "span_kind"] {
                let operations = try await server.get(
                    "/jaeger/api/v3/operations?service=cart&\(parameter)=client")
                #expect(
                    operations.text.hasPrefix(
                        #"{"operations":[{"name":"GET /","spanKind":"server"},"#))
            }
        }
        let question = TraceAnswering.OperationsQuestion(service: "cart", kind: .client)
        #expect(traces.questions == [.services, .operations(question), .operations(question)])
    }

    @Test(arguments: [
        "query.serviceName=a&query.operationName=b&query.attributes=%7B%22x%22:%22y%22%7D&\(times)"
            + "&query.searchDepth=4&query.durationMin=1ms&query.durationMax=2ms"
            + "&query.rawTraces=true",
        "query.service_name=a&query.operation_name=b&query.attributes=%7B%22x%22:%22y%22%7D"
            + "&query.start_time_min=2023-11-14T22:13:20Z"
            + "&query.start_time_max=2023-11-14T22:14:20.500Z&query.num_traces=4"
            + "&query.duration_min=1ms&query.duration_max=2ms&query.raw_traces=true",
    ])
    func bothSpellingsAreRead(_ parameters: String) async throws {
        let traces = CannedTraces()
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            let answer = try await server.get("/jaeger/api/v3/traces?\(parameters)")
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "application/json")
            #expect(answer.text.hasPrefix(#"{"result":{"resourceSpans":["#))
        }
        let search = TraceSearch(
            service: "a", operation: "b", tags: [.init(key: "x", value: "y")], start: Self.start,
            end: Self.start + 60_500_000_000, minimumDuration: 1_000_000,
            maximumDuration: 2_000_000, limit: 4)
        #expect(traces.questions == [.find(.init(search: search, isRaw: true))])
    }

    /// Grafana does not escape the sign of an offset, which arrives as a space.
    @Test func aTraceIsAskedForInATimeOfAnyOffset() async throws {
        let traces = CannedTraces()
        let id = "e2acf72f9e574f7aa0ee89aed453dd33"
        try await withServer(dependencies: Canned.dependencies(traces)) { server in
            for times in [
                "startTime=2023-11-14T22:13:20Z&endTime=2023-11-14T22:13:21Z",
                "start_time=2023-11-15T00:13:20+02:00&end_time=2023-11-15T00:13:21+02:00",
            ] {
                let answer = try await server.get("/jaeger/api/v3/traces/\(id)?\(times)")
                #expect(answer.status == 200)
                #expect(answer.text.contains(#""traceId":"\#(id)""#))
            }
        }
        let question = TraceAnswering.TracesQuestion(
            ids: [CannedTraces.id], hints: Self.start...(Self.start + 1_000_000_000), isRaw: false)
        #expect(traces.questions == [.traces(question), .traces(question)])
    }

    @Test func summariesAreOfWholeTraces() async throws {
        try await withServer(dependencies: Canned.dependencies(CannedTraces())) { server in
            let answer = try await server.get(
                "/jaeger/api/v3/trace-summaries?query.serviceName=a&\(Self.times)")
            #expect(answer.status == 200)
            #expect(
                answer.text
                    == #"{"summaries":[{"traceId":"e2acf72f9e574f7aa0ee89aed453dd33","#
                    + #""rootServiceName":"frontend","rootOperationName":"GET /","#
                    + #""minStartTimeUnixNano":"1700000000000000000","#
                    + #""maxEndTimeUnixNano":"1700000000005000000","spanCount":2,"#
                    + #""errorSpanCount":1,"services":[{"name":"cart","spanCount":1,"#
                    + #""errorSpanCount":1},{"name":"frontend","spanCount":1}]}]}"#)
        }
    }
}
