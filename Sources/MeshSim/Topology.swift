/// The simulated mesh, top to bottom: `Topology` says who calls whom and how often, `Outcome`
/// how the calls end, `LoadShape` and `LatencyModel` how that looks over time, `IstioMetrics`,
/// `EnvoyMetrics` and `KubernetesMetrics` turn it into metric families, `ExpositionWriter` into
/// text, and `MeshServer` serves it. Read this file first.
///
/// Everything is a pure function of the seed, the time, and the times at which faults were switched
/// (`FaultBoard`): nothing here draws fresh random numbers, keeps another state between two scrapes,
/// or reads the clock (`MeshServer` does the last).

/// What is simulated.
struct SimulationPlan: Sendable {
    var seed: UInt64
    /// How many services there are; the standard ones always are.
    var services: Int
    /// Multiplies all traffic.
    var scale: Double
    /// Pods of each workload in each of its clusters.
    var replicas: Int
    /// When all counters were zero: milliseconds since the Unix epoch.
    var origin: Int64
    /// Whose clusters there are beside the three of Istio.
    var furtherMeshes: Set<Mesh> = []

    /// The clusters, in the order of their ports.
    var profiles: [ClusterProfile] {
        clusterProfiles + furtherClusterProfiles.filter { furtherMeshes.contains($0.mesh) }
    }

    /// Seconds since the Unix epoch of a time in seconds since the origin.
    func unixSeconds(at seconds: Double) -> Double { Double(origin) / 1000 + seconds }

    /// Seconds since the origin of a time in milliseconds since the Unix epoch; never negative.
    func seconds(at milliseconds: Int64) -> Double {
        max(0, Double(milliseconds - origin) / 1000)
    }
}

/// What one cluster is like.
struct ClusterProfile: Sendable {
    var name: String
    /// Users' requests a second at its front door.
    var requestsPerSecond: Double
    var hoursAheadOfUTC: Double
    /// The root of the mesh's identities: `spiffe://<trust domain>/…`.
    var trustDomain: String
    /// The label in which its Prometheus finds the name of an Envoy cluster. Fleets do not agree
    /// on it, and `cluster` collides with the external label of that name.
    var envoyClusterLabel: String
    var mesh = Mesh.istio
    /// The standard services that run here too, where the cluster is one of a further mesh.
    var guests: [String] = []
}

/// The clusters that are always there.
let clusterProfiles: [ClusterProfile] = [
    ClusterProfile(
        name: "eu-1", requestsPerSecond: 40, hoursAheadOfUTC: 1, trustDomain: "cluster.local",
        envoyClusterLabel: "cluster"),
    ClusterProfile(
        name: "us-1", requestsPerSecond: 60, hoursAheadOfUTC: -6, trustDomain: "cluster.local",
        envoyClusterLabel: "cluster_name"),
    ClusterProfile(
        name: "ap-1", requestsPerSecond: 25, hoursAheadOfUTC: 9, trustDomain: "ap.mesh",
        envoyClusterLabel: "envoy_cluster_name"),
]

/// One workload: a service's (or a gateway's) pods in one cluster.
struct Workload: Sendable, Hashable {
    var name: String
    var namespace: String
    var cluster: String
    /// The identity in its certificate.
    var principal: String
    var mesh = Mesh.istio

    var host: String { "\(name).\(namespace).svc.cluster.local" }
}

/// All calls of one workload to one service's pods in one cluster.
struct Edge: Sendable {
    var source: Workload
    var destination: Workload
    var service: Service
    /// The mean rate.
    var requestsPerSecond: Double
    var shape: LoadShape
    /// What distance adds to each request.
    var distanceMilliseconds: Double
    /// What can happen to the destination.
    var faults: WorkloadFaults
}

/// The calls of one workload to one service, wherever its pods are: an Envoy "cluster".
struct Upstream: Sendable {
    var source: Workload
    var service: Service
    var edges: [Edge]

    /// The name Istio gives the Envoy cluster.
    var envoyName: String { "outbound|\(service.port)||\(service.host)" }
}

/// Who runs where and who calls whom how often.
struct Topology: Sendable {
    let plan: SimulationPlan
    let services: [Service]
    /// In a fixed order; no two have the same ends.
    let edges: [Edge]
    let board: FaultBoard
    let controlPlanes: ControlPlaneBoard

    init(plan: SimulationPlan) {
        self.plan = plan
        services = serviceCatalogue(plan: plan)
        board = FaultBoard(services: services, profiles: plan.profiles)
        controlPlanes = ControlPlaneBoard(plan: plan)
        edges = Topology.edges(plan: plan, services: services, board: board)
    }

    /// The workloads of a cluster: its gateways, then its services.
    func workloads(in profile: ClusterProfile) -> [Workload] {
        gatewayNames.map { profile.gateway($0) }
            + services.filter { $0.clusters.contains(profile.name) }.map { profile.workload($0) }
    }

    /// The Envoy clusters that the proxies of a cluster send requests to.
    func upstreams(from profile: ClusterProfile) -> [Upstream] {
        var upstreams: [Upstream] = []
        for edge in edges where edge.source.cluster == profile.name {
            let known = upstreams.firstIndex {
                $0.source == edge.source && $0.service.name == edge.service.name
            }
            if let known {
                upstreams[known].edges.append(edge)
            } else {
                upstreams.append(
                    Upstream(source: edge.source, service: edge.service, edges: [edge]))
            }
        }
        return upstreams
    }

    /// The names of the pods of a workload.
    func pods(of workload: Workload) -> [String] {
        var dice = Dice(seed: plan.seed, name: "pods/\(workload.cluster)/\(workload.name)")
        let replicaSet = dice.replicaSetHash()
        return (0..<plan.replicas).map { _ in
            "\(workload.name)-\(replicaSet)-\(dice.podSuffix(length: 5))"
        }
    }

    /// The pods of a workload, each with its share of the requests.
    func podShares(of workload: Workload) -> [(pod: String, share: Double)] {
        let pods = pods(of: workload)
        // Balancing is never perfect: each pod gets a little more or less than its part.
        let weights = pods.map { pod in
            var dice = Dice(seed: plan.seed, name: "weight/\(workload.cluster)/\(pod)")
            return dice.number(in: 0.85...1.15)
        }
        let total = weights.reduce(0, +)
        return zip(pods, weights).map { ($0, $1 / total) }
    }

    /// Sends the users' requests through the mesh, service by service. The catalogue lists a
    /// service before all it calls, so its own rate is complete when its turn comes.
    private static func edges(
        plan: SimulationPlan, services: [Service], board: FaultBoard
    ) -> [Edge] {
        var edges: [Edge] = []
        var incoming: [Workload: Double] = [:]
        func connect(_ source: Workload, to service: Service, perSecond: Double) {
            for (profile, share) in placement(
                of: service, calledFrom: source, plan: plan)
            {
                let edge = makeEdge(
                    from: source, to: profile, service: service, perSecond: perSecond * share,
                    plan: plan, faults: board.faults(of: service.name, in: profile.name))
                edges.append(edge)
                incoming[edge.destination, default: 0] += edge.requestsPerSecond
            }
        }
        if let entry = services.first {
            for profile in plan.profiles {
                connect(
                    profile.gateway("ingress-envoy"), to: entry,
                    perSecond: profile.requestsPerSecond * plan.scale)
            }
        }
        for service in services {
            for profile in plan.profiles where service.clusters.contains(profile.name) {
                let source = profile.workload(service)
                guard let rate = incoming[source] else { continue }
                for call in service.calls {
                    guard let callee = services.first(where: { $0.name == call.service }) else {
                        preconditionFailure("\(service.name) calls the unknown \(call.service).")
                    }
                    connect(source, to: callee, perSecond: rate * call.perRequest)
                }
            }
        }
        return edges
    }

    /// Which clusters answer a caller's requests to a service, and which share of them: its own
    /// cluster if the service is there (for some callers a tenth goes elsewhere), else the others.
    private static func placement(
        of service: Service, calledFrom source: Workload, plan: SimulationPlan
    ) -> [(ClusterProfile, Double)] {
        let homes = plan.profiles.filter { service.clusters.contains($0.name) }
        let others = homes.filter { $0.name != source.cluster }
        guard let own = homes.first(where: { $0.name == source.cluster }) else {
            return others.map { ($0, 1 / Double(others.count)) }
        }
        var dice = Dice(
            seed: plan.seed, name: "spill/\(source.cluster)/\(source.name)/\(service.name)")
        // The front door always leads to the cluster it belongs to.
        guard !gatewayNames.contains(source.name), !others.isEmpty, dice.chance(0.4) else {
            return [(own, 1)]
        }
        return [(own, 0.9), (others[dice.index(below: others.count)], 0.1)]
    }

    private static func makeEdge(
        from source: Workload, to profile: ClusterProfile, service: Service, perSecond: Double,
        plan: SimulationPlan, faults: WorkloadFaults
    ) -> Edge {
        let home = plan.profiles.first { $0.name == source.cluster } ?? profile
        let name = "edge/\(source.cluster)/\(source.name)/\(profile.name)/\(service.name)"
        var dice = Dice(seed: plan.seed, name: name)
        let day = LoadShape.Day(
            hoursAheadOfUTC: home.hoursAheadOfUTC,
            originSecondOfDay: Double(plan.origin / 1000 % 86_400))
        return Edge(
            source: source, destination: profile.workload(service), service: service,
            requestsPerSecond: perSecond, shape: .daily(day, dice: &dice),
            distanceMilliseconds: source.cluster == profile.name
                ? 0.2 : dice.number(in: 70...160), faults: faults)
    }
}

/// The workloads at the edge of every cluster; each pod is nothing but an Envoy.
let gatewayNames = ["ingress-envoy", "egress-envoy", "eastwest-envoy"]

extension ClusterProfile {
    /// The workload of a service in this cluster.
    func workload(_ service: Service) -> Workload {
        workload(name: service.name, namespace: service.namespace)
    }

    /// One of the cluster's gateways.
    func gateway(_ name: String) -> Workload {
        workload(name: name, namespace: mesh.gatewayNamespace)
    }

    private func workload(name: String, namespace: String) -> Workload {
        Workload(
            name: name, namespace: namespace, cluster: self.name,
            principal: principal(name, namespace), mesh: mesh)
    }

    /// As each mesh spells identities: Istio's and Consul's are SPIFFE's, Linkerd's a name in DNS.
    private func principal(_ name: String, _ namespace: String) -> String {
        switch mesh {
        case .istio, .ambient: "spiffe://\(trustDomain)/ns/\(namespace)/sa/\(name)"
        case .linkerd: "\(name).\(namespace).serviceaccount.identity.linkerd.\(trustDomain)"
        case .consul:
            "spiffe://\(trustDomain).consul/ns/\(namespace)/dc/\(self.name)/svc/\(name)"
        case .otel: ""
        }
    }
}
