#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What sending a request through the mesh takes, looked up once.
struct TracedMesh: Sendable {
    let arrivals: RequestArrivals
    let identities: TraceIdentities
    let seed: UInt64
    let sampling: Double
    private let profiles: [ClusterProfile]
    private let services: [String: Service]
    private let outcomes: [String: [Outcome]]
    /// Of the calls that leave their cluster.
    private let leavingOutcomes: [String: [Outcome]]
    private let edges: [Calling: [Edge]]
    private let pods: [String: [String: [String]]]
    private let entry: Service

    /// One workload's calls of one service.
    private struct Calling: Hashable {
        var cluster: String
        var source: String
        var service: String
    }

    init(topology: Topology, sampling: Double) {
        arrivals = RequestArrivals(topology: topology, sampling: sampling)
        profiles = topology.plan.profiles
        identities = TraceIdentities(seed: topology.plan.seed, doors: profiles.count)
        seed = topology.plan.seed
        self.sampling = sampling
        entry = topology.services[0]
        services = Dictionary(uniqueKeysWithValues: topology.services.map { ($0.name, $0) })
        outcomes = services.mapValues { $0.outcomes(leavingCluster: false) }
        leavingOutcomes = services.mapValues { $0.outcomes(leavingCluster: true) }
        edges = Dictionary(grouping: topology.edges) {
            Calling(cluster: $0.source.cluster, source: $0.source.name, service: $0.service.name)
        }
        var pods: [String: [String: [String]]] = [:]
        for profile in profiles {
            for workload in topology.workloads(in: profile) {
                pods[profile.name, default: [:]][workload.name] = topology.pods(of: workload)
            }
        }
        self.pods = pods
    }

    /// What becomes of a traced request.
    func trace(_ number: TraceNumber) -> RequestTrace {
        let id = identities.identity(of: number)
        var walk = RequestWalk(mesh: self, number: number, id: id)
        walk.enter(entry, cluster: profiles[number.door].name)
        return RequestTrace(id: id, spans: walk.spans)
    }

    /// The identity of the first span of a trace.
    func firstSpanID(of number: TraceNumber) -> UInt64 {
        var dice = dice(for: number)
        return dice.bits() | 1
    }

    func dice(for number: TraceNumber) -> Dice {
        Dice(seed: seed, name: "trace/\(number.door)/\(number.count)")
    }

    func service(_ name: String) -> Service {
        guard let service = services[name] else {
            preconditionFailure("The catalogue has every service that is called.")
        }
        return service
    }

    /// The way that one of a workload's calls takes: each as often as the metrics say.
    func edge(from source: String, in cluster: String, to service: String, _ dice: inout Dice)
        -> Edge
    {
        let choices = edges[Calling(cluster: cluster, source: source, service: service)] ?? []
        var rest = dice.number(in: 0...1) * choices.reduce(0) { $0 + $1.requestsPerSecond }
        for edge in choices {
            rest -= edge.requestsPerSecond
            if rest <= 0 { return edge }
        }
        guard let last = choices.last else {
            preconditionFailure("\(source) in \(cluster) calls \(service).")
        }
        return last
    }

    /// How a call ends: as often one way or another as the metrics say, with the faults of the time.
    func outcome(of edge: Edge, at seconds: Double, _ dice: inout Dice) -> Outcome {
        let outcomes =
            (edge.leavesCluster ? leavingOutcomes : outcomes)[edge.service.name] ?? []
        var rest = dice.number(in: 0...1)
        let turn = dice.number(in: 0...1)
        var chosen = outcomes[0]
        for outcome in outcomes {
            rest -= outcome.share
            if rest <= 0 {
                chosen = outcome
                break
            }
        }
        guard chosen.isSuccess else { return chosen }
        var spared = 1.0
        for outcome in outcomes {
            guard let diversion = outcome.diversion,
                edge.faults[diversion.fault].isOn(at: seconds)
            else { continue }
            spared *= 1 - diversion.share
            if turn > spared { return outcome }
        }
        return chosen
    }

    /// A pod of a workload. `turn` says which; the same turn is the same node in a cluster.
    func place(_ service: String, _ namespace: String, in cluster: String, turn: Int) -> SpanPlace {
        let pods = pods[cluster]?[service] ?? []
        let index = pods.isEmpty ? 0 : turn % pods.count
        return SpanPlace(
            service: service, namespace: namespace, cluster: cluster,
            pod: pods.isEmpty ? service : pods[index], node: "node-\(cluster)-\(index)")
    }
}

extension Latency {
    /// The time that one request takes, in microseconds.
    func sample(_ dice: inout Dice) -> Int64 {
        let radius = (-2 * log(max(dice.number(in: 0...1), 1e-12))).squareRoot()
        let normal = radius * cos(2 * .pi * dice.number(in: 0...1))
        let milliseconds = floorMilliseconds + medianMilliseconds * exp(sigma * normal)
        return max(1, Int64(milliseconds * 1000))
    }
}
