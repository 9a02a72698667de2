/// What a map is made of, beside the reports of calls themselves.
public struct GraphEvidence: Sendable {
    /// Whether edges come from the reports; without them only traces count.
    public var usesMetrics: Bool
    /// What traces tell; nil where they were not asked.
    public var traces: [TraceCall]?
    /// The reports of an earlier time to compare with; nil for no comparison.
    public var earlier: CallLedger?
    public var changes: ChangeTolerances

    public init(
        usesMetrics: Bool = true, traces: [TraceCall]? = nil, earlier: CallLedger? = nil,
        changes: ChangeTolerances = ChangeTolerances()
    ) {
        self.changes = changes
        self.usesMetrics = usesMetrics
        self.traces = traces
        self.earlier = earlier
    }
}
