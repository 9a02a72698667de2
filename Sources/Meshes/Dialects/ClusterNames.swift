import TimeSeries

/// What meshes call the clusters, which need not be what the inventory calls them: the proxies of a
/// cluster write the mesh's name for it into their own end of each report.
public struct ClusterNames: Sendable {
    /// What a report says.
    public struct Pair: Hashable, Sendable {
        /// In the mesh.
        public var name: String
        /// In the inventory.
        public var cluster: String
    }

    private let labels: [CallReport.Reporter: [String]]
    private var seen: [Seen: Int] = [:]
    /// All that reports have said.
    public private(set) var pairs: [Pair] = []

    private struct Seen: Hashable {
        var cluster: String
        var reporter: CallReport.Reporter
    }

    /// All proxies of a cluster write the same, so a few reports of each say it.
    private static let looked = 64

    public init(_ dialect: Dialect) {
        labels = Dictionary(
            dialect.row.witnesses.map {
                (
                    $0.reporter,
                    $0.reporter == .source ? $0.source.cluster : $0.destination.cluster
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Takes a row of an answer, and what it was read as.
    public mutating func note(_ row: Labels, _ call: ReportedCall) {
        guard let names = labels[call.reporter], !names.isEmpty else { return }
        let key = Seen(cluster: call.reportedBy, reporter: call.reporter)
        guard seen[key, default: 0] < Self.looked else { return }
        seen[key, default: 0] += 1
        guard let name = names.lazy.compactMap({ row[$0] }).first, name != "unknown" else { return }
        let pair = Pair(name: name, cluster: call.reportedBy)
        if !pairs.contains(pair) { pairs.append(pair) }
    }

    /// The names that mean one cluster. Istio's standard name, `Kubernetes`, may be that of all.
    public static func joined(_ pairs: [Pair]) -> [String: String] {
        var clusters: [String: Set<String>] = [:]
        for pair in pairs { clusters[pair.name, default: []].insert(pair.cluster) }
        return clusters.compactMapValues { $0.count == 1 ? $0.first : nil }
    }
}
