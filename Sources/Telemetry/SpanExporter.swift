import Clusters
import Logging
import Metrics
import ServiceLifecycle
import Spans
import Synchronization
import Upstream

/// Sends recorded spans to a collector as OTLP over HTTP. Whoever records never waits: what has no
/// room is dropped and counted.
///
/// Told to stop, it goes on with what waits for `shutdownGrace`. So it is to be stopped after those
/// who record, and before the client.
package final class SpanExporter: ServiceLifecycle.Service {
    private let settings: TelemetrySettings
    private let upstream: UpstreamClient
    private let logger: Logger
    private let metrics: TelemetryMetrics
    private let random: @Sendable () -> Double
    private let request: OTLPRequest
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    private struct State {
        /// In the order in which they ended, in batches: only the last may have room. So taking one
        /// moves no spans while others record.
        var batches: [[Spans.Span]] = []
        var count = 0
        var isClosing = false
        /// Whether nothing is taken any more.
        var isOver = false
        /// Whether the last attempt has failed.
        var isFailing = false

        mutating func append(_ span: Spans.Span, batchSize: Int) {
            if batches.last.map({ $0.count >= batchSize }) ?? true { batches.append([]) }
            batches[batches.count - 1].append(span)
            count += 1
        }
    }

    /// `random` is for the pauses between attempts, within 0..<1.
    package init(
        _ settings: TelemetrySettings, upstream: UpstreamClient,
        logger: Logger = Logger(label: "isthmus.telemetry"),
        metrics factory: any MetricsFactory = MetricsSystem.factory,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.settings = settings
        self.upstream = upstream
        self.logger = logger
        metrics = TelemetryMetrics(factory: factory)
        self.random = random
        request = OTLPRequest(
            resource: Resource(settings.resource),
            scope: Scope(name: "isthmus", version: settings.resource.serviceVersion))
        (wakes, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes a span that has ended, and returns at once.
    package func record(_ span: Spans.Span) {
        let count: Int? = state.withLock { state in
            guard !state.isOver, state.count < settings.queueSize else { return nil }
            state.append(span, batchSize: settings.batchSize)
            return state.count
        }
        metrics.recorded.increment()
        guard let count else { return metrics.hadNoRoom() }
        if count == settings.batchSize { bell.yield() }
    }

    /// How many spans wait to be sent.
    package var waitingCount: Int { state.withLock { $0.count } }

    package func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.sendAll() }
                group.addTask { await self.graceIsOver() }
                group.addTask { await self.ringAgainAndAgain() }
                await group.next()
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.state.withLock { $0.isClosing = true }
            self.bell.yield()
        }
        let rest = state.withLock { state in
            state.isOver = true
            defer { state.batches = [] }
            return state.count
        }
        metrics.stopped(with: rest)
        metrics.waiting.record(0)
    }

    /// Returns when what waits is not sent any more, or when cancelled.
    private func graceIsOver() async {
        guard (try? await gracefulShutdown()) != nil else { return }
        try? await Task.sleep(for: settings.shutdownGrace)
    }

    /// Spans that are fewer than a batch wait no longer than this.
    private func ringAgainAndAgain() async {
        while (try? await Task.sleep(for: settings.batchDelay)) != nil { bell.yield() }
    }

    // MARK: Sending

    private func sendAll() async {
        for await _ in wakes {
            while let batch = nextBatch() {
                guard await deliver(batch) else {
                    metrics.stopped(with: batch.count)
                    return
                }
            }
            if isClosing { return }
        }
    }

    private func nextBatch() -> [Spans.Span]? {
        let (batch, rest) = state.withLock { state in
            let batch = state.batches.isEmpty ? nil : state.batches.removeFirst()
            state.count -= batch?.count ?? 0
            return (batch, state.count)
        }
        metrics.waiting.record(rest)
        return batch
    }

    private var isClosing: Bool { state.withLock { $0.isClosing } }

    /// Sends spans, however often it takes within their time. Returns whether others are to follow.
    private func deliver(_ batch: [Spans.Span]) async -> Bool {
        let body = request.body(batch)
        let end = ContinuousClock.now + settings.retryTime
        var backoff = settings.minimumBackoff
        while true {
            let attempt = await attempt(body)
            metrics.asked(attempt)
            switch attempt {
            case .accepted(let rejected, let reason):
                let refused = min(rejected, batch.count)
                metrics.exported.increment(by: batch.count - refused)
                guard refused > 0 else {
                    recovered()
                    return true
                }
                metrics.refused(refused)
                failed("the collector of traces refuses spans; they are dropped", reason)
                return true
            case .refused(let reason):
                metrics.refused(batch.count)
                failed("the collector of traces refuses spans; they are dropped", reason)
                return true
            case .unavailable(let reason, let retryAfter):
                failed("the collector of traces takes no spans; they wait", reason)
                let pause = max(backoff * (1 - random() / 2), retryAfter ?? .zero)
                backoff = min(backoff * 2, settings.maximumBackoff)
                // Spans that wait for newer ones' room are no use to anybody.
                guard ContinuousClock.now + pause < end else {
                    metrics.gaveUp(batch.count)
                    return true
                }
                await wait(pause)
                if Task.isCancelled { return false }
            case .stopped: return false
            }
        }
    }

    /// Waits before the next attempt. One that is told to stop meanwhile makes it at once.
    private func wait(_ pause: Duration) async {
        if isClosing {
            try? await Task.sleep(for: pause)
        } else {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
        }
    }

    private func attempt(_ body: [UInt8]) async -> ExportAttempt {
        let request = UpstreamRequest(
            method: .post, path: OTLPRequest.path,
            body: UpstreamRequest.Body(
                body, headers: [.init(name: "Content-Type", value: OTLPRequest.contentType)]),
            endpoint: "otlp_traces", maximumBytes: 1 << 20)
        do {
            return try await upstream.ask(
                cluster: ClusterID("telemetry/otlp"), service: settings.collector,
                request: request, deadline: .now + settings.collector.timeout
            ) { response in
                // Spans that are taken are not sent again for the sake of what else is said.
                let body = (try? await response.collect(upTo: 1 << 16)) ?? []
                return ExportAttempt(response, body: body)
            }
        } catch let error as UpstreamError {
            return ExportAttempt(error)
        } catch {
            // The reading throws nothing, so that this is a cancelled task.
            return .stopped
        }
    }

    // MARK: The log

    /// Says so once until the collector takes spans again.
    private func failed(_ message: Logger.Message, _ reason: String) {
        let isFirst = state.withLock { state in
            defer { state.isFailing = true }
            return !state.isFailing
        }
        guard isFirst else { return }
        logger.warning(message, metadata: ["reason": "\(reason)"])
    }

    private func recovered() {
        let wasFailing = state.withLock { state in
            defer { state.isFailing = false }
            return state.isFailing
        }
        if wasFailing { logger.notice("the collector of traces takes spans again") }
    }
}

extension Resource {
    fileprivate init(_ settings: TelemetrySettings.Resource) {
        let own = [
            ("service.name", settings.serviceName), ("service.version", settings.serviceVersion),
            ("service.instance.id", settings.instanceID),
        ].filter { !$0.1.isEmpty }
        let others = Set(settings.attributes.map(\.name))
        self.init(
            attributes: own.filter { !others.contains($0.0) }.map {
                Attribute($0.0, .string($0.1))
            } + settings.attributes.map { Attribute($0.name, .string($0.value)) })
    }
}
