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
    var strangers = MergedRows()
    var strangersConnections = MergedRows()
    for edge in topology.edges {
        for reporter in Reporter.sidecars where edge.end(of: reporter).cluster == profile.name {
            guard edge.isNamed(by: reporter) else {
                edge.addAsStranger(to: &strangers, connections: &strangersConnections, seed: seed)
                continue
            }
            guard edge.service.speaks != .tcp else {
                let connections = edge.connections
                opened.append(connections.metric(edge.labels(reporter), amountEach: 1))
                sent.append(
                    connections.metric(
                        edge.labels(reporter), amountEach: Edge.bytesPerConnection.received))
                received.append(
                    connections.metric(
                        edge.labels(reporter), amountEach: Edge.bytesPerConnection.sent))
                continue
            }
            for outcome in edge.outcomes {
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
            } + strangers.counters),
        MetricFamily(
            name: "istio_request_duration_milliseconds", help: "How long requests took.",
            kind: .histogram,
            metrics: requests.map { request in
                Metric(
                    labels: request.labels, measure: .durations(request.tally),
                    cause: request.cause)
            } + strangers.histograms),
        MetricFamily(
            name: "istio_tcp_connections_opened_total", help: "TCP connections opened.",
            kind: .counter, metrics: opened + strangersConnections.counters),
        MetricFamily(
            name: "istio_tcp_sent_bytes_total", help: "Bytes sent in answers over TCP.",
            kind: .counter,
            metrics: sent
                + strangersConnections.counters(times: Edge.bytesPerConnection.received)),
        MetricFamily(
            name: "istio_tcp_received_bytes_total", help: "Bytes received in requests over TCP.",
            kind: .counter,
            metrics: received
                + strangersConnections.counters(times: Edge.bytesPerConnection.sent)),
    ]
}

/// Requests of one label set, counted and timed.
struct RequestMetric {
    var labels: Labels
    var tally: Tally
    /// The fault that brings them about, if there are none otherwise.
    var cause: FaultCourse?
}

/// Whose proxy reports.
enum Reporter: String {
    case source, destination
    /// The proxy before the destination, in ambient mode.
    case waypoint

    static let sidecars: [Reporter] = [.source, .destination]
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
    func end(of reporter: Reporter) -> Workload {
        reporter == .source ? source : destination
    }

    /// Whether a reporter knows both ends. The destination's proxy learns the caller from what the
    /// caller's proxy tells, which that of another mesh does not.
    fileprivate func isNamed(by reporter: Reporter) -> Bool {
        reporter == .source || staysInMesh
    }

    /// Counts its calls as the destination's proxy does that does not know the caller.
    fileprivate func addAsStranger(
        to requests: inout MergedRows, connections rows: inout MergedRows, seed: UInt64
    ) {
        guard service.speaks != .tcp else {
            rows.add(
                labels(.destination),
                Tally(parts: [Tally.Part(flow: connections, latency: work)]))
            return
        }
        for outcome in outcomes {
            for row in requestMetrics(outcome, .destination, seed: seed) {
                requests.add(row.labels, row.tally, cause: row.cause)
            }
        }
    }

    /// What a reporter says of the requests that end in `outcome`: those secured as usual, and those
    /// that a fault leaves in plain text.
    func requestMetrics(
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
        case .waypoint where leavesCluster:
            guard outcome.atDestination != nil else { return [] }
            tally = arrivalTally(outcome, seed: seed)
        case .waypoint:
            // It stands where a caller's proxy would, and rejects what that would.
            tally = self.tally(outcome, seed: seed)
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

    /// The same of a ztunnel, which sees connections whatever they carry.
    func connectionLabels(_ reporter: Reporter) -> Labels {
        ends(reporter, isSecured: isSecured)
            .with("request_protocol", "tcp")
            .with("response_flags", "-")
            .with("connection_security_policy", policy(reporter, isSecured: isSecured))
    }

    /// Only the destination knows how a connection was secured; the source says `unknown`.
    private func policy(_ reporter: Reporter, isSecured: Bool) -> String {
        switch reporter {
        case .source: "unknown"
        case .destination, .waypoint: isSecured ? "mutual_tls" : "none"
        }
    }

    /// Without mutual TLS neither side knows who the other is.
    private func ends(_ reporter: Reporter, isSecured: Bool) -> Labels {
        let isNamed = isNamed(by: reporter)
        func known(_ name: String) -> String { isNamed ? name : "unknown" }
        return [
            "reporter": reporter.rawValue,
            "source_workload": known(source.name),
            "source_workload_namespace": known(source.namespace),
            "source_principal": isSecured ? source.principal : "unknown",
            "source_app": known(source.name),
            "source_canonical_service": known(source.name),
            "source_cluster": known(source.cluster),
            "source_service": known(source.host),
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
