import Alerting
import Clusters
import Logging
import MetricsTestKit
import PrometheusAPI
import Rules
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import TimeSeries
import Upstream

/// What differs from writer to writer in tests.
struct WriterOptions: Sendable {
    var settings: RemoteWriteSettings
    var metrics = TestMetrics()
    var log = RemoteWriteLog()
    var relabel: @Sendable (Labels) -> Labels? = { $0 }

    /// Quick to send and to try again.
    init(_ url: String, name: String = "global") {
        settings = RemoteWriteSettings(name: name, service: Service(urls: [url]))
        settings.batchDeadline = .milliseconds(20)
        settings.maximumBackoff = .milliseconds(100)
        settings.shutdownGrace = .seconds(20)
    }

    var written: Int64 { count(RemoteWriteMetric.samples, []) }
    var retries: Int64 { count(RemoteWriteMetric.retries, []) }

    func lost(_ reason: RemoteWriteLoss) -> Int64 {
        count(RemoteWriteMetric.dropped, [("reason", reason.rawValue)])
    }

    private func count(_ row: MetricRow, _ labels: [(String, String)]) -> Int64 {
        let labels = [("receiver", settings.name)] + labels
        return (try? metrics.expectCounter(row.name, labels).totalValue) ?? 0
    }
}

/// A writer that runs in a service group; told to stop at the end, and waited for.
@discardableResult
func withWriter<Result: Sendable>(
    _ options: WriterOptions, _ body: (RemoteWriter) async throws -> Result
) async throws -> Result {
    let client = UpstreamClient(UpstreamSettings(version: "1.2.3"))
    let writer = RemoteWriter(
        options.settings, upstream: client, relabel: options.relabel,
        logger: Logger(label: "test", factory: { [log = options.log] _ in log.handler }),
        metrics: options.metrics, random: { 0 })
    let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: [.init(service: writer, successTerminationBehavior: .ignore)],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
    let outcome: Swift.Result<Result, any Error> = await withDiscardingTaskGroup { tasks in
        tasks.addTask { await run(group) }
        defer { tasks.cancelAll() }
        do {
            let result = try await body(writer)
            await group.triggerGracefulShutdown()
            try await eventually { writer.pendingSamples == 0 }
            return .success(result)
        } catch {
            return .failure(error)
        }
    }
    await client.stop()
    return try outcome.get()
}

private func run(_ group: ServiceGroup) async {
    // A group that is cancelled at a test's end says so.
    try? await group.run()
}

/// Waits until something is so that goes on elsewhere.
func eventually(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not so after two minutes")
            return
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Remembers the lines of a writer's log.
final class RemoteWriteLog: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    fileprivate func add(_ line: String) { state.withLock { $0.append(line) } }

    var handler: any LogHandler { Handler(log: self) }

    private struct Handler: LogHandler {
        var log: RemoteWriteLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }
                .map { "\($0.key)=\($0.value)" }
            log.add(
                ([event.level.rawValue, event.message.description] + facts).joined(separator: " "))
        }
    }
}

/// A sample as a rule gives it.
func ruleSample(_ name: String, _ labels: Labels = [:], at time: Int64, _ value: Double)
    -> RuleSample
{
    RuleSample(labels: labels.setting("__name__", to: name), time: time, value: .float(value))
}

extension FaultServer.Request {
    /// What has been written with the request.
    var writtenSeries: [SampledSeries] {
        get throws {
            let bytes = try Snappy.uncompressed(body, maximumBytes: 32 << 20)
            return try RemoteWriteRequest(bytes, maximumSamples: 100_000).series
        }
    }
}

extension FaultServer {
    /// The samples of all requests in the order in which they were written, each a text.
    var writtenSamples: [String] {
        get throws {
            try facts.requests.flatMap { try $0.writtenSeries }.flatMap { series in
                series.samples.map { sample in
                    guard case .float(let value) = sample.value else { return "histogram" }
                    return "\(series.labels) \(value) \(sample.time)"
                }
            }
        }
    }
}
