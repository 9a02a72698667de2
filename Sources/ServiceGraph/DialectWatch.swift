import Clusters
import Federation
import Logging
import Meshes
import ServiceLifecycle
import Synchronization
import TimeSeries
import Upstream

/// Knows in which dialects each cluster tells of its traffic, and which rates it has recorded: by the
/// names of its metrics, unless its file says.
///
/// It runs as a service, which keeps that fresh; before it runs, whoever asks first waits for the
/// clusters' word.
package final class DialectWatch: ServiceLifecycle.Service, Sendable {
    private let fleet: Fleet
    /// The metrics that a cluster has, of those that the selector names.
    private let names: Names
    private let clock: DialectClock
    private let settings: DialectSettings
    private let metrics: MeshMetrics
    private let logger: Logger
    private let known = Mutex<[ClusterID: Known]>([:])

    /// Asks a cluster for the names of its metrics.
    package typealias Names =
        @Sendable (_ cluster: ClusterID, _ selector: String) async throws(QueryFailure) -> Set<
            String
        >

    private struct Known {
        /// The cluster as its file said then.
        var cluster: Cluster
        var metrics: Set<String>
        /// Milliseconds since the Unix epoch.
        var at: Int64
    }

    /// What came of asking one cluster.
    private struct Reply: Sendable {
        var cluster: Cluster
        var metrics: Set<String>?
        var failure: String?
    }

    package init(
        fleet: Fleet, clock: DialectClock, settings: DialectSettings = DialectSettings(),
        metrics: MeshMetrics = MeshMetrics(), logger: Logger = Logger(label: "isthmus.meshes"),
        names: @escaping Names
    ) {
        self.fleet = fleet
        self.clock = clock
        self.settings = settings
        self.metrics = metrics
        self.logger = logger
        self.names = names
    }

    /// Asks as all other questions about metadata are asked.
    package convenience init(
        fleet: Fleet, metadata: MetadataService, clock: DialectClock,
        settings: DialectSettings = DialectSettings(), metrics: MeshMetrics = MeshMetrics()
    ) {
        self.init(
            fleet: fleet, clock: clock, settings: settings, metrics: metrics
        ) { cluster, selector throws(QueryFailure) in
            let start = clock.now() - settings.lookback.wholeMilliseconds
            let lately = try await Self.names(
                metadata, cluster, selector, since: start, settings.timeout)
            // One that has had none lately may still be asked about its past.
            guard lately.isEmpty else { return lately }
            return try await Self.names(metadata, cluster, selector, since: nil, settings.timeout)
        }
    }

    /// The names that one cluster has. That others are away is no matter.
    private static func names(
        _ metadata: MetadataService, _ cluster: ClusterID, _ selector: String,
        since start: Int64?, _ timeout: Duration
    ) async throws(QueryFailure) -> Set<String> {
        let request = MetadataRequest(
            selectors: [selector], start: start, partialResponse: true, timeout: timeout)
        let answer = try await metadata.labelValues(of: Labels.metricNameLabel, request)
        if let missing = answer.coverage.missing.first(where: { $0.cluster == cluster }) {
            var coverage = Coverage()
            coverage.missing = [missing]
            throw .unavailable(missing.message, coverage)
        }
        return Set(answer.value)
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.refresh(self.fleet.current.inventory.clusters)
                await self.clock.sleep(self.settings.refresh.wholeMilliseconds / 2)
            }
        }
    }

    /// All clusters, in inventory order. Those of which nothing is known yet are asked first.
    package func clusters() async -> [ClusterDialects] { await clusters(of: fleet) }

    /// The same of a view of the fleet: no other cluster is asked or waited for.
    package func clusters(of fleet: Fleet) async -> [ClusterDialects] {
        let all = fleet.current.inventory.clusters
        let now = clock.now()
        let states = known.withLock { $0 }
        let unknown = all.filter { cluster in
            guard !cluster.maintenance else { return false }
            guard let state = states[cluster.id], state.cluster == cluster else { return true }
            return now - state.at > settings.refresh.wholeMilliseconds
        }
        let failures = await refresh(unknown)
        let current = known.withLock { $0 }
        return all.map { cluster in
            if cluster.maintenance {
                return ClusterDialects(
                    cluster: cluster.id.name, missing: "it is under maintenance, as its file says")
            }
            guard let state = current[cluster.id], state.cluster == cluster,
                now - state.at <= settings.kept.wholeMilliseconds
            else {
                return ClusterDialects(
                    cluster: cluster.id.name,
                    missing: failures[cluster.id] ?? "it has not said which metrics it has")
            }
            return ClusterDialects(
                cluster: cluster.id.name, dialects: Self.dialects(of: cluster, state.metrics),
                metrics: state.metrics)
        }
    }

    private static func dialects(of cluster: Cluster, _ metrics: Set<String>) -> [Dialect] {
        guard let told = cluster.meshDialects else {
            return Dialect.dialects(ofMetrics: metrics)
        }
        return Set(told.compactMap { Dialect(rawValue: $0) }).sorted { $0.rank < $1.rank }
    }

    /// Asks these clusters, and notes what they say. Returns why others did not answer.
    @discardableResult
    private func refresh(_ clusters: [Cluster]) async -> [ClusterID: String] {
        guard !clusters.isEmpty else { return [:] }
        let replies = await clusters.filter { !$0.maintenance }.answers { cluster in
            await self.reply(of: cluster)
        }
        let now = clock.now()
        var failures: [ClusterID: String] = [:]
        for reply in replies {
            metrics.detected(reply.cluster, isAnswered: reply.metrics != nil)
            if let names = reply.metrics {
                known.withLock {
                    $0[reply.cluster.id] = Known(
                        cluster: reply.cluster, metrics: names, at: now)
                }
                metrics.speaks(reply.cluster, Self.dialects(of: reply.cluster, names))
            } else {
                failures[reply.cluster.id] = reply.failure
                logger.debug(
                    "a cluster's dialects are not known",
                    metadata: ["cluster": "\(reply.cluster.id)"])
            }
        }
        return failures
    }

    private func reply(of cluster: Cluster) async -> Reply {
        let alternatives = SignalPlan.metrics.joined(separator: "|")
        let selector =
            "{__name__=~\(GoText.quoted(alternatives)),"
            + "\(Cluster.label)=\(GoText.quoted(cluster.id.name))}"
        do {
            return Reply(cluster: cluster, metrics: try await names(cluster.id, selector))
        } catch {
            return Reply(cluster: cluster, failure: error.sentence)
        }
    }
}

/// How long what clusters say of their dialects holds.
package struct DialectSettings: Hashable, Sendable {
    /// After so long a cluster is asked again.
    package var refresh: Duration = .seconds(180)
    /// For so long what was known of a cluster that fails stays in force.
    package var kept: Duration = .seconds(3600)
    /// A metric that has had no sample for so long is none.
    package var lookback: Duration = .seconds(900)
    /// For one cluster's answer.
    package var timeout: Duration = .seconds(8)

    package init() {}
}

/// The time, and how to wait for it.
package struct DialectClock: Sendable {
    /// Milliseconds since the Unix epoch.
    package var now: @Sendable () -> Int64
    /// Waits so many milliseconds, or until the task is cancelled.
    package var sleep: @Sendable (_ milliseconds: Int64) async -> Void

    package init(
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (_ milliseconds: Int64) async -> Void = {
            // Cancelled means told to stop, which the loop sees.
            try? await Task.sleep(for: .milliseconds($0))
        }
    ) {
        self.now = now
        self.sleep = sleep
    }
}

extension QueryFailure {
    /// Why there is no answer, for people.
    var sentence: String {
        switch self {
        case .unavailable(let text, let coverage):
            coverage.missing.first?.message ?? text
        case .badData(let text), .execution(let text), .timeout(let text), .internal(let text),
            .overloaded(let text, _):
            text
        case .cancelled: "the question was withdrawn"
        }
    }
}
