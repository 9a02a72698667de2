import Clusters
import MeshHealth
import Metrics
import Synchronization

/// What this module counts, one row each. What asking costs is counted by Federation and Upstream.
package struct ControlPlaneMetric: Hashable, Sendable {
    package var name: String
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String

    package static let probes = ControlPlaneMetric(
        name: "isthmus_control_plane_probes_total", labels: ["kind", "result"],
        help: "Askings of replicas of control planes, by the state that they were found in.")
    package static let duration = ControlPlaneMetric(
        name: "isthmus_control_plane_probe_duration_seconds", labels: ["kind"],
        help: "Time that it takes to ask a replica all that it is asked.")
    package static let late = ControlPlaneMetric(
        name: "isthmus_control_plane_late_probes_total", labels: [],
        help:
            "Askings that began more than a quarter of their interval late, or not at all: control_plane.concurrency is too low."
    )
    package static let replicas = ControlPlaneMetric(
        name: "isthmus_control_plane_replicas", labels: [],
        help: "Replicas of control planes that are watched.")
    package static let queries = ControlPlaneMetric(
        name: "isthmus_control_plane_queries_total", labels: ["outcome"],
        help: "Questions about control planes to the clusters' metrics, by how they ended.")
    package static let round = ControlPlaneMetric(
        name: "isthmus_control_plane_metrics_duration_seconds", labels: [],
        help: "Time that it takes to ask the clusters' metrics all that they are asked.")
    package static let look = ControlPlaneMetric(
        name: "isthmus_control_plane_report_duration_seconds", labels: [],
        help: "Time that it takes to make the report of what is known.")

    package static let omitted = ControlPlaneMetric(
        name: "isthmus_control_plane_omitted", labels: ["what"],
        help:
            "Certificates, proxies and issues that the report leaves out, because there are more than are kept: control_plane.max_certificates, control_plane.max_proxies."
    )

    package static let all = [probes, duration, late, replicas, queries, round, look, omitted]
}

/// The instruments, made once for each set of label values.
package final class ControlPlaneMetrics: Sendable {
    private struct State {
        var counters: [[String]: Counter] = [:]
        var timers: [[String]: Timer] = [:]
    }

    /// How a question to the metrics ended, a closed set.
    enum QueryOutcome: String {
        case complete, partial, unavailable, failed
    }

    /// What a report may leave out, a closed set.
    private enum Omission: String, CaseIterable {
        case certificates, proxies, issues
    }

    private let factory: any MetricsFactory
    private let replicas: Gauge
    private let omitted: [Omission: Gauge]
    private let state = Mutex(State())

    package init(factory: any MetricsFactory = MetricsSystem.factory) {
        self.factory = factory
        replicas = Gauge(
            label: ControlPlaneMetric.replicas.name, dimensions: [], factory: factory)
        omitted = Dictionary(
            uniqueKeysWithValues: Omission.allCases.map { what in
                (
                    what,
                    Gauge(
                        label: ControlPlaneMetric.omitted.name,
                        dimensions: [("what", what.rawValue)], factory: factory)
                )
            })
    }

    func asked(_ kind: ControlPlaneKind, found state: ComponentState, after time: Duration) {
        count(.probes, [("kind", kind.rawValue), ("result", state.rawValue)])
        record(.duration, [("kind", kind.rawValue)], time)
    }

    func late() { count(.late, []) }

    func watches(_ count: Int) { replicas.record(count) }

    func queried(_ outcome: QueryOutcome) { count(.queries, [("outcome", outcome.rawValue)]) }

    func askedMetrics(_ time: Duration) { record(.round, [], time) }

    func reported(_ picture: HealthPicture, after time: Duration) {
        record(.look, [], time)
        omitted[.certificates]?.record(picture.omittedCertificates)
        omitted[.proxies]?.record(picture.omittedProxies)
        omitted[.issues]?.record(picture.omittedIssues)
    }

    private func count(_ metric: ControlPlaneMetric, _ dimensions: [(String, String)]) {
        let key = [metric.name] + dimensions.map(\.1)
        let counter = state.withLock { state in
            let known =
                state.counters[key]
                ?? Counter(label: metric.name, dimensions: dimensions, factory: factory)
            state.counters[key] = known
            return known
        }
        counter.increment()
    }

    private func record(
        _ metric: ControlPlaneMetric, _ dimensions: [(String, String)], _ time: Duration
    ) {
        let key = [metric.name] + dimensions.map(\.1)
        let timer = state.withLock { state in
            let known =
                state.timers[key]
                ?? Timer(label: metric.name, dimensions: dimensions, factory: factory)
            state.timers[key] = known
            return known
        }
        let (seconds, attoseconds) = time.components
        timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
