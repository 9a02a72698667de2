import TimeSeries

/// What is observed as series: the table of their names, and their samples at one time.
public struct HealthSeries: Hashable, Sendable {
    /// A metric that the gateway makes of what it knows.
    public enum Metric: String, Hashable, Sendable, CaseIterable {
        /// 1 for the state that a component is in, 0 for the others.
        case state = "mesh_control_plane_state"
        /// The same of each replica.
        case instanceState = "mesh_control_plane_instance_state"
        /// 1 where a probe was answered as it should, 0 where not.
        case probe = "mesh_control_plane_probe_success"
        case probeSeconds = "mesh_control_plane_probe_duration_seconds"
        case expiry = "mesh_certificate_expiry_timestamp_seconds"
        case lifetime = "mesh_certificate_lifetime_seconds"
        case issues = "mesh_config_issues"

        /// One line, for `# HELP`.
        public var meaning: String {
            switch self {
            case .state: "1 for the state that a component of a mesh is in, 0 for the others"
            case .instanceState: "1 for the state that a replica is in, 0 for the others"
            case .probe: "Whether an endpoint answered that all is well"
            case .probeSeconds: "How long the endpoint took to answer"
            case .expiry: "When a certificate ends, at the latest; seconds since the Unix epoch"
            case .lifetime: "For how long a certificate is valid from its first second on"
            case .issues: "How many issues of configuration there are, by kind"
            }
        }
    }

    /// A sample of the time that it is all of.
    public struct Sample: Hashable, Sendable {
        public var labels: Labels
        public var value: Double

        public init(_ labels: Labels, _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    public private(set) var samples: [Sample] = []

    public init() {}

    private mutating func add(
        _ metric: Metric, _ value: Double, _ labels: [(String, String)]
    ) {
        samples.append(
            Sample(Labels([(Labels.metricNameLabel, metric.rawValue)] + labels), value))
    }

    // MARK: What there is

    /// A component and its replicas. `states` are the replicas' states as they are believed.
    public mutating func add(
        _ component: ComponentHealth, states: [String: ComponentState] = [:]
    ) {
        let own = component.id.labels
        add(.state, component.state, own)
        for instance in component.instances {
            let labels = own + [("instance", instance.target.instance)]
            add(.instanceState, states[instance.target.instance] ?? instance.state, labels)
            for reading in instance.readings {
                let named = labels + [("probe", reading.probe.rawValue)]
                add(.probe, reading.state == .healthy ? 1 : 0, named)
                guard reading.status != nil else { continue }
                let (seconds, attoseconds) = reading.latency.components
                add(.probeSeconds, Double(seconds) + Double(attoseconds) * 1e-18, named)
            }
        }
    }

    private mutating func add(
        _ metric: Metric, _ state: ComponentState, _ labels: [(String, String)]
    ) {
        for one in ComponentState.allCases {
            add(metric, one == state ? 1 : 0, labels + [("state", one.rawValue)])
        }
    }

    /// Certificates, each once (`CertificateMerge`). Two of one holder that no label tells apart are
    /// one series, of which the first end counts.
    public mutating func add(_ certificates: [Certificate]) {
        var expiries: [Labels: Int64] = [:]
        var lifetimes: [Labels: Int64] = [:]
        for certificate in certificates {
            let labels = Labels(certificate.labels)
            let end = certificate.expiry.latest
            expiries[labels] = min(expiries[labels] ?? end, end)
            guard let lifetime = certificate.lifetime else { continue }
            lifetimes[labels] = min(lifetimes[labels] ?? lifetime, lifetime)
        }
        for (metric, values) in [(Metric.expiry, expiries), (.lifetime, lifetimes)] {
            for (labels, value) in values.sorted(by: { $0.key < $1.key }) {
                add(metric, Double(value), labels.pairs.map { ($0.name, $0.value) })
            }
        }
    }

    /// Issues by cluster and kind, each once (`ConfigurationIssue.merged`): 0 for the kinds that the
    /// clusters do not have, so that one sees an issue end.
    public mutating func add(
        _ issues: [ConfigurationIssue], clusters: some Sequence<String>
    ) {
        let byCluster = Dictionary(grouping: issues, by: \.component.cluster)
        for cluster in Set(clusters).union(byCluster.keys).sorted() {
            let byKind = Dictionary(grouping: byCluster[cluster] ?? [], by: \.kind)
            for kind in IssueKind.allCases {
                add(
                    .issues, Double(byKind[kind]?.count ?? 0),
                    [
                        ("cluster", cluster), ("kind", kind.rawValue),
                        ("severity", kind.severity.name),
                    ])
            }
        }
    }
}

extension ComponentID {
    fileprivate var labels: [(String, String)] {
        [("cluster", cluster), ("mesh", mesh.rawValue), ("component", name)]
    }
}

extension Certificate {
    /// Those that tell one from another; what changes with each renewal is none of them.
    fileprivate var labels: [(String, String)] {
        [
            ("cluster", cluster), ("mesh", mesh.rawValue), ("kind", kind.rawValue),
            ("subject", subject), ("instance", isAuthority ? "" : instance),
            ("trust_domain", trustDomain ?? ""), ("source", source.name),
        ]
    }
}
