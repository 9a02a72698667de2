/// What the admin server of an Envoy at the cluster's edge answers (envoy's `source/server/admin`).
struct EnvoyAdminAnswers: Sendable {
    private let profile: ClusterProfile
    private let plan: SimulationPlan
    /// By the name of the replica.
    private let envoys: [String: Envoy]
    /// The replica whose faults the root has that the certificates are of; nil where there is none.
    private let authority: ControlPlaneFaults?

    static let version = "1.37.0"

    /// What is prepared of one of them.
    private struct Envoy: Sendable {
        var pod: String
        var principal: String
        var certificates: PodCertificates
        var clusters: [Cluster]
    }

    /// One of its Envoy clusters, and its hosts.
    private struct Cluster: Sendable {
        var name: String
        var port: Int
        var addresses: [String]
        var isOfControlPlane = false
    }

    init(profile: ClusterProfile, topology: Topology) {
        self.profile = profile
        plan = topology.plan
        authority =
            (topology.controlPlanes.places(in: profile.name, .istiod)
            + topology.controlPlanes.places(in: profile.name, .consul)).first?.faults
        var envoys: [String: Envoy] = [:]
        let upstreams = topology.upstreams(from: profile)
        for workload in topology.workloads(in: profile) where gatewayNames.contains(workload.name) {
            let own = upstreams.filter { $0.source == workload }
            for (number, pod) in topology.pods(of: workload).enumerated() {
                let name = "\(workload.name)-\(number)"
                guard topology.controlPlanes.place(name, in: profile.name) != nil else { continue }
                envoys[name] = Envoy(
                    pod: pod, principal: workload.principal,
                    certificates: PodCertificates(
                        workload: workload, pod: pod, hasCertificates: true, topology: topology),
                    clusters: [Self.controlPlane(of: profile)]
                        + own.map { Self.cluster($0, topology) })
            }
        }
        self.envoys = envoys
    }

    private static func controlPlane(of profile: ClusterProfile) -> Cluster {
        let name =
            switch profile.mesh.trust {
            case .istio: "xds-grpc"
            case .consul: "local_agent"
            default: "xds_cluster"
            }
        return Cluster(name: name, port: 15_012, addresses: ["10.0.0.1"], isOfControlPlane: true)
    }

    private static func cluster(_ upstream: Upstream, _ topology: Topology) -> Cluster {
        let pods = upstream.edges.flatMap { topology.pods(of: $0.destination) }
        return Cluster(
            name: upstream.envoyName, port: upstream.service.port,
            addresses: pods.map { pod in
                var dice = Dice(seed: topology.plan.seed, name: "address/\(pod)")
                return
                    "10.\(1 + dice.index(below: 250)).\(dice.index(below: 250)).\(dice.index(below: 250))"
            })
    }

    func answer(
        _ path: String, _ query: String, _ place: ControlPlaneBoard.Place, at seconds: Double
    ) -> ControlPlaneAnswer {
        guard let envoy = envoys[place.replica.name] else { return .unknownPage }
        let faults = place.faults
        switch path {
        case "ready":
            let state = state(faults, at: seconds)
            return .text("\(state)\n", status: state == "LIVE" ? 200 : 503)
        case "server_info": return .json(information(envoy, faults, at: seconds))
        case "certs": return .json(certificates(envoy, at: seconds))
        case "clusters":
            guard query.split(separator: "&").contains("format=json") else {
                return .text(
                    envoy.clusters.map { "\($0.name)::added_via_api::true\n" }.joined())
            }
            let isLost = faults[.envoyControlPlaneLost].isOn(at: seconds)
            return .json([
                "cluster_statuses": .list(envoy.clusters.map { status($0, isLost: isLost) })
            ])
        default: return .unknownPage
        }
    }

    private func state(_ faults: ControlPlaneFaults, at seconds: Double) -> String {
        if faults[.envoyInitializing].isOn(at: seconds) { return "PRE_INITIALIZING" }
        return faults[.envoyDraining].isOn(at: seconds) ? "DRAINING" : "LIVE"
    }

    private func information(
        _ envoy: Envoy, _ faults: ControlPlaneFaults, at seconds: Double
    ) -> WrittenJSON {
        let uptime = "\(Int(seconds.truncatingRemainder(dividingBy: 400_000)))s"
        var members: [(name: String, value: WrittenJSON)] = [
            ("version", .text("4f6a1b9/\(Self.version)/Clean/RELEASE/BoringSSL"))
        ]
        if !faults[.envoyStateAbsent].isOn(at: seconds) {
            members.append(("state", .text(state(faults, at: seconds))))
        }
        members += [
            ("hot_restart_version", "disabled"), ("command_line_options", ["concurrency": 2]),
            ("uptime_current_epoch", .text(uptime)), ("uptime_all_epochs", .text(uptime)),
            ("node", ["id": .text(envoy.pod), "cluster": .text(profile.name)]),
        ]
        return .members(members)
    }

    // MARK: Certificates

    private func certificates(_ envoy: Envoy, at seconds: Double) -> WrittenJSON {
        var entries: [WrittenJSON] = []
        let own = envoy.certificates
        if own.isUnread(at: seconds) {
            entries.append(["ca_cert": [], "cert_chain": [["days_until_expiration": "0"]]])
        } else if let life = own.ofEnvoy(at: seconds) {
            let names: WrittenJSON = [["dns": .text("\(profile.name).shop.example")]]
            entries.append([
                "ca_cert": [],
                "cert_chain": [
                    details(
                        life, "/etc/certs/tls.crt", serial: "\(envoy.pod)/file", names, at: seconds)
                ],
            ])
        }
        // Those of meshes: SPIFFE's, short-lived, and with the root that they are checked against.
        if envoy.principal.hasPrefix("spiffe://"), let authority {
            let root =
                profile.mesh == .consul
                ? CertificateLife.consulRoot(authority, at: seconds)
                : CertificateLife.istioRoot(authority, at: seconds)
            let uri = envoy.principal
            entries.append([
                "ca_cert": [
                    details(
                        root, "<inline>", serial: "\(profile.trustDomain)/root", [], at: seconds)
                ],
                "cert_chain": [
                    details(
                        own.ofWorkload(at: seconds), "<inline>", serial: "\(envoy.pod)/workload",
                        [["uri": .text(uri)]], at: seconds)
                ],
            ])
        }
        return ["certificates": .list(entries)]
    }

    private func details(
        _ life: CertificateLife, _ path: String, serial: String, _ names: WrittenJSON,
        at seconds: Double
    ) -> WrittenJSON {
        // Another certificate has another number.
        var dice = Dice(seed: plan.seed, name: "serial/\(serial)/\(Int(life.end))")
        let days = max(0, Int((life.end - seconds) / CertificateLife.day))
        return [
            "path": .text(path), "serial_number": .text(dice.bits().hex),
            "subject_alt_names": names, "days_until_expiration": .text(String(days)),
            "valid_from": .text(plan.timeText(at: life.begin)),
            "expiration_time": .text(plan.timeText(at: life.end)),
        ]
    }

    // MARK: Hosts

    /// What is as it usually is, Envoy leaves out.
    private func status(_ cluster: Cluster, isLost: Bool) -> WrittenJSON {
        let isFailing = isLost && cluster.isOfControlPlane
        let health: WrittenJSON =
            isFailing
            ? ["failed_active_health_check": true, "eds_health_status": "HEALTHY"]
            : ["eds_health_status": "HEALTHY"]
        return [
            "name": .text(cluster.name), "added_via_api": .flag(!cluster.isOfControlPlane),
            "host_statuses": .list(
                cluster.addresses.map { address in
                    [
                        "address": [
                            "socket_address": [
                                "address": .text(address), "port_value": .number(cluster.port),
                            ]
                        ],
                        "stats": [["name": "cx_active", "type": "GAUGE", "value": "1"]],
                        "health_status": health, "weight": 1,
                    ]
                }),
        ]
    }
}
