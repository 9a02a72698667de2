/// What makes a service worth a look on a dashboard.
enum Temper: Sendable {
    /// Answers quickly and nearly always well.
    case calm
    /// Its 95th percentile is above a second.
    case slow
    /// More than one answer in twenty is a server error.
    case failing
    /// Its callers' circuit breakers reject requests again and again.
    case overloaded
    /// Not in the mesh's mutual TLS: its callers speak plain text to it.
    case plaintext
}

/// What a service speaks, as in the label `request_protocol`.
enum ServiceProtocol: String, Sendable {
    case http, grpc, tcp
}

/// A service as it is described: where it runs and whom it calls.
struct Service: Sendable {
    var name: String
    var namespace: String
    var speaks: ServiceProtocol
    var temper: Temper
    /// The names of the clusters it runs in.
    var clusters: [String]
    /// The services it calls, and how often for one request of its own.
    var calls: [Call]
    var medianMilliseconds: Double

    struct Call: Sendable {
        var service: String
        var perRequest: Double
    }

    /// The service's name in DNS, the same in every cluster.
    var host: String { "\(name).\(namespace).svc.cluster.local" }

    var port: Int {
        switch speaks {
        case .http: 8080
        case .grpc: 9090
        case .tcp: 5432
        }
    }
}

/// The services that are always there. A service only calls those further down.
let standardServices: [Service] = [
    Service(
        name: "frontend", namespace: "shop", speaks: .http, temper: .calm,
        clusters: ["eu-1", "us-1", "ap-1"],
        calls: calls([
            "checkout": 0.08, "cart": 0.35, "recommendations": 0.4, "search": 0.3, "ads": 0.5,
            "users": 0.6,
        ]), medianMilliseconds: 38),
    Service(
        name: "checkout", namespace: "shop", speaks: .http, temper: .calm,
        clusters: ["eu-1", "us-1"],
        calls: calls(["cart": 1, "shipping": 0.9, "payments": 1, "inventory": 2]),
        medianMilliseconds: 60),
    Service(
        name: "cart", namespace: "shop", speaks: .http, temper: .calm,
        clusters: ["eu-1", "us-1", "ap-1"], calls: calls(["inventory": 0.5]),
        medianMilliseconds: 9),
    Service(
        name: "recommendations", namespace: "growth", speaks: .grpc, temper: .calm,
        clusters: ["us-1", "ap-1"], calls: calls(["search": 0.2, "users": 0.3]),
        medianMilliseconds: 22),
    Service(
        name: "search", namespace: "growth", speaks: .http, temper: .slow,
        clusters: ["eu-1", "us-1", "ap-1"], calls: calls(["inventory": 0.2]),
        medianMilliseconds: 420),
    Service(
        name: "ads", namespace: "growth", speaks: .http, temper: .plaintext,
        clusters: ["us-1"], calls: [], medianMilliseconds: 14),
    Service(
        name: "shipping", namespace: "logistics", speaks: .http, temper: .calm,
        clusters: ["us-1", "ap-1"], calls: calls(["inventory": 1, "notifications": 0.5]),
        medianMilliseconds: 30),
    Service(
        name: "payments", namespace: "money", speaks: .http, temper: .failing,
        clusters: ["eu-1", "us-1"],
        calls: calls(["notifications": 0.4, "users": 1, "ledger-db": 3]), medianMilliseconds: 85),
    Service(
        name: "inventory", namespace: "logistics", speaks: .http, temper: .overloaded,
        clusters: ["eu-1", "us-1", "ap-1"], calls: [], medianMilliseconds: 16),
    Service(
        name: "notifications", namespace: "accounts", speaks: .http, temper: .calm,
        clusters: ["ap-1"], calls: calls(["users": 0.7]), medianMilliseconds: 12),
    Service(
        name: "users", namespace: "accounts", speaks: .grpc, temper: .calm,
        clusters: ["eu-1", "us-1"], calls: [], medianMilliseconds: 5),
    Service(
        name: "ledger-db", namespace: "money", speaks: .tcp, temper: .calm,
        clusters: ["eu-1"], calls: [], medianMilliseconds: 2),
]

private func calls(_ perRequest: KeyValuePairs<String, Double>) -> [Service.Call] {
    perRequest.map { Service.Call(service: $0.key, perRequest: $0.value) }
}

/// The standard services, and behind them as many made-up ones as the plan asks for.
///
/// A made-up service runs somewhere and is called by one or two of those before it.
func serviceCatalogue(plan: SimulationPlan) -> [Service] {
    var services = standardServices
    for profile in plan.profiles {
        for index in services.indices where profile.guests.contains(services[index].name) {
            services[index].clusters.append(profile.name)
        }
    }
    let clusterNames = plan.profiles.map(\.name)
    for number in services.count..<max(plan.services, services.count) {
        let name = "service-\(number + 1)"
        var dice = Dice(seed: plan.seed, name: "service/\(name)")
        let home = dice.index(below: clusterNames.count)
        let clusters = clusterNames.indices
            .filter { $0 == home || dice.chance(0.5) }
            .map { clusterNames[$0] }
        let callers = Set((0..<2).map { _ in dice.index(below: services.count) })
        for caller in callers.sorted() where services[caller].speaks != .tcp {
            services[caller].calls.append(
                Service.Call(service: name, perRequest: dice.number(in: 0.1...0.5)))
        }
        services.append(
            Service(
                name: name, namespace: "team-\(number % 7 + 1)",
                speaks: dice.chance(0.3) ? .grpc : .http, temper: .calm, clusters: clusters,
                calls: [], medianMilliseconds: dice.number(in: 3...80)))
    }
    return services
}
