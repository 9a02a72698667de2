import Meshes

// The first file to read in Certificates: whatever tells of a certificate, it becomes one of these,
// with the end as a time. `CertificateQuery` has what metrics tell, the readers in `Probes` what
// endpoints do, `Handshake` what TLS shows; `CertificateMerge` joins what is told of the same one.

/// A certificate that a mesh depends on.
public struct Certificate: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Of a workload or of its proxy; renewed by the mesh within hours or days.
        case workload
        /// Of a CA between the root and the workloads.
        case intermediate
        /// What a mesh trusts.
        case root
        /// Linkerd's: the one that its identity service signs with.
        case issuer
        /// Of something that speaks TLS outside the mesh's own identities.
        case server
    }

    public var kind: Kind
    public var mesh: Mesh
    /// The cluster where it was seen.
    public var cluster: String
    /// The SPIFFE identity, the name, or the resource that holds it; may be empty.
    public var subject: String
    public var issuer: String?
    public var trustDomain: String?
    public var serial: SerialNumber?
    /// Where it was seen: a pod as `namespace/name`, or an address.
    public var instance: String
    /// From when it is valid, seconds since the Unix epoch; nil where that is not told.
    public var notBefore: Int64?
    public var expiry: ExpiryBounds
    /// What the expiry is from.
    public var source: CertificateSource
    /// Everything that tells of it, the best first.
    public var evidence: [Evidence]
    /// The longest time that was seen to remain, seconds; nil where nobody kept count. The lifetime
    /// is at least that.
    public var longestRemaining: Int64?

    public init(
        _ kind: Kind, mesh: Mesh, cluster: String, subject: String, instance: String,
        expiry: ExpiryBounds, source: CertificateSource, evidence: [Evidence]
    ) {
        self.kind = kind
        self.mesh = mesh
        self.cluster = cluster
        self.subject = subject
        self.instance = instance
        self.expiry = expiry
        self.source = source
        self.evidence = evidence
        trustDomain = Principal.trustDomain(of: subject)
    }

    /// From the beginning to the end, seconds; nil where one of them is not known exactly.
    public var lifetime: Int64? {
        guard let notBefore, let end = expiry.exact, end > notBefore else { return nil }
        return end.subtractingReportingOverflow(notBefore).partialValue
    }

    /// Whether it is a CA's, and so the same one wherever it is seen in the cluster.
    public var isAuthority: Bool {
        switch kind {
        case .root, .intermediate, .issuer: true
        case .workload, .server: false
        }
    }
}
