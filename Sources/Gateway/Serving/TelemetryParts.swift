import HTTPAPI
import Logging
import Metrics
import ServiceLifecycle
import Telemetry
import Tracing
import Upstream

/// What traces the gateway itself, put together as the configuration says.
struct TelemetryParts: Sendable {
    let tracer: GatewayTracer
    private let exporter: SpanExporter?
    /// A client of its own, so that what is sent to the collector is no part of what is traced.
    private let upstream: UpstreamClient?

    /// Makes the tracer that of the process.
    init(_ settings: TelemetrySettings?, logger: Logger, metrics: any MetricsFactory) {
        guard var settings else {
            exporter = nil
            upstream = nil
            tracer = GatewayTracer(sampleRatio: 0, record: nil)
            InstrumentationSystem.bootstrap(tracer)
            return
        }
        settings.resource.serviceVersion = Version.isthmus
        settings.resource.instanceID = Self.instanceID()
        let upstream = UpstreamClient(
            UpstreamSettings(version: Version.isthmus), logger: logger, metrics: metrics)
        let exporter = SpanExporter(
            settings, upstream: upstream, logger: logger, metrics: metrics)
        self.exporter = exporter
        self.upstream = upstream
        tracer = GatewayTracer(
            sampleRatio: settings.sampleRatio, record: { exporter.record($0) })
        InstrumentationSystem.bootstrap(tracer)
    }

    /// To be stopped after all that is traced.
    var services: [any ServiceLifecycle.Service] { exporter.map { [$0] } ?? [] }

    /// Ends the client, after the services.
    func stop() async { await upstream?.stop() }

    /// This machine, and something that tells processes on it apart.
    private static func instanceID() -> String {
        let number = String(UInt32.random(in: .min ... .max), radix: 16)
        return "\(HostName.current)-\(number)"
    }

    /// What log lines say of the trace that they belong to.
    static let logMetadata = Logger.MetadataProvider {
        guard let trace = ServiceContext.current?.trace else { return [:] }
        return ["trace_id": "\(trace.traceText)", "span_id": "\(trace.spanText)"]
    }
}
