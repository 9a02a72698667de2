/// What an answer, or its absence, says.
public struct ProbeFinding: Hashable, Sendable {
    public var state: ComponentState
    /// Nil where nothing is wrong.
    public var problem: ProbeProblem?
    /// One sentence for people.
    public var detail: String
    /// The version that the component says it is of.
    public var version: String?
    public var facts: ProbeFacts

    public init(
        _ state: ComponentState, _ problem: ProbeProblem?, _ detail: String,
        version: String? = nil, facts: ProbeFacts = ProbeFacts()
    ) {
        self.state = state
        self.problem = problem
        self.detail = detail
        self.version = version
        self.facts = facts
    }

    /// A finding without a problem.
    public init(
        _ state: ComponentState, _ detail: String, version: String? = nil,
        facts: ProbeFacts = ProbeFacts()
    ) {
        self.init(state, nil, detail, version: version, facts: facts)
    }
}

/// What answers tell beside the state. A nil list was not told of, an empty one is known to be empty.
public struct ProbeFacts: Hashable, Sendable {
    /// The proxies that are connected to this replica of istiod.
    public var proxies: [ProxySync]?
    /// How many of them are not in the list, which has a limit.
    public var omittedProxies = 0
    /// The clusters whose endpoints istiod reads.
    public var remoteClusters: [RemoteClusterSync]?
    public var issues: [ConfigurationIssue]?
    public var certificates: [Certificate]?
    /// Consul's servers, as autopilot sees them.
    public var servers: [ConsulServer]?
    /// The address of Consul's leader; empty where there is none.
    public var leader: String?
    /// The addresses of Consul's servers.
    public var peers: [String]?
    /// Where an Envoy sends to.
    public var upstreams: [UpstreamHealth]?

    public init() {}
}
