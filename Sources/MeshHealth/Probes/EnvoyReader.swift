import PrometheusAPI

/// What Envoy's admin server answers.
enum EnvoyReader {
    /// `/ready`: 200 with `LIVE`, or 503 with another state.
    static func ready(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        if answer.status == 503, answer.isOfProxy {
            return ProbeFinding(statusOf: answer, context.probe)
        }
        let text = try answer.text()
        // An agent that answers for Envoy says it by the status alone.
        if answer.status == 200, text.isEmpty { return finding(state: "LIVE") }
        if answer.status == 503, text.isEmpty {
            return ProbeFinding(.unhealthy, .notReady, "Envoy is not ready")
        }
        let finding = finding(state: text)
        if answer.status == 503, finding.state == .healthy || finding.state == .unknown {
            return ProbeFinding(
                .unhealthy, .notReady, "Envoy is not ready\(answer.excerpt.map { ": \($0)" } ?? "")"
            )
        }
        return finding
    }

    private static func finding(state: String, version: String? = nil) -> ProbeFinding {
        let about = version.map { "Envoy \($0)" } ?? "Envoy"
        switch state {
        case "LIVE": return ProbeFinding(.healthy, "\(about) is live", version: version)
        case "DRAINING":
            return ProbeFinding(
                .degraded, .draining, "\(about) sends its connections away", version: version)
        case "PRE_INITIALIZING", "INITIALIZING":
            return ProbeFinding(
                .unhealthy, .starting, "\(about) waits for its configuration", version: version)
        default:
            let name = state.utf8.count <= 40 ? state : String(state.prefix(40)) + "…"
            return ProbeFinding(
                .unknown, .wrongShape, "\(about) is in the state \(name), which means nothing here",
                version: version)
        }
    }

    /// `/server_info`. The state of a live Envoy is 0 of an enumeration, which the JSON of protobuf
    /// leaves out unless it is told otherwise.
    static func serverInfo(_ answer: ProbeAnswer) throws(Unreadable) -> ProbeFinding {
        let json = try answer.object("what Envoy says of itself")
        let text = json["version"]?.string
        guard text != nil || json["state"] != nil || json["uptime_current_epoch"] != nil else {
            throw .shape("what Envoy says of itself")
        }
        let version = text.flatMap { SoftwareVersion($0) }?.description
        guard let state = json["state"], state != .null else {
            return finding(state: "LIVE", version: version)
        }
        // Some writers put enumerations as numbers.
        let names = ["LIVE", "DRAINING", "PRE_INITIALIZING", "INITIALIZING"]
        let name: String? =
            switch state {
            case .string(let name): name
            case .integer(let number):
                number >= 0 && number < names.count ? names[Int(number)] : String(number)
            default: nil
            }
        guard let name else { throw .shape("what Envoy says of itself") }
        return finding(state: name, version: version)
    }

    /// `/certs`. The days until the end are whole ones, 0 for the last as for every one past it, and
    /// have been wrong; the time of the end is what counts.
    static func certificates(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        let json = try answer.object("Envoy's certificates")
        if let list = json["certificates"], list != .null, list.array == nil {
            throw .shape("Envoy's certificates")
        }
        var certificates: [Certificate] = []
        for element in json["certificates"]?.array ?? [] {
            for (member, isChain) in [("cert_chain", true), ("ca_cert", false)] {
                // One in older releases, a list in newer ones.
                guard let value = element[member] else { continue }
                let details = value.array ?? (value.members == nil ? [] : [value])
                certificates += details.compactMap {
                    EnvoyCertificateDetails($0).certificate(isChain: isChain, context)
                }
            }
        }
        var facts = ProbeFacts()
        // The same root stands beside each chain.
        facts.certificates = CertificateMerge.merged(certificates)
        let now = RecordedTime.floorSeconds(context.time)
        let expired = (facts.certificates ?? []).count { $0.verdict(at: now).state == .expired }
        if expired > 0 {
            return ProbeFinding(
                .degraded, .configurationIssues, "\(expired) of Envoy's certificates have expired",
                facts: facts)
        }
        return ProbeFinding(
            .healthy, "\(facts.certificates?.count ?? 0) certificates are in use", facts: facts)
    }

    /// `/clusters?format=json`: where it sends to, and which of the hosts it takes for healthy.
    static func clusters(_ answer: ProbeAnswer) throws(Unreadable) -> ProbeFinding {
        let json = try answer.object("Envoy's clusters")
        if let list = json["cluster_statuses"], list != .null, list.array == nil {
            throw .shape("Envoy's clusters")
        }
        var upstreams: [UpstreamHealth] = []
        for element in json["cluster_statuses"]?.array ?? [] {
            guard let name = element["name"]?.string else { throw .shape("Envoy's clusters") }
            upstreams.append(UpstreamHealth(name, hosts: element["host_statuses"]?.array ?? []))
        }
        var facts = ProbeFacts()
        facts.upstreams = upstreams
        let lost = upstreams.filter(\.isWithoutHealthyHost)
        guard let first = lost.first else {
            return ProbeFinding(.healthy, "\(upstreams.count) clusters are known", facts: facts)
        }
        if let control = lost.first(where: \.isOfControlPlane) {
            return ProbeFinding(
                .degraded, .noHealthyHost,
                "it has no healthy host of \(control.name), its control plane",
                facts: facts)
        }
        // That a service is gone says nothing of this Envoy.
        return ProbeFinding(
            .healthy, .noHealthyHost,
            "\(lost.count) of \(upstreams.count) clusters have no healthy host: \(first.name)",
            facts: facts)
    }
}
