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
    private let watch: DialectWatch
    private let graph: GraphService
    let answering: MeshAnswering

    init(
        _ configuration: MeshConfiguration, fleet: Fleet, query: @escaping GraphService.Query,
        metadata: MetadataService, traces: TraceService, metrics factory: any MetricsFactory
    ) {
        let metrics = MeshMetrics(factory: factory)
        let watch = DialectWatch(
            fleet: fleet, metadata: metadata, clock: DialectClock(now: WallClock.now),
            settings: configuration.dialects, metrics: metrics)
        let dialects: GraphService.Dialects = { _ in await watch.clusters() }
        let graph = GraphService(
            fleet: fleet, query: query, dialects: dialects, traces: traces,
            settings: configuration.graph, metrics: metrics, now: WallClock.now)
        let signals = SignalService(
            query: query, dialects: dialects, settings: configuration.signals, metrics: metrics)
        let graphviz = Graphviz(configuration.graphviz, metrics: metrics)
        let timeout = configuration.graph.timeout
        self.watch = watch
        self.graph = graph
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
    var services: [any ServiceLifecycle.Service] { [watch, graph] }
}
