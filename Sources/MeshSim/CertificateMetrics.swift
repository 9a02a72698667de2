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
struct PodCertificates: Sendable {
    let hasCertificates: Bool
    /// For how many days Envoy's certificates are valid, and how old they were at the origin.
    private let lifetimeDays: Double
    private let ageDays: Double
    /// For how long the workload's certificate is valid, and how long ago it had been renewed at the
    /// origin.
    private let lifetimeSeconds: Double
    private let ageSeconds: Double
    private let faults: WorkloadFaults
    /// Of an Envoy at the edge, which has some of its own.
    private let edgeFaults: ControlPlaneFaults?

    init(workload: Workload, pod: String, hasCertificates: Bool, topology: Topology) {
        self.hasCertificates = hasCertificates
        var dice = Dice(seed: topology.plan.seed, name: "certificate/\(workload.cluster)/\(pod)")
        // The ingress has certificates of four weeks: those are always about to expire.
        lifetimeDays = workload.name == gatewayNames[0] ? 28 : 90
        ageDays = dice.number(in: 0...lifetimeDays)
        lifetimeSeconds = (workload.mesh == .consul ? 3 : 1) * CertificateLife.day
        ageSeconds = dice.number(in: 0...lifetimeSeconds / 2)
        faults = topology.board.faults(of: workload.name, in: workload.cluster)
        edgeFaults =
            gatewayNames.contains(workload.name)
            ? topology.pods(of: workload).firstIndex(of: pod).flatMap {
                topology.controlPlanes.place("\(workload.name)-\($0)", in: workload.cluster)?.faults
            } : nil
    }

    private func isOn(_ kind: ControlPlaneFaultKind, at seconds: Double) -> Bool {
        edgeFaults?[kind].isOn(at: seconds) ?? false
    }

    /// The certificate that Envoy has from a file; nil where it has none.
    func ofEnvoy(at seconds: Double) -> CertificateLife? {
        let day = CertificateLife.day
        if let begin = faults[.certificate].begin(at: seconds) {
            return CertificateLife(
                begin: begin + (10.5 - lifetimeDays) * day, end: begin + 10.5 * day)
        }
        if isOn(.envoyCertificateAbsent, at: seconds)
            || isOn(.envoyCertificateAbsentUnsigned, at: seconds)
        {
            return nil
        }
        if let begin = edgeFaults?[.envoyCertificateExpired].begin(at: seconds) {
            let end = begin - CertificateLife.hour
            return CertificateLife(begin: end - lifetimeDays * day, end: end)
        }
        if let begin = edgeFaults?[.envoyCertificateExpiring].begin(at: seconds) {
            return CertificateLife(begin: begin + (2 - lifetimeDays) * day, end: begin + 2 * day)
        }
        guard hasCertificates else { return nil }
        let used = (ageDays + seconds / day).truncatingRemainder(dividingBy: lifetimeDays)
        return CertificateLife(
            begin: seconds - used * day, end: seconds + (lifetimeDays - used) * day)
    }

    /// Whether Envoy knows that it has a certificate, and cannot tell when that ends.
    func isUnread(at seconds: Double) -> Bool { isOn(.envoyCertificateUnread, at: seconds) }

    /// The whole days that Envoy tells.
    func daysLeft(at seconds: Double) -> Double {
        if isUnread(at: seconds) { return 0 }
        guard let life = ofEnvoy(at: seconds) else {
            // Envoy's words for "no certificate": the greatest number of an older type, or a newer.
            return isOn(.envoyCertificateAbsentUnsigned, at: seconds)
                ? 4_294_967_295 : 2_147_483_647
        }
        return max(0, ((life.end - seconds) / CertificateLife.day).rounded(.down))
    }

    /// The workload's certificate, which the mesh's authority has signed. They are renewed at half
    /// their life.
    func ofWorkload(at seconds: Double) -> CertificateLife {
        if let begin = faults[.workloadCertificate].begin(at: seconds) {
            return CertificateLife(begin: begin + 3600 - lifetimeSeconds, end: begin + 3600)
        }
        let used = (ageSeconds + seconds).truncatingRemainder(dividingBy: lifetimeSeconds / 2)
        return CertificateLife(begin: seconds - used, end: seconds - used + lifetimeSeconds)
    }

    /// Negative when it has expired.
    func secondsLeftOfWorkload(at seconds: Double) -> Double {
        (ofWorkload(at: seconds).end - seconds).rounded(.down)
    }
}
