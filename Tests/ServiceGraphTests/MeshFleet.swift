import Clusters
import Federation
import Foundation
import Meshes
import ServiceGraph
import Synchronization
import TestSupport
import TimeSeries
import Traces
import Upstream

/// A fleet of scripted Prometheus servers that know a few series, and the services over it.
final class MeshFleet: Sendable {
    let graphs: GraphService
    let signals: SignalService
    let fleet: Fleet
    private let upstream = UpstreamClient()
    private let servers: [String: ScriptedServer]
    private let questions = Mutex<[Asked]>([])

    /// A query that a cluster was asked.
    struct Asked: Hashable, Sendable {
        var cluster: String
        var query: String
        var time: String
    }

    /// What a cluster has, as rates: of counters too, as the servers do not compute.
    struct Series: Sendable {
        var metric: String
        var labels: [String: String]
        var rate: Double

        init(_ metric: String, _ labels: [String: String], _ rate: Double) {
            self.metric = metric
            self.labels = labels
            self.rate = rate
        }
    }

    enum Conduct: Sendable {
        case series([Series])
        /// Some for a time (in seconds, as it is asked), others for all other times.
        case varying(String, [Series], otherwise: [Series])
        /// Answers, but says nothing to queries of this metric.
        case silentAbout(String, [Series])
        /// Answers queries of this metric with an error.
        case failingAbout(String, [Series])
        /// Answers queries of this metric with the text as the result, with `TIME` for the time.
        case telling(String, about: String, [Series])
        case silence
        case refusal
    }

    /// The time at which everything is, milliseconds.
    static let now: Int64 = 1_700_000_000_000

    init(
        _ clusters: [(String, Conduct)], settings: GraphSettings = GraphSettings(),
        signals: SignalSettings = SignalSettings(), traces: [String: String] = [:],
        dialects: [ClusterDialects]? = nil, timeouts: [String: Duration] = [:],
        metrics: MeshMetrics = MeshMetrics()
    ) throws {
        var servers: [String: ScriptedServer] = [:]
        var inventory: [Cluster] = []
        for (name, _) in clusters {
            let server = try ScriptedServer { _ in .silence() }
            servers[name] = server
            inventory.append(
                Cluster(
                    id: ClusterID(name), externalLabels: ["cluster": name],
                    prometheus: Service(
                        urls: [server.address], timeout: timeouts[name] ?? .seconds(60)),
                    jaeger: traces[name] == nil ? nil : Service(urls: [server.address]),
                    jaegerGeneration: .v1))
        }
        self.servers = servers
        fleet = Fleet(clusters: inventory)
        let queries = QueryService(
            fleet: fleet, upstream: upstream, settings: QuerySettings(), now: { Self.now })
        var tracing = TraceSettings()
        tracing.dependencies.findsCrossings = false
        let told = dialects ?? clusters.map { Self.dialects(of: $0.0, $0.1) }
        let query: GraphService.Query = { request throws(QueryFailure) in
            try await queries.query(request)
        }
        self.signals = SignalService(
            query: query, dialects: { _ in told }, settings: signals, metrics: metrics)
        graphs = GraphService(
            fleet: fleet, query: query, dialects: { _ in told },
            traces: traces.isEmpty
                ? nil
                : TraceService(
                    fleet: fleet, upstream: upstream, settings: tracing, now: { Self.now }),
            settings: settings, metrics: metrics, now: { Self.now })
        for (name, conduct) in clusters { set(conduct, of: name, dependencies: traces[name]) }
    }

    func end() async {
        await upstream.stop()
        for server in servers.values { server.end() }
    }

    /// What the clusters were asked, in the order in which it came.
    var asked: [Asked] { questions.withLock { $0 } }

    func set(_ conduct: Conduct, of cluster: String, dependencies: String? = nil) {
        servers[cluster]?.setScript { [weak self] request in
            if request.path == "/api/dependencies" {
                return .answer(
                    status: 200, type: "application/json", body: dependencies ?? #"{"data":[]}"#)
            }
            return self?.behaviour(conduct, cluster, request) ?? .silence()
        }
    }

    private static func dialects(of cluster: String, _ conduct: Conduct) -> ClusterDialects {
        switch conduct {
        case .series(let all), .silentAbout(_, let all), .failingAbout(_, let all),
            .varying(_, let all, otherwise: _), .telling(_, about: _, let all):
            let metrics = Set(all.map(\.metric))
            return ClusterDialects(
                cluster: cluster, dialects: Dialect.dialects(ofMetrics: metrics), metrics: metrics)
        case .silence, .refusal:
            return ClusterDialects(
                cluster: cluster, dialects: [.istio], metrics: ["istio_requests_total"])
        }
    }

    private func behaviour(
        _ conduct: Conduct, _ cluster: String, _ request: ScriptedServer.Request
    ) -> ScriptedServer.Behaviour {
        func data(_ text: String) -> ScriptedServer.Behaviour {
            .answer(
                status: 200, type: "application/json",
                body: #"{"status":"success","data":\#(text)}"#)
        }
        let form = request.form.split(separator: "&")
        func value(_ name: String) -> String {
            form.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
                ?? ""
        }
        switch request.path {
        case "/api/v1/status/buildinfo": return data(#"{"version":"3.14.0"}"#)
        case "/api/v1/labels": return data(#"["__name__","job"]"#)
        case "/api/v1/query", "/api/v1/query_range": break
        case let path where path.hasPrefix("/api/v1/label/"): return data("[]")
        default: return .answer(status: 404, type: "text/plain", body: "not here")
        }
        let (query, time) = (value("query"), value("time"))
        questions.withLock { $0.append(Asked(cluster: cluster, query: query, time: time)) }
        let series: [Series]
        switch conduct {
        case .silence: return .silence()
        case .refusal: return .answer(status: 503, type: "text/plain", body: "over")
        case .silentAbout(let metric, _) where query.contains(metric): return .silence()
        case .failingAbout(let metric, _) where query.contains(metric):
            return .answer(status: 503, type: "text/plain", body: "over")
        case .telling(let result, about: let metric, _) where query.contains(metric):
            let text = result.replacingOccurrences(of: "TIME", with: time)
            return data(#"{"resultType":"vector","result":\#(text)}"#)
        case .series(let all), .silentAbout(_, let all), .failingAbout(_, let all),
            .telling(_, about: _, let all):
            series = all
        case .varying(let other, let some, otherwise: let rest):
            series = Double(time) == Double(other) ? some : rest
        }
        // Over a range each rate is the same at all times.
        let isRange = request.path.hasSuffix("_range")
        let times =
            isRange
            ? Array(
                stride(
                    from: Double(value("start")) ?? 0, through: Double(value("end")) ?? 0,
                    by: Double(value("step")) ?? 60)) : []
        let elements = Self.rows(series, of: query).map { labels, rate in
            let pairs = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
            let points = times.map { #"[\#($0),"\#(rate)"]"# }.joined(separator: ",")
            let values = isRange ? #""values":[\#(points)]"# : #""value":[\#(time),"\#(rate)"]"#
            return #"{"metric":{\#(pairs.joined(separator: ","))},\#(values)}"#
        }
        let type = isRange ? "matrix" : "vector"
        return data(
            #"{"resultType":"\#(type)","result":[\#(elements.joined(separator: ","))]}"#)
    }

    /// The sum of the series of the metrics in a query, by its first grouping. Of matchers only those
    /// of quantities of nothing are looked at: answers may hold more than is asked for.
    private static func rows(_ series: [Series], of query: String) -> [[String: String]: Double] {
        let names = (query.components(separatedBy: "sum by (").dropFirst().first ?? "")
            .prefix { $0 != ")" }.components(separatedBy: ", ")
        var sums: [[String: String]: Double] = [:]
        if query.contains("\"\(StatisticsQuery.label)\"") {
            // As the query names them.
            for statistic in UpstreamStatistic.allCases {
                for one in series where statistic.metrics.contains(one.metric) {
                    var labels = one.labels.filter { names.contains($0.key) }
                    labels[StatisticsQuery.label] = statistic.rawValue
                    sums[labels, default: 0] += one.rate
                }
            }
            return sums
        }
        for one in series
        where ["{", "[", ")"].contains(where: { query.contains(one.metric + $0) }) {
            var labels = one.labels.filter { names.contains($0.key) }
            // As the query computes it of two counters.
            if one.metric.hasPrefix("traces_service_graph_request_failed") {
                labels["status_code"] = "STATUS_CODE_ERROR"
            } else if query.contains("traces_service_graph_request_failed_total") {
                labels["status_code"] = "OK"
            }
            sums[labels, default: 0] += one.rate
        }
        return sums
    }
}

extension MeshFleet.Series {
    /// Calls of a service in one cluster to a service in another, as Istio tells of them.
    static func istio(
        _ reporter: String, from source: String, _ sourceCluster: String,
        to destination: String, _ destinationCluster: String, rate: Double, code: String = "200",
        flags: String = "-", policy: String? = nil
    ) -> MeshFleet.Series {
        var labels = ends(reporter, source, sourceCluster, destination, destinationCluster)
        labels["response_code"] = code
        labels["response_flags"] = flags
        labels["connection_security_policy"] =
            policy ?? (reporter == "source" ? "unknown" : "mutual_tls")
        return MeshFleet.Series("istio_requests_total", labels, rate)
    }

    private static func ends(
        _ reporter: String, _ source: String, _ sourceCluster: String, _ destination: String,
        _ destinationCluster: String
    ) -> [String: String] {
        [
            "reporter": reporter, "request_protocol": "http", "source_cluster": sourceCluster,
            "source_workload_namespace": "shop", "source_workload": source,
            "source_canonical_service": source, "source_canonical_revision": "v1",
            "source_principal": "spiffe://\(sourceCluster).mesh/ns/shop/sa/\(source)",
            "destination_principal":
                "spiffe://\(destinationCluster).mesh/ns/shop/sa/\(destination)",
            "destination_cluster": destinationCluster,
            "destination_workload_namespace": "shop", "destination_workload": destination,
            "destination_canonical_service": destination, "destination_canonical_revision": "v1",
            "destination_service": "\(destination).shop.svc.cluster.local",
            "destination_service_name": destination, "destination_service_namespace": "shop",
        ]
    }

    /// The buckets of the same calls; `below` are the shares of them that took at most so many
    /// milliseconds.
    static func istioLatency(
        _ reporter: String, from source: String, _ sourceCluster: String,
        to destination: String, _ destinationCluster: String, rate: Double,
        _ below: [(String, Double)]
    ) -> [MeshFleet.Series] {
        let labels = ends(reporter, source, sourceCluster, destination, destinationCluster)
        return (below + [("+Inf", 1)]).map { bound, share in
            var all = labels
            all["le"] = bound
            return MeshFleet.Series(
                "istio_request_duration_milliseconds_bucket", all, rate * share)
        }
    }
}
