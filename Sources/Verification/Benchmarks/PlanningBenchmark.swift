import Clusters
import Planning
import PromQL
import TimeSeries

/// Ordinary queries to plan over many clusters. Whoever runs it holds the watch.
public struct PlanningBenchmark: Sendable {
    private let clusters: [ClusterScope]
    private let fleet: FleetScope
    private let grid = TimeGrid(
        start: 1_700_000_000_000, end: 1_700_003_600_000, step: 60_000)

    /// Clusters in four regions, one in ten of them of an older release.
    public init(clusterCount: Int) {
        clusters = (0..<clusterCount).map { number in
            let name = "prod-cluster-\(number)"
            return ClusterScope(
                id: ClusterID(name),
                externalLabels: ["cluster": name, "region": "region-\(number % 4)"],
                capabilities: Capabilities(
                    version: number.isMultiple(of: 10) ? [2, 55, 0] : [3, 14, 0]))
        }
        fleet = FleetScope(clusters)
    }

    /// As dashboards ask them.
    public static let queries = [
        "up",
        "sum by (cluster) (up)",
        #"sum by (le) (rate(istio_request_duration_milliseconds_bucket{reporter="source"}[5m]))"#,
        #"histogram_quantile(0.99, sum by (le, job) (rate(request_seconds_bucket{job="api"}[5m])))"#,
        #"sum(rate(istio_requests_total{response_code=~"5.."}[5m])) "#
            + "/ sum(rate(istio_requests_total[5m]))",
        #"avg by (job) (process_resident_memory_bytes{cluster=~"prod-cluster-1.*"})"#,
        #"topk(10, sum by (cluster, pod) (rate(container_cpu_usage_seconds_total[5m])))"#,
        #"sum by (region) (kube_pod_info{region=~"region-[12]"})"#,
        #"rate(http_requests_total{cluster="prod-cluster-7"}[5m]) > 5"#,
        "kube_pod_labels * on (cluster, pod) group_left (node) kube_pod_info",
        "stddev by (job) (rate(http_requests_total[5m]))",
        "absent(up{job=\"api\"})",
        #"sum by (site) (label_replace(up, "site", "$1", "cluster", "prod-(.*)"))"#,
    ]

    /// Plans one query. Returns how many requests the plan has.
    public func plan(_ query: Expression) throws(PlanningFailure) -> Int {
        var planner = Planner(fleet: fleet)
        return try planner.plan(query, grid: grid).fragments.reduce(0) { $0 + $1.requests.count }
    }

    /// The query as planning takes it.
    public func read(_ query: String) throws -> Expression {
        try parse(query).resolved(
            in: QueryTimes(
                start: grid.start, end: grid.end, step: grid.step, defaultSubqueryStep: 60_000))
    }

    /// Arranges what is known of the clusters, which is done once for an inventory. Returns how
    /// many clusters there are.
    public func arrange() -> Int { FleetScope(clusters).clusterCount }
}
