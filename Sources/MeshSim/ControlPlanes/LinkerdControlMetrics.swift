/// What Linkerd's components say of themselves (linkerd2's `pkg/identity/service.go`,
/// `controller/api/destination`, `multicluster/service-mirror/metrics.go`), and when the proxies'
/// certificates end.
func linkerdControlFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let plan = topology.plan
    let places = topology.controlPlanes.places(in: profile.name, .linkerd)
    func replicas(_ component: String) -> ReplicaMetrics {
        ReplicaMetrics(places: places.filter { $0.replica.component == component })
    }
    let destination = replicas("linkerd-destination")
    let services = Double(topology.services.count)
    return [
        replicas("linkerd-identity").gauge(
            "issuer_cert_ttl_seconds", "The remaining seconds of the issuer certificate."
        ) { place, seconds in
            (CertificateLife.linkerdIssuer(place.faults, at: seconds).end - seconds)
                .rounded(.down)
        },
        destination.gauge("cluster_store_size", "The number of linked clusters.") { _, _ in
            Double(plan.profiles.count - 1)
        },
        destination.gauge("endpoints_cache_size", "The number of services watched.") { _, _ in
            services
        },
        MetricFamily(
            name: "endpoint_updates_queue_overflow",
            help: "A counter incremented whenever the endpoint updates queue overflows.",
            kind: .counter,
            metrics: destination.places.map { place in
                let course = place.faults[.linkerdUpdatesLost]
                return Metric(
                    labels: place.replica.labels,
                    measure: .number { (course.duration(until: $0) / 5).rounded(.up) })
            }),
        proxyCertificates(of: profile, in: topology),
    ] + mirrorFamilies(replicas("linkerd-service-mirror"), profile, plan)
}

/// The gateways of other clusters, through which services there are reached.
private func mirrorFamilies(
    _ mirror: ReplicaMetrics, _ profile: ClusterProfile, _ plan: SimulationPlan
) -> [MetricFamily] {
    let targets = plan.profiles.map(\.name).filter { $0 != profile.name }
    let rows = targets.map { target -> Labels in ["target_cluster_name": target] }
    return [
        mirror.family("gateway_alive", "Whether the gateway answers.", .gauge, rows) {
            place, _, seconds in
            place.faults[.linkerdGatewayLost].isOn(at: seconds) ? 0 : 1
        },
        mirror.family("gateway_enabled", "Whether the gateway is used.", .gauge, rows) { _, _, _ in
            1
        },
        mirror.family(
            "gateway_probes", "Probes of the gateway.", .counter,
            rows.flatMap { row in
                ["true", "false"].map { row.with("probe_successful", $0) }
            }
        ) { place, row, seconds in
            let failing = place.faults[.linkerdGatewayLost].duration(until: seconds)
            let isOfFailed = row.value("probe_successful") == "false"
            return ((isOfFailed ? failing : seconds - failing) / 3).rounded(.down)
        },
    ]
}

/// Of 24 hours, renewed at 70 % of that.
private func proxyCertificates(
    of profile: ClusterProfile, in topology: Topology
) -> MetricFamily {
    let plan = topology.plan
    let (lifetime, renewal) = (CertificateLife.day, 0.7 * CertificateLife.day)
    let metrics = topology.workloads(in: profile).flatMap { workload in
        let faults = topology.board.faults(of: workload.name, in: profile.name)
        return topology.pods(of: workload).map { pod in
            var dice = Dice(seed: plan.seed, name: "certificate/\(profile.name)/\(pod)")
            let age = dice.number(in: 0...renewal)
            return Metric(
                labels: ["namespace": workload.namespace, "pod": pod],
                measure: .number { seconds in
                    let used = (age + seconds).truncatingRemainder(dividingBy: renewal)
                    let end =
                        faults[.workloadCertificate].begin(at: seconds).map { $0 + 3600 }
                        ?? seconds - used + lifetime
                    return plan.unixSeconds(at: end).rounded(.down)
                })
        }
    }
    return MetricFamily(
        name: "identity_cert_expiration_timestamp_seconds",
        help: "Time when the this proxy's current mTLS identity certificate will expire.",
        kind: .gauge, metrics: metrics)
}
