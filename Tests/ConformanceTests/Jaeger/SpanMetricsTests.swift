import Foundation
import TestSupport
import Testing

extension Conformance {
    /// `metrics/*` of Jaeger's API over real Prometheus servers that hold what OpenTelemetry's span
    /// metrics connector counts.
    @Suite("Span metrics of several clusters")
    struct SpanMetricsTests {
        private static let end = 1_700_001_800

        /// What a cluster counts of one service, a second.
        private struct Rates: Sendable {
            var well: Double
            var failed: Double
            /// Spans that took 100 ms at most; the others took 200 ms at most.
            var quick: Double
        }

        private static let east = Rates(well: 2, failed: 0.5, quick: 2)
        private static let west = Rates(well: 3, failed: 0, quick: 1)

        /// Half an hour of samples, the durations in seconds or milliseconds.
        private static func samples(_ rates: Rates, unit: String) -> String {
            let limits = unit == "seconds" ? ["0.1", "0.2"] : ["100", "200"]
            let span = #"service_name="cart",span_name="GET /",span_kind="SPAN_KIND_SERVER""#
            let all = rates.well + rates.failed
            let series = [
                (#"calls_total{\#(span),status_code="STATUS_CODE_UNSET"}"#, rates.well),
                (#"calls_total{\#(span),status_code="STATUS_CODE_ERROR"}"#, rates.failed),
                (#"duration_\#(unit)_bucket{\#(span),le="\#(limits[0])"}"#, rates.quick),
                (#"duration_\#(unit)_bucket{\#(span),le="\#(limits[1])"}"#, all),
                (#"duration_\#(unit)_bucket{\#(span),le="+Inf"}"#, all),
            ]
            var text = ""
            for (name, perSecond) in series where perSecond > 0 {
                for age in stride(from: 1800, through: 0, by: -15) {
                    let count = 1000 + perSecond * Double(1800 - age)
                    text += "traces_span_metrics_\(name) \(count) \(end - age)\n"
                }
            }
            return text + "# EOF\n"
        }

        private func server(
            _ name: String, _ rates: Rates, unit: String, in directory: TemporaryDirectory
        ) async throws -> PrometheusServer {
            try await Command.mustRun(
                "promtool",
                [
                    "tsdb", "create-blocks-from", "openmetrics", "--quiet",
                    try directory.write(Self.samples(rates, unit: unit), to: "\(name).txt"),
                    directory.file(name),
                ])
            return try await PrometheusServer(name, .init(data: directory.file(name)))
        }

        /// The last value of the only series.
        private func value(
            _ gateway: IsthmusServer, _ measure: String, quantile: String? = nil
        ) async throws -> Double? {
            var parameters: [HTTPCall.Parameter] = [
                .init("service", "cart"), .init("endTs", "\(Self.end)000"),
                .init("lookback", "60000"), .init("step", "60000"), .init("ratePer", "600000"),
            ]
            if let quantile { parameters.append(.init("quantile", quantile)) }
            let answer = try await HTTPCall(
                port: gateway.port, path: "/jaeger/api/metrics/\(measure)",
                parameters: parameters
            ).answer()
            #expect(answer.status == 200, "\(answer.text)")
            let family = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
            let metrics = family?["metrics"] as? [[String: Any]]
            #expect(metrics?.count == 1, "\(answer.text)")
            let points = metrics?.first?["metricPoints"] as? [[String: Any]]
            return (points?.last?["gaugeValue"] as? [String: Double])?["doubleValue"]
        }

        @Test(arguments: ["milliseconds", "seconds"])
        func ratesAreAddedAndQuantilesAreOfAllBuckets(unit: String) async throws {
            let directory = try TemporaryDirectory("span-metrics")
            defer { directory.remove() }
            let east = try await server("east", Self.east, unit: unit, in: directory)
            let west = try await server("west", Self.west, unit: unit, in: directory)
            let gateway = try await IsthmusServer(
                [
                    .init("east", urls: [east.address]), .init("west", urls: [west.address]),
                ],
                configuration:
                    "traces: {metrics: {latency_unit: \(unit == "seconds" ? "s" : "ms")}}\n")

            func expect(
                _ expected: Double, _ measure: String, quantile: String? = nil
            ) async throws {
                let found = try #require(
                    try await value(gateway, measure, quantile: quantile))
                #expect(abs(found - expected) < 1e-9 * expected, "\(measure): \(found)")
            }
            try await expect(5.5, "calls")
            try await expect(0.5 / 5.5, "errors")
            // Of 5.5 spans a second 3 are within 100 ms, and all within 200 ms: in milliseconds,
            // whatever the histogram is in. Alone, the clusters' 95th percentiles are 175 and 192.5.
            try await expect(100 * 2.75 / 3, "latencies", quantile: "0.5")
            try await expect(100 + 100 * (0.95 * 5.5 - 3) / 2.5, "latencies", quantile: "0.95")

            await gateway.end()
            await east.end()
            await west.end()
        }
    }
}
