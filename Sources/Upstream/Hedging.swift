import Clusters
import Synchronization

/// When a second replica is asked because the first is slower than usual, and whether that may be
/// afforded.
final class Hedging: Sendable {
    private let settings: UpstreamSettings
    private let state = Mutex(State())

    private struct State {
        var times: [Endpoint: RollingTimes] = [:]
        var budgets: [ClusterID: ExtraBudget] = [:]
    }

    /// Questions that take about equally long.
    private struct Endpoint: Hashable {
        var cluster: ClusterID
        var name: String
    }

    /// More than any inventory has; then what is known is forgotten.
    private static let maximumEndpoints = 50_000
    /// So many times must be known before one is called slow.
    private static let leastTimes = 20
    private static let quantile = 0.95
    /// What is faster than this is not worth a second request.
    private static let leastDelay = Duration.milliseconds(5)

    init(_ settings: UpstreamSettings) { self.settings = settings }

    /// A request is asked for, which earns a part of a further one.
    func earn(_ cluster: ClusterID) {
        state.withLock { $0.budgets[cluster, default: ExtraBudget(share: share)].earn() }
    }

    /// Takes a further request out of the budget.
    func take(_ cluster: ClusterID) -> Bool {
        state.withLock { $0.budgets[cluster, default: ExtraBudget(share: share)].take() }
    }

    private var share: Double { settings.extraRequests }

    /// Notes how long the first byte took, or how long it was waited for in vain.
    func note(_ time: Duration, _ cluster: ClusterID, _ endpoint: String) {
        state.withLock { state in
            if state.times.count > Self.maximumEndpoints { state.times = [:] }
            state.times[Endpoint(cluster: cluster, name: endpoint), default: RollingTimes()]
                .add(time)
        }
    }

    /// How long the first byte takes in all but one of twenty cases; nil while too few are known.
    func usualTime(_ cluster: ClusterID, _ endpoint: String) -> Duration? {
        let key = Endpoint(cluster: cluster, name: endpoint)
        return state.withLock { state in
            guard state.times[key]?.count ?? 0 >= Self.leastTimes else { return nil }
            return state.times[key]?.quantile(Self.quantile)
        }
    }

    /// After how long another replica is asked too; nil for not at all.
    func delay(_ cluster: ClusterID, _ endpoint: String) -> Duration? {
        guard settings.hedges else { return nil }
        return usualTime(cluster, endpoint).map { max($0, Self.leastDelay) }
    }
}
