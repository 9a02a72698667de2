/// What one probe of one replica told.
public struct ProbeReading: Hashable, Sendable {
    public var target: ProbeTarget
    public var probe: Probe
    /// The status of HTTP; nil where there was no answer.
    public var status: Int?
    /// How long the answer took.
    public var latency: Duration
    /// Milliseconds since the Unix epoch.
    public var observedAt: Int64
    public var finding: ProbeFinding

    public init(
        target: ProbeTarget, probe: Probe, status: Int?, latency: Duration, observedAt: Int64,
        finding: ProbeFinding
    ) {
        self.target = target
        self.probe = probe
        self.status = status
        self.latency = latency
        self.observedAt = observedAt
        self.finding = finding
    }

    public var state: ComponentState { finding.state }

    public var evidence: Evidence {
        Evidence(.probe(path: probe.path, instance: target.instance), finding.detail)
    }
}
