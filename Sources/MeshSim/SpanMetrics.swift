/// What OpenTelemetry's collector makes of the spans of a cluster without proxies: its connectors
/// `spanmetrics` (here with the namespace `traces.span.metrics`, as is standard since their
/// version 0.109) and `servicegraph`, which took its metrics from Grafana Tempo. Dimensions are
/// added as both allow: the service's namespace, the deployment, and the status of HTTP or gRPC.
///
/// The collector sees the spans of its own cluster. So a call that crosses clusters is in the span
/// metrics of each side, and in no service graph: its pair of spans never meets.
func spanFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let seed = topology.plan.seed
    var calls = MergedRows()
    var durations = MergedRows()
    var graph = ServiceGraphRows()
    for edge in topology.edges where edge.service.speaks != .tcp {
        let isLeaving = edge.source.cluster == profile.name
        let isArriving = edge.destination.cluster == profile.name
        for outcome in edge.outcomes {
            let sent = edge.tally(outcome, seed: seed)
            let arrived = edge.arrivalTally(outcome, seed: seed)
            let cause = outcome.share > 0 ? nil : outcome.diversion.map { edge.faults[$0.fault] }
            if isLeaving {
                let labels = edge.span(outcome, isClient: true)
                calls.add(labels, sent, cause: cause)
                durations.add(labels, sent.bucketed(.spans), cause: cause)
            }
            guard outcome.atDestination != nil else { continue }
            if isArriving {
                let labels = edge.span(outcome, isClient: false)
                calls.add(labels, arrived, cause: cause)
                durations.add(labels, arrived.bucketed(.spans), cause: cause)
            }
            if isLeaving, isArriving { graph.add(edge, outcome, sent, arrived) }
        }
    }
    return [
        MetricFamily(
            name: "traces_span_metrics_calls_total", help: "Spans.", kind: .counter,
            metrics: calls.counters),
        MetricFamily(
            name: "traces_span_metrics_duration_milliseconds", help: "How long spans took.",
            kind: .histogram, metrics: durations.histograms),
    ] + graph.families
}

/// The rows of the service graph's metrics.
private struct ServiceGraphRows {
    private var requests = MergedRows()
    private var failed = MergedRows()
    private var server = MergedRows()
    private var client = MergedRows()

    mutating func add(_ edge: Edge, _ outcome: Outcome, _ sent: Tally, _ arrived: Tally) {
        let labels: Labels = [
            "client": edge.source.name, "server": edge.service.name, "connection_type": "",
            "client_service_namespace": edge.source.namespace,
            "server_service_namespace": edge.service.namespace,
        ]
        requests.add(labels, arrived)
        if outcome.isFailedSpan(ofClient: false) { failed.add(labels, arrived) }
        server.add(labels, arrived.bucketed(.spanSeconds))
        client.add(labels, sent.bucketed(.spanSeconds))
    }

    var families: [MetricFamily] {
        [
            MetricFamily(
                name: "traces_service_graph_request_total",
                help: "Requests between two services.", kind: .counter,
                metrics: requests.counters),
            MetricFamily(
                name: "traces_service_graph_request_failed_total",
                help: "Failed requests between two services.", kind: .counter,
                metrics: failed.counters),
            MetricFamily(
                name: "traces_service_graph_request_server_seconds",
                help: "How long requests took as the server saw it.", kind: .histogram,
                metrics: server.histograms),
            MetricFamily(
                name: "traces_service_graph_request_client_seconds",
                help: "How long requests took as the client saw it.", kind: .histogram,
                metrics: client.histograms),
        ]
    }
}

extension Edge {
    /// The labels of one side's span.
    fileprivate func span(_ outcome: Outcome, isClient: Bool) -> Labels {
        let workload = isClient ? source : destination
        let isFailed = outcome.isFailedSpan(ofClient: isClient)
        var labels: Labels = [
            "service_name": workload.name, "service_namespace": workload.namespace,
            "k8s_deployment_name": workload.name,
            "span_name": service.speaks == .grpc
                ? "\(service.name)/Call" : "GET /\(service.name)",
            "span_kind": isClient ? "SPAN_KIND_CLIENT" : "SPAN_KIND_SERVER",
            "status_code": isFailed ? "STATUS_CODE_ERROR" : "STATUS_CODE_UNSET",
        ]
        if let status = outcome.grpcStatus {
            labels = labels.with("rpc_grpc_status_code", String(status))
        } else if outcome.atDestination != nil {
            labels = labels.with("http_response_status_code", String(outcome.code))
        }
        return labels
    }
}

extension Outcome {
    /// Whether a span is marked as an error, by OpenTelemetry's conventions: a server's if the fault
    /// is its own, a client's if the call did not succeed.
    fileprivate func isFailedSpan(ofClient isClient: Bool) -> Bool {
        if atDestination == nil { return true }
        guard let grpcStatus else { return code >= (isClient ? 400 : 500) }
        return isClient
            ? grpcStatus != 0 : [2, 4, 12, 13, 14, 15].contains(grpcStatus)
    }
}
