import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A Prometheus that takes samples of the past, and a target that gives it such.
final class LateSamples: Sendable {
    let prometheus: LatePrometheus
    private let target: ScriptedServer
    /// What the target shows.
    private let shared: SharedText
    /// The second about which samples are sent.
    private let now = Int(time(nil))

    init() async throws {
        let text = SharedText()
        target = try ScriptedServer { _ in
            .answer(status: 200, type: "text/plain; version=0.0.4", body: text.value)
        }
        shared = text
        prometheus = try await LatePrometheus(targetPort: target.port)
    }

    /// A text that one writes and another reads.
    private final class SharedText: Sendable {
        private let text = Mutex("")

        var value: String {
            get { text.withLock { $0 } }
            set { text.withLock { $0 = newValue } }
        }
    }

    /// Gives the server samples of so many seconds from now, and waits until it has them.
    func send(_ seconds: [Int]) async throws {
        for second in seconds {
            let time = now + second
            shared.value = "late_total{second=\"x\"} \(abs(second)) \(time * 1000)\n"
            try await awaitProcess(prometheus.process, "the sample of \(second) s") {
                let answer = try? await HTTPCall(
                    port: prometheus.port, path: "/api/v1/query",
                    parameters: [
                        .init("query", "late_total[1s]"), .init("time", "\(time).5"),
                    ]
                ).answer()
                return answer?.text.contains("\"\(abs(second))\"") == true
            }
        }
    }

    /// Asks the gateway what it then is asked without its cache.
    func expectSameAnswers(_ gateway: IsthmusServer) async throws {
        for query in ["late_total", "count_over_time(late_total[1m])", "sum(late_total)"] {
            var texts: [String] = []
            for control in [nil, "no-store", nil] {
                var call = HTTPCall(
                    port: gateway.port, path: "/api/v1/query_range",
                    parameters: [
                        .init("query", query), .init("start", "\(now - 600)"),
                        .init("end", "\(now)"), .init("step", "15"),
                    ])
                if let control { call.headers = [.init(name: "Cache-Control", value: control)] }
                texts.append(try await call.answer().text)
            }
            #expect(Set(texts).count == 1, "\(query)")
            #expect(texts[0].contains("\"values\""), "\(query)")
        }
    }

    func end() async {
        await prometheus.end()
        target.end()
    }
}

/// Debian's Prometheus scraping one target each second, and taking samples of the last ten minutes.
final class LatePrometheus: Sendable {
    let port: Int
    let process: ChildProcess
    private let directory: TemporaryDirectory

    init(targetPort: Int) async throws {
        let directory = try TemporaryDirectory("late")
        try directory.write(
            """
            global: {scrape_interval: 1s}
            storage: {tsdb: {out_of_order_time_window: 10m}}
            scrape_configs:
              - job_name: late
                static_configs: [{targets: ['127.0.0.1:\(targetPort)']}]

            """, to: "prometheus.yml")
        let port = try Loopback.freePort()
        let process = try ChildProcess(
            "prometheus late", executable: "prometheus",
            arguments: [
                "--config.file=\(directory.file("prometheus.yml"))",
                "--storage.tsdb.path=\(directory.file("data"))",
                "--web.listen-address=127.0.0.1:\(port)",
            ],
            outputPath: directory.file("prometheus.log"))
        self.port = port
        self.process = process
        self.directory = directory
        try await awaitProcess(process, "ready") {
            let answer = try? await HTTPCall(port: port, path: "/-/ready").answer()
            return answer?.status == 200
        }
    }

    deinit { process.signal(SIGKILL) }

    func end() async {
        await process.end()
        directory.remove()
    }
}
