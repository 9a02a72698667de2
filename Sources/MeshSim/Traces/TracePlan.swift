/// What the clusters' trace stores are like.
struct TracePlan: Sendable {
    /// The share of users' requests that are traced.
    var sampling: Double
    /// By how much each cluster's clocks are ahead, microseconds.
    var clockSkews: [String: Int64]
    /// What each cluster's store speaks.
    var generations: [String: StoreGeneration]
    /// How long a trace is kept, microseconds.
    var retention: Int64
    /// How many traces are kept at most, of each front door's.
    var maximumTraces: Int
    /// How many spans of a trace are told at most; zero for all.
    var maximumSpansPerTrace: Int

    func skew(of cluster: String) -> Int64 { clockSkews[cluster] ?? 0 }
    func generation(of cluster: String) -> StoreGeneration { generations[cluster] ?? .both }
}

/// The generations of Jaeger's API that a store speaks.
enum StoreGeneration: String, Sendable, CaseIterable {
    /// As the first Jaegers did.
    case v1
    /// As Jaeger does since it took what its UI does not use out of v1.
    case v3
    /// As the releases between do.
    case both
}
