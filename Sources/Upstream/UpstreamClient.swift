// The first file to read in Upstream: asks a service of a cluster something over HTTP, one replica
// after another, within a deadline. libcurl does the work on a thread of its own; readers get the
// body as it arrives. The module never knows what is asked, nor what an answer means.

import Clusters
import Logging
import Metrics
package import Tracing

/// Asks the services of all clusters. Its thread runs from the beginning until `stop`.
package final class UpstreamClient: Sendable {
    let settings: UpstreamSettings
    private let logger: Logger
    let metrics: UpstreamMetrics
    let health: ReplicaHealth
    let breakers: Breakers
    let hedging: Hedging
    let loop: TransferLoop
    /// Begins the spans of requests, and tells replicas of the trace that they are part of.
    package let tracer: any Tracer

    /// `healthClock` times the cooling-off of replicas that have failed and their breakers, and
    /// nothing else.
    package init(
        _ settings: UpstreamSettings = UpstreamSettings(),
        logger: Logger = Logger(label: "isthmus.upstream"),
        metrics factory: any MetricsFactory = MetricsSystem.factory,
        tracer: any Tracer = InstrumentationSystem.tracer,
        healthClock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.settings = settings
        self.logger = logger
        metrics = UpstreamMetrics(factory: factory)
        self.tracer = tracer
        breakers = Breakers(settings, metrics: metrics, now: healthClock)
        hedging = Hedging(settings)
        health = ReplicaHealth(coolingOff: settings.coolingOff, now: healthClock)
        loop = TransferLoop(settings)
    }

    deinit {
        loop.requestStop()
        loop.detach()
    }

    /// Fails what is under way with `stopped`, and ends the thread. All later requests fail too.
    package func stop() async {
        loop.requestStop()
        await loop.ended()
    }

    /// Asks the first healthy replica. Where it fails, the whole request goes to the next one:
    /// with no connection, a 5xx, a 3xx, or no end of the answer in its share of the time. `read`
    /// then begins afresh.
    ///
    /// A request that is protected is not sent where a breaker is open, goes to a second replica too
    /// where the first is slower than usual, and is sent once more where that is likely to help.
    ///
    /// `read` gets every other answer, a 4xx too; and where the request says so, every one. What it
    /// throws is thrown on, unless it is an `UpstreamError`, which is the replica's failure. Once it
    /// has returned, the body's rest is not received.
    ///
    /// Throws `UpstreamError`, of the last replica that was asked, with the ones before in it.
    ///
    /// Inside a trace the request is part of it: of the span of the question that it is made for,
    /// where there is one, else it gets a span of its own.
    package func ask<Answer: Sendable>(
        cluster: ClusterID, service: Service, request: UpstreamRequest,
        deadline: ContinuousClock.Instant,
        read: @Sendable (UpstreamResponse) async throws -> Answer
    ) async throws -> Answer {
        let question = Question(cluster: cluster, service: service, request: request)
        guard let context = ServiceContext.current, context.clientSpan == nil else {
            return try await answer(to: question, deadline, read)
        }
        let span = RequestSpan(question, tracer, context)
        return try await span.surrounding { try await answer(to: question, deadline, read) }
    }

    /// What is asked of each replica alike.
    struct Question: Sendable {
        var cluster: ClusterID
        var service: Service
        var endpoint: String
        var method: String
        var target: String
        /// Nil where there is nothing to send but the target.
        var body: UpstreamRequest.Body?
        var maximumBytes: Int
        var readsEveryStatus: Bool
        var protection: UpstreamRequest.Protection

        init(cluster: ClusterID, service: Service, request: UpstreamRequest) {
            self.cluster = cluster
            self.service = service
            endpoint = request.endpoint
            method = request.method == .get ? "GET" : "POST"
            maximumBytes = request.maximumBytes
            readsEveryStatus = request.readsEveryStatus
            protection = request.protection
            var target: [UInt8] = []
            PercentEncoding.append(request.path, keeping: .path, to: &target)
            let parameters = request.encodedParameters
            switch request.method {
            case .post where request.body == nil:
                body = UpstreamRequest.Body(parameters, headers: [])
            case .get, .post:
                body = request.body
                if !parameters.isEmpty { target += "?".utf8 + parameters }
            }
            self.target = String(decoding: target, as: UTF8.self)
        }
    }

    // MARK: One answer

    /// The answer, its body still coming. Throws for a status that is the replica's failure, unless
    /// every status is to be read.
    func response(
        of transfer: Transfer, readsEveryStatus: Bool
    ) async throws(UpstreamError) -> UpstreamResponse {
        let head = try await transfer.head()
        let response = UpstreamResponse(
            status: head.status, headers: head.headers, replica: transfer.order.address.shown,
            body: UpstreamBody(transfer: transfer))
        if readsEveryStatus { return response }
        switch head.status {
        case 500...599:
            let excerpt = try await excerpt(of: response, transfer)
            var error = transfer.error(.status(head.status, excerpt: excerpt), phase: .receiving)
            error.retryAfter = response.header("retry-after")
            throw error
        case 300...399:
            let location = response.header("location") ?? "nowhere"
            throw transfer.error(
                .redirect(head.status, location: Self.shownLocation(location)), phase: .receiving)
        default: return response
        }
    }

    /// The beginning of the body that came with a failure, as far as it comes soon.
    private func excerpt(
        of response: UpstreamResponse, _ transfer: Transfer
    ) async throws(UpstreamError) -> String {
        loop.post(.hasten(transfer, .now.advanced(by: settings.excerptTime)))
        var bytes: [UInt8] = []
        var pieces = response.body.makeAsyncIterator()
        do throws(UpstreamError) {
            while bytes.count < settings.excerptBytes, let piece = try await pieces.next() {
                bytes += piece
            }
        } catch {
            if error.kind == .cancelled || error.kind == .stopped { throw error }
        }
        let text = transfer.redacted(String(decoding: bytes, as: UTF8.self))
        return String(decoding: text.utf8.prefix(settings.excerptBytes), as: UTF8.self)
    }

    /// Where a redirect points to, without what may be a secret in it.
    private static func shownLocation(_ location: String) -> String {
        let place = location.prefix { $0 != "?" && $0 != "#" }
        if place.first == "/" { return String(place.prefix(200)) }
        return ServiceAddress(String(place))?.shown ?? "another place"
    }

    func record(_ question: Question, _ transfer: Transfer, _ outcome: RequestOutcome) {
        let time = transfer.order.started.duration(to: .now)
        let received = transfer.receivedBytes
        metrics.ended(
            question.cluster, endpoint: question.endpoint, outcome: outcome, after: time,
            receivedBytes: received)
        RequestSpan.note(transfer, outcome, question, time)
        logger.debug(
            "asked a replica",
            metadata: [
                "cluster": "\(question.cluster)", "endpoint": "\(question.endpoint)",
                "replica": "\(transfer.order.address.shown)", "outcome": "\(outcome.label)",
                "seconds": "\(time.inSeconds)", "bytes": "\(received)",
            ])
    }
}
