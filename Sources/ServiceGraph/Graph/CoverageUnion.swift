import Clusters
import Federation
import Meshes
import TimeSeries

/// Which clusters an answer is about that is made of several: those that miss in any of them miss.
struct CoverageUnion: Sendable {
    /// The inventory's.
    private let order: [ClusterID]
    private var present: Set<ClusterID> = []
    private var causes: [ClusterID: Coverage.Missing] = [:]
    private var gaps: [Coverage.Gap] = []
    private(set) var warnings: [String] = []

    init(order: [ClusterID]) { self.order = order }

    /// Of these clusters, with what is known of the dialects that they speak.
    init(_ clusters: [ClusterDialects]) {
        self.init(order: clusters.map { ClusterID($0.cluster) })
        for cluster in clusters { note(cluster) }
    }

    private mutating func note(_ cluster: ClusterDialects) {
        let id = ClusterID(cluster.cluster)
        guard let reason = cluster.missing else {
            present.insert(id)
            return
        }
        // One that is known from before, or by its file, is asked and may answer now.
        guard cluster.dialects.isEmpty else { return }
        causes[id] = Coverage.Missing(cluster: id, cause: "dialect", message: reason)
    }

    /// Notes an answer. Throws where the question was at fault, rather than clusters.
    mutating func note(_ result: Result<QueryAnswer, QueryFailure>) throws(QueryFailure) {
        switch result {
        case .success(let answer):
            note(answer.coverage)
            for warning in answer.annotations.warnings where !warnings.contains(warning) {
                warnings.append(warning)
            }
        case .failure(.unavailable(_, let coverage)): note(coverage)
        case .failure(let failure): throw failure
        }
    }

    mutating func note(_ coverage: Coverage) {
        present.formUnion(coverage.present)
        for missing in coverage.missing where causes[missing.cluster] == nil {
            causes[missing.cluster] = missing
        }
        for gap in coverage.gaps where !gaps.contains(gap) { gaps.append(gap) }
    }

    /// By the clusters' names.
    var missing: [String: Coverage.Missing] {
        Dictionary(uniqueKeysWithValues: causes.map { ($0.key.name, $0.value) })
    }

    /// What is known of clusters, with why they miss in the answer.
    func told(_ clusters: [ClusterDialects]) -> [ClusterDialects] {
        clusters.map { cluster in
            var told = cluster
            let id = ClusterID(cluster.cluster)
            told.missing = causes[id]?.message ?? (present.contains(id) ? nil : cluster.missing)
            return told
        }
    }

    var coverage: Coverage {
        var coverage = Coverage()
        coverage.present = order.filter { present.contains($0) && causes[$0] == nil }
        coverage.missing = order.compactMap { causes[$0] }
        coverage.gaps = gaps
        return coverage
    }
}
