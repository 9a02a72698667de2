/// What a query gives.
public enum QueryValue: Hashable, Sendable {
    /// Series on the query's grid: the vector of an instant query or the matrix of a range query.
    case vector([GridSeries], grid: TimeGrid)
    /// Windows of samples: the answer to an instant query that is a range selector.
    case samples([SampledSeries])
    /// A number at each time of the grid.
    case scalar([Double], grid: TimeGrid)
    case string(String, time: Int64)
}

/// What the user should know about an answer beside the answer.
public struct Annotations: Hashable, Sendable {
    /// Things that may make the answer wrong or incomplete.
    public private(set) var warnings: Set<String> = []
    /// Things that are probably not what the query was meant to do.
    public private(set) var infos: Set<String> = []

    public init() {}

    public mutating func warn(_ text: String) { warnings.insert(text) }
    public mutating func inform(_ text: String) { infos.insert(text) }

    public mutating func add(_ other: Annotations) {
        warnings.formUnion(other.warnings)
        infos.formUnion(other.infos)
    }

    public var isEmpty: Bool { warnings.isEmpty && infos.isEmpty }
}
