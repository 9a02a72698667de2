import Clusters

extension Handshake.Problem {
    /// What follows for those who would connect: all refuse a certificate that has ended or is for
    /// others, some trust what we do not.
    public var state: ComponentState {
        switch self {
        case .noCertificate, .wrongHost, .notYetValid, .expired: .unhealthy
        case .selfSigned, .untrusted: .degraded
        case .unreadable: .unknown
        }
    }

    /// One sentence for people.
    public var sentence: String {
        switch self {
        case .noCertificate: "it shows no certificate"
        case .unreadable: "the end of its certificate cannot be read"
        case .selfSigned: "its certificate is signed by itself"
        case .untrusted: "its certificate is from an authority that is not trusted here"
        case .wrongHost: "its certificate is for other names"
        case .notYetValid: "its certificate is not valid yet"
        case .expired: "its certificate has ended"
        }
    }
}

extension ProbeReading {
    /// What an endpoint of the kind `tls` shows. `time` is milliseconds since the Unix epoch.
    public init(
        _ handshake: Handshake, of target: ProbeTarget, took latency: Duration, at time: Int64,
        settings: ProbeSettings = ProbeSettings()
    ) {
        var facts = ProbeFacts()
        facts.certificates = handshake.certificates
        let problems = handshake.problems.sorted { $1.state < $0.state }
        var finding: ProbeFinding
        if let worst = problems.first {
            let names = handshake.names.prefix(3).joined(separator: ", ")
            let shown = problems.contains(.wrongHost) && !names.isEmpty ? " (\(names))" : ""
            finding = ProbeFinding(
                worst.state, .tls, problems.map(\.sentence).joined(separator: "; ") + shown,
                facts: facts)
        } else {
            finding = ProbeFinding(.healthy, "its certificate is valid", facts: facts)
        }
        if finding.state == .healthy, latency >= settings.slowAfter {
            finding.state = .degraded
            finding.problem = .slow
            finding.detail = "it shows its certificate, but after \(latency.wholeMilliseconds) ms"
        }
        self.init(
            target: target, probe: .handshake, status: nil, latency: latency, observedAt: time,
            finding: finding)
    }
}
