/// Calls that are harder to count than those within a cluster: to other clusters, through ambient
/// waypoints and ztunnels, and such as never arrived.
extension SeriesWriter {
    private static let clusters = ["eu-1", "eu-2", "us-1"]
    private static let hidden = "unknown"
    private static let bounds = ["1", "10", "100", "1000", "+Inf"]

    func writeDistantCalls() {
        writeCallsBetweenClusters()
        writeAmbientCalls()
        writeCallsThatNeverArrived()
    }

    /// One call, as one of its ends reports it.
    private struct End {
        var reporter: String
        var from: (cluster: String, namespace: String, workload: String)
        var to: (cluster: String, namespace: String, service: String, workload: String)
        var policy: String

        var labels: [UnionMember.Label] {
            let place = "\(to.service).\(to.namespace).svc.cluster.local"
            return [
                ("reporter", reporter), ("source_cluster", from.cluster),
                ("source_workload", from.workload),
                ("source_workload_namespace", from.namespace),
                ("source_canonical_service", from.workload),
                ("source_canonical_revision", "v1"),
                ("source_principal", "spiffe://\(from.cluster)/ns/\(from.namespace)/sa/default"),
                ("destination_cluster", to.cluster), ("destination_service", place),
                ("destination_service_name", to.service),
                ("destination_service_namespace", to.namespace),
                ("destination_workload", to.workload),
                ("destination_workload_namespace", to.workload == hidden ? hidden : to.namespace),
                ("destination_canonical_service", to.workload),
                ("destination_canonical_revision", to.workload == hidden ? "latest" : "v2"),
                ("destination_principal", "spiffe://\(to.cluster)/ns/\(to.namespace)/sa/default"),
                ("connection_security_policy", policy),
                ("pod", "\(reporter == "source" ? from.workload : to.service)-far-0"),
            ]
        }
    }

    /// Each cluster's `gate` calls each other cluster's `stock`: the one end is seen here, the other
    /// there, and a little is lost on the way.
    private func writeCallsBetweenClusters() {
        for other in Self.clusters where other != member.name {
            let out = End(
                reporter: "source", from: (member.name, "edge", "gate"),
                to: (other, "depot", "stock", "stock"), policy: "unknown")
            let into = End(
                reporter: "destination", from: (other, "edge", "gate"),
                to: (member.name, "depot", "stock", "stock"), policy: "mutual_tls")
            for (end, share) in [(out, 1.0), (into, 0.9)] {
                for (status, busy) in [("0", 12.0), ("14", 2), ("4", 1)] {
                    series(
                        "istio_requests_total",
                        end.labels + [
                            ("request_protocol", "grpc"), ("response_code", "200"),
                            ("grpc_response_status", status),
                            ("response_flags", status == "14" ? "UC" : "-"),
                        ], Shapes.counter(perScrape: busy * share))
                }
                for metric in ["istio_request_messages_total", "istio_response_messages_total"] {
                    series(metric, end.labels, Shapes.counter(perScrape: 30 * share))
                }
                for (metric, median) in [
                    ("istio_request_duration_milliseconds", 90.0), ("istio_request_bytes", 300),
                    ("istio_response_bytes", 700),
                ] {
                    histogram(
                        metric, end.labels + [("request_protocol", "grpc")], bounds: Self.bounds,
                        perScrape: 6 * share, median: median)
                }
            }
        }
    }

    /// `basket` calls `ledger` in a namespace in ambient mode: its waypoint counts requests, and
    /// the ztunnels of both ends count bytes.
    private func writeAmbientCalls() {
        func end(_ reporter: String, _ policy: String) -> End {
            End(
                reporter: reporter, from: (member.name, "ambient", "basket"),
                to: (member.name, "ambient", "ledger", "ledger"), policy: policy)
        }
        for (code, busy) in [("200", 40.0), ("500", 3)] {
            series(
                "istio_requests_total",
                end("waypoint", "mutual_tls").labels + [
                    ("request_protocol", "http"), ("response_code", code), ("response_flags", "-"),
                ], Shapes.counter(perScrape: busy))
        }
        histogram(
            "istio_request_duration_milliseconds", end("waypoint", "mutual_tls").labels,
            bounds: Self.bounds, perScrape: 8, median: 20)
        for (reporter, policy) in [("source", "unknown"), ("destination", "mutual_tls")] {
            let labels =
                end(reporter, policy).labels + [
                    ("app", "ztunnel"), ("response_flags", "-"), ("request_protocol", "tcp"),
                ]
            for direction in ["sent", "received"] {
                series(
                    "istio_tcp_\(direction)_bytes_total", labels, Shapes.counter(perScrape: 9000))
            }
            for change in ["opened", "closed"] {
                series(
                    "istio_tcp_connections_\(change)_total", labels, Shapes.counter(perScrape: 4))
            }
        }
    }

    /// Calls of the edge to a service without a healthy host, and to nowhere: nobody but the caller
    /// saw them.
    private func writeCallsThatNeverArrived() {
        for (service, namespace, code, flags, busy) in [
            ("empty", "shop", "503", "UH", 3.0), ("empty", "shop", "0", "UF,URX", 1),
            ("BlackHoleCluster", "unknown", "502", "NR", 2),
            ("PassthroughCluster", "unknown", "200", "-", 5),
        ] {
            let end = End(
                reporter: "source", from: (member.name, "edge", "gate"),
                to: (Self.hidden, namespace, service, Self.hidden), policy: "unknown")
            series(
                "istio_requests_total",
                end.labels + [
                    ("request_protocol", "http"), ("response_code", code),
                    ("response_flags", flags),
                ], Shapes.counter(perScrape: busy))
        }
    }

    /// What further istiod metrics Istio's own dashboards show.
    func writeControlPlaneDetails() {
        let labels: [UnionMember.Label] = [("app", "istiod"), ("pod", "istiod-0")]
        for (name, busy) in [
            ("pilot_total_xds_internal_errors", 0.2), ("galley_validation_failed", 0.1),
            ("galley_validation_passed", 2), ("sidecar_injection_success_total", 1),
            ("sidecar_injection_failure_total", 0.1), ("pilot_xds_write_timeout", 0.1),
        ] {
            series(name, labels, Shapes.counter(perScrape: busy))
        }
        series("pilot_virt_services", labels, Shapes.level(20))
        histogram(
            "pilot_xds_push_time", labels + [("type", "cds")],
            bounds: ["0.01", "0.1", "1", "3", "+Inf"], perScrape: 5, median: 0.08)
        histogram(
            "pilot_xds_config_size_bytes", labels + [("type", "cds")],
            bounds: ["1", "10000", "1000000", "4000000", "+Inf"], perScrape: 5, median: 20_000)
        series(
            "citadel_server_root_cert_expiry_timestamp", labels,
            Shapes.constant(Double(UnionData.start) + 86_400 * (member.name == "us-1" ? 20 : 300)))
    }
}
