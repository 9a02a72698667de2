/// A proxy that istiod sends configuration to.
struct SimulatedProxy: Sendable {
    var pod: String
    var namespace: String
    var isGateway: Bool
    /// Which of istiod's replicas it is connected to.
    var replica: Int
    /// Between 0 and 1: what happens to a share of the proxies happens to those below it.
    var turn: Double

    static let version = "1.29.1"
    /// Of those that have not been restarted for long.
    static let formerVersion = "1.26.4"

    func isOutdated(_ faults: ControlPlaneFaults, at seconds: Double) -> Bool {
        turn < 0.34 && faults[.proxiesOutdated].isOn(at: seconds)
    }

    func version(_ faults: ControlPlaneFaults, at seconds: Double) -> String {
        isOutdated(faults, at: seconds) ? Self.formerVersion : Self.version
    }
}

extension Topology {
    /// The proxies of a cluster, as istiod's replicas share them.
    func proxies(in profile: ClusterProfile) -> [SimulatedProxy] {
        let replicas = controlPlanes.places(in: profile.name, .istiod).count
        guard replicas > 0 else { return [] }
        // Without sidecars there are the gateways alone, and ztunnels, which are not counted.
        let own = workloads(in: profile).filter {
            profile.mesh != .ambient || gatewayNames.contains($0.name)
        }
        return own.flatMap { workload in
            pods(of: workload).map { pod in
                var dice = Dice(seed: plan.seed, name: "proxy/\(profile.name)/\(pod)")
                return SimulatedProxy(
                    pod: pod, namespace: workload.namespace,
                    isGateway: gatewayNames.contains(workload.name),
                    replica: dice.index(below: replicas), turn: dice.number(in: 0...1))
            }
        }
    }
}
