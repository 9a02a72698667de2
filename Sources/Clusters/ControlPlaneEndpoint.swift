/// Something that a cluster's mesh depends on and that is watched: an element of `control_plane`.
public struct ControlPlaneEndpoint: Hashable, Sendable {
    public var kind: ControlPlaneKind
    /// What it is called; nil for what its kind is called.
    public var component: String?
    /// Its addresses: those of all its replicas, each of which is asked.
    public var service: Service
    /// How often each replica is asked; nil where the gateway's configuration says it.
    public var interval: Duration?
    /// For each of a replica's answers; nil where the gateway's configuration says it.
    public var timeout: Duration?
    /// What `http` is to answer; nil for 200 to 299.
    public var status: Int?
    /// Where something must stand in the JSON of `http`.
    public var pointer: JSONPointer?
    /// What must stand there; nil where anything may.
    public var value: String?

    public init(
        kind: ControlPlaneKind, component: String? = nil, service: Service,
        interval: Duration? = nil,
        timeout: Duration? = nil, status: Int? = nil, pointer: JSONPointer? = nil,
        value: String? = nil
    ) {
        self.kind = kind
        self.component = component
        self.service = service
        self.interval = interval
        self.timeout = timeout
        self.status = status
        self.pointer = pointer
        self.value = value
    }
}
