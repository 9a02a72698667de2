import Alerting
import Clusters
import ControlPlane
import Federation
import HTTPAPI
import Observations
import ServiceLifecycle
import Traces
import Upstream

/// What answers clients that see a part of the fleet: everything that makes answers of several
/// clusters, made anew over that part. None of it has a way to any other cluster.
struct SeenParts {
    let dependencies: HTTPAPIDependencies
    /// What runs beside the answers.
    let services: [any ServiceLifecycle.Service]

    /// The gateway's parts, which see everything.
    struct Whole {
        var fleet: Fleet
        var upstream: UpstreamClient
        var observations: ObservationStore
        var queries: QueryService
        var metadata: MetadataService
        var traces: TraceService
        var meshes: MeshParts
        /// Gives services the configuration's standard values.
        var answering: (QueryService, MetadataService) -> QueryAnswering
        var dependencies: HTTPAPIDependencies
    }

    init(_ whole: Whole, seenBy view: ClusterView) {
        let fleet = Fleet(whole.fleet, seenBy: view)
        let names: @Sendable () -> Set<String> = {
            Set(fleet.current.inventory.clusters.map(\.id.name))
        }
        let observed = ObservationView(whole.observations, of: names)
        let queries = QueryService(whole.queries, seeing: fleet, observed)
        let metadata = MetadataService(whole.metadata, seeing: fleet, observed)
        let answering = whole.answering(queries, metadata)
        let traces = TraceService(whole.traces, seeing: fleet)
        let meshes = MeshParts(
            whole.meshes, seeing: fleet, query: answering.query, traces: traces)

        let all = whole.dependencies
        let alerting: @Sendable () -> AlertingReport = { [allClusters = whole.fleet] in
            var report = all.alerting()
            let seen = names()
            let others = allClusters.current.inventory.clusters.map(\.id.name)
            report.alertmanagers = []
            report.sight = AlertSight(seen: seen, hidden: Set(others).subtracting(seen))
            return report
        }
        let controlPlane = ControlPlaneAnswering {
            await all.controlPlane.report().seen(of: names())
        }
        // What cannot be told apart by cluster is not for these clients: the routes say so, and there
        // is nothing here that they could show.
        dependencies = HTTPAPIDependencies(
            queries: answering, traces: TraceAnswering(traces), meshes: meshes.answering,
            controlPlane: controlPlane,
            clusters: { [upstream = whole.upstream] in
                ClusterStatus.all(
                    of: fleet.current, generation: { traces.generation(of: $0) },
                    replicas: { upstream.replicas(of: $0, cluster: $1) })
            },
            reload: { ["this is not for clients of a part of the clusters"] },
            metricsText: { "" },
            configurationText: {
                ConfigurationText(clusters: fleet.current.inventory.clusters).text
            },
            alerting: alerting, isReady: all.isReady, now: all.now, metrics: all.metrics,
            tracer: all.tracer, logger: all.logger)
        services = [traces] + meshes.services
    }
}
