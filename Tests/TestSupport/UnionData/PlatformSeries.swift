/// What machines, containers and applications say of themselves.
extension SeriesWriter {
    func writePlatform() {
        writeNodes()
        writePods()
        writeApplications()
    }

    private func writeNodes() {
        for number in 0..<6 {
            let instance = "10.\(member.phase % 200).0.\(number):9100"
            let labels: [UnionMember.Label] = [("instance", instance), ("job", "node")]
            let resets = resets(of: instance)
            // One is down for eight minutes; the others' scrapes all work.
            series("up", labels) { scrape, _ in
                number == 2 && (80..<112).contains(scrape) ? 0 : 1
            }
            for cpu in 0..<4 {
                for mode in ["idle", "iowait", "softirq", "system", "user"] {
                    series(
                        "node_cpu_seconds_total", labels + [("cpu", "\(cpu)"), ("mode", mode)],
                        Shapes.seconds(perScrape: mode == "idle" ? 11 : 0.9, resets: resets))
                }
            }
            series("node_load1", labels, Shapes.gauge(around: 1.7, swing: 1.1, noise: 0.7))
            series(
                "node_memory_free_bytes", labels,
                Shapes.gauge(around: 6e9, swing: 2e9, noise: 1e8))
            series("node_temperature_celsius", labels, Shapes.gauge(around: -3, swing: 9, noise: 4))
            series(
                "node_boot_time_seconds", labels, Shapes.constant(1_690_000_000 + Double(number)))
            series(
                "node_info",
                labels + [
                    ("os", number % 2 == 0 ? "linux" : "bsd"), ("kernel", "6.\(number / 2)"),
                ],
                Shapes.constant(1))
        }
    }

    private func writePods() {
        for number in 0..<90 {
            let app = ["cart", "catalog", "checkout", "frontend", "payment"][number % 5]
            let kind = number % 4 == 0 ? "envoy" : "app"
            let pod = "\(app)-\(kind)-\(number)"
            let labels: [UnionMember.Label] = [
                ("namespace", number % 6 == 5 ? "infra" : "shop"), ("pod", pod),
            ]
            // Some appear late, some go early, some both.
            let first = number % 7 == 3 ? 60 + number : 0
            let last = number % 5 == 4 ? 60 + number * 2 : UnionData.scrapes
            let life = [first..<max(first, last)]
            for container in ["app", "istio-proxy"] {
                let labels = labels + [("container", container)]
                series(
                    "container_memory_usage_bytes", labels,
                    Shapes.only(life, Shapes.gauge(around: 2e8, swing: 5e7, noise: 1e7)))
                series(
                    "container_cpu_usage_seconds_total", labels,
                    Shapes.only(life, Shapes.seconds(perScrape: 0.4)))
                series(
                    "kube_pod_container_status_restarts_total", labels,
                    Shapes.only(life, Shapes.counter(perScrape: number % 9 == 0 ? 0.3 : 0)))
            }
            series(
                "kube_pod_info",
                labels + [("node", "node-\(number % 6)"), ("created_by_kind", "ReplicaSet")],
                Shapes.only(life, Shapes.constant(1)))
            series(
                "kube_pod_labels",
                labels + [("label_app", app), ("label_team", "team-\(number % 3)")],
                Shapes.only(life, Shapes.constant(1)))
        }
        for deployment in 0..<40 {
            series(
                "kube_deployment_spec_replicas",
                [("deployment", "deployment-\(deployment)"), ("namespace", "shop")],
                Shapes.level(5))
        }
    }

    private func writeApplications() {
        let bounds = [
            "eu-1": ["0.1", "0.5", "1", "5", "+Inf"],
            "eu-2": ["0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"],
        ]
        for number in 0..<4 {
            let instance = "app-\(number)"
            let labels: [UnionMember.Label] = [("instance", instance), ("job", "shop/app")]
            let resets = resets(of: instance)
            series("up", labels, Shapes.constant(1))
            series(
                "app_build_info",
                labels + [("version", "1.\(number / 2).0"), ("goversion", "go1.22")],
                Shapes.constant(1))
            for path in [
                "/", "/cart", "/cart/{id}", "/login", "/search", "/metrics", "/checkout", "/api",
            ] {
                for (code, share) in [("200", 1.0), ("302", 0.2), ("500", 0.04)] {
                    series(
                        "app_requests_total", labels + [("path", path), ("code", code)],
                        Shapes.counter(perScrape: 40 * share, resets: resets))
                }
            }
            for handler in ["read", "write"] {
                // The clusters run releases with other bucket layouts.
                histogram(
                    "app_request_duration_seconds", labels + [("handler", handler)],
                    bounds: bounds[member.name] ?? ["0.05", "0.5", "5", "+Inf"], perScrape: 6,
                    median: 0.3, resets: resets)
                for quantile in ["0.5", "0.9", "0.99"] {
                    series(
                        "rpc_duration_seconds",
                        labels + [("handler", handler), ("quantile", quantile)],
                        Shapes.gauge(around: 0.2, swing: 0.1, noise: 0.05))
                }
                series(
                    "rpc_duration_seconds_sum", labels + [("handler", handler)],
                    Shapes.seconds(perScrape: 2, resets: resets))
                series(
                    "rpc_duration_seconds_count", labels + [("handler", handler)],
                    Shapes.counter(perScrape: 12, resets: resets))
            }
            for queue in 0..<24 {
                series("queue_depth", labels + [("queue", "q\(queue)")], Shapes.level(6))
            }
            for method in ["Get", "List", "Put", "Delete", "Watch"] {
                for code in ["OK", "NotFound", "Unavailable"] {
                    series(
                        "grpc_server_handled_total",
                        labels + [("grpc_method", method), ("grpc_code", code)],
                        Shapes.counter(perScrape: code == "OK" ? 25 : 1, resets: resets))
                }
            }
        }
    }
}
