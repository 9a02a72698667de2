/// From when a certificate's end is near, seconds before it.
public struct CertificateLimits: Hashable, Sendable {
    public var warning: Int64
    public var critical: Int64

    /// Nil where it is not known whether it lives for hours or for months.
    public init?(of certificate: Certificate, at now: Int64) {
        switch certificate.kind {
        case .workload:
            guard let limits = Self.ofWorkload(certificate, at: now) else { return nil }
            self = limits
        case .root, .intermediate, .issuer, .server:
            self = Self.ofAuthority(certificate)
        }
    }

    private init(days warning: Int64, _ critical: Int64) {
        self.warning = warning * 86_400
        self.critical = critical * 86_400
    }

    /// Shares of the lifetime, and where that is long no more than of a server's.
    private static func ofWorkload(
        _ certificate: Certificate, at now: Int64
    ) -> CertificateLimits? {
        let row = workloads[certificate.mesh]
        let longLived = CertificateLimits(days: 30, 7)
        guard let lifetime = certificate.lifetime ?? row?.lifetime else {
            let left = certificate.expiry.latest.subtractingReportingOverflow(now).partialValue
            // What has had more than three days left is not one of those that live for a day.
            return max(certificate.longestRemaining ?? left, left) > 3 * 86_400 ? longLived : nil
        }
        let shares = row ?? standardShares
        var limits = longLived
        limits.warning = min(limits.warning, lifetime / shares.warningPart)
        limits.critical = min(limits.critical, lifetime / shares.criticalPart)
        return limits
    }

    private static func ofAuthority(_ certificate: Certificate) -> CertificateLimits {
        var limits: CertificateLimits =
            switch (certificate.mesh, certificate.kind) {
            // `linkerd check` warns of both 60 days before.
            case (.linkerd, .root), (.linkerd, .issuer): CertificateLimits(days: 60, 7)
            case (.consul, .intermediate): CertificateLimits(days: 30, 7)
            case (_, .intermediate), (_, .issuer): CertificateLimits(days: 7, 1)
            default: CertificateLimits(days: 30, 7)
            }
        // One that lives for a few weeks is not near its end from its first day on.
        if let lifetime = certificate.lifetime {
            limits.warning = min(limits.warning, lifetime / 3)
            limits.critical = min(limits.critical, lifetime / 12)
        }
        return limits
    }

    /// How a mesh renews its workloads' certificates.
    private struct WorkloadRow {
        /// Where nobody has set another one, seconds.
        var lifetime: Int64
        var warningPart: Int64
        var criticalPart: Int64
    }

    /// Istio renews at half of the lifetime, Linkerd at 70 %, so that a quarter left is late. Consul
    /// takes any time up to nine tenths.
    private static let workloads: [Mesh: WorkloadRow] = [
        .istio: WorkloadRow(lifetime: 86_400, warningPart: 4, criticalPart: 12),
        .linkerd: WorkloadRow(lifetime: 86_400, warningPart: 4, criticalPart: 12),
        .consul: WorkloadRow(lifetime: 259_200, warningPart: 12, criticalPart: 24),
    ]
    private static let standardShares = WorkloadRow(
        lifetime: 0, warningPart: 4, criticalPart: 12)
}
