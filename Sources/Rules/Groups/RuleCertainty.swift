import Clusters
import Planning

/// What it is worth that an alert or a rule is in its state while clusters are missing.
public enum RuleCertainty: String, Hashable, Sendable, CaseIterable {
    /// No missing cluster could change it.
    case certain
    /// It stays as it is until the missing clusters are back.
    case held
    /// Missing clusters could change it, and it is judged without them.
    case partial
}

extension AlertInstance {
    public var certainty: RuleCertainty {
        if hold != nil { return .held }
        return partial.isEmpty ? .certain : .partial
    }
}

extension RuleState {
    /// The alerts that are held.
    public var heldAlertCount: Int {
        alerts.values.reduce(0) { $0 + ($1.isActive && $1.hold != nil ? 1 : 0) }
    }

    /// Since when the alert is held that is held longest, milliseconds since the Unix epoch; nil
    /// where none is.
    public var heldSince: Int64? {
        alerts.values.lazy.filter(\.isActive).compactMap { $0.hold?.since }.min()
    }

    /// Held where any of its alerts is. Where none is, an answer that lacks clusters may lack alerts
    /// too, or samples.
    public var certainty: RuleCertainty {
        if heldAlertCount > 0 { return .held }
        if lastCoverage.missing.isEmpty || effect.isNone { return .certain }
        return .partial
    }

    /// The missing clusters that an alert waits for, or would if it were not judged without them.
    public func missing(for alert: AlertInstance) -> [MissingCluster] {
        if let hold = alert.hold { return hold.clusters }
        return lastCoverage.missing.filter { alert.partial.contains($0.id) }
    }
}
