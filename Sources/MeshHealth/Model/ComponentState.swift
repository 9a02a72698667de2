// The first file to read in MeshHealth: what can be known of the parts that a mesh depends on.
// `Probes` reads what their endpoints answer, `Metrics` what their clusters' Prometheus tells,
// `Certificates` what runs out when; `Model` joins that per component, cluster and fleet. The module
// asks nobody, waits for nothing and has no clock: bytes and times come in, facts go out.

/// How a component is doing, as far as one knows.
public enum ComponentState: String, Hashable, Sendable, CaseIterable, Comparable {
    /// It says that all is well.
    case healthy
    /// It works, with something amiss.
    case degraded
    /// It answers, and says that it does not work.
    case unhealthy
    /// It does not answer: it is gone, or the way to it is.
    case unreachable
    /// It answers, but not us: nothing is known but that it is there.
    case unauthorized
    /// What it answers says nothing of its health, or nobody has asked yet.
    case unknown

    /// How bad it is, 0 for `healthy`. What lacks is knowledge ranks below what is known to be
    /// amiss; what is known to fail ranks above what may only be cut off from here.
    public var severity: Int {
        switch self {
        case .healthy: 0
        case .unknown: 1
        case .unauthorized: 2
        case .degraded: 3
        case .unreachable: 4
        case .unhealthy: 5
        }
    }

    public static func < (one: ComponentState, other: ComponentState) -> Bool {
        one.severity < other.severity
    }

    /// Whether it does its work, perhaps badly.
    public var isServing: Bool { self == .healthy || self == .degraded }

    /// Whether it does not do its work, as far as we can tell.
    public var isDown: Bool { self == .unhealthy || self == .unreachable }

    /// Whether nothing is known of its work.
    public var isUndetermined: Bool { self == .unauthorized || self == .unknown }
}
