import PrometheusAPI

/// What Consul's HTTP API answers.
enum ConsulReader {
    /// `/v1/status/leader`: an address in quotes; nothing between them where there is no leader.
    static func leader(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        if let finding = try withoutLeader(answer, context) { return finding }
        guard let leader = try answer.json().string else { throw .shape("an address") }
        var facts = ProbeFacts()
        facts.leader = leader
        guard !leader.isEmpty else {
            return ProbeFinding(.unhealthy, .noLeader, "Consul has no leader", facts: facts)
        }
        return ProbeFinding(.healthy, "\(leader) is leader", facts: facts)
    }

    /// `/v1/status/peers`: the servers' addresses.
    static func peers(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        if let finding = try withoutLeader(answer, context) { return finding }
        var peers: [String] = []
        for element in try answer.list("a list of addresses") {
            guard let peer = element.string else { throw .shape("a list of addresses") }
            peers.append(peer)
        }
        var facts = ProbeFacts()
        facts.peers = peers
        if peers.isEmpty {
            return ProbeFinding(.unhealthy, .noLeader, "Consul has no servers", facts: facts)
        }
        return ProbeFinding(.healthy, "\(peers.count) servers elect", facts: facts)
    }

    /// A 500 says in plain words that there is no leader. Other ones say what they do everywhere.
    private static func withoutLeader(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding? {
        guard answer.status == 500 else { return nil }
        if !answer.isHTML, try answer.text().lowercased().contains("no cluster leader") {
            var facts = ProbeFacts()
            facts.leader = ""
            return ProbeFinding(.unhealthy, .noLeader, "Consul has no leader", facts: facts)
        }
        return ProbeFinding(statusOf: answer, context.probe)
    }

    /// `/v1/operator/autopilot/health`: 200, or 429 where not all is well, both with the same body.
    static func autopilot(_ answer: ProbeAnswer) throws(Unreadable) -> ProbeFinding {
        let json: JSONValue
        do {
            json = try answer.object("autopilot's health")
        } catch {
            guard answer.status == 429 else { throw error }
            throw Unreadable(
                problem: .rateLimited,
                detail: "it answers 429 without autopilot's health: it was asked too often")
        }
        guard let isHealthy = json["Healthy"]?.bool else { throw .shape("autopilot's health") }
        let tolerance = json["FailureTolerance"]?.double ?? 0
        var servers: [ConsulServer] = []
        for element in json["Servers"]?.array ?? [] {
            guard element.members != nil else { throw .shape("autopilot's health") }
            servers.append(server(element))
        }
        var facts = ProbeFacts()
        facts.servers = servers
        let version = servers.first(where: \.isLeader)?.version ?? servers.first?.version
        let (state, problem, detail) = verdict(isHealthy, tolerance, servers)
        return ProbeFinding(state, problem, detail, version: version, facts: facts)
    }

    private static func verdict(
        _ isHealthy: Bool, _ tolerance: Double, _ servers: [ConsulServer]
    ) -> (ComponentState, ProbeProblem?, String) {
        let voters = servers.filter(\.isVoter)
        let well = voters.count(where: \.isHealthy)
        if !voters.isEmpty, well < Quorum.majority.needed(of: voters.count) {
            return (
                .unhealthy, .quorumLost,
                "\(well) of \(voters.count) voting servers are healthy, which is no majority"
            )
        }
        if !isHealthy {
            let failed = servers.filter { !$0.isHealthy }.map(\.name).sorted()
            let names = failed.isEmpty ? "" : ": \(failed.joined(separator: ", "))"
            return (
                .degraded, .serverFailed, "autopilot finds servers that are not healthy\(names)"
            )
        }
        if !servers.isEmpty, !servers.contains(where: \.isLeader) {
            return (.degraded, .noLeader, "none of the servers is leader")
        }
        // One server, or two, never tolerate a failure; of three that is news.
        if voters.count >= 3, tolerance < 1 {
            return (.degraded, .noTolerance, "no further server may fail")
        }
        return (.healthy, nil, "\(well) voting servers are healthy")
    }

    private static func server(_ element: JSONValue) -> ConsulServer {
        ConsulServer(
            name: element["Name"]?.string ?? element["ID"]?.string ?? "",
            address: element["Address"]?.string ?? "", version: element["Version"]?.string,
            isLeader: element["Leader"]?.bool ?? false, isVoter: element["Voter"]?.bool ?? false,
            isHealthy: element["Healthy"]?.bool ?? false,
            serfStatus: element["SerfStatus"]?.string ?? "")
    }

    /// `/v1/connect/ca/roots`: the roots, of which the active one signs.
    static func roots(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        let json = try answer.object("the roots of Consul's CA")
        guard let roots = json["Roots"]?.array else { throw .shape("the roots of Consul's CA") }
        let domain = json["TrustDomain"]?.string
        let active = json["ActiveRootID"]?.string
        var facts = ProbeFacts()
        facts.certificates = roots.compactMap { root in
            let isActive = root["Active"]?.bool ?? (root["ID"]?.string == active)
            return isActive ? certificate(root, trustDomain: domain, context) : nil
        }
        guard let certificate = facts.certificates?.first else {
            return ProbeFinding(
                .degraded, .noActiveRoot, "none of \(roots.count) roots is active", facts: facts)
        }
        return ProbeFinding(
            .healthy, "\(certificate.subject) signs for \(domain ?? "an unnamed trust domain")",
            facts: facts)
    }

    private static func certificate(
        _ root: JSONValue, trustDomain: String?, _ context: ProbeContext
    ) -> Certificate? {
        guard let end = root["NotAfter"]?.string.flatMap(RecordedTime.seconds) else { return nil }
        let name = root["Name"]?.string ?? root["ID"]?.string ?? ""
        var certificate = Certificate(
            .root, mesh: .consul, cluster: context.target.component.cluster, subject: name,
            instance: context.target.instance, expiry: .exactly(end), source: .consulRoots,
            evidence: [context.evidence("NotAfter of the active root \(name)")])
        certificate.trustDomain = trustDomain
        certificate.notBefore = root["NotBefore"]?.string.flatMap(RecordedTime.seconds)
        certificate.serial = root["SerialNumber"].flatMap(SerialNumber.init(json:))
        certificate.issuer = name
        return certificate
    }
}
