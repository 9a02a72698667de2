// The first file to read in RemoteWriting: writes what the rules give to one receiver, a Prometheus
// or its like, in the order in which it was given. It never keeps a rule waiting, and never reads
// what it has written.

import Clusters
import Logging
import Metrics
import PrometheusAPI
import Rules
import ServiceLifecycle
import Synchronization
import TimeSeries
import Upstream

/// Writes samples to one receiver, one request after another. What the receiver cannot take now is
/// tried again until it does or newer samples take the room; what it will not take is dropped.
///
/// Told to stop, it goes on with what waits for `shutdownGrace`. So it is to be stopped after those
/// who write, and before the client.
package final class RemoteWriter: ServiceLifecycle.Service {
    private let settings: RemoteWriteSettings
    private let upstream: UpstreamClient
    private let relabel: @Sendable (Labels) -> Labels?
    private let logger: Logger
    private let metrics: RemoteWriteMetrics
    private let random: @Sendable () -> Double
    private let bell = Bell()
    private let state: Mutex<State>

    /// `relabel` gives a series its labels at the receiver, or nil where it is not to be written;
    /// it sees the external labels too. `random` is for the pauses between attempts, within 0..<1.
    package init(
        _ settings: RemoteWriteSettings, upstream: UpstreamClient,
        relabel: @escaping @Sendable (Labels) -> Labels? = { $0 },
        logger: Logger = Logger(label: "isthmus.remote-write"),
        metrics factory: any MetricsFactory = MetricsSystem.factory,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.settings = settings
        self.upstream = upstream
        self.relabel = relabel
        self.logger = logger
        metrics = RemoteWriteMetrics(receiver: settings.name, factory: factory)
        self.random = random
        state = Mutex(State(queue: RemoteWriteQueue(settings)))
    }

    /// Puts samples behind those that wait, and returns at once. The samples of a series are given
    /// in order of their times.
    package func write(_ samples: [RuleSample]) {
        let now = ContinuousClock.now
        let receipt = state.withLock { $0.take(samples, now: now) }
        guard let receipt else { return metrics.lost(samples.count, .shutdown) }
        metrics.lost(receipt.surplus, .queueFull)
        metrics.pending(receipt.pending)
        if receipt.isFirstSurplus {
            logger.warning(
                "a remote write receiver is behind; the oldest waiting samples are dropped",
                metadata: [
                    "receiver": "\(settings.name)", "capacity": "\(settings.queueCapacity)",
                ])
        }
        if receipt.isNews { bell.ring() }
    }

    /// How many samples wait or are under way.
    package var pendingSamples: Int { state.withLock { $0.pending } }

    package func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.sendAll() }
                group.addTask { await self.graceIsOver() }
                await group.next()
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.state.withLock { $0.queue.close() }
            self.bell.ring()
        }
        giveUpRest()
    }

    // MARK: Sending

    private func sendAll() async {
        while !Task.isCancelled {
            let now = ContinuousClock.now
            switch state.withLock({ $0.next(now: now) }) {
            case .batch(let samples):
                guard await deliver(samples) else { return }
            case .wait(let end): await bell.wait(until: end)
            case .over: return
            }
        }
    }

    /// Returns when what waits is not sent any more, or when cancelled.
    private func graceIsOver() async {
        guard (try? await gracefulShutdown()) != nil else { return }
        try? await Task.sleep(for: settings.shutdownGrace)
    }

    /// Writes samples, however often it takes. Returns whether others are to follow.
    private func deliver(_ samples: [RuleSample]) async -> Bool {
        let batch = RemoteWriteBatch(
            samples, externalLabels: settings.externalLabels, relabel: relabel)
        settle(samples.count - batch.count, lost: .relabelled)
        if batch.count == 0 { return true }
        var backoff = RemoteWriteBackoff(settings)
        while true {
            switch await attempt(batch) {
            case .accepted:
                accepted(batch)
                return true
            case .refused(let reason):
                logger.error(
                    "a remote write receiver refuses samples; they are dropped",
                    metadata: [
                        "receiver": "\(settings.name)", "samples": "\(batch.count)",
                        "reason": "\(reason)",
                    ])
                settle(batch.count, lost: .refused)
                return true
            case .unavailable(let reason, let retryAfter):
                failed(reason)
                await pause(backoff.pause(retryAfter: retryAfter, random: random()))
                if Task.isCancelled { return false }
                metrics.retried()
            case .stopped: return false
            }
        }
    }

    private func attempt(_ batch: RemoteWriteBatch) async -> RemoteWriteAttempt {
        let start = ContinuousClock.now
        defer { metrics.took(start.duration(to: .now)) }
        let request = UpstreamRequest(
            // The service's address is that of the endpoint.
            method: .post, path: "",
            body: UpstreamRequest.Body(batch.body, headers: Self.headers),
            endpoint: "remote_write", maximumBytes: 1 << 20)
        let retriesOnTooManyRequests = settings.retriesOnTooManyRequests
        do {
            return try await upstream.ask(
                cluster: ClusterID("remote_write/" + settings.name), service: settings.service,
                request: request, deadline: start + settings.service.timeout
            ) { response in
                await RemoteWriteAttempt(
                    response, retriesOnTooManyRequests: retriesOnTooManyRequests)
            }
        } catch let error as UpstreamError {
            return RemoteWriteAttempt(error)
        } catch {
            // The reading throws nothing, so that this is a cancelled task.
            return .stopped
        }
    }

    private static let headers = [
        Service.Header(name: "Content-Encoding", value: RemoteWriteRequest.contentEncoding),
        Service.Header(name: "Content-Type", value: RemoteWriteRequest.contentType),
        Service.Header(
            name: RemoteWriteRequest.versionHeader, value: RemoteWriteRequest.version),
    ]

    /// Waits before the next attempt. One that is told to stop meanwhile makes it at once.
    private func pause(_ duration: Duration) async {
        let end = ContinuousClock.now + duration
        let wasClosing = isClosing
        while ContinuousClock.now < end, isClosing == wasClosing, !Task.isCancelled {
            await bell.wait(until: end)
        }
    }

    private var isClosing: Bool { state.withLock { $0.queue.isClosing } }

    // MARK: What has come of it

    private func accepted(_ batch: RemoteWriteBatch) {
        metrics.wrote(batch.count)
        let outcome = state.withLock { $0.accepted(batch) }
        metrics.pending(outcome.pending)
        if let time = outcome.highestSent { metrics.sent(upTo: time) }
        if outcome.wasFailing {
            logger.notice(
                "a remote write receiver takes samples again",
                metadata: ["receiver": "\(settings.name)", "waiting": "\(outcome.pending)"])
        }
    }

    /// Says so once until the receiver takes samples again.
    private func failed(_ reason: String) {
        let isFirst = state.withLock { state in
            defer { state.isFailing = true }
            return !state.isFailing
        }
        guard isFirst else { return }
        logger.warning(
            "a remote write receiver takes no samples; they wait",
            metadata: ["receiver": "\(settings.name)", "reason": "\(reason)"])
    }

    /// Counts samples that were under way as lost.
    private func settle(_ count: Int, lost reason: RemoteWriteLoss) {
        metrics.lost(count, reason)
        let pending = state.withLock { state in
            state.underWay -= count
            return state.pending
        }
        metrics.pending(pending)
    }

    private func giveUpRest() {
        let rest = state.withLock { $0.end() }
        metrics.lost(rest, .shutdown)
        metrics.pending(0)
        guard rest > 0 else { return }
        logger.warning(
            "samples were not written to a remote write receiver before the gateway stopped",
            metadata: ["receiver": "\(settings.name)", "samples": "\(rest)"])
    }
}

// MARK: - State

/// What is known of the samples and of the receiver.
private struct State {
    var queue: RemoteWriteQueue
    /// How many samples have been taken out of the queue and not yet been written or dropped.
    var underWay = 0
    /// Whether nothing is written any more.
    var isOver = false
    /// Whether samples have been lost for want of room since the receiver last took some.
    var isOverflowing = false
    /// Whether the last attempt has failed.
    var isFailing = false
    /// The latest time that was written, milliseconds since the Unix epoch.
    var highestSent: Int64?

    var pending: Int { queue.count + underWay }

    /// What comes of giving samples.
    struct Receipt {
        /// How many had to make room.
        var surplus: Int
        var isFirstSurplus: Bool
        var pending: Int
        /// Whether the sender would wait for nothing, or for too long.
        var isNews: Bool
    }

    /// Nil where nothing is taken any more.
    mutating func take(_ samples: [RuleSample], now: ContinuousClock.Instant) -> Receipt? {
        if isOver { return nil }
        let wasEmpty = queue.count == 0
        let surplus = queue.append(samples, now: now)
        let isFirst = surplus > 0 && !isOverflowing
        if surplus > 0 { isOverflowing = true }
        return Receipt(
            surplus: surplus, isFirstSurplus: isFirst, pending: pending,
            isNews: wasEmpty || queue.isDue(at: now))
    }

    mutating func next(now: ContinuousClock.Instant) -> RemoteWriteQueue.Next {
        let next = queue.next(now: now)
        if case .batch(let samples) = next { underWay = samples.count }
        return next
    }

    struct Success {
        var pending: Int
        var highestSent: Int64?
        var wasFailing: Bool
    }

    mutating func accepted(_ batch: RemoteWriteBatch) -> Success {
        underWay -= batch.count
        isOverflowing = false
        if let time = batch.latestTime { highestSent = max(highestSent ?? time, time) }
        defer { isFailing = false }
        return Success(pending: pending, highestSent: highestSent, wasFailing: isFailing)
    }

    /// Returns how many samples have not been written.
    mutating func end() -> Int {
        isOver = true
        defer { underWay = 0 }
        return queue.removeAll() + underWay
    }
}
