import Meshes
import TimeSeries

/// A fleet whose answers are written down: rows of facts, of statistics and of resources.
struct CannedSignals {
    var clusters: [ClusterDialects] = []
    private var rows: [Row] = []

    private struct Row {
        var cluster: String
        var content: Content
        var labels: [String: String]
        var values: [Double]
    }

    private enum Content {
        case fact(Dialect, Fact)
        case statistic
        case resource(ProxyResource)
    }

    /// The time of all questions, milliseconds.
    static let now: Int64 = 1_700_000_000_000

    mutating func cluster(_ name: String, metrics: Set<String>) {
        clusters.append(
            ClusterDialects(
                cluster: name, dialects: Dialect.dialects(ofMetrics: metrics), metrics: metrics))
    }

    mutating func add(
        _ dialect: Dialect, _ fact: Fact, in cluster: String, _ labels: [String: String],
        _ values: Double...
    ) {
        add(dialect, fact, in: cluster, labels, values)
    }

    mutating func add(
        _ dialect: Dialect, _ fact: Fact, in cluster: String, _ labels: [String: String],
        _ values: [Double]
    ) {
        rows.append(
            Row(cluster: cluster, content: .fact(dialect, fact), labels: labels, values: values))
    }

    mutating func add(
        _ statistic: UpstreamStatistic, in cluster: String, to upstream: String, _ value: Double
    ) {
        let labels = ["statistic": statistic.rawValue, "cluster_name": upstream]
        rows.append(Row(cluster: cluster, content: .statistic, labels: labels, values: [value]))
    }

    mutating func add(
        _ resource: ProxyResource, in cluster: String, namespace: String, workload: String,
        _ value: Double
    ) {
        rows.append(
            Row(
                cluster: cluster, content: .resource(resource),
                labels: ["namespace": namespace, "workload": workload], values: [value]))
    }

    /// A call to `shop/cart` as an Istio proxy labels it.
    static func istio(
        _ reporter: String, from source: String = "eu-1", to destination: String = "us-1",
        code: String = "200", flags: String = "-", security: String = "unknown",
        _ more: [String: String] = [:]
    ) -> [String: String] {
        [
            "reporter": reporter, "source_cluster": source, "destination_cluster": destination,
            "source_workload_namespace": "shop", "source_workload": "web",
            "source_canonical_service": "web", "destination_service_namespace": "shop",
            "destination_service_name": "cart", "destination_workload": "cart",
            "request_protocol": "http", "response_code": code, "response_flags": flags,
            "connection_security_policy": security,
        ].merging(more) { $1 }
    }

    /// The buckets of a histogram of Istio's, of at most so many milliseconds.
    mutating func addBuckets(
        in cluster: String, _ labels: [String: String], _ buckets: [(String, Double)]
    ) {
        for (bound, rate) in buckets {
            add(.istio, .latency, in: cluster, labels.merging(["le": bound]) { $1 }, rate)
        }
    }

    func report(
        missing: [String] = [], _ change: (inout SignalQuestion) -> Void = { _ in }
    ) -> SignalReport {
        var question = SignalQuestion(end: Self.now)
        change(&question)
        let plan = SignalPlan(question, clusters: clusters)
        let grid =
            question.range.map {
                TimeGrid(start: question.end - $0, end: question.end, step: question.step)
            } ?? TimeGrid(instant: question.end)
        var assembly = SignalAssembly(plan, grid: grid)
        for query in plan.queries {
            let series = rows.filter { fits($0, query) }.map { row in
                GridSeries(
                    labels: Labels(
                        row.labels.merging(["cluster": row.cluster]) { $1 }.map { ($0, $1) }),
                    values: row.values)
            }
            assembly.add(series, of: query)
        }
        return assembly.report(missing: missing)
    }

    private func fits(_ row: Row, _ query: SignalQuery) -> Bool {
        guard query.clusters.contains(row.cluster) else { return false }
        switch (row.content, query.content) {
        case (.fact(let dialect, let fact), .fact(let asked)):
            return dialect == asked.dialect && fact == asked.fact
        case (.statistic, .statistics): return true
        case (.resource(let resource), .resource(let asked, _)): return resource == asked
        default: return false
        }
    }
}

extension SignalReport {
    /// The signals of a service; of the whole fleet where `cluster` is nil.
    func service(_ name: String, in cluster: String? = nil) -> SubjectSignals? {
        subjects.first { $0.subject.service == name && $0.subject.cluster == cluster }
    }
}

extension SubjectSignals {
    func value(_ signal: Signal) -> Double? { signals[signal]?.value }
}
