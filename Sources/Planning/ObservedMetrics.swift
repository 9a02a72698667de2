import PromQL
import TimeSeries

/// The metrics of which the gateway may have series of its own: alert states, results of recording
/// rules, which clusters answer. Such series carry labels of clusters but are in none, so nothing
/// that looks at them can be left to the clusters but the looking itself.
public struct ObservedMetrics: Hashable, Sendable {
    /// How the names begin that are the gateway's alone: no cluster is asked for them.
    public static let reservedPrefix = "isthmus:"

    /// Further names that are the gateway's alone: what it observes of control planes and
    /// certificates. A server that scrapes the gateway has them too, but under its own cluster's
    /// labels, so that its copies tell of the wrong cluster.
    public static let reservedNames: Set<String> = [
        "isthmus_cluster_up", "mesh_control_plane_state", "mesh_control_plane_instance_state",
        "mesh_control_plane_probe_success", "mesh_control_plane_probe_duration_seconds",
        "mesh_certificate_expiry_timestamp_seconds", "mesh_certificate_lifetime_seconds",
        "mesh_config_issues",
    ]

    public let names: Set<String>

    /// The gateway observes nothing.
    public static let none = ObservedMetrics(names: [])

    public init(names: Set<String>) { self.names = names }

    /// Whether a series of the gateway's own may meet the conditions, by its name.
    public func mayMatch(_ matchers: [Matcher]) -> Bool {
        if names.isEmpty { return false }
        let ofName = matchers.filter { $0.name == Labels.metricNameLabel }
        guard let name = ofName.first(where: { $0.operator == .equal })?.value else {
            return names.contains { name in ofName.allSatisfy { $0.matches(name) } }
        }
        return names.contains(name) && ofName.allSatisfy { $0.matches(name) }
    }
}

extension Selector {
    /// The metric that the selector names, where it names one.
    public var namedMetric: String? {
        matchers.first { $0.name == Labels.metricNameLabel && $0.operator == .equal }?.value
    }

    /// Whether only series of the gateway's own can match.
    public var isReserved: Bool {
        guard let name = namedMetric else { return false }
        return name.hasPrefix(ObservedMetrics.reservedPrefix)
            || ObservedMetrics.reservedNames.contains(name)
    }
}

extension Expression {
    /// The selectors that say which series the expression looks at, those that an `info` looks at of
    /// its own among them.
    public var selectors: [Selector] {
        switch self {
        case .selector(let selector): return [selector]
        case .range(let range): return [range.selector]
        case .call(let call) where call.function.kind == .info:
            return children.flatMap(\.selectors) + [Selector(matchers: call.informationMatchers)]
        default: return children.flatMap(\.selectors)
        }
    }
}
