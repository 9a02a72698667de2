/// What one of a cluster's Consul servers answers (consul's `agent/*_endpoint.go`). All servers tell
/// the same of each other; what happens to one of them, the others see.
struct ConsulAnswers: Sendable {
    private let profile: ClusterProfile
    private let plan: SimulationPlan
    private let place: ControlPlaneBoard.Place
    private let members: [ControlPlaneBoard.Place]

    static let version = "1.22.2"

    init(profile: ClusterProfile, topology: Topology, place: ControlPlaneBoard.Place) {
        self.profile = profile
        self.place = place
        plan = topology.plan
        members = topology.controlPlanes.places(in: profile.name, .consul)
    }

    func answer(_ path: String, at seconds: Double) -> ControlPlaneAnswer {
        switch path {
        case "v1/status/leader":
            .json(.text(leader(at: seconds).map(address) ?? ""))
        case "v1/status/peers":
            .json(.list(peers(at: seconds).map { .text(address($0)) }))
        case "v1/operator/autopilot/health": autopilot(at: seconds)
        case "v1/connect/ca/roots": .json(roots(at: seconds))
        case "v1/agent/self": .json(own(at: seconds))
        default: .unknownPage
        }
    }

    // MARK: Who is there

    private func isOn(_ kind: ControlPlaneFaultKind, at seconds: Double) -> Bool {
        place.faults[kind].isOn(at: seconds)
    }

    private func peers(at seconds: Double) -> [ControlPlaneBoard.Place] {
        members.filter { !$0.faults[.consulServerLeft].isOn(at: seconds) }
    }

    private func isHealthy(_ member: ControlPlaneBoard.Place, at seconds: Double) -> Bool {
        !member.faults[.consulServerFailed].isOn(at: seconds)
    }

    /// The first server that is well, where most of them are.
    private func leader(at seconds: Double) -> ControlPlaneBoard.Place? {
        let peers = peers(at: seconds)
        let well = peers.filter { isHealthy($0, at: seconds) }
        guard !isOn(.consulWithoutLeader, at: seconds), well.count * 2 > peers.count else {
            return nil
        }
        return well.first
    }

    private func address(_ member: ControlPlaneBoard.Place) -> String {
        "10.4.0.\(10 + member.replica.number):8300"
    }

    private func identity(_ name: String) -> String {
        var dice = Dice(seed: plan.seed, name: "consul/\(profile.name)/\(name)")
        let digits = (dice.bits() | 1 << 63).hex + (dice.bits() | 1 << 63).hex
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    // MARK: What it says

    private func autopilot(at seconds: Double) -> ControlPlaneAnswer {
        if isOn(.consulForbidden, at: seconds) {
            let identity = identity("token")
            return .text(
                "Permission denied: token with AccessorID '\(identity)' lacks permission"
                    + " 'operator:read'", status: 403)
        }
        if isOn(.consulRateLimited, at: seconds) {
            return .text(
                "rate limit exceeded, try again later or against a different server",
                status: 429)
        }
        if isOn(.consulWithoutLeader, at: seconds) {
            return .text("No cluster leader", status: 500)
        }
        let peers = peers(at: seconds)
        let well = peers.count { isHealthy($0, at: seconds) }
        let leader = leader(at: seconds)
        let isWhole = well == peers.count
        return .json(
            [
                "Healthy": .flag(isWhole),
                "FailureTolerance": .number(max(0, well - (peers.count / 2 + 1))),
                "Servers": .list(
                    peers.map { server($0, isLeader: $0.replica == leader?.replica, at: seconds) }),
            ], status: isWhole ? 200 : 429)
    }

    private func server(
        _ member: ControlPlaneBoard.Place, isLeader: Bool, at seconds: Double
    ) -> WrittenJSON {
        let isWell = isHealthy(member, at: seconds)
        return [
            "ID": .text(identity(member.replica.name)), "Name": .text(member.replica.name),
            "Address": .text(address(member)), "SerfStatus": isWell ? "alive" : "failed",
            "Version": .text(Self.version), "Leader": .flag(isLeader),
            "LastContact": .text(isLeader ? "0s" : isWell ? "41.5ms" : "12m3.2s"),
            "LastTerm": 7, "LastIndex": .number(1000 + Int(seconds / 10)),
            "Healthy": .flag(isWell), "Voter": true,
            "StableSince": .text(
                plan.timeText(
                    at: member.faults[.consulServerFailed].begin(at: seconds) ?? -3600)),
        ]
    }

    /// The active root, and one before it that has ended, which says nothing.
    private func roots(at seconds: Double) -> WrittenJSON {
        let active = CertificateLife.consulRoot(place.faults, at: seconds)
        let former = CertificateLife(
            begin: active.begin - 365 * 86_400, end: min(seconds, active.end) - 30 * 86_400)
        return [
            "ActiveRootID": .text(rootID(true)),
            "TrustDomain": .text("\(profile.trustDomain).consul"),
            "Roots": [root(active, isActive: true), root(former, isActive: false)],
        ]
    }

    private func rootID(_ isActive: Bool) -> String {
        identity(isActive ? "root" : "former-root").replacing("-", with: ":")
    }

    private func root(_ certificate: CertificateLife, isActive: Bool) -> WrittenJSON {
        [
            "ID": .text(rootID(isActive)), "Name": "Consul CA Primary Cert",
            "SerialNumber": .number(isActive ? 9 : 7),
            "SigningKeyID": .text(identity("key").replacing("-", with: ":")),
            "ExternalTrustDomain": .text(profile.trustDomain),
            "NotBefore": .text(plan.timeText(at: certificate.begin)),
            "NotAfter": .text(plan.timeText(at: certificate.end)),
            // Its text is the same for all, and no certificate: what counts is told beside it.
            "RootCert": "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVk\n-----END CERTIFICATE-----\n",
            "IntermediateCerts": .null, "Active": .flag(isActive), "PrivateKeyType": "ec",
            "PrivateKeyBits": 256, "CreateIndex": 11, "ModifyIndex": 11,
        ]
    }

    private func own(at seconds: Double) -> WrittenJSON {
        [
            "Config": [
                "Datacenter": .text(profile.name), "NodeName": .text(place.replica.name),
                "NodeID": .text(identity(place.replica.name)), "Server": true,
                "Version": .text(Self.version),
            ],
            "Member": [
                "Name": .text(place.replica.name), "Addr": .text(address(place)), "Status": 1,
            ],
            "Stats": [
                "consul": [
                    "leader": .text(
                        String(leader(at: seconds)?.replica == place.replica)),
                    "leader_addr": .text(leader(at: seconds).map(address) ?? ""),
                ]
            ],
        ]
    }
}

extension UInt64 {
    /// In hexadecimal, without zeros before it.
    var hex: String { String(self, radix: 16) }
}
