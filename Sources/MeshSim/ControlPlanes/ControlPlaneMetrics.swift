/// What the control plane of one cluster says of itself.
func controlPlaneFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    switch profile.mesh {
    case .istio: istiodFamilies(of: profile, in: topology)
    case .ambient:
        istiodFamilies(of: profile, in: topology) + nodeFamilies(of: profile, in: topology)
    case .linkerd: linkerdControlFamilies(of: profile, in: topology)
    case .consul: consulServerFamilies(of: profile, in: topology)
    case .otel: []
    }
}

/// The replicas of a component, each of which has the same metrics.
struct ReplicaMetrics: Sendable {
    var places: [ControlPlaneBoard.Place]

    func gauge(
        _ name: String, _ help: String, _ labels: Labels = [:],
        _ value: @escaping @Sendable (ControlPlaneBoard.Place, Double) -> Double
    ) -> MetricFamily {
        family(name, help, .gauge, [labels]) { place, _, seconds in value(place, seconds) }
    }

    /// A counter that rises by so much a second.
    func counter(
        _ name: String, _ help: String, _ labels: Labels = [:],
        perSecond: @escaping @Sendable (ControlPlaneBoard.Place) -> Double
    ) -> MetricFamily {
        family(name, help, .counter, [labels]) { place, _, seconds in
            (perSecond(place) * seconds).rounded(.down)
        }
    }

    /// A counter that is not there before a fault, and rises while that is on, by one at once.
    func counter(
        _ name: String, _ help: String, _ labels: Labels = [:], of fault: ControlPlaneFaultKind,
        perSecond: Double
    ) -> MetricFamily {
        MetricFamily(
            name: name, help: help, kind: .counter,
            metrics: places.map { place in
                let course = place.faults[fault]
                return Metric(
                    labels: place.replica.labels + labels,
                    measure: .number {
                        1 + (course.duration(until: $0) * perSecond).rounded(.down)
                    }, cause: course)
            })
    }

    /// One series of each replica for each of these labels.
    func family(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ rows: [Labels],
        _ value: @escaping @Sendable (ControlPlaneBoard.Place, Labels, Double) -> Double
    ) -> MetricFamily {
        MetricFamily(
            name: name, help: help, kind: kind,
            metrics: places.flatMap { place in
                rows.map { row in
                    Metric(
                        labels: place.replica.labels + row,
                        measure: .number { value(place, row, $0) })
                }
            })
    }

    /// Durations of events, most of them short; nearly all long while a fault is on.
    func durations(
        _ name: String, _ help: String, milliseconds: Double, perSecond: Double,
        slowedBy fault: ControlPlaneFaultKind
    ) -> MetricFamily {
        MetricFamily(
            name: name, help: help, kind: .histogram,
            metrics: places.map { place in
                let flow = Flow(perSecond: perSecond, shape: .steady)
                let usual = Tally.Part(
                    flow: flow.gated(place.faults[fault], whileOn: 0.1, whileOff: 1),
                    latency: Latency(
                        floorMilliseconds: 0, medianMilliseconds: milliseconds, sigma: 0.6),
                    layout: .pushes)
                let slow = Tally.Part(
                    flow: flow.gated(place.faults[fault], whileOn: 0.9, whileOff: 0),
                    latency: Latency(
                        floorMilliseconds: 10_000, medianMilliseconds: 4000, sigma: 0.3),
                    layout: .pushes)
                return Metric(
                    labels: place.replica.labels,
                    measure: .durations(Tally(parts: [usual, slow])))
            })
    }
}

extension BucketLayout {
    /// istiod's, of pushes, which it tells in seconds (istio's `pilot/pkg/xds/monitoring.go`).
    static let pushes = BucketLayout(
        bounds: [100, 500, 1000, 3000, 5000, 10_000, 20_000, 30_000], unitMilliseconds: 1000)
}

/// What runs on every node of a cluster without sidecars (istio's `cni/pkg`, ztunnel's `src/inpod` and
/// `src/xds`).
private func nodeFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let agents = ReplicaMetrics(places: topology.controlPlanes.places(in: profile.name, .cni))
    let ztunnels = ReplicaMetrics(
        places: topology.controlPlanes.places(in: profile.name, .ztunnel))
    let terminations = "istio_xds_connection_terminations_total"
    return [
        agents.gauge("istio_cni_install_ready", "Whether the plug-in is installed.") {
            $0.faults[.cniNotReady].isOn(at: $1) ? 0 : 1
        },
        agents.gauge("ztunnel_connected", "Number of connections to ztunnel.") {
            $0.faults[.cniWithoutZtunnel].isOn(at: $1) ? 0 : 1
        },
        ztunnels.gauge("workload_manager_active_proxy_count", "Pods that ztunnel serves.") {
            $0.faults[.ztunnelPodsPending].isOn(at: $1) ? 6 : 8
        },
        ztunnels.gauge("workload_manager_pending_proxy_count", "Pods that wait for ztunnel.") {
            $0.faults[.ztunnelPodsPending].isOn(at: $1) ? 2 : 0
        },
        MetricFamily(
            name: terminations, help: "Connections to istiod that have ended.", kind: .counter,
            // Each ends after half an hour, and is made anew.
            metrics: ztunnels.counter(terminations, "", ["reason": "Reconnect"]) { _ in 1 / 1800 }
                .metrics
                + ztunnels.counter(
                    terminations, "", ["reason": "ConnectionError"], of: .ztunnelCutOff,
                    perSecond: 2
                ).metrics),
    ]
}
