import Clusters
import ControlPlane
import Federation
import HTTPAPI
import Logging
import Storage
import Telemetry
import Upstream

/// What `--config FILE` says, with the standard values where it says nothing.
struct GatewayConfiguration: Sendable {
    var listen: ListenAddress
    var serverLimits = HTTPAPISettings.Limits()
    /// How long requests may take when the gateway is told to stop.
    var shutdownGrace = GatewayConfiguration.standardShutdownGrace
    /// Nil where everybody may ask everything.
    var access: AccessConfiguration?
    /// Whether everybody may do so from elsewhere.
    var allowsUnauthenticated = false
    var requestLog = HTTPAPISettings.RequestLog()
    var query = QuerySettings()
    /// Whether answers of single routes may lack clusters where the request does not say.
    var partialRoutes: [String: Bool] = [:]
    var upstream = UpstreamSettings()
    /// How far back an instant selector looks where a request does not say, milliseconds; nil for
    /// the clusters' own.
    var lookbackDelta: Int64?
    var cache: CacheSettings
    var alerting: AlertingConfiguration
    var traces: TraceConfiguration
    var mesh = MeshConfiguration()
    var controlPlane = ControlPlaneSettings()
    var log: Log
    /// Nil where the gateway records no traces of its own.
    var telemetry: TelemetrySettings?

    struct Log: Sendable {
        var level: Logger.Level
        var format: LogFormat
    }

    private static let standardShutdownGrace = Duration.seconds(30)

    /// The keys of the file.
    static let table = ConfigurationTable(
        servingKeys + QueryLimitKeys.rows + UpstreamKeys.rows + AccessKeys.rows + CacheKeys.rows
            + AlertingKeys.rows
            + TraceKeys.rows + MeshKeys.rows + ControlPlaneKeys.rows + otherKeys
            + TelemetryKeys.rows)

    private static let servingKeys: [ConfigurationKey] = {
        let query = QuerySettings()
        let limits = HTTPAPISettings.Limits()
        return [
            .init("server", .section, "The HTTP server"),
            .init(
                "server.listen", .listenAddress, standard: "127.0.0.1:9780",
                "Where the server listens; --listen goes before it"),
            .init("server.limits", .section, "What a client may ask of the server"),
            .init(
                "server.limits.max_body_bytes", .bytes,
                standard: ByteCountText.text(bytes: limits.bodyBytes), "A request's body"),
            .init(
                "server.limits.max_target_bytes", .bytes,
                standard: ByteCountText.text(bytes: limits.targetBytes),
                "A request's path and parameters"),
            .init(
                "server.limits.max_connections", .count(atLeast: 1),
                standard: "\(limits.connections)", "Connections at one time; further ones wait"),
            .init(
                "server.limits.idle_timeout", .duration, standard: text(limits.idleTimeout),
                "How long a connection may be without a request"),
            .init(
                "server.limits.send_timeout", .duration, standard: text(limits.sendTimeout),
                "How long a client may take none of its answer"),
            .init(
                "server.limits.max_send_time", .duration, standard: text(limits.wholeSendTimeout),
                "How long a client may take for all of its answer"),
            .init(
                "server.shutdown_grace", .duration, standard: text(standardShutdownGrace),
                "How long what is being answered may take when the gateway is told to stop"),
            .init("query", .section, "How queries are answered"),
            .init(
                "query.timeout", .duration, standard: text(query.timeout),
                "The longest that any query may take"),
            .init(
                "query.lookback_delta", .duration,
                "How far back an instant selector looks; absent, as far as each cluster is set to, mostly 5m. Clusters before 2.43 cannot be told"
            ),
            .init(
                "query.experimental_functions", .flag, standard: "\(query.experimentalFunctions)",
                "Whether PromQL's experimental parts are understood: functions, anchored, fill"),
            .init(
                "query.partial_response", .flag, standard: "\(query.partialResponse)",
                "Whether an answer may lack clusters where the request does not say"),
            .init(
                "query.partial_response_routes", .texts,
                "The same for single routes, by path as /-/routes lists them: true or false"),
            .init(
                "query.evaluation_interval", .duration,
                standard: DurationText.text(milliseconds: query.evaluationInterval),
                "The step of a subquery that names none"),
        ]
    }()

    private static let otherKeys: [ConfigurationKey] = [
        .init("telemetry", .section, "What the gateway says of itself"),
        .init("telemetry.log", .section, "The log, on the standard error stream"),
        .init(
            "telemetry.log.level", .choice(Logger.Level.allCases.map(\.rawValue)),
            standard: Logger.Level.info.rawValue, "From which level on lines are written"),
        .init(
            "telemetry.log.format", .choice(LogFormat.allCases.map(\.rawValue)),
            standard: LogFormat.text.rawValue, "key=value, or one JSON object a line"),
        .init(
            "telemetry.log.access", .flag, standard: "false",
            "Whether each request has a line, of level info: who asked what, how long it took, which clusters answered, bytes"
        ),
        .init(
            "telemetry.log.slow_queries", .duration,
            "Requests to clusters that take as long have such a line, of level notice; absent, none have"
        ),
    ]

    /// Durations that may be 0.
    private static let mayBeZero = CacheKeys.mayBeZero.union(AlertingKeys.mayBeZero)
        .union(["telemetry.log.slow_queries"]).union(TraceKeys.mayBeZero).union(MeshKeys.mayBeZero)
        .union(TelemetryKeys.mayBeZero)

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    /// What a file says, or all its mistakes.
    static func read(
        _ checked: CheckedConfiguration
    ) -> (configuration: GatewayConfiguration, mistakes: [ConfigurationMistake]) {
        var checked = checked
        let mustPass = table.keys.filter { $0.kind == .duration || $0.kind == .bytes }
        for key in mustPass
        where checked.milliseconds(key.path) == 0 || checked.number(key.path) == 0 {
            if mayBeZero.contains(key.path) { continue }
            checked.refuse(key.path, "must be more than 0")
        }
        let limits = QueryLimitKeys.limits(&checked)
        let cache = CacheKeys.settings(&checked)
        let alerting = AlertingKeys.configuration(&checked)
        let traces = TraceKeys.configuration(&checked)
        let mesh = MeshKeys.configuration(&checked)
        let controlPlane = ControlPlaneKeys.settings(&checked)
        let telemetry = TelemetryKeys.settings(&checked)
        let access = AccessKeys.configuration(&checked)
        if access == nil, checked.flag("server.allow_unauthenticated") != true,
            let listen = checked.address("server.listen"), !listen.isLoopback
        {
            checked.refuse("server.listen", unauthenticated(listen))
        }
        let upstream = UpstreamKeys.settings(&checked)
        let partialRoutes = partialRoutes(&checked, tracesPath: traces.basePath)
        let mistakes = checked.mistakes.sorted { ($0.line ?? 0, $0.key) < ($1.line ?? 0, $1.key) }
        var configuration = GatewayConfiguration(checked, cache, alerting, traces)
        configuration.query.limits = limits
        configuration.mesh = mesh
        configuration.controlPlane = controlPlane
        configuration.telemetry = telemetry
        configuration.access = access
        configuration.upstream = upstream
        configuration.partialRoutes = partialRoutes
        return (configuration, mistakes)
    }

    /// Why the gateway does not listen there.
    static func unauthenticated(_ listen: ListenAddress) -> String {
        "without server.auth the gateway listens on loopback only (127.0.0.1, [::1], localhost), and "
            + "\(listen) is none: whoever reaches it would see everything. Say in server.auth who may "
            + "ask what, or set server.allow_unauthenticated to true"
    }

    private static func partialRoutes(
        _ checked: inout CheckedConfiguration, tracesPath: String
    ) -> [String: Bool] {
        let key = "query.partial_response_routes"
        let known = HTTPAPISettings.routePaths(tracesPath: tracesPath)
        var routes: [String: Bool] = [:]
        for row in checked.texts(key) {
            let name = row.name.debugDescription
            if !known.contains(row.name) {
                let nearest = NearestName.nearest(to: row.name, among: known)
                checked.refuse(
                    key, at: row.place,
                    "there is no route \(name)" + (nearest.map { "; is it \($0)?" } ?? ""))
            } else if let isPartial = Bool(row.text) {
                routes[row.name] = isPartial
            } else {
                checked.refuse(key, at: row.place, "true or false is expected for \(name)")
            }
        }
        return routes
    }

    private init(
        _ checked: CheckedConfiguration, _ cache: CacheSettings,
        _ alerting: AlertingConfiguration, _ traces: TraceConfiguration
    ) {
        self.cache = cache
        self.alerting = alerting
        self.traces = traces
        // A key whose row has a standard value is absent only where the file has a mistake there.
        listen = checked.address("server.listen") ?? .standard
        set(&serverLimits.bodyBytes, checked.number("server.limits.max_body_bytes"))
        set(&serverLimits.targetBytes, checked.number("server.limits.max_target_bytes"))
        set(&serverLimits.connections, checked.number("server.limits.max_connections"))
        set(&serverLimits.idleTimeout, checked.duration("server.limits.idle_timeout"))
        set(&serverLimits.sendTimeout, checked.duration("server.limits.send_timeout"))
        set(&serverLimits.wholeSendTimeout, checked.duration("server.limits.max_send_time"))
        set(&shutdownGrace, checked.duration("server.shutdown_grace"))
        set(&query.timeout, checked.duration("query.timeout"))
        set(&query.experimentalFunctions, checked.flag("query.experimental_functions"))
        set(&query.partialResponse, checked.flag("query.partial_response"))
        set(&query.evaluationInterval, checked.milliseconds("query.evaluation_interval"))
        set(&query.maximumSamples, checked.number("query.limits.max_samples"))
        set(&query.maximumSeries, checked.number("query.limits.max_series"))
        set(&query.maximumResponseBytes, checked.number("query.limits.max_response_bytes"))
        lookbackDelta = checked.milliseconds("query.lookback_delta")
        set(&allowsUnauthenticated, checked.flag("server.allow_unauthenticated"))
        set(&requestLog.isOn, checked.flag("telemetry.log.access"))
        requestLog.slowAfter = checked.duration("telemetry.log.slow_queries")
        log = Log(
            level: checked.text("telemetry.log.level").flatMap { Logger.Level(rawValue: $0) }
                ?? .info,
            format: checked.text("telemetry.log.format").flatMap { LogFormat(rawValue: $0) }
                ?? .text)
    }
}

extension GatewayConfiguration {
    /// What the file at the path says, the standard values where there is no path.
    static func read(
        path: String?
    ) -> (configuration: GatewayConfiguration, mistakes: [ConfigurationMistake]) {
        guard let path else { return read(table.standard()) }
        do {
            let tree = try YAMLTree(file: path).tree(of: try InventoryDirectory.bytes(of: path))
            return read(table.check(tree, file: path))
        } catch {
            return (read(table.standard()).configuration, [error])
        }
    }
}

extension ListenAddress {
    static let standard = ListenAddress(host: "127.0.0.1", port: 9780)
}
