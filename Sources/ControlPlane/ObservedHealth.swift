import Clusters
import MeshHealth
import Observations
import TimeSeries

/// What is observed as series of the gateway's own.
enum ObservedHealth {
    /// Whether the cluster's Prometheus answered the last questions: 1 or 0.
    static let clusterUp = "isthmus_cluster_up"

    /// The names of all series that there may be.
    static let names = Set(HealthSeries.Metric.allCases.map(\.rawValue) + [clusterUp])

    /// All that is known at one time.
    static func series(
        _ picture: HealthPicture, states: [ComponentID: [String: ComponentState]],
        memory: HealthMemory
    ) -> [HealthSeries.Sample] {
        var series = HealthSeries()
        for component in picture.fleet.clusters.flatMap(\.components) {
            series.add(component, states: states[component.id] ?? [:])
        }
        series.add(picture.certificates)
        var issues = HealthSeries()
        issues.add(picture.issues, clusters: picture.fleet.clusters.map(\.cluster))
        let blind = memory.blindClusters
        let kinds = Set((memory.metrics?.unansweredKinds ?? []).map(\.rawValue))
        let known = issues.samples.filter { sample in
            // That there is none is told where it is known alone.
            sample.value != 0
                || !(blind.contains(sample.labels["cluster"] ?? "")
                    || kinds.contains(sample.labels["kind"] ?? ""))
        }
        let reachability = memory.reachability.map { cluster, isUp in
            HealthSeries.Sample(
                cluster.externalLabels.setting([Labels.metricNameLabel: clusterUp]), isUp ? 1 : 0)
        }
        return series.samples + known + reachability
    }
}

/// Turns what is observed again and again into samples: what has changed at once, what has not from
/// time to time, and of what is gone the mark of its end. A value; the time is given.
struct SeriesWriter: Sendable {
    private struct Written: Sendable {
        var value: Double
        /// Milliseconds since the Unix epoch.
        var time: Int64
        /// The last look that had it.
        var look: Int
    }

    private var written: [Labels: Written] = [:]
    private var look = 0

    /// How a metric's samples are written.
    private struct Rule {
        /// After so long a value is written again, milliseconds: well within five minutes, behind
        /// which a series counts as ended.
        var refresh: Int64
        /// By how much a value must differ to be written at once.
        var difference: Double
    }

    private static let usual = Rule(refresh: 60_000, difference: 0)
    /// Ends of certificates are times: whoever computes them from what remains is a second off now
    /// and then, and most of them stay for hours.
    private static let certificates = Rule(refresh: 240_000, difference: 90)
    /// A measurement, that differs each time.
    private static let measurements = Rule(refresh: 60_000, difference: .infinity)

    private static func rule(of labels: Labels) -> Rule {
        switch labels.metricName.flatMap(HealthSeries.Metric.init(rawValue:)) {
        case .expiry, .lifetime: certificates
        case .probeSeconds: measurements
        case .state, .instanceState, .probe, .issues, nil: usual
        }
    }

    /// The samples to keep of all that is observed at a time, milliseconds since the Unix epoch.
    mutating func samples(
        of series: [HealthSeries.Sample], at time: Int64
    ) -> [ObservationStore.Sample] {
        look += 1
        var samples: [ObservationStore.Sample] = []
        for one in series {
            let rule = Self.rule(of: one.labels)
            if let last = written[one.labels] {
                let isChanged = abs(one.value - last.value) > rule.difference
                guard isChanged || time - last.time >= rule.refresh else {
                    written[one.labels]?.look = look
                    continue
                }
            }
            written[one.labels] = Written(value: one.value, time: time, look: look)
            samples.append(.init(labels: one.labels, time: time, value: .float(one.value)))
        }
        let ended = written.filter { $0.value.look != look }.map(\.key)
        for labels in ended {
            written[labels] = nil
            samples.append(.init(labels: labels, time: time, value: .float(Absent.value)))
        }
        return samples
    }
}
