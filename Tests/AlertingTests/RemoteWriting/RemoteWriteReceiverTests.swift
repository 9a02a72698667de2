import Alerting
import Foundation
import Glibc
import Rules
import TestSupport
import Testing
import TimeSeries

/// A real Prometheus that is written to.
@Suite(.timeLimit(.minutes(10)))
struct RemoteWriteReceiverTests {
    /// When the samples begin, milliseconds since the Unix epoch.
    private static let start: Int64 = 1_750_000_000_000

    private func options(
        port: Int? = nil, data: String? = nil
    ) -> PrometheusServer.Options {
        var options = PrometheusServer.Options(data: data)
        options.flags = [
            "--web.enable-remote-write-receiver", "--enable-feature=native-histograms",
        ]
        options.port = port
        return options
    }

    private func withPrometheus(
        _ body: (PrometheusServer, WriterOptions) async throws -> Void
    ) async throws {
        let server = try await PrometheusServer("receiver", options())
        do {
            try await body(server, WriterOptions(server.address + "/api/v1/write"))
            await server.end()
        } catch {
            await server.end()
            throw error
        }
    }

    /// The values of an instant query, ordered.
    private func values(_ query: String, at time: Int64, port: Int) async throws -> [String] {
        let answer = try await HTTPCall(
            port: port, path: "/api/v1/query",
            parameters: [.init("query", query), .init("time", "\(Double(time) / 1000)")]
        ).answer()
        #expect(answer.status == 200, "\(answer.text)")
        let tree = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
        let data = tree?["data"] as? [String: Any]
        let result = data?["result"] as? [[String: Any]] ?? []
        return result.compactMap { ($0["value"] as? [Any])?.last as? String }.sorted()
    }

    @Test func floatsAreThereAndASeriesEndsAtItsMark() async throws {
        try await withPrometheus { server, options in
            let start = Self.start
            try await withWriter(options) { writer in
                for step in 0..<5 {
                    let time = start + Int64(step) * 15_000
                    writer.write([
                        ruleSample(
                            "ALERTS", ["alertname": "A", "alertstate": "firing"], at: time, 1),
                        ruleSample("job:errors:ratio", ["cluster": "eu-1"], at: time, 0.25),
                    ])
                }
                try await eventually { writer.pendingSamples == 0 }
                let last = start + 60_000
                #expect(
                    try await values("count_over_time(ALERTS[5m])", at: last, port: server.port)
                        == ["5"])
                #expect(
                    try await values("job:errors:ratio", at: last, port: server.port) == ["0.25"])
                writer.write([
                    ruleSample(
                        "ALERTS", ["alertname": "A", "alertstate": "firing"], at: last + 15_000,
                        Absent.value)
                ])
                try await eventually { writer.pendingSamples == 0 }
                let end = last + 15_000
                #expect(try await values("ALERTS", at: end, port: server.port) == [])
                #expect(try await values("ALERTS", at: end - 1, port: server.port) == ["1"])
                #expect(
                    try await values("job:errors:ratio", at: end, port: server.port) == ["0.25"])
            }
            #expect(options.written == 11 && options.lost(.refused) == 0)
        }
    }

    @Test func nativeHistogramsAreThereAndEndWithinOneRequest() async throws {
        try await withPrometheus { server, options in
            let labels: Labels = ["__name__": "latency", "cluster": "eu-1"]
            var options = options
            options.settings.batchDeadline = .seconds(3600)
            options.settings.maximumSamplesPerSend = 5
            try await withWriter(options) { writer in
                var histogram = NativeHistogram(
                    layout: .exponential(schema: 1), count: 10.5, sum: 42,
                    positive: HistogramBuckets(first: -3, counts: [1, 0.5, 2]),
                    resetHint: .gauge)
                histogram.positive.append(3, at: 9)
                histogram.negative = HistogramBuckets(first: 2, counts: [2])
                histogram.zeroThreshold = 0.001
                histogram.zeroCount = 2
                for step in 0..<3 {
                    writer.write([
                        RuleSample(
                            labels: labels, time: Self.start + Int64(step) * 1000,
                            value: .histogram(histogram))
                    ])
                }
                writer.write([
                    RuleSample(
                        labels: labels, time: Self.start + 3000, value: .float(Absent.value)),
                    ruleSample("other", at: Self.start + 3000, 1),
                ])
                try await eventually { writer.pendingSamples == 0 }
                #expect(options.written == 5 && options.lost(.refused) == 0)
                let port = server.port
                let last = Self.start + 2000
                #expect(
                    try await values("histogram_count(latency)", at: last, port: port) == ["10.5"])
                #expect(try await values("histogram_sum(latency)", at: last, port: port) == ["42"])
                // Of all observations those above the zero bucket, and of these the last bucket.
                #expect(
                    try await values(
                        "histogram_fraction(0.001, +Inf, latency) * 10.5", at: last, port: port)
                        == ["6.5"])
                #expect(
                    try await values(
                        "histogram_fraction(16, 22.627416997969522, latency) * 10.5", at: last,
                        port: port) == ["3"])
                #expect(
                    try await values("count_over_time(latency[5m])", at: last, port: port)
                        == ["3"])
                #expect(try await values("latency", at: last + 1000, port: port) == [])
                #expect(
                    try await values("histogram_count(latency)", at: last + 1000, port: port) == [])
            }
        }
    }

    @Test func whatIsOutOfOrderIsDroppedAndTheRestGoesOn() async throws {
        try await withPrometheus { server, options in
            var options = options
            options.settings.maximumSamplesPerSend = 2
            try await withWriter(options) { writer in
                let start = Self.start
                writer.write([ruleSample("a", at: start, 1), ruleSample("b", at: start, 1)])
                writer.write([
                    ruleSample("a", at: start - 1000, 2), ruleSample("b", at: start - 1000, 2),
                ])
                writer.write([
                    ruleSample("a", at: start + 1000, 3), ruleSample("b", at: start + 1000, 3),
                ])
                try await eventually { writer.pendingSamples == 0 }
                #expect(try await values("a + b", at: start + 1000, port: server.port) == ["6"])
                #expect(
                    try await values("count_over_time(a[5m])", at: start + 1000, port: server.port)
                        == ["2"])
            }
            #expect(options.lost(.refused) == 2 && options.written == 4)
            let line = try #require(options.log.lines.first)
            #expect(line.contains("HTTP status 400: out of order sample"), "\(line)")
        }
    }

    @Test func nothingIsLostWhileAPrometheusIsAway() async throws {
        let directory = try TemporaryDirectory("receiver-data")
        defer { directory.remove() }
        let port = try Loopback.freePort()
        let first = try await PrometheusServer(
            "receiver", options(port: port, data: directory.file("data")))
        let options = WriterOptions(first.address + "/api/v1/write")
        try await withWriter(options) { writer in
            let names = ["a", "b", "c"]
            func write(_ steps: Range<Int>) {
                for step in steps {
                    let time = Self.start + Int64(step) * 1000
                    writer.write(
                        names.map { ruleSample($0, Labels([("of", $0)]), at: time, Double(step)) })
                }
            }
            write(0..<20)
            try await eventually { options.written == 60 }
            await first.end()
            write(20..<60)
            try await eventually { options.retries > 1 }
            let second = try await PrometheusServer(
                "receiver", self.options(port: port, data: directory.file("data")))
            write(60..<80)
            try await eventually { writer.pendingSamples == 0 }
            let counts = try await values(
                #"count_over_time({__name__=~"a|b|c"}[5m])"#, at: Self.start + 79_000, port: port)
            #expect(counts == ["80", "80", "80"])
            let changes = try await values(
                "resets(a[5m]) + changes(a[5m])", at: Self.start + 79_000, port: port)
            #expect(changes == ["79"])
            await second.end()
        }
        #expect(options.written == 240)
        for reason in RemoteWriteLoss.allCases { #expect(options.lost(reason) == 0) }
    }

    @Test(.enabled(if: ChildProcess.located("victoria-metrics") != nil))
    func victoriaMetricsTakesFloatsAndMarksToo() async throws {
        let directory = try TemporaryDirectory("victoria-metrics")
        defer { directory.remove() }
        let port = try Loopback.freePort()
        let process = try ChildProcess(
            "victoria-metrics", executable: "victoria-metrics",
            arguments: [
                "-storageDataPath=\(directory.file("data"))", "-retentionPeriod=100y",
                "-httpListenAddr=127.0.0.1:\(port)",
            ],
            outputPath: directory.file("log"))
        defer { process.signal(SIGKILL) }
        try await awaitProcess(process, "ready") {
            let answer = try? await HTTPCall(port: port, path: "/health").answer()
            return answer?.status == 200
        }
        let options = WriterOptions("http://127.0.0.1:\(port)/api/v1/write")
        try await withWriter(options) { writer in
            let end = Self.start + 60_000
            for step in 0..<4 {
                let time = Self.start + Int64(step) * 15_000
                writer.write([ruleSample("a", at: time, 7), ruleSample("b", at: time, 8)])
            }
            writer.write([
                ruleSample("a", at: end, Absent.value), ruleSample("b", at: end, 9),
            ])
            // It shows what it has taken after a second or so.
            try await eventually { try await values("b", at: end, port: port) == ["9"] }
            #expect(try await values("a", at: end - 1, port: port) == ["7"])
            #expect(try await values("a", at: end, port: port) == [])
        }
        #expect(options.written == 10 && options.retries == 0)
        await process.end()
    }
}
