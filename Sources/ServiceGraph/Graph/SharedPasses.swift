import Clusters
import Federation
import Meshes

/// Passes of queries over all clusters, each remembered for a moment. However many ask for one at a
/// time, it is made once.
final class SharedPasses: Sendable {
    /// What a pass depends on.
    struct Subject: Hashable, Sendable {
        /// Milliseconds since the Unix epoch.
        var time: Int64
        var window: Int64
        /// The inventory's.
        var generation: Int
        var clusters: [ClusterDialects]
    }

    typealias Outcome = Result<CallPass, QueryFailure>

    private let settings: GraphSettings
    private let metrics: MeshMetrics
    private let recent: RecentAnswers<Subject, CallPass>
    private let work = SharedWork<Subject, Outcome>(
        cancelled: .failure(.cancelled),
        isTimeout: { outcome in
            if case .failure(.timeout) = outcome { true } else { false }
        })

    init(_ settings: GraphSettings, _ metrics: MeshMetrics) {
        self.settings = settings
        self.metrics = metrics
        recent = RecentAnswers(atMost: settings.remembered)
    }

    func run() async { await work.run() }

    func pass(
        of subject: Subject, skipsMemory: Bool, by deadline: ContinuousClock.Instant,
        _ asking: @escaping @Sendable () async -> Outcome
    ) async -> Outcome {
        if !skipsMemory, let pass = recent.value(of: subject) {
            metrics.passed(from: .memory)
            return .success(pass)
        }
        let shared = await work.value(of: subject, by: deadline, asking)
        metrics.passed(from: shared.isJoined ? .others : .clusters)
        if case .success(let pass) = shared.value {
            recent.keep(pass, of: subject, for: settings.kept(pass.coverage))
        }
        return shared.value
    }
}
