/// What Consul's servers say of themselves. Of what only the leader knows, the others say NaN.
func consulServerFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let places = topology.controlPlanes.places(in: profile.name, .consul)
    let servers = ReplicaMetrics(places: places)
    @Sendable func well(at seconds: Double) -> [ControlPlaneBoard.Place] {
        places.filter {
            !$0.faults[.consulServerFailed].isOn(at: seconds)
                && !$0.faults[.consulServerLeft].isOn(at: seconds)
        }
    }
    @Sendable func peers(at seconds: Double) -> Int {
        places.count { !$0.faults[.consulServerLeft].isOn(at: seconds) }
    }
    @Sendable func isLeader(_ place: ControlPlaneBoard.Place, at seconds: Double) -> Bool {
        let well = well(at: seconds)
        return !place.faults[.consulWithoutLeader].isOn(at: seconds)
            && well.count * 2 > peers(at: seconds)
            && well.first?.replica == place.replica
    }
    /// Of the leader alone.
    func leading(
        _ name: String, _ help: String,
        _ value: @escaping @Sendable (ControlPlaneBoard.Place, Double) -> Double
    ) -> MetricFamily {
        servers.gauge(name, help) { place, seconds in
            isLeader(place, at: seconds) ? value(place, seconds) : .nan
        }
    }
    return [
        leading("consul_autopilot_healthy", "Whether autopilot finds all servers healthy.") {
            well(at: $1).count == peers(at: $1) ? 1 : 0
        },
        leading("consul_autopilot_failure_tolerance", "How many servers may still fail.") {
            let peers = peers(at: $1)
            return Double(max(0, well(at: $1).count - (peers / 2 + 1)))
        },
        servers.gauge(
            "consul_raft_leader_lastContact", "Since when followers had not heard of the leader.",
            ["quantile": "0.99"]
        ) { place, seconds in isLeader(place, at: seconds) ? 34 : .nan },
        leading("consul_mesh_active_root_ca_expiry", "Seconds until the root CA expires.") {
            let end = CertificateLife.consulRoot($0.faults, at: $1).end
            return (end - $1).rounded(.down)
        },
        leading("consul_mesh_active_signing_ca_expiry", "Seconds until the signing CA expires.") {
            let end = CertificateLife.consulRoot($0.faults, at: $1).end
            return (end - $1).rounded(.down)
        },
        servers.gauge("consul_agent_tls_cert_expiry", "Seconds until the TLS certificate expires.")
        { _, seconds in
            let period = 240 * CertificateLife.day
            let used = seconds.truncatingRemainder(dividingBy: period)
            return (365 * CertificateLife.day - used).rounded(.down)
        },
    ]
}
