/// What istiod's replicas say (istio's `pilot/pkg/xds/monitoring.go`, `pilot/pkg/model`,
/// `security/pkg/server/ca/monitoring.go` and others), and the versions that all proxies tell.
func istiodFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let metrics = IstiodMetrics(profile: profile, topology: topology)
    return metrics.discovery + metrics.configuration + metrics.clusters + metrics.authority
        + [metrics.versions, metrics.agents]
}

private struct IstiodMetrics {
    let plan: SimulationPlan
    let replicas: ReplicaMetrics
    let proxies: [SimulatedProxy]
    let services: Int
    let remoteClusters: [String]
    /// How many proxies each replica has.
    let connected: [Int]

    init(profile: ClusterProfile, topology: Topology) {
        plan = topology.plan
        replicas = ReplicaMetrics(places: topology.controlPlanes.places(in: profile.name, .istiod))
        let proxies = topology.proxies(in: profile)
        self.proxies = proxies
        services = topology.services.count
        remoteClusters = plan.remoteClusters(of: profile)
        connected = replicas.places.map { place in
            proxies.count { $0.replica == place.replica.number }
        }
    }

    var discovery: [MetricFamily] {
        let connected = connected
        @Sendable func proxies(of place: ControlPlaneBoard.Place) -> Double {
            Double(connected[place.replica.number])
        }
        let version: Labels = ["version": SimulatedProxy.version]
        return [
            replicas.gauge("pilot_info", "Pilot version and build information.", version) { _, _ in
                1
            },
            replicas.gauge("pilot_xds", "Number of endpoints connected to this pilot.", version) {
                place, seconds in
                place.faults[.proxiesLost].isOn(at: seconds) ? 0 : proxies(of: place)
            },
            MetricFamily(
                name: "pilot_xds_pushes", help: "Pilot build and send errors and pushes.",
                kind: .counter,
                metrics: ["cds", "eds", "lds", "rds"].flatMap { type in
                    replicas.counter("", "", ["type": type]) { proxies(of: $0) / 30 }.metrics
                }),
            replicas.counter(
                "pilot_total_xds_rejects", "Total number of XDS responses rejected by proxy.",
                ["type": "lds"], of: .configurationRejected, perSecond: 0.2),
            replicas.durations(
                "pilot_proxy_convergence_time",
                "Delay in seconds between config change and a proxy receiving all of it.",
                milliseconds: 60, perSecond: 3, slowedBy: .pushesSlow),
            replicas.durations(
                "pilot_proxy_queue_time", "Time in seconds, a proxy is in the push queue.",
                milliseconds: 15, perSecond: 3, slowedBy: .pushesSlow),
            replicas.durations(
                "pilot_xds_push_time", "Total time in seconds Pilot takes to push.",
                milliseconds: 10, perSecond: 3, slowedBy: .pushesSlow),
            replicas.gauge("istiod_uptime_seconds", "Current uptime of this istiod.") {
                _, seconds in seconds.rounded(.down)
            },
            replicas.counter(
                "sidecar_injection_requests_total", "Total number of sidecar injection requests."
            ) { _ in 0.02 },
            replicas.counter(
                "sidecar_injection_success_total",
                "Total number of successful sidecar injection requests."
            ) { _ in 0.02 },
            replicas.counter(
                "sidecar_injection_failure_total",
                "Total number of failed sidecar injection requests.", of: .injectionFails,
                perSecond: 0.2),
        ]
    }

    var configuration: [MetricFamily] {
        let services = Double(services)
        let issues = PushIssue.all.map { issue in
            replicas.gauge(issue.metric, "What the last push came upon.") { place, seconds in
                place.faults[issue.fault].isOn(at: seconds) ? 1 : 0
            }
        }
        let never = [
            "pilot_conflict_outbound_listener_tcp_over_current_tcp", "pilot_eds_no_instances",
        ].map { name in
            replicas.gauge(name, "What the last push came upon.") { _, _ in 0 }
        }
        let resource: Labels = [
            "group": "networking.istio.io", "version": "v1", "resource": "virtualservices",
        ]
        return [
            replicas.gauge("pilot_services", "Total services known to pilot.") { _, _ in services },
            replicas.gauge("pilot_virt_services", "Total virtual services known to pilot.") {
                _, _ in (services / 2).rounded(.down)
            },
            replicas.counter(
                "galley_validation_passed", "Resource is valid.", resource
            ) { _ in 0.005 },
            replicas.counter(
                "galley_validation_failed", "Resource validation failed.",
                resource + ["reason": "invalid_resource"], of: .configurationInvalid,
                perSecond: 0.1),
            replicas.counter(
                "galley_validation_http_error", "Resource validation http serve errors.",
                ["status": "400"], of: .webhookBroken, perSecond: 0.2),
        ] + issues + never
    }

    var clusters: [MetricFamily] {
        let first = remoteClusters.first
        let kinds: [(kind: String, count: Int)] = [("local", 1), ("remote", remoteClusters.count)]
        let rows = remoteClusters.flatMap { cluster in
            ["synced", "syncing", "timeout"].map { status -> Labels in
                ["cluster": cluster, "status": status]
            }
        }
        return [
            MetricFamily(
                name: "istiod_managed_clusters", help: "Number of clusters managed by istiod.",
                kind: .gauge,
                metrics: kinds.flatMap { row in
                    replicas.gauge("", "", ["cluster_type": row.kind]) { _, _ in
                        Double(row.count)
                    }.metrics
                }),
            replicas.family(
                "istiod_remote_cluster_sync_status", "Current synchronization state of clusters.",
                .gauge, rows
            ) { place, row, seconds in
                let isLost =
                    row.value("cluster") == first
                    && place.faults[.remoteClusterLost].isOn(at: seconds)
                return row.value("status") == (isLost ? "timeout" : "synced") ? 1 : 0
            },
            replicas.counter(
                "remote_cluster_sync_timeouts_total", "Number of times remote clusters took long.",
                of: .remoteClusterLost, perSecond: 0.02),
        ]
    }

    var authority: [MetricFamily] {
        let plan = plan
        // Of jobs and the like too, whose pods live for seconds.
        let perSecond = Double(proxies.count) / 43_200 + 10
        @Sendable func end(_ place: ControlPlaneBoard.Place, _ seconds: Double) -> Double {
            plan.unixSeconds(at: CertificateLife.istioRoot(place.faults, at: seconds).end)
                .rounded(.down)
        }
        return [
            replicas.counter(
                "citadel_server_csr_count", "The number of CSRs received by Citadel server."
            ) { _ in perSecond },
            MetricFamily(
                name: "citadel_server_success_cert_issuance_count",
                help: "The number of certificates issuances that have succeeded.", kind: .counter,
                metrics: replicas.places.map { place in
                    let flow = Flow(perSecond: perSecond, shape: .steady)
                        .gated(place.faults[.signingFails], whileOn: 0, whileOff: 1)
                    return Metric(
                        labels: place.replica.labels, measure: .number { flow.count(at: $0) })
                }),
            replicas.counter(
                "citadel_server_csr_sign_err_count",
                "The number of errors occurred when signing the CSR.", of: .signingFails,
                perSecond: perSecond),
            replicas.gauge(
                "citadel_server_root_cert_expiry_timestamp",
                "The unix timestamp, in seconds, when the root cert will expire.", [:], end),
            replicas.gauge(
                "citadel_server_cert_chain_expiry_timestamp",
                "The unix timestamp, in seconds, when the cert chain will expire.", [:], end),
        ]
    }

    /// What the agents beside the proxies say of the replica that these are connected to.
    var agents: MetricFamily {
        MetricFamily(
            name: "istio_agent_istiod_connection_failures",
            help: "The total number of connection failures to Istiod", kind: .counter,
            metrics: proxies.map { proxy in
                let course = replicas.places[proxy.replica].faults[.agentsCutOff]
                return Metric(
                    labels: ["namespace": proxy.namespace, "pod": proxy.pod],
                    measure: .number { 1 + (course.duration(until: $0) / 5).rounded(.down) },
                    cause: course)
            })
    }

    /// One series of each process, which has the version as its label.
    var versions: MetricFamily {
        var metrics = replicas.gauge(
            "", "", ["component": "pilot", "tag": SimulatedProxy.version]
        ) { _, _ in 1 }.metrics
        for proxy in proxies {
            let labels: Labels = [
                "namespace": proxy.namespace, "pod": proxy.pod, "component": "proxy",
            ]
            let faults = replicas.places[proxy.replica].faults
            // Those that are never old are the most: they need no look at the faults.
            guard proxy.turn < 0.34 else {
                metrics.append(
                    Metric(
                        labels: labels.with("tag", SimulatedProxy.version),
                        measure: .number { _ in 1 }))
                continue
            }
            for isOld in [false, true] {
                metrics.append(
                    Metric(
                        labels: labels.with(
                            "tag",
                            isOld ? SimulatedProxy.formerVersion : SimulatedProxy.version),
                        measure: .number { _ in 1 },
                        presence: { proxy.isOutdated(faults, at: $0) == isOld }))
            }
        }
        return MetricFamily(
            name: "istio_build", help: "Istio component build info.", kind: .gauge,
            metrics: metrics)
    }
}
