/// How many of several replicas must work.
public enum Quorum: String, Hashable, Sendable, CaseIterable {
    case one, majority, all

    /// The least number of replicas, of so many.
    public func needed(of replicas: Int) -> Int {
        switch self {
        case .one: min(1, replicas)
        case .majority: replicas == 0 ? 0 : replicas / 2 + 1
        case .all: replicas
        }
    }
}
