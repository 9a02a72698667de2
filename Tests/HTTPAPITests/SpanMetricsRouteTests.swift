import Clusters
import Federation
import HTTPAPI
import PromQL
import Synchronization
import Testing
import TimeSeries

/// `metrics/*` of Jaeger's API, which are computed from what Prometheus has.
@Suite struct SpanMetricsRouteTests {
    /// What was asked of Prometheus.
    final class Asked: Sendable {
        let requests = Mutex<[QueryRequest]>([])

        var queries: QueryAnswering {
            Canned.queries { [self] (request) async throws(QueryFailure) in
                requests.withLock { $0.append(request) }
                let grid = request.times.grid
                var values = [Double](repeating: 12.5, count: grid.count)
                values[0] = Absent.value
                values[1] = .nan
                return QueryAnswer(
                    value: .vector(
                        [
                            GridSeries(
                                labels: ["service_name": "cart", "span_name": "GET /"],
                                values: values)
                        ], grid: grid), coverage: Canned.coverage)
            }
        }
    }

    private static let tail =
        #""type":"GAUGE","help":"calls/sec, grouped by service \u0026 operation","metrics":[{"#
        + #""labels":[{"name":"service_name","value":"cart"},{"name":"operation","#
        + #""value":"GET /"}],"metricPoints":[{"gaugeValue":{"doubleValue":"NaN"},"#
        + #""timestamp":"2023-11-14T22:13:10Z"},{"gaugeValue":{"doubleValue":12.5},"#
        + #""timestamp":"2023-11-14T22:13:15Z"},{"gaugeValue":{"doubleValue":12.5},"#
        + #""timestamp":"2023-11-14T22:13:20Z"}]}]}"#

    @Test func ratesAreAFamilyOfMetrics() async throws {
        let asked = Asked()
        try await withServer(dependencies: Canned.dependencies(queries: asked.queries)) { server in
            let answer = try await server.get(
                "/jaeger/api/metrics/calls?service=cart&groupByOperation=true&lookback=15000"
                    + "&spanKind=client&ratePer=60000")
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "application/json")
            #expect(answer.text == #"{"name":"service_operation_call_rate","# + Self.tail)
            #expect(answer["x-isthmus-clusters-ok"] == "eu-1")
            #expect(answer["x-isthmus-clusters-missing"] == "us-1")
        }
        let request = asked.requests.withLock { $0.first }
        #expect(
            request?.expression
                == "sum by (service_name, span_name) (rate(traces_span_metrics_calls_total"
                + #"{service_name="cart",span_kind="SPAN_KIND_CLIENT"}[60000ms]))"#)
        #expect(
            request?.times
                == .range(start: Canned.now - 15_000, end: Canned.now, step: 5000))
        #expect(request?.partialResponse == true)
    }

    @Test func aRequestThatSaysLittleIsOfAnHour() async throws {
        let asked = Asked()
        try await withServer(dependencies: Canned.dependencies(queries: asked.queries)) { server in
            for target in [
                "latencies?service=a&service=b&quantile=0.95", "errors?service=a",
                "calls?service=a",
            ] {
                let answer = try await server.get("/jaeger/api/metrics/\(target)")
                #expect(answer.status == 200, "\(target)")
            }
        }
        let all = asked.requests.withLock { $0 }
        for request in all { #expect(try parse(request.expression).type == .vector) }
        asked.requests.withLock { requests in
            #expect(requests.count == 3)
            for request in requests {
                #expect(
                    request.times
                        == .range(start: Canned.now - 3_600_000, end: Canned.now, step: 5000))
                #expect(request.expression.contains("[600000ms]"))
                #expect(request.expression.contains(#"span_kind="SPAN_KIND_SERVER""#))
            }
            #expect(requests[0].expression.hasPrefix("histogram_quantile(0.95, "))
            #expect(requests[0].expression.contains(#"service_name=~"a|b""#))
        }
    }

    @Test func nothingIsAFamilyWithoutMetrics() async throws {
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            QueryAnswer(value: .vector([], grid: request.times.grid))
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/jaeger/api/metrics/errors?service=a")
            #expect(
                answer.text
                    == #"{"name":"service_error_rate","type":"GAUGE","help":"error rate, computed "#
                    + #"as a fraction of errors/sec over calls/sec, grouped by service"}"#)
        }
    }

    @Test func theShortestStepIsAMillisecond() async throws {
        try await withServer { server in
            let answer = try await server.get("/jaeger/api/metrics/minstep")
            #expect(
                answer.text == #"{"data":1,"total":0,"limit":0,"offset":0,"errors":null}"#)
        }
    }

    @Test(arguments: ["step=0", "step=-5", "lookback=-1", "ratePer=0", "step=1&lookback=20000"])
    func timesThatCannotBeAreRefused(_ parameters: String) async throws {
        let asked = Asked()
        try await withServer(dependencies: Canned.dependencies(queries: asked.queries)) { server in
            let answer = try await server.get(
                "/jaeger/api/metrics/calls?service=a&\(parameters)")
            #expect(answer.status == 400)
            #expect(answer.text.hasPrefix(#"{"data":null,"total":0,"#))
        }
        #expect(asked.requests.withLock { $0.isEmpty })
    }

    @Test func clustersAreChosenByTheirLabel() async throws {
        let asked = Asked()
        var dependencies = Canned.dependencies(CannedTraces())
        dependencies.queries = asked.queries
        try await withServer(dependencies: dependencies) { server in
            let answer = try await server.get(
                "/jaeger/api/metrics/calls?service=a&clusters=west,east&partial_response=false")
            #expect(answer.status == 200)
        }
        let request = asked.requests.withLock { $0.first }
        #expect(request?.expression.contains(#"{cluster=~"east|west",service_name="a","#) == true)
        #expect(request?.partialResponse == false)
    }

    @Test func aFailureIsInJaegersForm() async throws {
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            throw .unavailable("no cluster answered", Canned.coverage)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get("/jaeger/api/metrics/calls?service=a")
            #expect(answer.status == 503)
            #expect(answer.text.contains(#""errors":[{"code":503,"msg":"no cluster answered"}]"#))
            #expect(answer["x-isthmus-clusters-missing"] == "us-1")
        }
    }
}
