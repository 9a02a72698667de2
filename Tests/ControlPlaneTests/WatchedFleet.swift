import Clusters
import ControlPlane
import Federation
import MeshHealth
import Observations
import Synchronization
import TimeSeries
import Upstream

/// A watch over endpoints that tests make, with metrics as tests tell them and a clock that they move.
final class WatchedFleet: Sendable {
    let fleet: Fleet
    let watch: ControlPlaneWatch
    let observations = ObservationStore(startedAt: 0)
    let clock = ManualClock()
    private let upstream = UpstreamClient()
    private let shared: SharedAnswers

    /// What the clusters' metrics say.
    struct Answers: Sendable {
        /// By query; no series for others.
        var samples: [String: [(labels: Labels, value: Double)]] = [:]
        /// Clusters that answer nothing.
        var missing: Set<String> = []
        /// Fails all questions alike.
        var failure: QueryFailure?
        /// The queries that were asked, in order.
        var asked: [String] = []
    }

    init(
        _ clusters: [Cluster], settings: ControlPlaneSettings = WatchedFleet.settings,
        metrics: ControlPlaneMetrics = ControlPlaneMetrics()
    ) {
        fleet = Fleet(clusters: clusters)
        let (fleet, answers, clock) = (fleet, SharedAnswers(), clock)
        shared = answers
        watch = ControlPlaneWatch(
            fleet: fleet, upstream: upstream,
            query: { (request: QueryRequest) async throws(QueryFailure) -> QueryAnswer in
                try answers.answer(request, fleet)
            }, observations: observations, settings: settings, metrics: metrics,
            clock: clock.clock)
    }

    /// What the metrics say is kept where the watch's question finds it.
    private final class SharedAnswers: Sendable {
        let answers = Mutex(Answers())

        func answer(
            _ request: QueryRequest, _ fleet: Fleet
        ) throws(QueryFailure) -> QueryAnswer {
            let told = answers.withLock { answers in
                answers.asked.append(request.expression)
                return answers
            }
            if let failure = told.failure { throw failure }
            var coverage = Coverage()
            for cluster in fleet.current.inventory.clusters {
                if told.missing.contains(cluster.id.name) {
                    coverage.missing.append(
                        .init(cluster: cluster.id, cause: "timeout", message: "it is silent"))
                } else {
                    coverage.present.append(cluster.id)
                }
            }
            let series = (told.samples[request.expression] ?? []).filter {
                !told.missing.contains($0.labels["cluster"] ?? "")
            }.map { GridSeries(labels: $0.labels, values: [$0.value]) }
            guard case .instant(let time) = request.times else {
                throw .badData("only instants are asked for")
            }
            return QueryAnswer(
                value: .vector(series, grid: TimeGrid(instant: time)), coverage: coverage)
        }
    }

    func tell(_ change: @Sendable (inout Answers) -> Void) {
        shared.answers.withLock { change(&$0) }
    }

    var asked: [String] { shared.answers.withLock { $0.asked } }

    func end() async { await upstream.stop() }

    /// Long enough for a machine that does much else.
    static var settings: ControlPlaneSettings { settings(timeout: .seconds(20)) }

    static func settings(timeout: Duration) -> ControlPlaneSettings {
        var settings = ControlPlaneSettings()
        settings.timeout = timeout
        settings.probes.slowAfter = .seconds(60)
        // Where the clock goes on, it is for the endpoints alone.
        settings.metricsInterval = .seconds(3600)
        return settings
    }

    // MARK: What is known

    /// The state of a component of the cluster `eu`, as it is believed.
    func state(_ component: String, of cluster: String = "eu") async -> ComponentState? {
        await self.component(component, of: cluster)?.state
    }

    func component(_ name: String, of cluster: String = "eu") async -> ComponentHealth? {
        await watch.report().picture.fleet.clusters.first { $0.cluster == cluster }?
            .components.first { $0.id.name == name }
    }

    /// The reading of a probe of the first replica that has one.
    func reading(_ probe: Probe) async -> ProbeReading? {
        await watch.report().picture.fleet.clusters.flatMap(\.components).flatMap(\.instances)
            .flatMap(\.readings).first { $0.probe == probe }
    }

    /// The certificates of the report, judged now: the worst first.
    func certificates() async -> [JudgedCertificate] {
        await watch.report().picture.certificates
            .map { JudgedCertificate($0, at: clock.now / 1000) }.sorted { $0.precedes($1) }
    }

    /// The last value of the series of the report that has all these labels.
    func value(_ metric: String, _ labels: [String: String]) async -> Double? {
        await watch.report().series.first { sample in
            sample.labels.metricName == metric
                && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }?.value
    }

    /// The samples of the series in the store that have all these labels.
    func kept(_ metric: String, _ labels: [String: String]) -> [[Double]] {
        let matchers =
            [Matcher(Labels.metricNameLabel, equal: metric)]
            + labels.map { Matcher($0.key, equal: $0.value) }
        return observations.samples(matching: [matchers]).store.series.map(\.values)
    }
}

/// Does something with a watched fleet, and ends it.
func withFleet<Result: Sendable>(
    _ clusters: [Cluster], settings: ControlPlaneSettings = WatchedFleet.settings,
    metrics: ControlPlaneMetrics = ControlPlaneMetrics(),
    _ body: (WatchedFleet) async throws -> Result
) async throws -> Result {
    let fleet = WatchedFleet(clusters, settings: settings, metrics: metrics)
    do {
        let result = try await body(fleet)
        await fleet.end()
        return result
    } catch {
        await fleet.end()
        throw error
    }
}

extension Cluster {
    /// A cluster with these endpoints and a Prometheus that nobody asks.
    static func watched(
        _ name: String = "eu", _ endpoints: ControlPlaneEndpoint..., isAway: Bool = false
    ) -> Cluster {
        Cluster(
            id: ClusterID(name), externalLabels: ["cluster": name],
            prometheus: Service(urls: ["http://127.0.0.1:1"]), maintenance: isAway,
            controlPlane: endpoints)
    }
}

extension ControlPlaneEndpoint {
    static func of(
        _ kind: ControlPlaneKind, _ urls: String..., tls: TLS = TLS()
    ) -> ControlPlaneEndpoint {
        ControlPlaneEndpoint(kind: kind, service: Service(urls: urls, tls: tls))
    }
}
