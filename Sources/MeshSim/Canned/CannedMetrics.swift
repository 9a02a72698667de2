/// What the canned clusters count, and how a series of it looks: Istio's metrics, and what
/// `deploy/rules` records of them.
enum CannedFact: Sendable, CaseIterable {
    case requests, latency, tcpRequestBytes, tcpResponseBytes, tcpConnections

    /// The counter's name, and that of its recorded rate.
    var names: (counter: String, recorded: String) {
        switch self {
        case .requests: ("istio_requests_total", "mesh:istio_requests:rate5m")
        case .latency:
            (
                "istio_request_duration_milliseconds_bucket",
                "mesh:istio_request_duration_milliseconds_bucket:rate5m"
            )
        // Named by the destination: what it received, the source has sent.
        case .tcpRequestBytes:
            ("istio_tcp_received_bytes_total", "mesh:istio_tcp_received_bytes:rate5m")
        case .tcpResponseBytes: ("istio_tcp_sent_bytes_total", "mesh:istio_tcp_sent_bytes:rate5m")
        case .tcpConnections:
            (
                "istio_tcp_connections_opened_total", "mesh:istio_tcp_connections_opened:rate5m"
            )
        }
    }
}

/// One series: its labels in the order of their names, and its rate a second.
struct CannedRow: Sendable {
    var labels: [(name: String, value: String)]
    var value: Double

    func value(of label: String) -> String {
        labels.first { $0.name == label }?.value ?? ""
    }
}

extension CannedFleet {
    /// The names of the metrics that every cluster has, with what each counts.
    var metrics: [(name: String, fact: CannedFact, isRate: Bool)] {
        CannedFact.allCases.flatMap { fact in
            var rows = [(name: fact.names.counter, fact: fact, isRate: false)]
            if plan.isRecorded {
                rows.append((name: fact.names.recorded, fact: fact, isRate: true))
            }
            return rows
        }
    }

    /// Hands over the series of a fact in a cluster, one after the other.
    func forEachRow(of fact: CannedFact, in cluster: Int, _ body: (CannedRow) -> Void) {
        for index in leaving[cluster] { rows(of: edges[index], "source", fact, body) }
        for index in arriving[cluster] { rows(of: edges[index], "destination", fact, body) }
    }

    private func rows(
        of edge: Edge, _ reporter: String, _ fact: CannedFact, _ body: (CannedRow) -> Void
    ) {
        let isTCP = edge.speaks == "tcp"
        switch fact {
        case .requests:
            for ending in edge.endings where ending.arrives || reporter == "source" {
                var labels = ends(edge, reporter)
                labels.append(("response_code", ending.code))
                if let status = ending.grpcStatus {
                    labels.append(("grpc_response_status", status))
                }
                labels.append(("response_flags", ending.flags))
                body(CannedRow(labels: labels, value: edge.perSecond * ending.share))
            }
        case .latency:
            guard !isTCP else { return }
            let labels = ends(edge, reporter)
            var latency = edge.latency
            // The destination does not see the way there and back.
            if reporter == "destination" { latency.floorMilliseconds = 0 }
            for (bound, text) in zip(envoyBucketBounds, Self.boundTexts) {
                body(
                    CannedRow(
                        labels: labels + [("le", text)],
                        value: edge.perSecond * latency.share(upTo: bound)))
            }
            body(CannedRow(labels: labels + [("le", "+Inf")], value: edge.perSecond))
        case .tcpRequestBytes, .tcpResponseBytes, .tcpConnections:
            guard isTCP else { return }
            let each =
                fact == .tcpRequestBytes ? 1900.0 : fact == .tcpResponseBytes ? 5400 : 1
            body(
                CannedRow(
                    labels: ends(edge, reporter) + [("response_flags", "-")],
                    value: edge.perSecond * each))
        }
    }

    private static let boundTexts: [String] = envoyBucketBounds.map { bound in
        Int(exactly: bound).map { String($0) } ?? String(bound)
    }

    private func ends(
        _ edge: Edge, _ reporter: String
    ) -> [(name: String, value: String)] {
        let source = services[edge.source]
        let destination = services[edge.destination]
        let isSecured = destination.isSecured
        let policy = reporter == "source" ? "unknown" : isSecured ? "mutual_tls" : "none"
        return [
            ("reporter", reporter),
            ("source_cluster", source.cluster),
            ("source_workload_namespace", source.namespace),
            ("source_workload", source.workload),
            ("source_canonical_service", source.name),
            ("source_canonical_revision", "v1"),
            ("source_principal", isSecured ? source.principal : "unknown"),
            ("destination_cluster", destination.cluster),
            ("destination_workload_namespace", destination.namespace),
            ("destination_workload", destination.workload),
            ("destination_canonical_service", destination.name),
            ("destination_canonical_revision", "v1"),
            ("destination_principal", isSecured ? destination.principal : "unknown"),
            ("destination_service", destination.host),
            ("destination_service_name", destination.name),
            ("destination_service_namespace", destination.namespace),
            ("request_protocol", edge.speaks),
            ("connection_security_policy", policy),
        ]
    }
}
