import Meshes
import TestSupport

/// Calls between services of several clusters, and what both sides report of them. Rates are eighths,
/// so that their sums are exact.
struct GeneratedMesh {
    static let clusters = ["eu-1", "us-1", "ap-1"]
    var reports: [CallReport] = []
    /// What becomes of the requests of each pair of workloads: those that arrived, those that did not.
    var truth: [Pair: (arrived: Double, inVain: Double)] = [:]

    /// The requests of callers outside the mesh.
    var strangers = 0.0

    private static let unknown = CallEnd(
        cluster: "unknown", namespace: "unknown", workload: "unknown")

    struct Pair: Hashable {
        var caller: String
        var callee: String
    }

    /// - Parameter labelsAreDamaged: whether sources sometimes know nothing of where calls go, and
    ///   destinations nothing of where they come from.
    init(seed: UInt64, labelsAreDamaged: Bool) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 2...12, using: &random)
        let workloads = (0..<count).map { number in
            let cluster = Self.clusters.randomElement(using: &random) ?? "eu-1"
            // Some services are in several clusters.
            let service = "service-\(number % 7)"
            return CallEnd(
                cluster: cluster, namespace: "space-\(number % 7 % 3)",
                workload: "\(service)-\(number % 2)", app: service, version: "v\(number % 2)",
                service: service)
        }
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            guard let caller = workloads.randomElement(using: &random),
                let callee = workloads.randomElement(using: &random)
            else { continue }
            add(caller, callee, labelsAreDamaged, &random)
        }
        for workload in workloads where Int.random(in: 0..<4, using: &random) == 0 {
            addAnonymous(workload, &random)
        }
    }

    private mutating func add(
        _ caller: CallEnd, _ callee: CallEnd, _ labelsAreDamaged: Bool,
        _ random: inout SeededGenerator
    ) {
        var caller = caller
        caller.service = ""
        var known = callee
        if labelsAreDamaged, Int.random(in: 0..<3, using: &random) == 0 {
            known.workload = "unknown"
            known.app = "unknown"
            known.version = "unknown"
            known.cluster = "unknown"
        }
        let rates = (0..<3).map { _ in Double(Int.random(in: 0...40, using: &random)) / 8 }
        let pair = Pair(caller: Self.name(caller), callee: Self.name(callee))
        var total = truth[pair] ?? (0, 0)
        let isGRPC = Bool.random(using: &random)
        for (place, rate) in rates.enumerated() where rate > 0 {
            let isArriving = place < 2
            let code = place == 0 ? 200 : 503
            let flags = isArriving ? "-" : ["UH", "UF,URX", "UO"][Int(rate * 8) % 3]
            let measure: CallReport.Measure =
                isGRPC
                ? .grpc(status: place == 0 ? 0 : 14, code: 200, flags: flags)
                : .http(code: code, flags: flags)
            // A source that knows nothing takes a 503 for its own; so damaged ones are not given.
            let named = place == 1 ? callee : known
            add(caller, named, .source, caller.cluster, measure, rate)
            if isArriving {
                // Some proxies never know who calls, as Linkerd's.
                let isBlind = labelsAreDamaged && callee.app.hasSuffix("4")
                add(
                    isBlind ? Self.unknown : caller, callee, .destination, callee.cluster, measure,
                    rate)
                total.arrived += rate
            } else {
                total.inVain += rate
            }
        }
        truth[pair] = total
    }

    private mutating func addAnonymous(_ end: CallEnd, _ random: inout SeededGenerator) {
        let rate = Double(Int.random(in: 1...40, using: &random)) / 8
        var caller = end
        caller.service = ""
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            strangers += rate
            add(Self.unknown, end, .destination, end.cluster, .http(code: 200, flags: "-"), rate)
        case 1:
            let outside = CallEnd(workload: "unknown", service: "api.example.com")
            add(caller, outside, .source, end.cluster, .http(code: 200, flags: "-"), rate)
        default:
            let passthrough = CallEnd(workload: "unknown", service: "PassthroughCluster")
            add(caller, passthrough, .source, end.cluster, .tcpRequestBytes, rate)
        }
    }

    private mutating func add(
        _ source: CallEnd, _ destination: CallEnd, _ reporter: CallReport.Reporter,
        _ cluster: String, _ measure: CallReport.Measure, _ rate: Double
    ) {
        reports.append(
            CallReport(
                source: source, destination: destination, reporter: reporter, reportedBy: cluster,
                dialect: .istio, measure: measure,
                security: reporter == .destination ? "mutual_tls" : "unknown", rate: rate))
    }

    static func name(_ end: CallEnd) -> String {
        "\(end.cluster)/\(end.namespace)/\(end.workload)"
    }

    /// The ledger of the reports that these clusters did not fail to give.
    func ledger(missing: [String] = []) -> CallLedger {
        var ledger = CallLedger(
            clusters: Self.clusters,
            missing: Dictionary(uniqueKeysWithValues: missing.map { ($0, "timed out") }))
        ledger.add(reports.filter { !missing.contains($0.reportedBy) })
        return ledger
    }
}
