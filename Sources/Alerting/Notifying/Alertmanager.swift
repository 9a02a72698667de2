import Clusters
import Logging
import ServiceLifecycle
import Synchronization
import Upstream

/// One Alertmanager: a queue of its own and one sender, so that its messages keep their order and
/// none waits for another Alertmanager.
final class Alertmanager: Sendable {
    /// The address of its API, without a name and password.
    let url: String
    private let service: Clusters.Service
    private let surroundings: Surroundings
    private let metrics: AlertmanagerMetrics
    private let state: Mutex<State>
    /// Rings when something has come to wait; ends with `end`.
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    /// What all Alertmanagers share.
    struct Surroundings: Sendable {
        var upstream: UpstreamClient
        var settings: NotifierSettings
        var logger: Logger
        var metrics: NotifierMetrics
        var now: @Sendable () -> ContinuousClock.Instant
    }

    private struct State: Sendable {
        var queue: NotificationQueue
        /// Attempts that failed since the last that did not.
        var failures = 0
        var lastError: String?
        /// No more is taken; what waits gets one attempt.
        var isEnding = false
    }

    /// Why a batch was not taken.
    private struct Refusal: Error {
        var words: String
        /// Whether it may be taken a little later.
        var mayPass: Bool
    }

    private static let path = "/api/v2/alerts"

    init(_ service: Clusters.Service, _ surroundings: Surroundings) {
        self.service = service
        self.surroundings = surroundings
        url = URLText.withoutUser(service.urls.first ?? "") + Self.path
        metrics = surroundings.metrics.instruments(of: url)
        state = Mutex(
            State(queue: NotificationQueue(capacity: surroundings.settings.queueCapacity)))
        (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var report: AlertmanagerReport {
        AlertmanagerReport(url: url, lastError: state.withLock { $0.lastError })
    }

    /// Lets alerts wait. Never blocks.
    func add(_ alerts: [PostedAlert]) {
        if alerts.isEmpty { return }
        let dropped = state.withLock { state in
            if state.isEnding { return alerts.count }
            let dropped = state.queue.append(alerts)
            metrics.waiting(state.queue.count)
            return dropped
        }
        drop(dropped, because: "too many wait")
        ringer.yield()
    }

    /// Takes no more; the sender ends once each batch that waits has had one more attempt.
    func end() {
        state.withLock { $0.isEnding = true }
        ringer.finish()
    }

    // MARK: Sending

    /// Sends until `end`, or until the task is cancelled.
    func run() async {
        for await _ in bell { await sendWaiting() }
        await sendWaiting()
        let left = state.withLock { state in
            state.isEnding = true
            return state.queue.removeAll().count
        }
        drop(left, because: "the gateway stops")
        metrics.waiting(0)
    }

    private func sendWaiting() async {
        while !Task.isCancelled, let batch = takeBatch() { await send(batch) }
    }

    private func takeBatch() -> [PostedAlert]? {
        state.withLock { state in
            let batch = state.queue.takeBatch(atMost: surroundings.settings.batchSize)
            metrics.waiting(state.queue.count)
            return batch.isEmpty ? nil : batch
        }
    }

    private func send(_ batch: [PostedAlert]) async {
        let start = ContinuousClock.now
        do throws(Refusal) {
            try await post(PostedAlert.body(of: batch))
            metrics.took(start.duration(to: .now))
            metrics.sent(batch.count)
            noteSuccess()
        } catch {
            metrics.failed(batch.count)
            if let pause = note(error, of: batch) { await wait(pause) }
        }
    }

    private func noteSuccess() {
        let hadFailed = state.withLock { state in
            defer { (state.failures, state.lastError) = (0, nil) }
            return state.lastError != nil
        }
        if hadFailed {
            surroundings.logger.notice(
                "alerts are taken again", metadata: ["alertmanager": "\(url)"])
        }
    }

    /// Puts back what is tried again. Returns how long to wait before that, nil for no time.
    private func note(_ refusal: Refusal, of batch: [PostedAlert]) -> Duration? {
        let retries = surroundings.settings.retries
        let now = surroundings.now()
        var isNew = false
        var dropped = batch.count
        let pause: Duration? = state.withLock { state in
            isNew = state.lastError == nil
            state.lastError = refusal.words
            state.failures += 1
            guard refusal.mayPass, !state.isEnding, !Task.isCancelled else { return nil }
            let young = batch.filter { $0.queuedAt.duration(to: now) < retries.patience }
            dropped = batch.count - young.count + state.queue.putBack(young)
            metrics.waiting(state.queue.count)
            return retries.pause(after: state.failures)
        }
        if isNew {
            surroundings.logger.warning(
                "alerts cannot be sent",
                metadata: ["alertmanager": "\(url)", "error": "\(refusal.words)"])
        }
        drop(dropped, because: "sending failed")
        return pause
    }

    /// Waits, but not when the gateway is to stop.
    private func wait(_ pause: Duration) async {
        await cancelWhenGracefulShutdown { await Self.sleep(pause) }
    }

    private static func sleep(_ pause: Duration) async {
        // Cancelled means told to stop, which the loop sees.
        try? await Task.sleep(for: pause)
    }

    private func drop(_ count: Int, because reason: String) {
        guard count > 0 else { return }
        metrics.dropped(count)
        surroundings.logger.warning(
            "alerts are dropped",
            metadata: ["alertmanager": "\(url)", "count": "\(count)", "reason": "\(reason)"])
    }

    // MARK: Asking

    private func post(_ body: [UInt8]) async throws(Refusal) {
        let request = UpstreamRequest(
            method: .post, path: Self.path,
            body: UpstreamRequest.Body(
                body, headers: [.init(name: "Content-Type", value: "application/json")]),
            endpoint: "alerts", maximumBytes: 1 << 20)
        let answer: Answer
        do {
            // It is no cluster: an empty label is none.
            answer = try await surroundings.upstream.ask(
                cluster: ClusterID(""), service: service, request: request,
                deadline: .now + service.timeout, read: Self.read)
        } catch let error as UpstreamError {
            throw Refusal(words: error.description, mayPass: error.mayPass)
        } catch {
            throw Refusal(words: "the request was given up", mayPass: false)
        }
        guard answer.status / 100 != 2 else { return }
        // 429 is about now, 408 about the way; any other one would come again.
        throw Refusal(
            words: "HTTP status \(answer.status)" + (answer.text.isEmpty ? "" : ": \(answer.text)"),
            mayPass: [408, 429].contains(answer.status))
    }

    private struct Answer: Sendable {
        var status: Int
        /// The beginning of what came with a refusal.
        var text: String
    }

    /// Reads to the end, so that the connection serves again.
    @Sendable private static func read(_ response: UpstreamResponse) async throws -> Answer {
        var excerpt: [UInt8] = []
        for try await piece in response.body where excerpt.count < 500 {
            excerpt += piece.prefix(500 - excerpt.count)
        }
        let words = String(decoding: excerpt, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return Answer(status: response.status, text: words.joined(separator: " "))
    }
}

extension UpstreamError {
    /// Whether the same request may do better a little later.
    fileprivate var mayPass: Bool {
        switch kind {
        case .connection, .tls, .proxy, .timeout, .stalled, .open, .status, .interrupted,
            .malformed, .file:
            true
        case .redirect, .unfit, .tooLarge, .configuration, .cancelled, .stopped: false
        }
    }
}
