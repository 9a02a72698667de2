import Alerting
import Clusters
import Federation
import Glibc
import HTTPAPI
import Logging
import Metrics
import Observations
import Rules
import ServiceLifecycle
import Traces
import UnixSignals
import Upstream

/// The gateway: everything it is made of, put together, and run until it is told to stop.
struct GatewayProcess {
    let configuration: GatewayConfiguration
    let directory: InventoryDirectory
    /// What the directory's files looked like before they were read.
    let marks: FileMarks
    let clusters: [Cluster]
    /// The rules of the start, and what their files looked like before they were read.
    let rules: [RuleGroup]
    let ruleMarks: FileMarks

    func run() async throws {
        // Who reads our output may go away; that is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        ProcessLimits.raiseOpenFiles()
        let log = configuration.log
        LoggingSystem.bootstrap(
            { label, provider in
                LogWriter(
                    label: label, format: log.format, logLevel: log.level,
                    metadataProvider: provider)
            }, metadataProvider: TelemetryParts.logMetadata)
        let registry = MetricsRegistry(MetricDescription.all)
        MetricsSystem.bootstrap(registry)
        let logger = Logger(label: "isthmus")

        let fleet = Fleet(clusters: clusters)
        let telemetry = TelemetryParts(
            configuration.telemetry, logger: logger, metrics: registry)
        let upstream = UpstreamClient(
            upstreamSettings, logger: logger, metrics: registry,
            tracer: telemetry.tracer)
        let observations = ObservationStore(
            settings: configuration.alerting.observations, startedAt: WallClock.now())
        let stores = CacheStores(configuration.cache, metrics: registry, logger: logger)
        let queries = QueryService(
            fleet: fleet, upstream: upstream, settings: querySettings, cache: stores.cache,
            observations: observations, now: WallClock.now)
        let metadata = MetadataService(
            fleet: fleet, upstream: upstream, settings: configuration.query,
            observations: observations, load: queries.load, now: WallClock.now)
        let answering = answering(queries, metadata)
        let alerting = AlertingParts(
            configuration, groups: rules, query: answering.query, metadata: metadata, fleet: fleet,
            observations: observations, upstream: upstream, redis: stores.redis,
            metrics: registry, logger: logger)
        let traces = TraceService(
            fleet: fleet, upstream: upstream, settings: configuration.traces.settings,
            now: WallClock.now)
        let meshes = MeshParts(
            configuration.mesh, fleet: fleet, query: answering.query, metadata: metadata,
            traces: traces, metrics: registry)
        let controlPlane = ControlPlaneParts(
            configuration.controlPlane, fleet: fleet, upstream: upstream, query: answering.query,
            observations: observations, metrics: registry, logger: logger)
        let access = AccessParts(configuration.access)
        let keepers =
            keepers(fleet, alerting?.service, registry, logger)
            + (access.map { [$0.keeper(registry, logger)] } ?? [])
        let dependencies = HTTPAPIDependencies(
            queries: answering, traces: TraceAnswering(traces), meshes: meshes.answering,
            controlPlane: controlPlane.answering,
            clusters: {
                ClusterStatus.all(
                    of: fleet.current, generation: { traces.generation(of: $0) },
                    replicas: { upstream.replicas(of: $0, cluster: $1) })
            },
            reload: { await Self.reload(keepers) }, clearCache: stores.clearing,
            metricsText: metricsText(registry, observations, controlPlane) {
                MetricsText.text(of: $0)
            },
            openMetricsText: metricsText(registry, observations, controlPlane) {
                OpenMetricsText.text(of: $0)
            },
            configurationText: configurationText(fleet),
            alerting: { alerting?.report ?? AlertingReport() }, now: WallClock.now,
            metrics: registry, tracer: telemetry.tracer, logger: logger)
        let seen = seenParts(
            access,
            SeenParts.Whole(
                fleet: fleet, upstream: upstream, observations: observations, queries: queries,
                metadata: metadata, traces: traces, meshes: meshes, answering: self.answering,
                dependencies: dependencies))
        let server = makeServer(
            settings: settings, dependencies: dependencies,
            access: access.map {
                HTTPAPIAccess(
                    authenticator: $0.authenticator, views: seen.mapValues(\.dependencies))
            },
            onServerRunning: announcement(logger))
        // The last is the first to be stopped.
        let services: [any ServiceLifecycle.Service] =
            telemetry.services + queries.services + stores.services + (alerting?.services ?? [])
            + meshes.services + seen.values.flatMap(\.services) + controlPlane.services + [
                traces,
                FleetWatch(
                    fleet: fleet, upstream: upstream, settings: configuration.query,
                    now: WallClock.now),
                MemoryReturn(budget: queries.memory), FileWatch(keepers: keepers),
                HangupWatch(keepers: keepers), server,
            ]
        try await run(services, logger)
        await upstream.stop()
        await telemetry.stop()
        await stores.stop()
        logger.info("stopped")
    }

    /// What answers the clients that see a part of the fleet, by what they see.
    private func seenParts(
        _ access: AccessParts?, _ whole: SeenParts.Whole
    ) -> [ClusterView: SeenParts] {
        var parts: [ClusterView: SeenParts] = [:]
        for view in access?.views ?? [] { parts[view] = SeenParts(whole, seenBy: view) }
        return parts
    }

    /// Reads all files again; gives the mistakes.
    private static func reload(_ keepers: [FileKeeper]) async -> [String] {
        var mistakes: [String] = []
        for keeper in keepers { mistakes += await keeper.reload(.request) }
        return mistakes
    }

    /// All metrics, as `print` prints them.
    private func metricsText(
        _ registry: MetricsRegistry, _ observations: ObservationStore,
        _ controlPlane: ControlPlaneParts,
        _ print: @escaping @Sendable ([MetricFamily]) -> String
    ) -> @Sendable () async -> String {
        { [process = ProcessMetrics(version: Version.isthmus)] in
            print(
                registry.snapshot() + process.families()
                    + ObservationMetrics.families(observations.statistics)
                    + HealthMetrics.families(await controlPlane.series()))
        }
    }

    private func configurationText(_ fleet: Fleet) -> @Sendable () -> String {
        { [configuration] in
            ConfigurationText(configuration, clusters: fleet.current.inventory.clusters).text
        }
    }

    /// Says where the server listens, once it does.
    private func announcement(_ logger: Logger) -> @Sendable (Int) -> Void {
        { [configuration, count = clusters.count] port in
            let address = ListenAddress(host: configuration.listen.host, port: port)
            let clients = configuration.access?.clients.count
            let who = clients.map { "\($0)" } ?? "anybody: there is no server.auth"
            logger.info(
                "listening",
                metadata: [
                    "address": "\(address)", "clusters": "\(count)", "clients": "\(who)",
                    "version": "\(Version.isthmus)",
                ])
            if clients == nil, !configuration.listen.isLoopback {
                logger.warning(
                    "whoever reaches this address sees everything: server.allow_unauthenticated",
                    metadata: ["address": "\(address)"])
            }
        }
    }

    /// What receivers of remote write have is not missing where the process began.
    private var querySettings: QuerySettings {
        var settings = configuration.query
        settings.observationsAreWritten = !configuration.alerting.receivers.isEmpty
        settings.limits.largeEvaluations = max(1, ProcessLimits.cores - 1)
        return settings
    }

    private var upstreamSettings: UpstreamSettings {
        var settings = configuration.upstream
        settings.userAgent = UpstreamSettings(version: Version.isthmus).userAgent
        return settings
    }

    private func keepers(
        _ fleet: Fleet, _ alerting: AlertingService?, _ registry: MetricsRegistry,
        _ logger: Logger
    ) -> [FileKeeper] {
        var keepers = [
            FileKeeper(
                InventoryLoading(directory: directory, fleet: fleet), marks: marks,
                count: clusters.count,
                metrics: ReloadMetrics(
                    "isthmus_config", count: "isthmus_clusters", factory: registry),
                logger: logger)
        ]
        if let alerting {
            keepers.append(
                FileKeeper(
                    RuleLoading(
                        files: configuration.ruleFiles,
                        patterns: configuration.alerting.ruleFiles, service: alerting),
                    marks: ruleMarks, count: rules.count,
                    metrics: ReloadMetrics(
                        "isthmus_rules", count: "isthmus_rule_groups", factory: registry),
                    logger: logger))
        }
        return keepers
    }

    private func run(_ services: [any ServiceLifecycle.Service], _ logger: Logger) async throws {
        // The group's own lines are about services, which nobody who runs a gateway knows.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .critical)
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        group.maximumGracefulShutdownDuration = configuration.shutdownGrace
        group.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }

    private func answering(
        _ queries: QueryService, _ metadata: MetadataService
    ) -> QueryAnswering {
        var answering = QueryAnswering(queries: queries, metadata: metadata)
        guard let lookbackDelta = configuration.lookbackDelta else { return answering }
        // A request that says nothing of it is as one that says what the configuration says.
        let (query, explain) = (answering.query, answering.explain)
        answering.query = { (request: QueryRequest) async throws(QueryFailure) -> QueryAnswer in
            try await query(request.looking(back: lookbackDelta))
        }
        answering.explain = {
            (request: ExplainRequest) async throws(QueryFailure) -> Explanation in
            var request = request
            request.query = request.query.looking(back: lookbackDelta)
            return try await explain(request)
        }
        return answering
    }

    private var settings: HTTPAPISettings {
        var settings = HTTPAPISettings()
        settings.host = configuration.listen.host
        settings.port = configuration.listen.port
        settings.limits = configuration.serverLimits
        settings.requestLog = configuration.requestLog
        settings.partialResponse = configuration.query.partialResponse
        settings.partialRoutes = configuration.partialRoutes
        settings.experimentalFunctions = configuration.query.experimentalFunctions
        settings.tracesPath = configuration.traces.basePath
        settings.spanMetrics = configuration.traces.metrics
        settings.version.isthmus = Version.isthmus
        settings.flags = flags
        return settings
    }

    /// Under the names that Prometheus's own flags have, where there is one alike.
    private var flags: [String: String] {
        let query = configuration.query
        var flags = [
            "web.listen-address": "\(configuration.listen)",
            "web.max-connections": "\(configuration.serverLimits.connections)",
            "query.timeout": DurationText.text(milliseconds: query.timeout.wholeMilliseconds),
            "query.max-samples": "\(query.maximumSamples)",
            "query.max-concurrency": "\(query.limits.concurrent)",
            "query.partial-response": "\(query.partialResponse)",
            "log.level": configuration.log.level.rawValue,
            "log.format": configuration.log.format.rawValue,
            "clusters": directory.path,
        ]
        if let lookback = configuration.lookbackDelta {
            flags["query.lookback-delta"] = DurationText.text(milliseconds: lookback)
        }
        return flags
    }
}

extension QueryRequest {
    /// The request with this lookback where it has none of its own.
    fileprivate func looking(back milliseconds: Int64) -> QueryRequest {
        var request = self
        request.lookbackDelta = lookbackDelta ?? milliseconds
        return request
    }
}
