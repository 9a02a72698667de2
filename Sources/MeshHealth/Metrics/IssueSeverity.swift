/// How much an issue matters.
public enum IssueSeverity: Int, Hashable, Sendable, CaseIterable, Comparable {
    /// Worth knowing.
    case info
    /// Something does not do what was meant.
    case warning
    /// Traffic is lost, or will be with the next change.
    case critical

    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

    /// For labels.
    public var name: String {
        switch self {
        case .info: "info"
        case .warning: "warning"
        case .critical: "critical"
        }
    }
}
