/// The dialects' rows.
extension Dialect {
    public var row: DialectRow {
        switch self {
        case .istio: Self.istioRow
        case .linkerd: Self.linkerdRow
        case .envoy: Self.envoyRow
        case .spanMetrics: Self.spanMetricsRow
        case .serviceGraph: Self.serviceGraphRow
        }
    }

    /// The standard metrics of Istio, of sidecars and gateways, and of ambient's ztunnels (TCP) and
    /// waypoints (`reporter="waypoint"`).
    private static let istioRow: DialectRow = {
        let source = EndLabels(
            cluster: ["source_cluster"], namespace: ["source_workload_namespace"],
            workload: ["source_workload"], app: ["source_canonical_service", "source_app"],
            version: ["source_canonical_revision", "source_version"],
            principal: ["source_principal"], asksName: ["source_canonical_service"],
            asksNamespace: "source_workload_namespace")
        let destination = EndLabels(
            cluster: ["destination_cluster"],
            namespace: ["destination_service_namespace", "destination_workload_namespace"],
            workload: ["destination_workload"],
            app: ["destination_canonical_service", "destination_app"],
            version: ["destination_canonical_revision", "destination_version"],
            service: ["destination_service_name", "destination_service"],
            principal: ["destination_principal"], asksName: ["destination_service_name"],
            asksNamespace: "destination_service_namespace")
        var outcome = OutcomeLabels()
        outcome.requestProtocol = ["request_protocol"]
        outcome.code = ["response_code"]
        outcome.grpcStatus = ["grpc_response_status"]
        outcome.flags = ["response_flags"]
        outcome.security = ["connection_security_policy"]
        outcome.secure = ["mutual_tls"]
        return DialectRow(
            dialect: .istio,
            proofs: [
                "istio_requests_total", "istio_tcp_connections_opened_total",
                "istio_tcp_sent_bytes_total", "istio_tcp_received_bytes_total",
                "mesh:istio_requests:rate5m",
            ],
            witnesses: [CallReport.Reporter.destination, .waypoint, .source].map { reporter in
                Witness(
                    reporter, marks: [Witness.Mark(["reporter"], [reporter.rawValue])],
                    source: source, destination: destination)
            },
            facts: [
                FactRow(
                    .requests, [.init("istio_requests_total")],
                    recorded: "mesh:istio_requests:rate5m"),
                FactRow(
                    .latency, [.init("istio_request_duration_milliseconds_bucket")],
                    recorded: "mesh:istio_request_duration_milliseconds_bucket:rate5m"),
                // The names of TCP's metrics are the destination's: what it received is what the
                // source has sent (istio/istio#32399).
                FactRow(
                    .tcpRequestBytes, [.init("istio_tcp_received_bytes_total")],
                    recorded: "mesh:istio_tcp_received_bytes:rate5m"),
                FactRow(
                    .tcpResponseBytes, [.init("istio_tcp_sent_bytes_total")],
                    recorded: "mesh:istio_tcp_sent_bytes:rate5m"),
                FactRow(
                    .tcpConnections, [.init("istio_tcp_connections_opened_total")],
                    recorded: "mesh:istio_tcp_connections_opened:rate5m"),
            ],
            outcome: outcome)
    }()

    /// Linkerd's proxies: each reports what it takes (inbound) and what it sends (outbound). Inbound
    /// it does not know which service was meant, and of the caller only the identity.
    private static let linkerdRow: DialectRow = {
        let kinds = ["deployment", "statefulset", "daemonset", "k8s_job"]
        var outcome = OutcomeLabels()
        outcome.code = ["status_code", "http_status"]
        outcome.grpcStatus = ["grpc_status", "grpc_status_code"]
        outcome.verdict = ["classification"]
        outcome.failures = ["failure"]
        outcome.security = ["tls"]
        outcome.secure = ["true"]
        // What a proxy exchanges with its peer in the mesh: inbound that is the source, outbound the
        // destination. With its own application it exchanges as much again.
        func bytes(outbound: String, inbound: String) -> FactRow.Metric {
            FactRow.Metric(parts: [
                FactRow.Part(
                    outbound, marks: [.init(["direction"], ["outbound"]), .init(["peer"], ["dst"])]),
                FactRow.Part(
                    inbound, marks: [.init(["direction"], ["inbound"]), .init(["peer"], ["src"])]),
            ])
        }
        let (written, read) = ("tcp_write_bytes_total", "tcp_read_bytes_total")
        return DialectRow(
            dialect: .linkerd,
            proofs: ["response_total", "mesh:linkerd_responses:rate5m"],
            witnesses: [
                Witness(
                    .destination, marks: [.init(["direction"], ["inbound"])],
                    source: EndLabels(principal: ["client_id"]),
                    destination: EndLabels(
                        namespace: ["namespace"], workload: kinds, asksName: kinds,
                        asksNamespace: "namespace")),
                Witness(
                    .source, marks: [.init(["direction"], ["outbound"])],
                    source: EndLabels(
                        namespace: ["namespace"], workload: kinds, asksName: kinds,
                        asksNamespace: "namespace"),
                    destination: EndLabels(
                        cluster: ["dst_target_cluster"],
                        // A service of another cluster is reached as `cart-eu-1`, whose labels
                        // name the original.
                        namespace: ["dst_target_service_namespace", "dst_namespace"],
                        workload: kinds.map { "dst_\($0)" },
                        service: ["dst_target_service", "dst_service"],
                        principal: ["server_id"],
                        asksName: ["dst_service", "dst_target_service"],
                        asksWorkload: kinds.map { "dst_\($0)" }, asksNamespace: "dst_namespace")),
            ],
            facts: [
                FactRow(
                    .requests, [.init("response_total")],
                    recorded: "mesh:linkerd_responses:rate5m"),
                FactRow(
                    .latency, [.init("response_latency_ms_bucket")],
                    recorded: "mesh:linkerd_response_latency_ms_bucket:rate5m"),
                FactRow(.tcpRequestBytes, [bytes(outbound: written, inbound: read)]),
                FactRow(.tcpResponseBytes, [bytes(outbound: read, inbound: written)]),
                FactRow(
                    .tcpConnections, [bytes(outbound: "tcp_open_total", inbound: "tcp_open_total")]),
            ],
            outcome: outcome)
    }()

    /// The labels under which the name of an Envoy cluster is found. `cluster` is the fleet's own, so
    /// the name that a cluster has under it is moved to `exported_cluster`.
    static let envoyUpstreamLabels = ["exported_cluster", "envoy_cluster_name", "cluster_name"]

    /// Envoy's statistics of what its proxies send, and of what arrives: a sidecar sends that on to
    /// its own `local_app`.
    private static let envoyRow: DialectRow = {
        let own = EndLabels(
            namespace: ["consul_source_namespace", "namespace"],
            workload: ["deployment", "workload"],
            app: ["app"], version: ["version"],
            service: ["consul_source_service", "local_cluster", "service", "app"],
            asksName: ["consul_source_service", "local_cluster", "service", "app"])
        var outcome = OutcomeLabels()
        outcome.code = ["envoy_response_code_class", "response_code_class"]
        let arrived = Witness.Mark(envoyUpstreamLabels, EnvoyClusterName.local)
        return DialectRow(
            dialect: .envoy,
            proofs: ["envoy_cluster_upstream_rq_xx", "mesh:envoy_upstream_rq_xx:rate5m"],
            witnesses: [
                Witness(.destination, marks: [arrived], source: EndLabels(), destination: own),
                Witness(
                    .source, source: own,
                    destination: EndLabels(
                        cluster: ["consul_destination_datacenter"],
                        namespace: ["consul_destination_namespace"],
                        service: ["consul_destination_service"], upstream: envoyUpstreamLabels,
                        asksName: ["consul_destination_service"])),
            ],
            facts: [
                FactRow(
                    .requests, [.init("envoy_cluster_upstream_rq_xx")],
                    recorded: "mesh:envoy_upstream_rq_xx:rate5m"),
                FactRow(
                    .latency, [.init("envoy_cluster_upstream_rq_time_bucket")],
                    recorded: "mesh:envoy_upstream_rq_time_bucket:rate5m"),
                FactRow(.tcpRequestBytes, [.init("envoy_cluster_upstream_cx_tx_bytes_total")]),
                FactRow(.tcpResponseBytes, [.init("envoy_cluster_upstream_cx_rx_bytes_total")]),
                FactRow(.tcpConnections, [.init("envoy_cluster_upstream_cx_total")]),
            ],
            outcome: outcome)
    }()

    /// Spans that OpenTelemetry's connector has counted. A span names its own service alone: servers'
    /// spans are reports of destinations, and nothing names the caller.
    private static let spanMetricsRow: DialectRow = {
        let own = EndLabels(
            namespace: ["service_namespace", "k8s_namespace_name"],
            workload: ["k8s_deployment_name"], app: ["service_name", "service"],
            version: ["service_version"], service: ["service_name", "service"],
            asksName: ["service_name", "service"])
        var outcome = OutcomeLabels()
        outcome.code = ["http_response_status_code", "http_status_code"]
        outcome.grpcStatus = ["rpc_grpc_status_code", "rpc_response_status_code"]
        outcome.verdict = ["status_code"]
        outcome.failures = ["STATUS_CODE_ERROR", "Error"]
        let kinds = ["SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER"]
        return DialectRow(
            dialect: .spanMetrics,
            proofs: [
                "traces_span_metrics_calls_total", "traces_spanmetrics_calls_total", "calls_total",
                "mesh:span_calls:rate5m",
            ],
            witnesses: [
                Witness(
                    .destination, marks: [.init(["span_kind"], kinds)], source: EndLabels(),
                    destination: own)
            ],
            facts: [
                FactRow(
                    .requests,
                    [
                        .init("traces_span_metrics_calls_total"),
                        .init("traces_spanmetrics_calls_total"), .init("calls_total"),
                    ], recorded: "mesh:span_calls:rate5m"),
                FactRow(
                    .latency,
                    [
                        .init("traces_span_metrics_duration_milliseconds_bucket"),
                        .init("traces_span_metrics_duration_seconds_bucket", factor: 1000),
                        .init("traces_spanmetrics_latency_bucket", factor: 1000),
                        .init("duration_milliseconds_bucket"),
                        .init("duration_seconds_bucket", factor: 1000),
                    ], recorded: "mesh:span_duration_milliseconds_bucket:rate5m"),
            ],
            outcome: outcome)
    }()

    /// Pairs of spans that Tempo, or OpenTelemetry's connector, has joined: each is an edge, timed by
    /// the server.
    private static let serviceGraphRow: DialectRow = {
        let client = EndLabels(
            cluster: ["client_cluster", "client_k8s_cluster_name"],
            namespace: ["client_service_namespace", "client_k8s_namespace_name"],
            app: ["client"], asksName: ["client"])
        let server = EndLabels(
            cluster: ["server_cluster", "server_k8s_cluster_name"],
            namespace: ["server_service_namespace", "server_k8s_namespace_name"],
            app: ["server"], service: ["server"], asksName: ["server"])
        var outcome = OutcomeLabels()
        // The text of a query writes it (`FactQuery`): the metrics themselves have no such label.
        outcome.verdict = ["status_code"]
        outcome.failures = ["STATUS_CODE_ERROR"]
        return DialectRow(
            dialect: .serviceGraph,
            proofs: ["traces_service_graph_request_total"],
            witnesses: [Witness(.destination, source: client, destination: server)],
            facts: [
                FactRow(
                    .requests,
                    [
                        .init(
                            "traces_service_graph_request_total",
                            failed: "traces_service_graph_request_failed_total")
                    ]),
                FactRow(
                    .latency,
                    [
                        .init("traces_service_graph_request_server_seconds_bucket", factor: 1000),
                        .init("traces_service_graph_request_server_bucket", factor: 1000),
                    ]),
            ],
            outcome: outcome)
    }()
}
