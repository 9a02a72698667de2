/// What the proxies of a Linkerd cluster say: linkerd2-proxy's own metrics (its
/// `linkerd/app/core/src/metrics.rs` and `transport/labels.rs` have the labels), with the labels of
/// the pod that Linkerd viz's Prometheus adds (`namespace`, `deployment`, `pod`).
///
/// A proxy reports what it sends (outbound) with the names of the destination, and what it takes
/// (inbound) with nothing of the caller but the identity in its certificate.
func linkerdFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    var table = LinkerdTable()
    for edge in topology.edges {
        if edge.source.cluster == profile.name {
            for (pod, share) in topology.podShares(of: edge.source) {
                table.addOutbound(edge, pod: pod, share: share, seed: topology.plan.seed)
            }
        }
        if edge.destination.cluster == profile.name {
            for (pod, share) in topology.podShares(of: edge.destination) {
                table.addInbound(edge, pod: pod, share: share, seed: topology.plan.seed)
            }
        }
    }
    return table.families
}

/// The rows of Linkerd's metrics.
private struct LinkerdTable {
    private var requests = MergedRows()
    private var responses = MergedRows()
    private var latencies = MergedRows()
    private var connections = MergedRows()
    /// Of TCP alone, of the two sides: what one reads the other writes.
    private var sources = MergedRows()
    private var destinations = MergedRows()

    mutating func addOutbound(_ edge: Edge, pod: String, share: Double, seed: UInt64) {
        let own = LinkerdTable.own(edge.source, pod, "outbound")
        let labels = own + edge.linkerdDestination
        addConnections(edge, own + ["peer": "dst"] + edge.linkerdDestination, share, isSource: true)
        for outcome in edge.outcomes where edge.service.speaks != .tcp {
            add(edge.tally(outcome, seed: seed).scaled(by: share), edge, outcome, labels)
        }
    }

    mutating func addInbound(_ edge: Edge, pod: String, share: Double, seed: UInt64) {
        let own = LinkerdTable.own(edge.destination, pod, "inbound")
        let labels = own + edge.linkerdCaller
        addConnections(edge, own + ["peer": "src"] + edge.linkerdCaller, share, isSource: false)
        for outcome in edge.outcomes
        where edge.service.speaks != .tcp && outcome.atDestination != nil {
            add(edge.arrivalTally(outcome, seed: seed).scaled(by: share), edge, outcome, labels)
        }
    }

    /// Adds requests that are over mutual TLS unless a fault bares them.
    private mutating func add(
        _ tally: Tally, _ edge: Edge, _ outcome: Outcome, _ labels: Labels
    ) {
        let bucketed = tally.bucketed(.linkerd)
        let cause = outcome.share > 0 ? nil : outcome.diversion.map { edge.faults[$0.fault] }
        requests.add(labels, bucketed, cause: cause)
        responses.add(labels + outcome.linkerdEnding, bucketed, cause: cause)
        // A request that nobody answered has no latency of an answer.
        guard outcome.atDestination != nil else { return }
        latencies.add(labels + outcome.linkerdStatus, bucketed, cause: cause)
    }

    /// The transports. They are there for requests too; their bytes are told of TCP alone, or every
    /// call would be there twice.
    private mutating func addConnections(
        _ edge: Edge, _ labels: Labels, _ share: Double, isSource: Bool
    ) {
        let flow = edge.connections.scaled(by: share)
        let tally = Tally(parts: [Tally.Part(flow: flow, latency: edge.work)])
        connections.add(labels, tally)
        guard edge.service.speaks == .tcp else { return }
        if isSource {
            sources.add(labels, tally)
        } else {
            destinations.add(labels, tally)
        }
    }

    private static func own(_ workload: Workload, _ pod: String, _ direction: String) -> Labels {
        [
            "direction": direction, "namespace": workload.namespace,
            "deployment": workload.name, "pod": pod, "control_plane_ns": "linkerd",
        ]
    }

    var families: [MetricFamily] {
        // A proxy reads from its peer and writes to it: outbound that is the destination.
        let (sent, received) = Edge.bytesPerConnection
        return [
            MetricFamily(
                name: "request_total", help: "Total count of HTTP requests.", kind: .counter,
                metrics: requests.counters),
            MetricFamily(
                name: "response_total", help: "Total count of HTTP responses.", kind: .counter,
                metrics: responses.counters),
            MetricFamily(
                name: "response_latency_ms",
                help: "Elapsed times between a request's headers and its response's first data.",
                kind: .histogram, metrics: latencies.histograms),
            MetricFamily(
                name: "tcp_open_total", help: "Total count of opened connections.",
                kind: .counter, metrics: sources.counters + destinations.counters),
            MetricFamily(
                name: "tcp_open_connections", help: "Number of open connections.", kind: .gauge,
                metrics: connections.gauges { ($0 * 300).rounded(.up) }),
            MetricFamily(
                name: "tcp_read_bytes_total", help: "Total count of bytes read from peers.",
                kind: .counter,
                metrics: sources.counters(times: received) + destinations.counters(times: sent)),
            MetricFamily(
                name: "tcp_write_bytes_total", help: "Total count of bytes written to peers.",
                kind: .counter,
                metrics: sources.counters(times: sent) + destinations.counters(times: received)),
        ]
    }
}

extension Edge {
    /// What an outbound proxy says of the destination. Another cluster is reached through a mirror
    /// of the service, `cart-eu-1`, whose labels name the original (`dst_target_…`).
    fileprivate var linkerdDestination: Labels {
        let host = leavesCluster ? "\(service.name)-\(destination.cluster)" : service.name
        let authority: Labels = [
            "authority": "\(host).\(service.namespace).svc.cluster.local:\(service.port)"
        ]
        guard leavesCluster else {
            return authority + linkerdServer + [
                "dst_control_plane_ns": "linkerd", "dst_deployment": destination.name,
                "dst_namespace": destination.namespace, "dst_service": service.name,
                "dst_serviceaccount": destination.name,
            ]
        }
        return authority + linkerdServer + [
            "dst_namespace": service.namespace, "dst_service": host,
            "dst_target_cluster": destination.cluster, "dst_target_service": service.name,
            "dst_target_service_namespace": service.namespace,
        ]
    }

    private var linkerdServer: Labels {
        isSecured
            ? ["tls": "true", "server_id": destination.principal]
            : ["tls": "no_identity", "no_tls_reason": "not_provided_by_service_discovery"]
    }

    /// What an inbound proxy says of the caller.
    fileprivate var linkerdCaller: Labels {
        isSecured
            ? ["tls": "true", "client_id": source.principal]
            : ["tls": "no_identity", "no_tls_reason": "no_tls_from_remote"]
    }
}

extension Outcome {
    /// The status alone, as latencies have it; none where there was no answer.
    fileprivate var linkerdStatus: Labels {
        atDestination == nil ? [:] : ["status_code": String(code)]
    }

    /// How a response is classified.
    fileprivate var linkerdEnding: Labels {
        guard atDestination != nil else {
            return ["classification": "failure", "error": "no response"]
        }
        guard let grpcStatus else {
            return linkerdStatus
                + ["classification": code >= 500 ? "failure" : "success"]
        }
        // Of gRPC's statuses the proxy takes these for failures: unknown, deadline exceeded,
        // permission denied, internal, unavailable, data loss.
        let isFailure = [2, 4, 7, 13, 14, 15].contains(grpcStatus)
        return linkerdStatus + [
            "classification": isFailure ? "failure" : "success",
            "grpc_status": String(grpcStatus),
        ]
    }
}
