/// What tells of a certificate's end, the best first.
public enum CertificateSource: Int, Hashable, Sendable, CaseIterable, Comparable {
    /// `istio_agent_cert_expiry_seconds`, and the gauges of Linkerd's proxies.
    case agentGauge
    /// Envoy's gauge of each certificate.
    case envoyGauge
    /// `expiration_time` of Envoy's `/certs`.
    case envoyCertificates
    /// The gauges of Citadel's and Consul's CAs.
    case authorityGauge
    /// `NotAfter` of Consul's active root.
    case consulRoots
    /// `issuer_cert_ttl_seconds` of Linkerd's identity service.
    case linkerdIssuer
    /// What an endpoint shows.
    case handshake
    /// `envoy_server_days_until_first_cert_expiring`: whole days of the first of them all.
    case envoyDays

    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    /// For labels.
    public var name: String {
        switch self {
        case .agentGauge: "agent"
        case .envoyGauge: "envoy"
        case .envoyCertificates: "envoy_certs"
        case .authorityGauge: "authority"
        case .consulRoots: "consul_roots"
        case .linkerdIssuer: "linkerd_issuer"
        case .handshake: "handshake"
        case .envoyDays: "envoy_days"
        }
    }
}
