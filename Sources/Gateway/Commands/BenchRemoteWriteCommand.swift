import Alerting
import ArgumentParser
import Clusters
import Logging
import Rules
import TimeSeries
import Upstream

struct BenchRemoteWriteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remote-write",
        abstract: "How fast samples are written to a receiver.",
        discussion: """
            Puts as many samples as said into the queue of a receiver, as rules do, and prints how \
            long it takes until the receiver has taken them all. The series are called \
            bench_remote_write; they end now and begin as long ago as the samples last.
            """)

    @Option(help: ArgumentHelp("The receiver, path included.", valueName: "url"))
    var url: String

    @Option(help: ArgumentHelp("How many series.", valueName: "count"))
    var series = 2000

    @Option(help: ArgumentHelp("How many samples each has, 1 s apart.", valueName: "count"))
    var samples = 250

    func validate() throws {
        if series < 1 || samples < 1 { throw ValidationError("numbers above zero, please") }
    }

    func run() async throws {
        var settings = RemoteWriteSettings(
            name: "bench", service: Service(urls: [url]), externalLabels: [Cluster.label: "bench"])
        settings.queueCapacity = series * samples
        let quiet = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let upstream = UpstreamClient(UpstreamSettings(version: Version.isthmus), logger: quiet)
        let writer = RemoteWriter(settings, upstream: upstream)
        let batches = batches()
        await withDiscardingTaskGroup { group in
            group.addTask { await writer.run() }
            let clock = ContinuousClock()
            let start = clock.now
            for batch in batches { writer.write(batch) }
            report("queued", start.duration(to: clock.now))
            while writer.pendingSamples > 0, !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(2))
            }
            report("taken by the receiver", start.duration(to: clock.now))
            group.cancelAll()
        }
        await upstream.stop()
    }

    /// The samples of all series, time by time.
    private func batches() -> [[RuleSample]] {
        let labels = (0..<series).map { number in
            Labels([
                ("__name__", "bench_remote_write"), ("kind", "kind-\(number % 4)"),
                ("service", "svc-\(number / 4)"),
            ])
        }
        let first = WallClock.now() - Int64(samples) * 1000
        return (0..<samples).map { place in
            labels.enumerated().map { number, labels in
                RuleSample(
                    labels: labels, time: first + Int64(place) * 1000,
                    value: .float(Double(number * 7 + place) / 3))
            }
        }
    }

    private func report(_ what: String, _ time: Duration) {
        let count = series * samples
        let seconds = time / .seconds(1)
        StandardOutput.write(
            "\(count) samples \(what): \((seconds * 1000).rounded() / 1000) s, "
                + "\(Int(Double(count) / max(seconds, 0.001))) samples/s\n")
    }
}
