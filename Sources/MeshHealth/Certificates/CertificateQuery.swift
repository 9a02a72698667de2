import PrometheusAPI
import TimeSeries

/// What metrics tell of certificates: the table, and how its answers are read.
public struct CertificateQuery: Hashable, Sendable {
    /// Free of data, and unique.
    public var name: String
    public var mesh: Mesh
    public var kind: Certificate.Kind
    public var source: CertificateSource
    /// PromQL over the union of all clusters. Times that remain are made into times of the end with
    /// the sample's own time: a sample may be minutes old.
    public var text: String
    /// The metrics that it asks for.
    public var metrics: [String]
    public var meaning: String
    private var unit = Unit.unixSeconds
    /// By how much a time may be too late, seconds.
    private var slack: Int64 = 0
    /// The label that names the certificate; nil where there is one for each holder.
    private var nameLabel: String?

    private enum Unit: Hashable, Sendable {
        case unixSeconds
        case wholeDays
    }

    private init(
        _ name: String, _ mesh: Mesh, _ kind: Certificate.Kind, _ source: CertificateSource,
        metrics: [String], _ text: String, _ meaning: String
    ) {
        self.name = name
        self.mesh = mesh
        self.kind = kind
        self.source = source
        self.metrics = metrics
        self.text = text
        self.meaning = meaning
    }

    // MARK: The table

    /// The best source first.
    public static let all: [CertificateQuery] = [
        agent, linkerdProxy, consulLeaf, envoyListener, envoyCluster, citadelRoot, citadelChain,
        consulRoot, consulSigning, consulAgent, linkerdIssuer, envoyDays,
    ]

    private static let holder = "cluster, namespace, pod, instance"

    private static let agent: Self = {
        let metric = "istio_agent_cert_expiry_seconds"
        var query = Self(
            "istio-agent", .istio, .workload, .agentGauge, metrics: [metric],
            "min by (\(holder), resource_name) (\(metric) + timestamp(\(metric)))",
            "What the agent beside each proxy has got from the CA")
        query.nameLabel = "resource_name"
        return query
    }()

    private static let linkerdProxy: Self = {
        // Newer releases have it with the prefix.
        let metrics = [
            "control_identity_cert_expiration_timestamp_seconds",
            "identity_cert_expiration_timestamp_seconds",
        ]
        return Self(
            "linkerd-proxy", .linkerd, .workload, .agentGauge, metrics: metrics,
            "min by (\(holder)) (\(metrics.joined(separator: " or ")))",
            "What each of Linkerd's proxies has got from the identity service")
    }()

    private static let consulLeaf: Self = {
        let metric = "consul_leaf_certs_cert_expiry"
        var query = Self(
            "consul-leaf", .consul, .workload, .agentGauge, metrics: [metric],
            "min by (\(holder), service) (\(metric) + timestamp(\(metric)))",
            "What Consul's agents hold for their services")
        query.nameLabel = "service"
        query.slack = 3600
        return query
    }()

    private static let envoyListener = envoy("listener", "What Envoy shows to those who call it")
    private static let envoyCluster = envoy("cluster", "What Envoy shows to those whom it calls")

    private static func envoy(_ part: String, _ meaning: String) -> Self {
        let metric = "envoy_\(part)_ssl_certificate_expiration_unix_time_seconds"
        var query = Self(
            "envoy-\(part)", .envoy, .workload, .envoyGauge, metrics: [metric],
            "min by (\(holder), envoy_tls_certificate) (\(metric))", meaning)
        query.nameLabel = "envoy_tls_certificate"
        return query
    }

    private static let citadelRoot = citadel("root_cert", .root, "istiod's root of trust")
    private static let citadelChain = citadel(
        "cert_chain", .intermediate,
        "The CA that istiod signs with; there is none of its own "
            + "where another CA signs")

    private static func citadel(_ part: String, _ kind: Certificate.Kind, _ meaning: String) -> Self
    {
        let time = "citadel_server_\(part)_expiry_timestamp"
        let left = "citadel_server_\(part)_expiry_seconds"
        return Self(
            "citadel-\(kind.rawValue)", .istio, kind, .authorityGauge, metrics: [time, left],
            "min by (\(holder)) ((\(time) > 0) or (\(left) + timestamp(\(left))))", meaning)
    }

    private static let consulRoot = consul(
        "consul-root", .root, "consul_mesh_active_root_ca_expiry", "The root of Consul's mesh")
    private static let consulSigning = consul(
        "consul-signing", .intermediate, "consul_mesh_active_signing_ca_expiry",
        "The CA that Consul's mesh signs with")
    private static let consulAgent = consul(
        "consul-agent", .server, "consul_agent_tls_cert_expiry",
        "What Consul's agents show each other")

    /// Only the leader has a number, others have NaN; it is set once an hour.
    private static func consul(
        _ name: String, _ kind: Certificate.Kind, _ metric: String, _ meaning: String
    ) -> Self {
        var query = Self(
            name, .consul, kind, .authorityGauge, metrics: [metric],
            "min by (\(holder)) ((\(metric) < Inf) + timestamp(\(metric)))", meaning)
        query.slack = 3600
        return query
    }

    private static let linkerdIssuer: Self = {
        let metric = "issuer_cert_ttl_seconds"
        return Self(
            "linkerd-issuer", .linkerd, .issuer, .linkerdIssuer, metrics: [metric],
            "min by (\(holder)) (\(metric) + timestamp(\(metric)))",
            "What Linkerd's identity service signs with")
    }()

    private static let envoyDays: Self = {
        let metric = "envoy_server_days_until_first_cert_expiring"
        var query = Self(
            "envoy-days", .envoy, .workload, .envoyDays, metrics: [metric],
            "min by (\(holder)) (\(metric))",
            "Whole days to the first end of Envoy's certificates; 0 says less than a day, ended or "
                + "not readable, and certificates of a day are at 0 or 1 always")
        query.unit = .wholeDays
        return query
    }()

    // MARK: Reading

    /// How old the samples of an instant query may be, seconds.
    private static let lookback: Int64 = 300

    /// The certificates of an answer for a time, seconds since the Unix epoch. What stands for no
    /// certificate gives none.
    public func certificates(_ answer: QueryValue, at time: Int64) -> [Certificate] {
        MetricSample.all(of: answer).compactMap { certificate($0, at: time) }
    }

    private func certificate(_ sample: MetricSample, at time: Int64) -> Certificate? {
        let bounds =
            switch unit {
            case .unixSeconds: ExpiryBounds(unixSeconds: sample.value, slack: slack)
            case .wholeDays:
                ExpiryBounds(wholeDays: sample.value, at: time, upTo: Self.lookback)
            }
        guard let bounds else { return nil }
        let named = nameLabel.flatMap { sample.labels[$0] } ?? ""
        return Certificate(
            kind(named: named), mesh: mesh, cluster: sample.cluster, subject: named,
            instance: sample.holder, expiry: bounds, source: source,
            evidence: [Evidence(.metric(query: text), sample.text)])
    }

    /// Agents and Envoys have roots among their certificates, told by the name alone.
    private func kind(named name: String) -> Certificate.Kind {
        guard kind == .workload else { return kind }
        let isRoot = name == "ROOTCA" || name.hasPrefix("file-root:") || name.contains("ca_cert")
        return isRoot ? .root : .workload
    }
}
