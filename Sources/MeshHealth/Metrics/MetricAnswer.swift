import TimeSeries

/// The answer to one query.
public struct MetricAnswer: Hashable, Sendable {
    public var value: QueryValue
    /// The clusters that did not answer it: nothing is known of them.
    public var missing: Set<String>

    public init(_ value: QueryValue, missing: Set<String> = []) {
        self.value = value
        self.missing = missing
    }
}
