/// From when on something is told of.
public struct ProbeSettings: Hashable, Sendable {
    /// An essential answer that takes as long is degraded.
    public var slowAfter: Duration
    /// A push that a proxy has not acknowledged for so long is stale, milliseconds. In any busy mesh
    /// some are under way at any time.
    public var staleAfter: Int64
    /// The most proxies of one istiod that are kept; those that are amiss before others.
    public var maximumProxies: Int

    public init(
        slowAfter: Duration = .seconds(2), staleAfter: Int64 = 60_000,
        maximumProxies: Int = 10_000
    ) {
        self.slowAfter = slowAfter
        self.staleAfter = staleAfter
        self.maximumProxies = maximumProxies
    }
}

/// What readers know beside the answer.
struct ProbeContext {
    var probe: Probe
    var target: ProbeTarget
    /// Milliseconds since the Unix epoch.
    var time: Int64
    var settings: ProbeSettings

    func evidence(_ text: String = "") -> Evidence {
        Evidence(.probe(path: probe.path, instance: target.instance), text)
    }
}
