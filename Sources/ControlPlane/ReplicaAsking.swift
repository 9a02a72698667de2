import Clusters
import Federation
import MeshHealth
import Upstream

/// What came of asking one replica.
struct ReplicaFinding: Sendable {
    /// Of the probes that were asked, in the order of the table.
    var readings: [ProbeReading]
    /// What it showed in a handshake; nil where there was none.
    var certificates: [Certificate]?
    /// Milliseconds since the Unix epoch.
    var endedAt: Int64
}

/// Asks one replica what the table has for its kind, one thing after the other over one connection.
struct ReplicaAsking: Sendable {
    let replica: WatchedReplica
    let upstream: UpstreamClient
    let settings: ProbeSettings
    /// Milliseconds since the Unix epoch.
    let now: @Sendable () -> Int64

    /// What is not asked again where the essential question is answered.
    var skipping: Set<Probe> = []
    /// Whether its certificate is looked at, beside what it is asked.
    var wantsHandshake = false

    /// What one asking gave.
    private struct Answered {
        var reply: ProbeReply
        var latency: Duration
        /// Whether there was no way to the endpoint, so that it cannot be asked anything else either.
        var isCutOff = false
    }

    /// All of it takes at most twice the time for one answer, so that a silent replica is done with
    /// before it is to be asked again. Nil where the asking was given up.
    func finding() async -> ReplicaFinding? {
        let end = ContinuousClock.now + replica.service.timeout * 2
        if replica.target.kind == .tls { return await handshakeFinding(by: end) }
        var readings: [ProbeReading] = []
        var essential: Answered?
        for probe in replica.target.probes {
            if skipping.contains(probe), essential?.reply.isAnswer == true { continue }
            let answered: Answered
            if let essential, essential.isCutOff {
                // Whatever else is asked, it is asked the same way.
                answered = essential
            } else if essential != nil, ContinuousClock.now >= end {
                let failure = ProbeFailure(
                    .timeout, "there was no time left to ask, after what was asked before")
                answered = Answered(reply: .failed(failure), latency: .zero)
            } else {
                guard let reply = await asked(probe, by: end) else { return nil }
                answered = reply
            }
            essential = essential ?? answered
            readings.append(
                ProbeReading(
                    probe, of: replica.target, answered.reply, took: answered.latency, at: now(),
                    settings: settings))
        }
        var certificates: [Certificate]?
        if wantsHandshake, essential?.reply.hasTLS == true {
            certificates = try? await handshake(by: end).certificates
        }
        return Task.isCancelled
            ? nil : ReplicaFinding(readings: readings, certificates: certificates, endedAt: now())
    }

    /// Nil where the asking was given up.
    private func asked(
        _ probe: Probe, by end: ContinuousClock.Instant
    ) async -> Answered? {
        let start = ContinuousClock.now
        do {
            let answer = try await upstream.ask(
                cluster: replica.cluster, service: replica.service, request: Self.request(probe),
                deadline: min(end, start + replica.service.timeout)
            ) { response in
                ProbeAnswer(
                    status: response.status, contentType: response.contentType,
                    location: response.header("location").map(Self.shown),
                    body: try await response.collect(upTo: probe.maximumBytes))
            }
            return Answered(reply: .answered(answer), latency: start.duration(to: .now))
        } catch {
            guard let reply = ProbeReply(error), !Task.isCancelled else { return nil }
            return Answered(
                reply: reply, latency: start.duration(to: .now),
                isCutOff: (error as? UpstreamError)?.isAboutTheWay ?? false)
        }
    }

    private static func request(_ probe: Probe) -> UpstreamRequest {
        let parts = probe.path.split(separator: "?", maxSplits: 1)
        let parameters = parts.dropFirst().first?.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return UpstreamRequest.Parameter(
                name: sides[0], value: sides.count > 1 ? sides[1] : "")
        }
        return UpstreamRequest(
            method: .get, path: parts.first.map(String.init) ?? "", parameters: parameters ?? [],
            endpoint: "probe", maximumBytes: probe.maximumBytes, readsEveryStatus: true)
    }

    /// Where a redirect points to, without what may be a secret in it.
    private static func shown(_ location: String) -> String {
        String(URLText.withoutUser(location).prefix { $0 != "?" && $0 != "#" }.prefix(200))
    }

    // MARK: Certificates

    private func handshakeFinding(by end: ContinuousClock.Instant) async -> ReplicaFinding? {
        let start = ContinuousClock.now
        let reading: ProbeReading
        do throws(UpstreamError) {
            let handshake = try await handshake(by: end)
            reading = ProbeReading(
                handshake, of: replica.target, took: start.duration(to: .now), at: now(),
                settings: settings)
        } catch {
            guard let reply = ProbeReply(error), !Task.isCancelled else { return nil }
            reading = ProbeReading(
                .handshake, of: replica.target, reply, took: start.duration(to: .now), at: now(),
                settings: settings)
        }
        return ReplicaFinding(readings: [reading], certificates: nil, endedAt: now())
    }

    private func handshake(
        by end: ContinuousClock.Instant
    ) async throws(UpstreamError) -> Handshake {
        let shown = try await upstream.certificates(
            cluster: replica.cluster, service: replica.service,
            url: replica.service.urls.first ?? "", deadline: end)
        return Handshake(
            chain: shown.chain, cluster: replica.cluster.name, address: replica.target.instance,
            host: shown.host, verification: shown.verification, at: now() / 1000)
    }
}

extension ProbeReply {
    /// Why there is no answer; nil where nobody wants one any more.
    init?(_ error: any Error) {
        guard let error = error as? UpstreamError else { return nil }
        let kind: ProbeFailure.Kind
        switch error.kind {
        case .connection: kind = error.phase == .resolving ? .resolution : .connection
        case .tls: kind = .tls
        case .proxy: kind = .proxy
        case .timeout, .stalled: kind = .timeout
        case .tooLarge: kind = .tooLarge
        case .interrupted: kind = .interrupted
        case .malformed: kind = .malformed
        case .file, .configuration: kind = .configuration
        // Probes are never protected by breakers, and nobody but their reader judges answers.
        case .cancelled, .stopped, .open, .unfit: return nil
        case .status(let status, let excerpt):
            self = .answered(ProbeAnswer(status: status, text: excerpt))
            return
        case .redirect(let status, let location):
            self = .answered(ProbeAnswer(status: status, location: location))
            return
        }
        let message = error.message.isEmpty ? error.phase.rawValue : error.message
        self = .failed(ProbeFailure(kind, message))
    }

    var isAnswer: Bool {
        if case .answered = self { true } else { false }
    }

    /// Whether somebody at the other end spoke TLS, or may have.
    fileprivate var hasTLS: Bool {
        guard case .failed(let failure) = self else { return true }
        return failure.kind == .tls
    }
}

extension UpstreamError {
    /// Whether the request did not get as far as the endpoint.
    fileprivate var isAboutTheWay: Bool {
        switch kind {
        case .tls, .proxy, .file, .configuration: true
        case .connection, .timeout: phase != .waiting && phase != .receiving
        case .stalled, .open, .unfit, .interrupted, .malformed, .tooLarge, .status, .redirect,
            .cancelled, .stopped:
            false
        }
    }
}
