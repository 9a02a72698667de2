import Alerting
import Clusters
import Rules
import TestSupport
import Testing
import TimeSeries
import Upstream

/// Since when alerts waited, as a real Prometheus has it.
@Suite(.timeLimit(.minutes(10)))
struct ForStateSourceTests {
    private static let start = RuleGroupState.start

    private static func with(
        _ body: (ForStateSource, WrittenSeries) async throws -> Void
    ) async throws {
        var options = PrometheusServer.Options()
        options.flags = ["--web.enable-remote-write-receiver"]
        let server = try await PrometheusServer("for-state", options)
        let upstream = UpstreamClient()
        let service = Service(urls: [server.address])
        do {
            try await body(
                ForStateSource(service, upstream: upstream, addedLabels: ["gateway": "one"]),
                WrittenSeries(service: service, upstream: upstream))
        } catch {
            await upstream.stop()
            await server.end()
            throw error
        }
        await upstream.stop()
        await server.end()
    }

    private static func labels(_ name: String) -> Labels {
        [
            "__name__": "ALERTS_FOR_STATE", "alertname": "A", "severity": "page",
            "cluster": name, "gateway": "one",
        ]
    }

    private static func write(to series: WrittenSeries) async throws {
        try await series.write(2, of: labels("old"), at: [start - 4_000_000])
        let times = (0...10).map { start + $0 * 60_000 }
        try await series.write(5, of: labels("active"), at: times)
        try await series.write(6, of: labels("over"), at: Array(times.dropLast()))
        try await series.write(
            Absent.value, of: labels("over"), at: [start + 600_000])
    }

    @Test func whatWasNotOverIsFoundWithItsLastTimeHoweverLongAgo() async throws {
        try await Self.with { source, series in
            try await Self.write(to: series)
            let now = Self.start + 2_400_123
            let found = try await source.samples(
                [Matcher("__name__", equal: "ALERTS_FOR_STATE"), Matcher("alertname", equal: "A")],
                from: now - 3_600_000, at: now, interval: 60_000)
            #expect(
                found == [
                    ForStateSample(
                        labels: [
                            "alertname": "A", "severity": "page", "cluster": "active",
                        ], time: Self.start + 600_000, value: 5)
                ])
            let others = try await source.samples(
                [Matcher("alertname", equal: "B")], from: now - 3_600_000, at: now, interval: 60_000
            )
            #expect(others.isEmpty)
        }
    }

    @Test func anAlertGoesOnWaitingWhereItsSeriesEnded() async throws {
        try await Self.with { source, series in
            let active = Double(Self.start / 1000)
            try await series.write(
                active, of: Self.labels("eu").setting("severity", to: ""),
                at: (0...10).map { Self.start + $0 * 60_000 })
            let keeper = StateKeeper(redis: nil, series: source)
            var state = try RuleGroupState.one("x > 0", hold: 1800)
            await keeper.restore(&state, at: Self.start + 900_000)
            #expect(!state.rules[0].isRestored)
            state.evaluate(minute: 15, [["cluster": "eu"]])
            state.evaluate(minute: 16, [["cluster": "eu"]])
            await keeper.restoreWaiting(&state, at: Self.start + 960_000)
            // Ten minutes it had waited, and six do not count.
            #expect(state.rules[0].activeAlerts.map(\.activeAt) == [Self.start + 360_000])
            #expect(state.rules[0].isRestored)
        }
    }

    @Test func whereThereIsNoServerAlertsBeginAnew() async throws {
        let upstream = UpstreamClient()
        let service = Service(urls: ["http://127.0.0.1:1"])
        let source = ForStateSource(service, upstream: upstream, timeout: .seconds(2))
        await #expect(throws: ForStateFailure.self) {
            try await source.samples(
                [Matcher("alertname", equal: "A")], from: 0, at: 60_000, interval: 60_000)
        }
        var state = try RuleGroupState.one("x > 0", hold: 1800)
        state.evaluate(minute: 0, [["cluster": "eu"]])
        await StateKeeper(redis: nil, series: source).restoreWaiting(
            &state, at: Self.start + 60_000)
        #expect(state.rules[0].activeAlerts.map(\.activeAt) == [Self.start])
        #expect(state.rules[0].isRestored)
        await upstream.stop()
    }
}

/// Writes samples into a Prometheus, in the plainest form that remote write allows.
struct WrittenSeries {
    let service: Service
    let upstream: UpstreamClient

    func write(_ value: Double, of labels: Labels, at times: [Int64]) async throws {
        var series: [UInt8] = []
        for (name, value) in labels.pairs {
            series += Self.field(
                1, Self.field(1, Array(name.utf8)) + Self.field(2, Array(value.utf8)))
        }
        for time in times {
            var sample: [UInt8] = [1 << 3 | 1]
            withUnsafeBytes(of: value.bitPattern.littleEndian) { sample += $0 }
            sample += [2 << 3] + Self.number(UInt64(time))
            series += Self.field(2, sample)
        }
        let request = UpstreamRequest(
            method: .post, path: "/api/v1/write",
            body: .init(
                Self.snappy(Self.field(1, series)),
                headers: [
                    Service.Header(name: "Content-Type", value: "application/x-protobuf"),
                    Service.Header(name: "Content-Encoding", value: "snappy"),
                ]), endpoint: "write", maximumBytes: 1 << 20)
        let status = try await upstream.ask(
            cluster: ClusterID("test"), service: service, request: request,
            deadline: .now + .seconds(30)
        ) { response in
            _ = try await response.collect(upTo: 1 << 20)
            return response.status
        }
        guard status == 204 else { throw WriteFailure(status: status) }
    }

    struct WriteFailure: Error { var status: Int }

    private static func number(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func field(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [tag << 3 | 2] + number(UInt64(bytes.count)) + bytes
    }

    /// One literal, as long as the whole.
    private static func snappy(_ bytes: [UInt8]) -> [UInt8] {
        let last = bytes.count - 1
        return number(UInt64(bytes.count))
            + [61 << 2, UInt8(last & 0xff), UInt8(last >> 8)] + bytes
    }
}
