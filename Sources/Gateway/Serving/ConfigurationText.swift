import Access
import Alerting
import Clusters
import ControlPlane
import Federation
import HTTPAPI
import Logging
import Meshes
import Observations
import Rules
import ServiceGraph
import Storage
import Telemetry
import TimeSeries
import Traces
import Upstream

/// The configuration in force as YAML, for `status/config`. Secrets are left out, and texts that
/// may hold one.
struct ConfigurationText {
    private(set) var text = ""
    private static let hidden = "<secret>"

    init(_ configuration: GatewayConfiguration, clusters: [Cluster]) {
        write(configuration)
        line(0, "clusters:")
        for cluster in clusters { write(cluster) }
    }

    private mutating func write(_ limits: QueryLimits) {
        let values: [(LimitName, String)] = [
            (.concurrent, "\(limits.concurrent)"), (.concurrentCost, "\(limits.concurrentCost)"),
            (.queued, "\(limits.queued)"), (.queueWait, Self.text(limits.queueWait)),
            (.memory, "\(limits.memoryBytes)"), (.queryMemory, "\(limits.queryMemoryBytes)"),
            (.decodedBytes, "\(limits.decodedBytes)"), (.fragments, "\(limits.fragments)"),
            (.clusters, "\(limits.clusters)"),
            (.range, DurationText.text(milliseconds: limits.rangeMilliseconds)),
            (.points, "\(limits.points)"), (.pattern, "\(limits.patternBytes)"),
            (.nesting, "\(limits.nesting)"),
        ]
        for (limit, value) in values { line(2, "\(limit.rawValue): \(value)") }
    }

    /// What somebody may read who sees these clusters alone.
    init(clusters: [Cluster]) {
        line(0, "clusters:")
        for cluster in clusters { write(cluster) }
    }

    private mutating func write(_ access: AccessConfiguration) {
        line(1, "auth:")
        line(2, "clients:")
        for declared in access.clients {
            let client = declared.client
            line(2, "- name: \(Self.quoted(client.name))")
            if !declared.tokenFiles.isEmpty {
                let files = declared.tokenFiles.map(Self.quoted).joined(separator: ", ")
                line(3, "bearer_token_files: [\(files)]")
            }
            if let user = declared.user {
                line(3, "basic_auth:")
                line(4, "username: \(Self.quoted(user.name))")
                switch user.hash {
                case .text: line(4, "password_hash: \(Self.hidden)")
                case .file(let path): line(4, "password_hash_file: \(Self.quoted(path))")
                }
            }
            if !client.clusters.isWhole {
                let texts = declared.selectors.map(Self.quoted).joined(separator: ", ")
                line(3, "clusters: [\(texts)]")
            }
            let routes = client.routes.map(\.rawValue).sorted().joined(separator: ", ")
            line(3, "routes: [\(routes)]")
            if let partial = client.partialResponse { line(3, "partial_response: \(partial)") }
        }
    }

    private mutating func write(_ configuration: GatewayConfiguration) {
        let query = configuration.query
        let limits = configuration.serverLimits
        line(0, "server:")
        line(1, "listen: \(Self.quoted("\(configuration.listen)"))")
        line(1, "allow_unauthenticated: \(configuration.allowsUnauthenticated)")
        if let access = configuration.access { write(access) }
        line(1, "limits:")
        line(2, "max_body_bytes: \(limits.bodyBytes)")
        line(2, "max_target_bytes: \(limits.targetBytes)")
        line(2, "max_connections: \(limits.connections)")
        line(2, "idle_timeout: \(Self.text(limits.idleTimeout))")
        line(2, "send_timeout: \(Self.text(limits.sendTimeout))")
        line(2, "max_send_time: \(Self.text(limits.wholeSendTimeout))")
        line(1, "shutdown_grace: \(Self.text(configuration.shutdownGrace))")
        line(0, "query:")
        line(1, "timeout: \(Self.text(query.timeout))")
        if let lookback = configuration.lookbackDelta {
            line(1, "lookback_delta: \(DurationText.text(milliseconds: lookback))")
        }
        line(1, "experimental_functions: \(query.experimentalFunctions)")
        line(1, "partial_response: \(query.partialResponse)")
        if !configuration.partialRoutes.isEmpty {
            line(1, "partial_response_routes:")
            for (route, isPartial) in configuration.partialRoutes.sorted(by: { $0.key < $1.key }) {
                line(2, "\(Self.quoted(route)): \(isPartial)")
            }
        }
        line(
            1, "evaluation_interval: \(DurationText.text(milliseconds: query.evaluationInterval))")
        line(1, "limits:")
        write(query.limits)
        line(2, "max_samples: \(query.maximumSamples)")
        line(2, "max_series: \(query.maximumSeries)")
        line(2, "max_response_bytes: \(query.maximumResponseBytes)")
        write(configuration.upstream)
        write(configuration.cache)
        write(configuration.alerting)
        write(configuration.traces)
        write(configuration.mesh)
        write(configuration.controlPlane)
        line(0, "telemetry:")
        line(1, "log:")
        line(2, "level: \(configuration.log.level.rawValue)")
        line(2, "format: \(configuration.log.format.rawValue)")
        line(2, "access: \(configuration.requestLog.isOn)")
        if let slow = configuration.requestLog.slowAfter {
            line(2, "slow_queries: \(Self.text(slow))")
        }
        if let telemetry = configuration.telemetry { write(telemetry) }
    }

    private mutating func write(_ upstream: UpstreamSettings) {
        line(0, "upstream:")
        line(1, "connect_timeout: \(Self.text(upstream.connectTimeout))")
        if let time = upstream.firstByteTimeout {
            line(1, "first_byte_timeout: \(Self.text(time))")
        }
        line(1, "progress_timeout: \(Self.text(upstream.progressTimeout))")
        line(1, "progress_bytes: \(upstream.progressBytes)")
        line(
            1, "extra_requests_percent: \(Int((upstream.extraRequests * 100).rounded()))")
        line(1, "breaker:")
        line(2, "failures: \(upstream.breakerFailures)")
        line(2, "open_time: \(Self.text(upstream.breakerOpenTime))")
        line(2, "max_open_time: \(Self.text(upstream.breakerMaximumOpenTime))")
        line(1, "hedging:")
        line(2, "enabled: \(upstream.hedges)")
    }

    private mutating func write(_ telemetry: TelemetrySettings) {
        write(telemetry.collector, as: "otlp", isSingle: true)
        line(2, "sample_ratio: \(telemetry.sampleRatio)")
        line(2, "queue_size: \(telemetry.queueSize)")
        line(2, "batch_size: \(telemetry.batchSize)")
        line(2, "batch_delay: \(Self.text(telemetry.batchDelay))")
        line(2, "min_backoff: \(Self.text(telemetry.minimumBackoff))")
        line(2, "max_backoff: \(Self.text(telemetry.maximumBackoff))")
        line(2, "retry_time: \(Self.text(telemetry.retryTime))")
        line(2, "shutdown_grace: \(Self.text(telemetry.shutdownGrace))")
        labels(2, "resource_attributes", Labels(telemetry.resource.attributes))
    }

    private mutating func write(_ cache: CacheSettings) {
        line(0, "cache:")
        line(1, "enabled: \(cache.isEnabled)")
        line(1, "time_to_live: \(Self.text(cache.timeToLive))")
        line(1, "instant_time_to_live: \(Self.text(cache.instantTimeToLive ?? .zero))")
        line(1, "freshness: \(Self.text(cache.freshness))")
        line(1, "memory:")
        line(2, "max_bytes: \(cache.memoryBytes)")
        guard let redis = cache.redis else { return }
        line(1, "redis:")
        // Without user and password.
        line(2, "url: \(Self.quoted("\(redis.address)"))")
        if case .file(let path) = redis.address.password {
            line(2, "password_file: \(Self.quoted(path))")
        }
        line(2, "prefix: \(Self.quoted(redis.prefix))")
        line(2, "pool_size: \(redis.poolSize)")
        line(2, "read_timeout: \(Self.text(redis.readTimeout))")
        line(2, "write_timeout: \(Self.text(redis.writeTimeout))")
    }

    private mutating func write(_ alerting: AlertingConfiguration) {
        let rules = alerting.settings.rules
        func text(_ milliseconds: Int64) -> String { DurationText.text(milliseconds: milliseconds) }
        line(0, "alerting:")
        list(1, "rule_files", alerting.ruleFiles)
        line(1, "evaluation_interval: \(text(rules.interval))")
        line(1, "query_offset: \(text(rules.queryOffset))")
        line(1, "resend_delay: \(text(rules.resendDelay))")
        line(1, "resolved_retention: \(text(rules.resolvedRetention))")
        line(1, "for_grace_period: \(text(rules.forGracePeriod))")
        line(1, "for_outage_tolerance: \(text(rules.outageTolerance))")
        line(1, "concurrent_questions: \(alerting.settings.concurrentQuestions)")
        line(1, "built_in_rules: \(alerting.settings.hasBuiltInRules)")
        labels(1, "external_labels", rules.externalLabels)
        if let url = alerting.externalURL { line(1, "external_url: \(Self.quoted(url))") }
        policies(alerting.settings.policies)
        line(1, "observations:")
        line(2, "retention: \(Self.text(alerting.observations.retention))")
        line(2, "max_series: \(alerting.observations.maximumSeries)")
        line(2, "max_samples: \(alerting.observations.maximumSamples)")
        for (place, alertmanager) in alerting.alertmanagers.enumerated() {
            if place == 0 { line(1, "alertmanagers:") }
            line(1, "- scheme: \(alertmanager.scheme.rawValue)")
            if !alertmanager.pathPrefix.isEmpty {
                line(2, "path_prefix: \(Self.quoted(alertmanager.pathPrefix))")
            }
            let targets = alertmanager.targets.map(Self.quoted).joined(separator: ", ")
            line(2, "static_configs: [{targets: [\(targets)]}]")
            for names in alertmanager.discovery.map(\.names) {
                let shown = names.map(Self.quoted).joined(separator: ", ")
                line(2, "dns_sd_configs: [{names: [\(shown)]}]")
            }
        }
        for (place, receiver) in alerting.receivers.enumerated() {
            if place == 0 { line(1, "remote_write:") }
            line(1, "- name: \(Self.quoted(receiver.settings.name))")
            line(2, "url: \(Self.quoted(receiver.settings.service.urls.first ?? ""))")
        }
        if let restore = alerting.restoreFrom {
            line(1, "restore_from:")
            line(2, "urls:")
            for url in restore.urls { line(2, "- \(Self.quoted(url))") }
        }
    }

    private mutating func write(_ traces: TraceConfiguration) {
        let settings = traces.settings
        let skew = settings.maximumClockSkewAdjustment / 1_000_000
        line(0, "traces:")
        line(1, "base_path: \(Self.quoted(traces.basePath))")
        line(1, "timeout: \(Self.text(settings.timeout))")
        line(1, "max_clock_skew_adjust: \(DurationText.text(milliseconds: skew))")
        line(1, "limits:")
        line(2, "max_response_bytes: \(settings.maximumResponseBytes)")
        line(2, "max_total_bytes: \(settings.maximumBytes)")
        line(2, "max_spans_per_cluster: \(settings.maximumSpansPerCluster)")
        line(2, "max_spans: \(settings.maximumSpans)")
        line(1, "completion:")
        line(2, "max_traces: \(settings.maximumCompletedTraces)")
        line(2, "concurrent_requests: \(settings.concurrentCompletions)")
        line(2, "short_ids: \(settings.triesShortIdentities)")
        line(1, "services_kept: \(Self.text(settings.servicesKept))")
        let dependencies = settings.dependencies
        line(1, "dependencies:")
        line(2, "dedupe: \(dependencies.merging.rawValue)")
        line(2, "crossings: \(dependencies.findsCrossings)")
        line(2, "traces_per_service: \(dependencies.tracesPerService)")
        line(2, "max_traces: \(dependencies.maximumTraces)")
        line(2, "lookback: \(Self.text(dependencies.lookback))")
        line(2, "refresh: \(Self.text(dependencies.sampleKept))")
        let metrics = traces.metrics
        line(1, "metrics:")
        line(2, "namespace: \(Self.quoted(metrics.namespace))")
        line(2, "latency_unit: \(metrics.latencyUnit.rawValue)")
        line(2, "normalize_duration: \(metrics.normalizesDuration)")
        line(2, "normalize_calls: \(metrics.normalizesCalls)")
        line(2, "service_label: \(Self.quoted(metrics.serviceLabel))")
        line(2, "operation_label: \(Self.quoted(metrics.operationLabel))")
        line(2, "span_kind_label: \(Self.quoted(metrics.kindLabel))")
        line(2, "status_label: \(Self.quoted(metrics.statusLabel))")
    }

    private mutating func write(_ mesh: MeshConfiguration) {
        let (graph, signals, dialects) = (mesh.graph, mesh.signals, mesh.dialects)
        line(0, "mesh:")
        line(1, "timeout: \(Self.text(graph.timeout))")
        line(1, "refresh: \(Self.text(graph.refresh))")
        line(1, "kept: \(Self.text(graph.kept))")
        line(1, "kept_partial: \(Self.text(graph.keptPartial))")
        line(1, "graphs_kept: \(graph.remembered)")
        line(1, "traces_lookback: \(Self.text(graph.tracesLookback))")
        line(1, "detection:")
        line(2, "refresh: \(Self.text(dialects.refresh))")
        line(2, "kept: \(Self.text(dialects.kept))")
        line(2, "lookback: \(Self.text(dialects.lookback))")
        line(2, "timeout: \(Self.text(dialects.timeout))")
        line(1, "limits:")
        line(2, "shown_subjects: \(signals.shownSubjects)")
        line(2, "max_subjects: \(signals.maximumSubjects)")
        line(2, "values_at_a_time: \(signals.valuesAtATime)")
        line(2, "max_reports: \(graph.maximumReports)")
        line(2, "shown_edges: \(graph.shownEdges)")
        line(2, "shown_reports: \(graph.shownReports)")
        line(2, "edges_at_a_time: \(graph.edgesAtATime)")
        line(1, "health:")
        line(2, "min_request_rate: \(Self.text(graph.health.minimumRequestRate))")
        for row in graph.health.rows {
            line(2, "\(row.errors.key):")
            line(3, "degraded: \(Self.text(row.degradedFrom))")
            line(3, "failing: \(Self.text(row.failingFrom))")
        }
        line(1, "changes:")
        line(2, "min_request_rate: \(Self.text(graph.changes.minimumRequestRate))")
        line(2, "error_ratio_difference: \(Self.text(graph.changes.errorRatioDifference))")
        line(2, "request_rate_factor: \(Self.text(graph.changes.requestRateFactor))")
        let graphviz = mesh.graphviz
        line(1, "graphviz:")
        line(2, "program: \(Self.quoted(graphviz.program))")
        line(2, "timeout: \(Self.text(graphviz.timeout))")
        line(2, "max_input_bytes: \(graphviz.maximumInputBytes)")
        line(2, "max_output_bytes: \(graphviz.maximumOutputBytes)")
        line(2, "max_memory_bytes: \(graphviz.maximumMemoryBytes)")
        line(2, "concurrent_pictures: \(graphviz.maximumConcurrent)")
    }

    private mutating func write(_ controlPlane: ControlPlaneSettings) {
        line(0, "control_plane:")
        line(1, "watch: \(controlPlane.isOn)")
        line(1, "interval: \(Self.text(controlPlane.interval))")
        line(1, "timeout: \(Self.text(controlPlane.timeout))")
        line(1, "concurrency: \(controlPlane.concurrency)")
        line(1, "metrics_interval: \(Self.text(controlPlane.metricsInterval))")
        line(1, "query_timeout: \(Self.text(controlPlane.queryTimeout))")
        line(1, "concurrent_queries: \(controlPlane.concurrentQueries)")
    }

    private static func text(_ number: Double) -> String { CheckedConfiguration.text(of: number) }

    private mutating func policies(_ policies: RulePolicies) {
        if !policies.entries.isEmpty { line(1, "policies:") }
        for entry in policies.entries {
            line(1, "- on_partial: \(entry.policy.onPartial.rawValue)")
            if let group = entry.group { line(2, "group: \(Self.quoted(group))") }
            if let alert = entry.alert { line(2, "alert: \(Self.quoted(alert))") }
            line(2, "partial_grace: \(DurationText.text(milliseconds: entry.policy.partialGrace))")
            line(2, "max_hold: \(DurationText.text(milliseconds: entry.policy.maxHold))")
            line(2, "after_hold: \(entry.policy.afterHold.rawValue)")
            if let clusters = entry.policy.clusters { list(2, "clusters", clusters.sorted()) }
        }
    }

    private mutating func list(_ depth: Int, _ name: String, _ texts: [String]) {
        if texts.isEmpty { return }
        line(depth, "\(name):")
        for text in texts { line(depth, "- \(Self.quoted(text))") }
    }

    private mutating func labels(_ depth: Int, _ name: String, _ labels: Labels) {
        if labels.isEmpty { return }
        line(depth, "\(name):")
        for label in labels.pairs {
            line(depth + 1, "\(Self.quoted(label.name)): \(Self.quoted(label.value))")
        }
    }

    private mutating func write(_ cluster: Cluster) {
        line(0, "- cluster: \(Self.quoted(cluster.id.name))")
        labels(1, "external_labels", cluster.externalLabels)
        write(cluster.prometheus, as: "prometheus", isSingle: false)
        if let jaeger = cluster.jaeger {
            write(jaeger, as: "jaeger", isSingle: true)
            line(2, "generation: \(cluster.jaegerGeneration?.rawValue ?? "auto")")
        }
        if let retention = cluster.retention { line(1, "retention: \(Self.text(retention))") }
        if let freshness = cluster.freshness { line(1, "freshness: \(Self.text(freshness))") }
        if let dialects = cluster.meshDialects {
            line(1, "mesh:")
            line(2, "dialects: [\(dialects.joined(separator: ", "))]")
        }
    }

    private mutating func write(
        _ service: Clusters.Service, as section: String, isSingle: Bool
    ) {
        line(1, "\(section):")
        if isSingle {
            line(2, "url: \(Self.quoted(service.urls.first ?? ""))")
        } else {
            line(2, "urls:")
            for url in service.urls { line(2, "- \(Self.quoted(url))") }
        }
        line(2, "timeout: \(Self.text(service.timeout))")
        write(service.tls)
        switch service.authorization {
        case nil: break
        case .basic(let username, let password):
            line(2, "basic_auth:")
            line(3, "username: \(Self.quoted(username))")
            write(password, as: "password")
        case .credentials(let type, let credentials):
            line(2, "authorization:")
            line(3, "type: \(Self.quoted(type))")
            write(credentials, as: "credentials")
        }
        if !service.headers.isEmpty { line(2, "headers:") }
        for header in service.headers { line(3, "\(header.name): \(Self.hidden)") }
        if let proxy = service.proxyURL {
            line(2, "proxy_url: \(Self.quoted(URLText.withoutUser(proxy)))")
        }
        if section != "otlp" {
            line(2, "max_concurrent_requests: \(service.maximumConcurrentRequests)")
        }
    }

    private mutating func write(_ tls: TLS) {
        guard tls != TLS() else { return }
        line(2, "tls_config:")
        let texts = [
            ("ca_file", tls.caFile), ("cert_file", tls.certFile), ("key_file", tls.keyFile),
            ("server_name", tls.serverName),
        ]
        for (name, text) in texts {
            if let text { line(3, "\(name): \(Self.quoted(text))") }
        }
        line(3, "insecure_skip_verify: \(tls.insecureSkipVerify)")
    }

    private mutating func write(_ secret: Secret, as name: String) {
        switch secret {
        case .file(let path): line(3, "\(name)_file: \(Self.quoted(path))")
        case .text: line(3, "\(name): \(Self.hidden)")
        }
    }

    private mutating func line(_ depth: Int, _ content: String) {
        text += String(repeating: "  ", count: depth) + content + "\n"
    }

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    /// A text as YAML has it: in quotes where it could be taken for something else.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            text.first.map { $0.isASCII && $0.isLetter || $0 == "/" } == true
            && text.utf8.allSatisfy { byte in
                byte < 0x80
                    && (Character(Unicode.Scalar(byte)).isLetter
                        || Character(Unicode.Scalar(byte)).isNumber
                        || "-_./".utf8.contains(byte))
            }
        let isWord = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(text.lowercased())
        return isPlain && !isWord ? text : YAMLText.quoted(text)
    }
}

/// Double-quoted YAML is JSON's strings and more.
private enum YAMLText {
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1f}", "\u{7f}":
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
