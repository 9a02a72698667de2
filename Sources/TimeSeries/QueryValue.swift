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
