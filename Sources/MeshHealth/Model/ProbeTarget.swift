import Clusters

/// One replica that is probed.
public struct ProbeTarget: Hashable, Sendable {
    public var kind: ControlPlaneKind
    public var component: ComponentID
    /// Which replica: its base address without user and password.
    public var instance: String
    /// What `http` is to answer; the other kinds know by themselves.
    public var expectation: HTTPExpectation

    /// `component` is the kind's own where it is nil.
    public init(
        _ kind: ControlPlaneKind, cluster: String, component: String? = nil, instance: String,
        expectation: HTTPExpectation = HTTPExpectation()
    ) {
        self.kind = kind
        self.component = ComponentID(
            cluster: cluster, mesh: kind.mesh, name: component ?? kind.standardComponent)
        self.instance = instance
        self.expectation = expectation
    }

    /// What is asked of it.
    public var probes: [Probe] { Probe.all(of: kind) }
}
