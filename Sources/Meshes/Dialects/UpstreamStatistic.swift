import TimeSeries

/// What Envoys count of each upstream, about retries, timeouts, circuit breakers, ejections and
/// pools: in clusters of the dialect envoy, and in those of Istio that keep such statistics.
public enum UpstreamStatistic: String, Hashable, Sendable, CaseIterable {
    case tries, retries, retrySuccesses, retryOverflows, timeouts, trips
    case connectionOverflows, poolOverflows, ejectionsActive, ejections
    case openBreakers, activeConnections, remainingConnections

    /// The metric; of several gauges the largest counts.
    public var metrics: [String] {
        let prefix = "envoy_cluster_"
        switch self {
        case .tries: return [prefix + "upstream_rq_total"]
        case .retries: return [prefix + "upstream_rq_retry"]
        case .retrySuccesses: return [prefix + "upstream_rq_retry_success"]
        case .retryOverflows: return [prefix + "upstream_rq_retry_overflow"]
        case .timeouts: return [prefix + "upstream_rq_timeout"]
        case .trips: return [prefix + "upstream_rq_pending_overflow"]
        case .connectionOverflows: return [prefix + "upstream_cx_overflow"]
        case .poolOverflows: return [prefix + "upstream_cx_pool_overflow"]
        case .ejectionsActive: return [prefix + "outlier_detection_ejections_active"]
        case .ejections: return [prefix + "outlier_detection_ejections_enforced_total"]
        case .openBreakers:
            return ["cx", "cx_pool", "rq", "rq_pending", "rq_retry"].flatMap { limit in
                ["default", "high"].map { "\(prefix)circuit_breakers_\($0)_\(limit)_open" }
            }
        case .activeConnections: return [prefix + "upstream_cx_active"]
        case .remainingConnections: return [prefix + "circuit_breakers_default_remaining_cx"]
        }
    }

    /// Whether it is a state rather than a counter.
    public var isGauge: Bool {
        switch self {
        case .ejectionsActive, .openBreakers, .activeConnections, .remainingConnections: true
        default: false
        }
    }

    /// All their metrics.
    public static let allMetrics = allCases.flatMap(\.metrics)
}

/// One query of all that Envoys count of upstreams. Its rows have the label `statistic`.
public struct StatisticsQuery: Hashable, Sendable {
    public var statistics: [UpstreamStatistic]
    public var source: CallGrouping.EndDetail
    public var scope: CallScope
    public var clusters: [String]
    /// Milliseconds.
    public var window: Int64

    /// The label that names the row's statistic.
    public static let label = "statistic"

    public init(
        _ statistics: [UpstreamStatistic], source: CallGrouping.EndDetail = [],
        scope: CallScope = CallScope(), clusters: [String] = [],
        window: Int64 = SignalQuestion.standardWindow
    ) {
        self.statistics = statistics
        self.source = source
        self.scope = scope
        self.clusters = clusters
        self.window = window
    }

    public var text: String {
        statistics.map { statistic in
            "label_replace(\(sum(of: statistic)), \"\(Self.label)\", \"\(statistic.rawValue)\", "
                + "\"\", \"\")"
        }.joined(separator: " or ")
    }

    private func sum(of statistic: UpstreamStatistic) -> String {
        let by = labels.joined(separator: ", ")
        var selectors: [String] = []
        for condition in conditions {
            selectors.append(selector(of: statistic, condition + clusterMatchers))
        }
        let rates = selectors.map {
            statistic.isGauge ? $0 : "rate(\($0)[\(FactQuery.text(ofMilliseconds: window))])"
        }.joined(separator: " or ")
        let inner = statistic.metrics.count > 1 ? "max without () (\(rates))" : rates
        return "sum by (\(by)) (\(namesWorkload ? Self.withWorkload(inner) : inner))"
    }

    private func selector(of statistic: UpstreamStatistic, _ matchers: [String]) -> String {
        guard statistic.metrics.count > 1 else {
            let braces = matchers.isEmpty ? "" : "{" + matchers.joined(separator: ",") + "}"
            return (statistic.metrics.first ?? "") + braces
        }
        let names = Matcher.text("__name__", oneOf: statistic.metrics)
        return "{" + ([names] + matchers).joined(separator: ",") + "}"
    }

    /// Where no label names a pod's workload, its name does.
    private var namesWorkload: Bool { source.contains(.workload) }

    /// Takes the name of a Deployment's, StatefulSet's or DaemonSet's from that of its pod.
    static func withWorkload(_ inner: String) -> String {
        "label_replace(\(inner), \"workload\", \"$1\", \"pod\", \"\(podPattern)\")"
    }

    static let podPattern = "(.+?)(-[0-9]+|(-[0-9a-f]{6,10})?-[a-z0-9]{5})"

    private var labels: [String] {
        guard let witness = Self.witness else { return [CallReading.cluster] }
        var names = Set(witness.destination.labels(of: [.cluster, .namespace, .service]))
        names.formUnion(witness.source.labels(of: source))
        if !source.isEmpty { names.formUnion(witness.source.labels(of: [.service])) }
        return [CallReading.cluster] + names.sorted()
    }

    private var conditions: [[String]] {
        guard let witness = Self.witness, !scope.alternatives.isEmpty else { return [[]] }
        let found = scope.alternatives.flatMap { alternative in
            // Who calls is looked at in the answer: too many labels could name it.
            alternative.destination?.conditions(on: witness.destination) ?? [[]]
        }
        return found.contains([]) || found.isEmpty ? [[]] : found
    }

    private var clusterMatchers: [String] {
        clusters.isEmpty ? [] : [Matcher.text(CallReading.cluster, oneOf: clusters)]
    }

    private static let witness = Dialect.envoy.row.witnesses.last
}
