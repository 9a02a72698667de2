import Clusters
import Metrics
import ServiceLifecycle
import Upstream

/// Keeps what is known of the clusters fresh: asks each at start, when the inventory changes, and
/// every minute. One that does not answer is asked every few seconds, because somebody waits for it.
package struct FleetWatch: ServiceLifecycle.Service {
    private let fleet: Fleet
    private let upstream: UpstreamClient
    private let settings: QuerySettings
    private let now: @Sendable () -> Int64
    private let interval: Duration
    /// Between two questions to a cluster that does not answer.
    private let retryInterval: Duration
    /// For one cluster's answers to all questions of a round.
    private let patience: Duration = .seconds(30)

    package init(
        fleet: Fleet, upstream: UpstreamClient, settings: QuerySettings = QuerySettings(),
        interval: Duration = .seconds(60), retryInterval: Duration = .seconds(5),
        now: @escaping @Sendable () -> Int64
    ) {
        self.fleet = fleet
        self.upstream = upstream
        self.settings = settings
        self.interval = interval
        self.retryInterval = retryInterval
        self.now = now
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await probeAll()
                await pause()
            }
        }
    }

    /// Waits for the interval, or until the inventory is another, and asks those meanwhile that do
    /// not answer.
    private func pause() async {
        let generation = fleet.current.inventory.generation
        let end = ContinuousClock.now + interval
        var retry = ContinuousClock.now + retryInterval
        while ContinuousClock.now < end, fleet.current.inventory.generation == generation,
            !Task.isCancelled
        {
            // Cancelled means told to stop, which the loops see.
            try? await Task.sleep(for: min(interval, retryInterval, .milliseconds(500)))
            guard ContinuousClock.now >= retry else { continue }
            let snapshot = fleet.current
            await probe(
                snapshot.inventory.clusters.filter {
                    snapshot.state(of: $0.id).reachable == false
                })
            retry = .now + retryInterval
        }
    }

    /// Asks all clusters once, now.
    package func probeAll() async { await probe(fleet.current.inventory.clusters) }

    private func probe(_ clusters: [Cluster]) async {
        await withDiscardingTaskGroup { group in
            for cluster in clusters where !cluster.maintenance {
                let probe = ClusterProbe(
                    cluster: cluster, fleet: fleet,
                    client: ClusterClient(
                        upstream: upstream, cluster: cluster,
                        requestDeadline: .now + patience, settings: settings))
                group.addTask { await probe.run(now: now()) }
            }
        }
        tell()
    }

    /// Says in the gateway's metrics who answers.
    private func tell() {
        let snapshot = fleet.current
        for cluster in snapshot.inventory.clusters {
            let meter = Meter(
                label: FederationMetric.reachable.name,
                dimensions: [("cluster", cluster.id.name)])
            // Of one that is expected to be away nothing is said, also not what was before.
            if cluster.maintenance {
                meter.destroy()
            } else {
                meter.set(snapshot.state(of: cluster.id).reachable == true ? 1 : 0)
            }
        }
    }
}
