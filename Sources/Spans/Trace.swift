/// All spans of one trace that are known, and what is doubtful about it as a whole.
public struct Trace: Hashable, Sendable {
    public var id: TraceID
    public var spans: [Span]
    /// For people; a part of the answer in Jaeger's v1 API.
    public var warnings: [String]

    public init(id: TraceID, spans: [Span] = [], warnings: [String] = []) {
        self.id = id
        self.spans = spans
        self.warnings = warnings
    }
}

/// What one cluster's store holds of a trace.
public struct TraceFragment: Hashable, Sendable {
    /// The cluster's name.
    public var cluster: String
    public var trace: Trace

    public init(cluster: String, trace: Trace) {
        self.cluster = cluster
        self.trace = trace
    }
}
