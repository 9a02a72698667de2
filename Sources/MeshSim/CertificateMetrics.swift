/// How long the certificates of one cluster's proxies are valid.
///
/// What Envoy tells is about certificates that last weeks; those of istiod, for which the agent
/// beside Envoy speaks, last a day.
func certificateFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    var days: [Metric] = []
    var seconds: [Metric] = []
    for workload in topology.workloads(in: profile) {
        let service = topology.services.first { $0.name == workload.name }
        for pod in topology.pods(of: workload) {
            let certificates = PodCertificates(
                workload: workload, pod: pod, hasCertificates: service?.temper != .plaintext,
                topology: topology)
            let labels: Labels = ["namespace": workload.namespace, "pod": pod]
            days.append(
                Metric(labels: labels, measure: .number { certificates.daysLeft(at: $0) }))
            guard certificates.hasCertificates else { continue }
            seconds.append(
                Metric(
                    labels: labels.with("resource_name", "default"),
                    measure: .number { certificates.secondsLeftOfWorkload(at: $0) }))
        }
    }
    return [
        MetricFamily(
            name: "envoy_server_days_until_first_cert_expiring",
            help: "Days until the first certificate expires.", kind: .gauge, metrics: days),
        MetricFamily(
            name: "istio_agent_cert_expiry_seconds",
            help: "Seconds until the workload's certificate expires.", kind: .gauge,
            metrics: seconds),
    ]
}

/// The certificates of one pod's proxy.
private struct PodCertificates: Sendable {
    let hasCertificates: Bool
    /// For how many days Envoy's certificates are valid, and how old they were at the origin.
    private let lifetimeDays: Double
    private let ageDays: Double
    /// How long ago the workload's certificate had been renewed at the origin.
    private let ageSeconds: Double
    private let faults: WorkloadFaults

    init(workload: Workload, pod: String, hasCertificates: Bool, topology: Topology) {
        self.hasCertificates = hasCertificates
        var dice = Dice(seed: topology.plan.seed, name: "certificate/\(workload.cluster)/\(pod)")
        // The ingress has certificates of four weeks: those are always about to expire.
        lifetimeDays = workload.name == gatewayNames[0] ? 28 : 90
        ageDays = dice.number(in: 0...lifetimeDays)
        ageSeconds = dice.number(in: 0...PodCertificates.renewalSeconds)
        faults = topology.board.faults(of: workload.name, in: workload.cluster)
    }

    private static let secondsPerDay = 86_400.0
    /// istiod's certificates are renewed at half their life.
    private static let renewalSeconds = 43_200.0

    func daysLeft(at seconds: Double) -> Double {
        if let begin = faults[.certificate].begin(at: seconds) {
            let left = 10.5 - (seconds - begin) / PodCertificates.secondsPerDay
            return max(0, left.rounded(.down))
        }
        // Envoy's word for "no certificate".
        guard hasCertificates else { return 2_147_483_647 }
        let used = (ageDays + seconds / PodCertificates.secondsPerDay)
            .truncatingRemainder(dividingBy: lifetimeDays)
        return (lifetimeDays - used).rounded(.down)
    }

    /// Negative when it has expired.
    func secondsLeftOfWorkload(at seconds: Double) -> Double {
        if let begin = faults[.workloadCertificate].begin(at: seconds) {
            return (3600 - (seconds - begin)).rounded(.down)
        }
        let used = (ageSeconds + seconds)
            .truncatingRemainder(dividingBy: PodCertificates.renewalSeconds)
        return (PodCertificates.secondsPerDay - used).rounded(.down)
    }
}
