import Clusters
import Logging
import MetricsTestKit
import ServiceLifecycle
import Spans
import Synchronization
import Telemetry
import TestSupport
import Testing
import Tracing
import Upstream

/// Headers of a request, as tracers read and write them.
struct HeaderCarrier: Extractor, Injector {
    func extract(key: String, from headers: [String: String]) -> String? { headers[key] }

    func inject(_ value: String, forKey key: String, into headers: inout [String: String]) {
        headers[key] = value
    }
}

/// Remembers what is recorded.
final class Recordings: Sendable {
    private let state = Mutex<[Spans.Span]>([])

    var spans: [Spans.Span] { state.withLock { $0 } }

    func add(_ span: Spans.Span) { state.withLock { $0.append(span) } }

    /// A tracer that records here; its ids count upwards from 1.
    func tracer(ratio: Double = 1) -> GatewayTracer {
        GatewayTracer(
            sampleRatio: ratio, record: { self.add($0) }, identifiers: Counting().next)
    }
}

/// Numbers for ids.
final class Counting: Sendable {
    private let last = Mutex<UInt64>(0)

    var next: @Sendable () -> UInt64 {
        {
            self.last.withLock { last in
                last += 1
                return last
            }
        }
    }
}

/// A context of what a request's headers say.
func context(_ headers: [String: String], by tracer: GatewayTracer) -> ServiceContext {
    var context = ServiceContext.topLevel
    tracer.extract(headers, into: &context, using: HeaderCarrier())
    return context
}

/// What differs from exporter to exporter in tests.
struct ExporterOptions: Sendable {
    var settings: TelemetrySettings
    var metrics = TestMetrics()

    /// Quick to send and to try again.
    init(_ url: String) {
        settings = TelemetrySettings(collector: Service(urls: [url]))
        settings.batchDelay = .milliseconds(20)
        settings.minimumBackoff = .milliseconds(10)
        settings.maximumBackoff = .milliseconds(50)
        settings.shutdownGrace = .seconds(20)
        settings.resource.serviceVersion = "1.2.3"
        settings.resource.instanceID = "i-1"
    }

    func count(_ row: TelemetryMetric, _ value: String? = nil) -> Int64 {
        let labels = zip(row.labels, value.map { [$0] } ?? []).map { ($0, $1) }
        return (try? metrics.expectCounter(row.name, labels).totalValue) ?? 0
    }
}

/// An exporter that runs in a service group; told to stop at the end, and waited for.
func withExporter(
    _ options: ExporterOptions, _ body: (SpanExporter) async throws -> Void
) async throws {
    let client = UpstreamClient(UpstreamSettings(version: "1.2.3"))
    let exporter = SpanExporter(
        options.settings, upstream: client,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        metrics: options.metrics, random: { 0 })
    let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: [.init(service: exporter, successTerminationBehavior: .ignore)],
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
    do {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body(exporter)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    } catch {
        await client.stop()
        throw error
    }
    await client.stop()
}

/// A span that has ended.
func ended(_ number: UInt64, name: String = "GET /") -> Spans.Span {
    Spans.Span(
        traceID: TraceID(high: 1, low: number), spanID: SpanID(number), name: name, kind: .server,
        startTime: 1_700_000_000_000_000_000, endTime: 1_700_000_000_000_000_500)
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
