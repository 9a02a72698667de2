import Federation
import HTTPAPI
import Logging
import Meshes
import Metrics
import ServiceGraph
import ServiceLifecycle
import Traces

/// What answers questions about the meshes: who speaks which dialect, signals, the service graph.
struct MeshParts {
    private let configuration: MeshConfiguration
    private let watch: DialectWatch
    private let graph: GraphService
    private let graphviz: Graphviz
    private let metrics: MeshMetrics
    /// Whether this is what watches, and not a view of it.
    private let isWhole: Bool
    let answering: MeshAnswering

    init(
        _ configuration: MeshConfiguration, fleet: Fleet, query: @escaping GraphService.Query,
        metadata: MetadataService, traces: TraceService, metrics factory: any MetricsFactory
    ) {
        let metrics = MeshMetrics(factory: factory)
        let watch = DialectWatch(
            fleet: fleet, metadata: metadata, clock: DialectClock(now: WallClock.now),
            settings: configuration.dialects, metrics: metrics)
        self.init(
            configuration, fleet: fleet, query: query, traces: traces, watch: watch,
            graphviz: Graphviz(configuration.graphviz, metrics: metrics), metrics: metrics,
            isWhole: true)
    }

    /// For whoever sees a part of the fleet alone. Which dialects a cluster speaks, and how many
    /// pictures are drawn at a time, is common to both.
    init(
        _ other: MeshParts, seeing fleet: Fleet, query: @escaping GraphService.Query,
        traces: TraceService
    ) {
        self.init(
            other.configuration, fleet: fleet, query: query, traces: traces, watch: other.watch,
            graphviz: other.graphviz, metrics: other.metrics, isWhole: false)
    }

    private init(
        _ configuration: MeshConfiguration, fleet: Fleet, query: @escaping GraphService.Query,
        traces: TraceService, watch: DialectWatch, graphviz: Graphviz, metrics: MeshMetrics,
        isWhole: Bool
    ) {
        let dialects: GraphService.Dialects = { _ in await watch.clusters(of: fleet) }
        let graph = GraphService(
            fleet: fleet, query: query, dialects: dialects, traces: traces,
            settings: configuration.graph, metrics: metrics, now: WallClock.now)
        let signals = SignalService(
            query: query, dialects: dialects, settings: configuration.signals, metrics: metrics)
        let timeout = configuration.graph.timeout
        self.configuration = configuration
        self.watch = watch
        self.graph = graph
        self.graphviz = graphviz
        self.metrics = metrics
        self.isWhole = isWhole
        answering = MeshAnswering(
            signals: { (asked) async throws(QueryFailure) in
                try await signals.signals(
                    asked.question, partialResponse: asked.partialResponse,
                    cacheUse: asked.cacheUse)
            },
            graph: { (question) async throws(QueryFailure) in try await graph.graph(question) },
            picture: { (text) async throws(GraphvizFailure) in
                try await graphviz.svg(of: text, by: .now + timeout)
            })
    }

    /// What runs beside the answers.
    var services: [any ServiceLifecycle.Service] {
        isWhole ? [watch, graph] : [graph]
    }
}
