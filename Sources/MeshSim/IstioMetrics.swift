/// What the sidecars' telemetry of one cluster says: Istio's standard metrics.
///
/// The caller's proxy reports in the caller's cluster, the destination's in its own. So an edge
/// between two clusters shows one half in each.
func istioFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let seed = topology.plan.seed
    var requests: [RequestMetric] = []
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
                requests += edge.requestMetrics(outcome, reporter, seed: seed)
            }
        }
    }
    return [
        MetricFamily(
            name: "istio_requests_total", help: "Requests handled by an Istio proxy.",
            kind: .counter,
            metrics: requests.map { request in
                Metric(
                    labels: request.labels, measure: .number(request.tally.count(at:)),
                    cause: request.cause)
            }),
        MetricFamily(
            name: "istio_request_duration_milliseconds", help: "How long requests took.",
            kind: .histogram,
            metrics: requests.map { request in
                Metric(
                    labels: request.labels, measure: .durations(request.tally),
                    cause: request.cause)
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

/// Requests of one label set, counted and timed.
private struct RequestMetric {
    var labels: Labels
    var tally: Tally
    /// The fault that brings them about, if there are none otherwise.
    var cause: FaultCourse?
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

    /// What a reporter says of the requests that end in `outcome`: those secured as usual, and those
    /// that a fault leaves in plain text.
    fileprivate func requestMetrics(
        _ outcome: Outcome, _ reporter: Reporter, seed: UInt64
    ) -> [RequestMetric] {
        var seen = outcome
        let tally: Tally
        switch reporter {
        case .source:
            tally = self.tally(outcome, seed: seed)
        case .destination:
            guard let arrival = outcome.atDestination else { return [] }
            if arrival == .abandoned { seen = outcome.abandoned }
            tally = arrivalTally(outcome, seed: seed)
        }
        let cause = outcome.share > 0 ? nil : outcome.diversion.map { faults[$0.fault] }
        guard isSecured else {
            let labels = labels(seen, reporter, isSecured: false)
            return [RequestMetric(labels: labels, tally: tally, cause: cause)]
        }
        let baring = faults[.plaintext]
        return [
            RequestMetric(
                labels: labels(seen, reporter, isSecured: true),
                tally: tally.gated(baring, whileOn: 0.4, whileOff: 1), cause: cause),
            RequestMetric(
                labels: labels(seen, reporter, isSecured: false),
                tally: tally.gated(baring, whileOn: 0.6, whileOff: 0), cause: baring),
        ]
    }

    /// Whether requests of this edge use mutual TLS, without faults.
    private var isSecured: Bool { service.temper != .plaintext }

    private func labels(
        _ outcome: Outcome, _ reporter: Reporter, isSecured: Bool
    ) -> Labels {
        var labels = ends(reporter, isSecured: isSecured)
            .with("request_protocol", service.speaks.rawValue)
            .with("response_code", String(outcome.code))
        if let status = outcome.grpcStatus {
            labels = labels.with("grpc_response_status", String(status))
        }
        return labels.with("response_flags", outcome.flags)
            .with("connection_security_policy", policy(reporter, isSecured: isSecured))
    }

    /// The labels of the TCP metrics, which know nothing of codes.
    fileprivate func labels(_ reporter: Reporter) -> Labels {
        ends(reporter, isSecured: isSecured)
            .with("request_protocol", service.speaks.rawValue)
            .with("response_flags", "-")
            .with("connection_security_policy", policy(reporter, isSecured: isSecured))
    }

    /// Only the destination knows how a connection was secured; the source says `unknown`.
    private func policy(_ reporter: Reporter, isSecured: Bool) -> String {
        switch reporter {
        case .source: "unknown"
        case .destination: isSecured ? "mutual_tls" : "none"
        }
    }

    /// Without mutual TLS neither side knows who the other is.
    private func ends(_ reporter: Reporter, isSecured: Bool) -> Labels {
        [
            "reporter": reporter.rawValue,
            "source_workload": source.name,
            "source_workload_namespace": source.namespace,
            "source_principal": isSecured ? source.principal : "unknown",
            "source_app": source.name,
            "source_canonical_service": source.name,
            "source_cluster": source.cluster,
            "source_service": source.host,
            "destination_workload": destination.name,
            "destination_workload_namespace": destination.namespace,
            "destination_principal": isSecured ? destination.principal : "unknown",
            "destination_app": destination.name,
            "destination_service": service.host,
            "destination_service_name": service.name,
            "destination_service_namespace": service.namespace,
            "destination_cluster": destination.cluster,
            "destination_canonical_service": service.name,
        ]
    }
}
