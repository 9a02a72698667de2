import Alerting
import Clusters
import ControlPlane
import Federation
import Logging
import Metrics
import Storage
import Telemetry
import TimeSeries
import Upstream

/// Forgets all remembered answers. Returns how many entries there were.
package typealias ClearingCache = @Sendable () async throws(StorageFailure) -> Int

/// What the server needs to answer.
package struct HTTPAPIDependencies: Sendable {
    package var queries: QueryAnswering
    package var traces: TraceAnswering
    package var meshes: MeshAnswering
    package var controlPlane: ControlPlaneAnswering
    /// What is known of each cluster, in inventory order.
    package var clusters: @Sendable () -> [ClusterStatus]
    /// Reads the configuration again; gives its mistakes, none where it is in force now.
    package var reload: @Sendable () async -> [String]
    /// Forgets all remembered answers, and says how many entries there were; nil where nothing is
    /// remembered.
    package var clearCache: ClearingCache?
    /// The gateway's own metrics in Prometheus's text format.
    package var metricsText: @Sendable () async -> String
    /// The same as OpenMetrics, with exemplars; nil where there is no such form.
    package var openMetricsText: (@Sendable () async -> String)?
    /// The configuration in force as YAML, without secrets.
    package var configurationText: @Sendable () -> String
    /// What is to be told of the gateway's own rules and alerts.
    package var alerting: @Sendable () -> AlertingReport
    /// Whether the inventory is loaded.
    package var isReady: @Sendable () -> Bool
    /// Whose request it is, for what is shared fairly among clients; it is given the address where
    /// the client is, without its port.
    package var clientName: @Sendable (String?) -> String
    /// Milliseconds since the Unix epoch.
    package var now: @Sendable () -> Int64
    package var metrics: any MetricsFactory
    package var tracer: GatewayTracer
    package var logger: Logger

    package init(
        queries: QueryAnswering, traces: TraceAnswering, meshes: MeshAnswering,
        controlPlane: ControlPlaneAnswering, clusters: @escaping @Sendable () -> [ClusterStatus],
        reload: @escaping @Sendable () async -> [String], clearCache: ClearingCache? = nil,
        metricsText: @escaping @Sendable () async -> String,
        openMetricsText: (@Sendable () async -> String)? = nil,
        configurationText: @escaping @Sendable () -> String,
        alerting: @escaping @Sendable () -> AlertingReport = { AlertingReport() },
        isReady: @escaping @Sendable () -> Bool = { true },
        clientName: @escaping @Sendable (String?) -> String = { $0 ?? "" },
        now: @escaping @Sendable () -> Int64, metrics: any MetricsFactory = MetricsSystem.factory,
        tracer: GatewayTracer = GatewayTracer(sampleRatio: 0, record: nil),
        logger: Logger
    ) {
        self.queries = queries
        self.traces = traces
        self.meshes = meshes
        self.controlPlane = controlPlane
        self.clusters = clusters
        self.reload = reload
        self.clearCache = clearCache
        self.metricsText = metricsText
        self.openMetricsText = openMetricsText
        self.configurationText = configurationText
        self.alerting = alerting
        self.isReady = isReady
        self.clientName = clientName
        self.now = now
        self.metrics = metrics
        self.tracer = tracer
        self.logger = logger
    }
}

/// The questions that the routes put to the fleet, each a function, so that the server works with
/// canned answers too.
package struct QueryAnswering: Sendable {
    package typealias Failing<Input, Output> =
        @Sendable (Input) async throws(QueryFailure) -> Output

    package var query: Failing<QueryRequest, QueryAnswer>
    package var explain: Failing<ExplainRequest, Explanation>
    package var series: Failing<MetadataRequest, MetadataAnswer<[Labels]>>
    package var labelNames: Failing<MetadataRequest, MetadataAnswer<[String]>>
    package var labelValues: Failing<LabelValuesQuestion, MetadataAnswer<[String]>>
    package var metricMetadata: Failing<MetricMetadataQuestion, MetadataAnswer<[MetricMetadata]>>
    /// The rules and alerts of the clusters' own servers.
    package var rules: Failing<ClusterRulesRequest, MetadataAnswer<[ClusterRules]>>

    package struct LabelValuesQuestion: Sendable {
        package var label: String
        package var request: MetadataRequest
    }

    package struct MetricMetadataQuestion: Sendable {
        /// Nil for all metrics.
        package var metric: String?
        package var limit: Int?
        package var limitPerMetric: Int?
        package var partialResponse: Bool
        package var timeout: Duration?
    }

    package init(
        query: @escaping Failing<QueryRequest, QueryAnswer>,
        explain: @escaping Failing<ExplainRequest, Explanation>,
        series: @escaping Failing<MetadataRequest, MetadataAnswer<[Labels]>>,
        labelNames: @escaping Failing<MetadataRequest, MetadataAnswer<[String]>>,
        labelValues: @escaping Failing<LabelValuesQuestion, MetadataAnswer<[String]>>,
        metricMetadata:
            @escaping Failing<
                MetricMetadataQuestion, MetadataAnswer<[MetricMetadata]>
            >,
        rules: @escaping Failing<ClusterRulesRequest, MetadataAnswer<[ClusterRules]>>
    ) {
        self.query = query
        self.explain = explain
        self.series = series
        self.labelNames = labelNames
        self.labelValues = labelValues
        self.metricMetadata = metricMetadata
        self.rules = rules
    }

    /// The fleet's own services.
    package init(queries: QueryService, metadata: MetadataService) {
        query = { (request) async throws(QueryFailure) in try await queries.query(request) }
        explain = { (request) async throws(QueryFailure) in try await queries.explain(request) }
        series = { (request) async throws(QueryFailure) in try await metadata.series(request) }
        labelNames = { (request) async throws(QueryFailure) in
            try await metadata.labelNames(request)
        }
        labelValues = { (question) async throws(QueryFailure) in
            try await metadata.labelValues(of: question.label, question.request)
        }
        metricMetadata = { (question) async throws(QueryFailure) in
            try await metadata.metricMetadata(
                metric: question.metric, limit: question.limit,
                limitPerMetric: question.limitPerMetric,
                partialResponse: question.partialResponse, timeout: question.timeout)
        }
        rules = { (request) async throws(QueryFailure) in try await metadata.rules(request) }
    }
}

/// What is known of a cluster.
package struct ClusterStatus: Sendable {
    package var name: String
    package var externalLabels: Labels
    /// The addresses of its Prometheus replicas.
    package var urls: [String]
    /// How long it keeps samples, where its file says so.
    package var retention: Duration?
    /// Whether it is expected to be away, and so asked nothing.
    package var isInMaintenance: Bool
    package var state: ClusterState
    /// How the replicas of its Prometheus do, as requests to them tell; empty where that is not known.
    package var replicas: [ReplicaState] = []
    /// Its Jaeger, where it has one.
    package var jaeger: Jaeger?

    package struct Jaeger: Hashable, Sendable {
        package var url: String
        /// How it does, as requests to it tell; nil where that is not known.
        package var replica: ReplicaState?
        /// Of the API; nil while that is not known.
        package var generation: JaegerGeneration?

        package init(url: String, generation: JaegerGeneration? = nil) {
            self.url = url
            self.generation = generation
        }
    }

    package init(
        name: String, externalLabels: Labels, urls: [String], retention: Duration? = nil,
        isInMaintenance: Bool = false, state: ClusterState = ClusterState(),
        jaeger: Jaeger? = nil
    ) {
        self.name = name
        self.externalLabels = externalLabels
        self.urls = urls
        self.retention = retention
        self.isInMaintenance = isInMaintenance
        self.state = state
        self.jaeger = jaeger
    }

    /// All clusters of a fleet, in inventory order; `generation` says which API a cluster's Jaeger
    /// speaks, `replicas` how those of a service do.
    package static func all(
        of fleet: FleetSnapshot, generation: (Cluster) -> JaegerGeneration?,
        replicas: (Service, ClusterID) -> [ReplicaState]
    ) -> [ClusterStatus] {
        fleet.inventory.clusters.map { cluster in
            var status = ClusterStatus(
                name: cluster.id.name, externalLabels: cluster.externalLabels,
                urls: cluster.prometheus.urls, retention: cluster.retention,
                isInMaintenance: cluster.maintenance, state: fleet.state(of: cluster.id),
                jaeger: cluster.jaeger?.urls.first.map {
                    Jaeger(url: $0, generation: generation(cluster))
                })
            status.replicas = replicas(cluster.prometheus, cluster.id)
            status.jaeger?.replica = cluster.jaeger.flatMap { replicas($0, cluster.id).first }
            return status
        }
    }
}
