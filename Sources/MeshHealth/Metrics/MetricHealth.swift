/// What a rule has found in a cluster.
public struct MetricFinding: Hashable, Sendable {
    /// The rule's name.
    public var rule: String
    public var state: ComponentState
    public var value: Double
    /// One sentence for people.
    public var detail: String
    public var evidence: Evidence
}

/// What metrics tell of a component in a cluster.
public struct MetricHealth: Hashable, Sendable {
    public var id: ComponentID
    public var state: ComponentState
    public var detail: String
    /// The worst first.
    public var findings: [MetricFinding]
    /// The rules that this cluster did not answer, by name.
    public var unanswered: [String]

    public init(
        id: ComponentID, state: ComponentState, detail: String, findings: [MetricFinding],
        unanswered: [String]
    ) {
        self.id = id
        self.state = state
        self.detail = detail
        self.findings = findings
        self.unanswered = unanswered
    }
}
