/// What the kubelet and kube-state-metrics say about one cluster's pods.
func kubernetesFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let containers = topology.workloads(in: profile).flatMap { workload in
        topology.pods(of: workload).enumerated().flatMap { index, pod in
            podContainers(of: workload, pod: pod, index: index, in: topology)
        }
    }
    return [
        MetricFamily(
            name: "container_memory_usage_bytes", help: "Memory in use.", kind: .gauge,
            metrics: containers.map { container in
                Metric(
                    labels: container.labels,
                    measure: .number { container.memoryBytes(at: $0) })
            }),
        MetricFamily(
            name: "container_cpu_usage_seconds_total", help: "CPU time used.", kind: .counter,
            metrics: containers.map { container in
                Metric(
                    labels: container.labels,
                    measure: .number { container.cpuSeconds(at: $0) })
            }),
        MetricFamily(
            name: "kube_pod_container_status_restarts_total",
            help: "How often a container was restarted.", kind: .counter,
            metrics: containers.map { container in
                Metric(
                    labels: container.labels,
                    measure: .number { container.restartCount(at: $0) })
            }),
    ]
}

/// One container and what is measured of it.
private struct Container: Sendable {
    let labels: Labels
    let memory: Flow
    let cpu: Flow
    let restarts: RecurringEvent
    /// When it crashes again and again; only proxies do.
    let crashes: FaultCourse?

    func restartCount(at seconds: Double) -> Double {
        let crashed = (crashes?.duration(until: seconds) ?? 0) / 10
        return restarts.count(at: seconds) + crashed.rounded(.down)
    }

    /// Whole pages.
    func memoryBytes(at seconds: Double) -> Double {
        (memory.rate(at: seconds) / 4096).rounded(.down) * 4096
    }

    /// Whole milliseconds.
    func cpuSeconds(at seconds: Double) -> Double {
        (cpu.amount(at: seconds) * 1000).rounded(.down) / 1000
    }
}

/// The containers of a pod: its proxy and, unless it is a gateway, the program behind it.
private func podContainers(
    of workload: Workload, pod: String, index: Int, in topology: Topology
) -> [Container] {
    let isGateway = gatewayNames.contains(workload.name)
    let proxy = workload.mesh.proxyContainer
    let names = isGateway ? [proxy ?? workload.name] : [workload.name] + (proxy.map { [$0] } ?? [])
    let rate = topology.edges.reduce(0) { sum, edge in
        edge.source == workload || edge.destination == workload
            ? sum + edge.requestsPerSecond : sum
    }
    let replicas = Double(topology.plan.replicas)
    let shape = topology.edges.first { $0.source == workload || $0.destination == workload }?.shape
    return names.map { name in
        var dice = Dice(
            seed: topology.plan.seed, name: "container/\(workload.cluster)/\(pod)/\(name)")
        let isProxy = name == proxy
        let mebibytes = dice.number(in: isProxy ? 45...80 : 120...600)
        let cpuPerRequest = dice.number(in: isProxy ? 0.0004...0.0008 : 0.001...0.004)
        // One gateway's proxy does not stay up: that is what the alert on restarts finds.
        let isUnstable = isProxy && workload.name == gatewayNames[2] && index == 0
        return Container(
            labels: ["namespace": workload.namespace, "pod": pod, "container": name],
            memory: Flow(
                perSecond: mebibytes * 1_048_576,
                shape: LoadShape([
                    LoadShape.Wave(
                        amplitude: 0.12, periodSeconds: dice.number(in: 600...3000),
                        phase: dice.number(in: 0...6))
                ])),
            cpu: Flow(perSecond: 0.01 + rate / replicas * cpuPerRequest, shape: shape ?? .steady),
            restarts: RecurringEvent(
                periodSeconds: dice.number(in: isUnstable ? 70...100 : 200_000...900_000),
                firstSeconds: dice.number(in: isUnstable ? 20...60 : 0...900_000),
                lastsSeconds: 0),
            crashes: isProxy
                ? topology.board.faults(of: workload.name, in: workload.cluster)[.sidecarCrash]
                : nil)
    }
}
