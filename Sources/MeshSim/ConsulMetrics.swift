/// What the Envoys of a Consul cluster say. Their bootstrap makes labels of the parts of an Envoy
/// cluster's name and of the proxy's own service (Consul's
/// `command/connect/envoy/bootstrap_config.go` has the rules); what arrives at a proxy it sends on
/// to an Envoy cluster called `local_app`, of whose callers nothing is said.
///
/// Consul's namespaces mirror those of Kubernetes, and what other clusters run is reached as a
/// service of a datacenter with the cluster's name.
func consulFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    var proxies: [UpstreamProxy] = []
    for workload in topology.workloads(in: profile) {
        let leaving = topology.edges.filter { $0.source == workload }
        let arriving = topology.edges.filter { $0.destination == workload }
        for (pod, share) in topology.podShares(of: workload) {
            let own = consulSource(workload, pod, profile)
            for edge in leaving {
                proxies.append(
                    UpstreamProxy(
                        upstream: Upstream(source: workload, service: edge.service, edges: [edge]),
                        labels: own + edge.consulDestination(profile), pod: pod, share: share,
                        plan: topology.plan, tagPrefix: "envoy_"))
            }
            guard let service = arriving.first?.service else { continue }
            proxies.append(
                UpstreamProxy(
                    upstream: Upstream(source: workload, service: service, edges: arriving),
                    labels: own + ["envoy_cluster_name": "local_app"], pod: pod, share: share,
                    plan: topology.plan, tagPrefix: "envoy_", isLocal: true))
        }
    }
    return envoyUpstreamFamilies(of: proxies) + remainingFamilies(of: proxies)
        + byteFamilies(of: proxies)
}

private func consulSource(
    _ workload: Workload, _ pod: String, _ profile: ClusterProfile
) -> Labels {
    [
        "local_cluster": workload.name, "consul_source_service": workload.name,
        "consul_source_namespace": workload.namespace, "consul_source_partition": "default",
        "consul_source_datacenter": profile.name, "namespace": workload.namespace, "pod": pod,
    ]
}

extension Edge {
    fileprivate func consulDestination(_ profile: ClusterProfile) -> Labels {
        let target = "\(service.name).\(service.namespace).\(destination.cluster)"
        let routing = leavesCluster ? "external" : "internal"
        return [
            // Envoy's own rule takes the name up to the first dot.
            "envoy_cluster_name": service.name, "consul_destination_service": service.name,
            "consul_destination_namespace": service.namespace,
            "consul_destination_partition": "default",
            "consul_destination_datacenter": destination.cluster,
            "consul_destination_routing_type": routing,
            "consul_destination_trust_domain": profile.trustDomain,
            "consul_destination_target": target,
            "consul_destination_full_target": "\(target).\(routing).\(profile.trustDomain)",
        ]
    }
}

/// What the limits of circuit breakers leave, which Envoy tells where `track_remaining` is set.
private func remainingFamilies(of proxies: [UpstreamProxy]) -> [MetricFamily] {
    // Envoy's standard limits.
    func family(
        _ what: String, _ limit: Double,
        _ used: @escaping @Sendable (UpstreamProxy, Double) -> Double
    ) -> MetricFamily {
        MetricFamily(
            name: "envoy_cluster_circuit_breakers_default_remaining_\(what)",
            help: "How many more there may be.", kind: .gauge,
            metrics: proxies.map { proxy in
                proxy.metric { max(0, limit - used(proxy, $0)) }
            })
    }
    return [
        family("cx", 1024) { $0.openConnections(at: $1) },
        family("rq", 1024) { proxy, seconds in
            proxy.isOverloaded(at: seconds)
                ? 1024 : proxy.requests.concurrency(at: seconds).rounded(.up)
        },
        family("pending", 1024) { $0.isOverloaded(at: $1) ? 1024 : 0 },
        family("retries", 3) { proxy, seconds in
            proxy.upstream.service.temper == .failing && proxy.ejections.isOn(at: seconds) ? 3 : 0
        },
    ]
}

/// What connections carry, where they are TCP's.
private func byteFamilies(of proxies: [UpstreamProxy]) -> [MetricFamily] {
    func family(_ name: String, _ help: String, _ amount: Double) -> MetricFamily {
        MetricFamily(
            name: name, help: help, kind: .counter,
            metrics: proxies.filter { $0.upstream.service.speaks == .tcp }.map { proxy in
                let flows = proxy.tcpConnections
                return proxy.metric { seconds in
                    flows.reduce(0) { $0 + $1.count(at: seconds) } * amount
                }
            })
    }
    return [
        family(
            "envoy_cluster_upstream_cx_tx_bytes_total", "Bytes sent.",
            Edge.bytesPerConnection.sent),
        family(
            "envoy_cluster_upstream_cx_rx_bytes_total", "Bytes received.",
            Edge.bytesPerConnection.received),
    ]
}
