import TimeSeries

/// How queries are answered, as the configuration's section `query` says.
package struct QuerySettings: Hashable, Sendable {
    /// The longest that any query may take.
    package var timeout: Duration = .seconds(120)
    /// Whether experimental functions are understood.
    package var experimentalFunctions = false
    /// Whether an answer may lack clusters where the request does not say.
    package var partialResponse = true
    /// The step of a subquery that names none, milliseconds.
    package var evaluationInterval: Int64 = 60_000
    /// Values that one query may hold at once.
    package var maximumSamples = 50_000_000
    /// Series in one cluster's answer to one fragment.
    package var maximumSeries = 1_000_000
    /// Bytes of one cluster's answer to one fragment, decompressed.
    package var maximumResponseBytes = 1 << 30
    package var limits = QueryLimits()
    /// Whether the gateway's own samples are written to servers that the clusters' answers come from
    /// (remote write), so that what is older than the process is there.
    package var observationsAreWritten = false

    package init() {}
}
