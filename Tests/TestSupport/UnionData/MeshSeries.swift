/// What a service mesh says of itself: Istio's requests and Envoy's statistics.
extension SeriesWriter {
    /// Who calls whom.
    private static let calls = [
        ("ingress", "frontend"), ("frontend", "cart"), ("frontend", "catalog"),
        ("frontend", "checkout"), ("checkout", "payment"), ("checkout", "shipping"),
        ("checkout", "cart"), ("catalog", "ratings"), ("catalog", "reviews"),
        ("reviews", "ratings"),
    ]
    private static let namespace = "shop"

    private static let istioBounds = [
        "0.5", "1", "5", "10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000",
        "30000", "60000", "300000", "600000", "1800000", "3600000", "+Inf",
    ]

    func writeMesh() {
        for (number, call) in Self.calls.enumerated() {
            // The clusters do not all have all services.
            if member.name == "eu-2", call.1 == "payment" { continue }
            writeCall(from: call.0, to: call.1, number: number)
        }
        writeEnvoy()
        writeControlPlane()
    }

    private func writeCall(from source: String, to destination: String, number: Int) {
        for reporter in ["source", "destination"] {
            let pod = "\(reporter == "source" ? source : destination)-6f5d-\(number % 3)"
            let labels: [UnionMember.Label] = [
                ("reporter", reporter), ("source_workload", source),
                ("source_workload_namespace", Self.namespace),
                ("source_service", "\(source).\(Self.namespace).svc.cluster.local"),
                ("destination_workload", destination),
                ("destination_service", "\(destination).\(Self.namespace).svc.cluster.local"),
                ("destination_service_name", destination),
                ("destination_service_namespace", Self.namespace),
                ("destination_workload_namespace", Self.namespace),
                ("source_canonical_service", source),
                ("destination_canonical_service", destination),
                ("source_cluster", member.name), ("destination_cluster", member.name),
                ("source_principal", Self.principal(source)),
                ("destination_principal", Self.principal(destination)),
                ("request_protocol", number % 4 == 3 ? "grpc" : "http"),
                ("connection_security_policy", reporter == "source" ? "unknown" : "mutual_tls"),
                ("pod", pod),
            ]
            let resets = resets(of: pod)
            let busy = Double(3 + (number * 7) % 11)
            for (code, flags, share) in [
                ("200", "-", 1.0), ("404", "-", 0.05), ("503", "UO", 0.08), ("504", "UT", 0.02),
            ] {
                series(
                    "istio_requests_total",
                    labels + [("response_code", code), ("response_flags", flags)],
                    Shapes.counter(perScrape: busy * 10 * share, resets: resets))
            }
            for (direction, bytes) in [("sent", 4096.0), ("received", 1500)] {
                series(
                    "istio_tcp_\(direction)_bytes_total", labels,
                    Shapes.counter(perScrape: busy * bytes, resets: resets, from: 1e9))
            }
            if number % 4 == 3 {
                series(
                    "istio_request_messages_total", labels,
                    Shapes.counter(perScrape: busy * 2, resets: resets))
            }
            histogram(
                "istio_request_duration_milliseconds", labels + [("response_code", "200")],
                bounds: Self.istioBounds, perScrape: busy, median: 8 + Double(number * number) * 3,
                resets: resets)
        }
    }

    private static func principal(_ service: String) -> String {
        "spiffe://cluster.local/ns/\(namespace)/sa/\(service)"
    }

    /// What istiod says of its work.
    private func writeControlPlane() {
        let labels: [UnionMember.Label] = [("app", "istiod"), ("pod", "istiod-0")]
        for (type, busy) in [("cds", 2.0), ("eds", 6), ("lds", 1), ("rds", 3)] {
            series(
                "pilot_xds_pushes", labels + [("type", type)], Shapes.counter(perScrape: busy))
        }
        for (type, busy) in [("cds", 0.01), ("lds", 0.02)] {
            series(
                "pilot_total_xds_rejects", labels + [("type", type)],
                Shapes.counter(perScrape: busy))
        }
        series("pilot_xds", labels + [("version", "1.22.1")], Shapes.level(40))
        series("pilot_services", labels, Shapes.constant(11))
        histogram(
            "pilot_proxy_convergence_time", labels,
            bounds: ["0.1", "0.5", "1", "3", "5", "10", "20", "30", "+Inf"], perScrape: 5,
            median: 0.4)
        series(
            "process_resident_memory_bytes", labels,
            Shapes.gauge(around: 2e8, swing: 3e7, noise: 1e6))
        series("process_cpu_seconds_total", labels, Shapes.seconds(perScrape: 3))
        series(
            "istio_build", labels + [("component", "pilot"), ("tag", "1.22.1")], Shapes.constant(1))
    }

    /// Envoy's statistics, with the label that each set-up names the upstream with: in one cluster
    /// it is the name of an external label.
    private func writeEnvoy() {
        let label =
            ["eu-1": "cluster", "eu-2": "cluster_name"][member.name] ?? "envoy_cluster_name"
        var upstreams = ["cart", "catalog", "checkout", "payment", "reviews"].map {
            "outbound|8080||\($0).\(Self.namespace).svc.cluster.local"
        }
        upstreams += ["xds-grpc", "eu-1", "eu-2"]
        for pod in ["frontend-0", "checkout-0", "catalog-0"] {
            let resets = resets(of: pod)
            for (number, upstream) in upstreams.enumerated() {
                let labels: [UnionMember.Label] = [(label, upstream), ("pod", pod)]
                for (name, busy) in [
                    ("upstream_rq", 90.0), ("upstream_rq_retry", 3), ("upstream_rq_timeout", 1),
                    ("upstream_rq_pending_overflow", number % 3 == 0 ? 2 : 0),
                ] {
                    series(
                        "envoy_cluster_\(name)", labels,
                        Shapes.counter(perScrape: busy, resets: resets))
                }
                series("envoy_cluster_upstream_cx_active", labels, Shapes.level(9))
                series(
                    "envoy_cluster_circuit_breakers_default_rq_open", labels, Shapes.level(2))
            }
            histogram(
                "envoy_cluster_upstream_rq_time", [(label, "xds-grpc"), ("pod", pod)],
                bounds: Self.istioBounds, perScrape: 4, median: 12, resets: resets)
            series(
                "envoy_server_days_until_first_cert_expiring", [("pod", pod)],
                Shapes.constant(pod == "catalog-0" && member.name == "us-1" ? 12 : 64))
        }
    }
}
