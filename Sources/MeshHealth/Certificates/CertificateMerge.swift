/// Joins what several sources tell of the same certificate.
public enum CertificateMerge {
    /// Each certificate once, as its best source tells it. Those that may be the same and contradict
    /// each other stay apart: an agent that has a new one, and a proxy that still serves the old one,
    /// is a fault that one wants to see.
    public static func merged(_ certificates: [Certificate]) -> [Certificate] {
        let order = certificates.indices.sorted {
            (certificates[$0].source, $0) < (certificates[$1].source, $1)
        }
        var merged: [Certificate] = []
        var places: [Key: [Int]] = [:]
        for index in order {
            let certificate = certificates[index]
            let key = Key(certificate)
            let place = places[key]?.first { merged[$0].isSame(as: certificate) }
            if let place {
                merged[place].absorb(certificate)
            } else {
                places[key, default: []].append(merged.count)
                merged.append(certificate)
            }
        }
        return merged.sorted { one, other in
            (one.cluster, one.kind.rawValue, one.instance, one.subject, one.expiry.latest)
                < (
                    other.cluster, other.kind.rawValue, other.instance, other.subject,
                    other.expiry.latest
                )
        }
    }

    private struct Key: Hashable {
        var cluster: String
        var kind: Certificate.Kind
        var holder: String

        init(_ certificate: Certificate) {
            cluster = certificate.cluster
            kind = certificate.kind
            holder = certificate.isAuthority ? "" : certificate.instance
        }
    }
}

extension Certificate {
    /// Sources read their clocks at different times, seconds.
    private static let tolerance: Int64 = 90
    private static let maximumEvidence = 8

    /// Whether both are the same certificate, of the same cluster, kind and holder.
    fileprivate func isSame(as other: Certificate) -> Bool {
        if let serial, let otherSerial = other.serial { return serial == otherSerial }
        if let trustDomain, let otherDomain = other.trustDomain, trustDomain != otherDomain {
            return false
        }
        if isIdentity, other.isIdentity, subject != other.subject { return false }
        // Whole days fit too much to tell CAs apart.
        if isAuthority, expiry.exact == nil || other.expiry.exact == nil {
            return isAboutSameHours(other)
        }
        return expiry.agrees(with: other.expiry, within: Self.tolerance)
    }

    /// Bounds as narrow as those of gauges that are set once an hour.
    private func isAboutSameHours(_ other: Certificate) -> Bool {
        let widths = [expiry, other.expiry].map { bounds in
            bounds.earliest.map { bounds.latest - $0 } ?? .max
        }
        return widths.allSatisfy { $0 <= 7200 }
            && expiry.agrees(with: other.expiry, within: Self.tolerance)
    }

    private var isIdentity: Bool { subject.hasPrefix("spiffe://") }

    /// Takes what another source knows better.
    fileprivate mutating func absorb(_ other: Certificate) {
        if expiry.exact == nil, other.expiry.exact != nil {
            expiry = other.expiry
            source = other.source
        }
        // A resource's name is less than the identity in it.
        if subject.isEmpty || (!isIdentity && other.isIdentity) { subject = other.subject }
        if mesh == .envoy || mesh == .other, other.mesh != .envoy, other.mesh != .other {
            mesh = other.mesh
        }
        issuer = issuer ?? other.issuer
        trustDomain = trustDomain ?? other.trustDomain
        serial = serial ?? other.serial
        notBefore = notBefore ?? other.notBefore
        if let longest = other.longestRemaining {
            longestRemaining = max(longestRemaining ?? longest, longest)
        }
        for one in other.evidence
        where evidence.count < Self.maximumEvidence && !evidence.contains(one) {
            evidence.append(one)
        }
    }
}
