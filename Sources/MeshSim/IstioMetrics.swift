/// What the sidecars' telemetry of one cluster says: Istio's standard metrics.
///
/// The caller's proxy reports in the caller's cluster, the destination's in its own. So an edge
/// between two clusters shows one half in each.
func istioFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let seed = topology.plan.seed
    var requests: [(labels: Labels, tally: Tally)] = []
    var sent: [Metric] = []
    var received: [Metric] = []
    var opened: [Metric] = []
    for edge in topology.edges {
        for reporter in Reporter.allCases where edge.end(of: reporter).cluster == profile.name {
            guard edge.service.speaks != .tcp else {
                let connections = edge.connections
                opened.append(connections.metric(edge.labels(reporter), amountEach: 1))
                sent.append(connections.metric(edge.labels(reporter), amountEach: 5_400))
                received.append(connections.metric(edge.labels(reporter), amountEach: 1_900))
                continue
            }
            for outcome in edge.service.outcomes {
                switch reporter {
                case .source:
                    requests.append(
                        (edge.labels(outcome, reporter), edge.tally(outcome, seed: seed)))
                case .destination:
                    guard let arrival = outcome.atDestination else { continue }
                    let seen = arrival == .abandoned ? outcome.abandoned : outcome
                    requests.append(
                        (edge.labels(seen, reporter), edge.arrivalTally(outcome, seed: seed)))
                }
            }
        }
    }
    return [
        MetricFamily(
            name: "istio_requests_total", help: "Requests handled by an Istio proxy.",
            kind: .counter,
            metrics: requests.map { request in
                Metric(labels: request.labels, measure: .number(request.tally.count(at:)))
            }),
        MetricFamily(
            name: "istio_request_duration_milliseconds", help: "How long requests took.",
            kind: .histogram,
            metrics: requests.map { request in
                Metric(labels: request.labels, measure: .durations(request.tally))
            }),
        MetricFamily(
            name: "istio_tcp_connections_opened_total", help: "TCP connections opened.",
            kind: .counter, metrics: opened),
        MetricFamily(
            name: "istio_tcp_sent_bytes_total", help: "Bytes sent in answers over TCP.",
            kind: .counter, metrics: sent),
        MetricFamily(
            name: "istio_tcp_received_bytes_total", help: "Bytes received in requests over TCP.",
            kind: .counter, metrics: received),
    ]
}

/// Whose proxy reports.
private enum Reporter: String, CaseIterable {
    case source, destination
}

extension Outcome {
    /// The same request as its destination reports it when the caller has hung up.
    fileprivate var abandoned: Outcome {
        var outcome = self
        outcome.code = 0
        outcome.flags = "DC"
        return outcome
    }
}

extension Flow {
    /// A counter that rises by `amountEach` with every event.
    fileprivate func metric(_ labels: Labels, amountEach: Double) -> Metric {
        Metric(labels: labels, measure: .number { self.count(at: $0) * amountEach })
    }
}

extension Edge {
    fileprivate func end(of reporter: Reporter) -> Workload {
        reporter == .source ? source : destination
    }

    /// The TCP connections of this edge; a pool keeps most of them for a while.
    fileprivate var connections: Flow {
        Flow(perSecond: requestsPerSecond * 0.2, shape: shape)
    }

    fileprivate func labels(_ outcome: Outcome, _ reporter: Reporter) -> Labels {
        var labels = ends(reporter)
            .with("request_protocol", service.speaks.rawValue)
            .with("response_code", String(outcome.code))
        if let status = outcome.grpcStatus {
            labels = labels.with("grpc_response_status", String(status))
        }
        return labels.with("response_flags", outcome.flags)
            .with("connection_security_policy", policy(reporter))
    }

    /// The labels of the TCP metrics, which know nothing of codes.
    fileprivate func labels(_ reporter: Reporter) -> Labels {
        ends(reporter)
            .with("request_protocol", service.speaks.rawValue)
            .with("response_flags", "-")
            .with("connection_security_policy", policy(reporter))
    }

    /// Only the destination knows how a connection was secured; the source says `unknown`.
    private func policy(_ reporter: Reporter) -> String {
        switch reporter {
        case .source: "unknown"
        case .destination: service.temper == .plaintext ? "none" : "mutual_tls"
        }
    }

    private func ends(_ reporter: Reporter) -> Labels {
        // Without mutual TLS neither side knows who the other is.
        let secured = service.temper != .plaintext
        return [
            "reporter": reporter.rawValue,
            "source_workload": source.name,
            "source_workload_namespace": source.namespace,
            "source_principal": secured ? source.principal : "unknown",
            "source_app": source.name,
            "source_canonical_service": source.name,
            "source_cluster": source.cluster,
            "source_service": source.host,
            "destination_workload": destination.name,
            "destination_workload_namespace": destination.namespace,
            "destination_principal": secured ? destination.principal : "unknown",
            "destination_app": destination.name,
            "destination_service": service.host,
            "destination_service_name": service.name,
            "destination_service_namespace": service.namespace,
            "destination_cluster": destination.cluster,
            "destination_canonical_service": service.name,
        ]
    }
}
