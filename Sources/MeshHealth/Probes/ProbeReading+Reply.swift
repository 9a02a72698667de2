import Clusters

extension ProbeReading {
    /// Reads what became of a probe. It takes any bytes whatever.
    public init(
        _ probe: Probe, of target: ProbeTarget, _ reply: ProbeReply, took latency: Duration,
        at time: Int64, settings: ProbeSettings = ProbeSettings()
    ) {
        let context = ProbeContext(probe: probe, target: target, time: time, settings: settings)
        var finding: ProbeFinding
        let status: Int?
        switch reply {
        case .failed(let failure):
            finding = ProbeFinding(failure)
            status = nil
        case .answered(let answer):
            finding = Self.finding(answer, context)
            status = answer.status
        }
        if probe.isEssential, finding.state == .healthy, latency >= settings.slowAfter {
            finding.state = .degraded
            finding.problem = .slow
            finding.detail = "it answers, but after \(latency.wholeMilliseconds) ms"
        }
        self.init(
            target: target, probe: probe, status: status, latency: latency, observedAt: time,
            finding: finding)
    }

    private static func finding(_ answer: ProbeAnswer, _ context: ProbeContext) -> ProbeFinding {
        guard context.probe.row.statuses.contains(answer.status) else {
            return ProbeFinding(statusOf: answer, context.probe)
        }
        guard answer.body.count <= context.probe.maximumBytes else {
            return ProbeFinding(
                ProbeFailure(.tooLarge, "\(answer.body.count) bytes"))
        }
        do {
            return try finding(reading: answer, context)
        } catch {
            return ProbeFinding(.unknown, error.problem, error.detail)
        }
    }

    private static func finding(
        reading answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        switch context.probe {
        case .istiodReady: try IstiodReader.ready(answer, context)
        case .istiodVersion: try IstiodReader.version(answer)
        case .istiodSync: try SyncReader.read(answer, context)
        case .istiodClusters: try IstiodReader.clusters(answer, context)
        case .istiodPushStatus: try IstiodReader.pushStatus(answer, context)
        case .linkerdPing: try LinkerdReader.ping(answer)
        case .linkerdReady: try LinkerdReader.ready(answer, context)
        case .consulLeader: try ConsulReader.leader(answer, context)
        case .consulPeers: try ConsulReader.peers(answer, context)
        case .consulAutopilot: try ConsulReader.autopilot(answer)
        case .consulRoots: try ConsulReader.roots(answer, context)
        case .envoyReady: try EnvoyReader.ready(answer, context)
        case .envoyServerInfo: try EnvoyReader.serverInfo(answer)
        case .envoyCertificates: try EnvoyReader.certificates(answer, context)
        case .envoyClusters: try EnvoyReader.clusters(answer)
        case .http: try HTTPExpectationReader.read(answer, context)
        case .handshake: throw .shape("a handshake, which `Handshake` reads")
        }
    }
}
