/// Services and their calls over many clusters: as large as a measurement wants it, made once, and
/// the same for the same plan. Read this file first, then `CannedQuery`, `CannedEvaluation` and
/// `CannedServers`. Nothing here changes with the time.
struct CannedFleet: Sendable {
    struct Plan: Sendable {
        var clusters: Int
        var services: Int
        var edges: Int
        /// The share of the calls that leave their cluster.
        var crossing: Double
        var seed: UInt64
        /// Whether the clusters have the recording rules of `deploy/rules`.
        var isRecorded: Bool
    }

    /// A service, with one workload, in one cluster.
    struct Service: Sendable {
        var name: String
        var namespace: String
        var workload: String
        var cluster: String
        var host: String
        var principal: String
        var isSecured: Bool
    }

    /// All calls of one service to another.
    struct Edge: Sendable {
        /// Indices into `services`.
        var source: Int
        var destination: Int
        /// `http`, `grpc` or `tcp`.
        var speaks: String
        /// Requests a second; of TCP, connections.
        var perSecond: Double
        var latency: Latency
        var endings: [Ending]
    }

    /// The part of an edge's requests that ended alike.
    struct Ending: Sendable {
        var code: String
        var grpcStatus: String?
        var flags: String
        var share: Double
        /// Whether the destination has seen them.
        var arrives: Bool
    }

    let plan: Plan
    let services: [Service]
    let edges: [Edge]
    /// The edges that a cluster's proxies report as the source's and as the destination's, indices
    /// into `edges`.
    let leaving: [[Int]]
    let arriving: [[Int]]

    init(plan: Plan) {
        self.plan = plan
        services = (0..<plan.services).map { Self.service($0, plan) }
        var edges: [Edge] = []
        var leaving = [[Int]](repeating: [], count: plan.clusters)
        var arriving = leaving
        for number in 0..<plan.edges {
            let edge = Self.edge(number, plan)
            leaving[edge.source % plan.clusters].append(edges.count)
            arriving[edge.destination % plan.clusters].append(edges.count)
            edges.append(edge)
        }
        self.edges = edges
        self.leaving = leaving
        self.arriving = arriving
    }

    func name(ofCluster index: Int) -> String { Self.clusterName(index) }

    private static func clusterName(_ index: Int) -> String {
        index < 10 ? "c0\(index)" : "c\(index)"
    }

    /// Service `number` runs in the cluster that the number says, one after the other.
    private static func service(_ number: Int, _ plan: Plan) -> Service {
        let name = "service-\(number)"
        let namespace = "team-\(number / plan.clusters % 40)"
        return Service(
            name: name, namespace: namespace, workload: "\(name)-v1",
            cluster: clusterName(number % plan.clusters),
            host: "\(name).\(namespace).svc.cluster.local",
            principal: "spiffe://cluster.local/ns/\(namespace)/sa/\(name)",
            isSecured: !number.isMultiple(of: 50))
    }

    /// Every service calls as many others as the next, so that edge `number` is the call of service
    /// `number` modulo the number of services. No two edges have the same ends.
    private static func edge(_ number: Int, _ plan: Plan) -> Edge {
        let source = number % plan.services
        let turn = number / plan.services
        var dice = Dice(seed: plan.seed, name: "canned/\(number)")
        let perCluster = plan.services / plan.clusters
        // A stride of its own for each turn keeps the callees of one service apart.
        let row = (source / plan.clusters + 1 + turn * 7 + turn * turn) % perCluster
        let crosses = plan.clusters > 1 && dice.chance(plan.crossing)
        let away = crosses ? 1 + dice.index(below: plan.clusters - 1) : 0
        let destination = row * plan.clusters + (source + away) % plan.clusters
        let kind = dice.number(in: 0...1)
        let speaks = kind < 0.7 ? "http" : kind < 0.95 ? "grpc" : "tcp"
        return Edge(
            source: source, destination: destination, speaks: speaks,
            perSecond: dice.number(in: 0.5...80),
            latency: Latency(
                floorMilliseconds: crosses ? dice.number(in: 20...120) : 0.2,
                medianMilliseconds: dice.number(in: 2...120), sigma: 0.6),
            endings: endings(speaks, &dice))
    }

    private static func endings(_ speaks: String, _ dice: inout Dice) -> [Ending] {
        let isGRPC = speaks == "grpc"
        guard speaks != "tcp" else { return [] }
        var failing: [Ending] = []
        if dice.chance(0.3) {
            failing.append(
                Ending(
                    code: isGRPC ? "200" : "500", grpcStatus: isGRPC ? "13" : nil, flags: "-",
                    share: dice.number(in: 0.001...0.15), arrives: true))
        }
        if !isGRPC, dice.chance(0.2) {
            failing.append(Ending(code: "404", flags: "-", share: 0.01, arrives: true))
        }
        if dice.chance(0.1) {
            failing.append(
                Ending(
                    code: isGRPC ? "200" : "503", grpcStatus: isGRPC ? "14" : nil, flags: "UF,URX",
                    share: dice.number(in: 0.001...0.05), arrives: false))
        }
        let rest = 1 - failing.reduce(0) { $0 + $1.share }
        let success = Ending(
            code: "200", grpcStatus: isGRPC ? "0" : nil, flags: "-", share: rest, arrives: true)
        return [success] + failing
    }
}
