import Clusters

/// How far back rules look. What a counter tells goes when it has not risen for that long, and what a
/// window holds that no scrape falls into, nobody knows: the shortest one should hold several.
public struct RuleWindows: Hashable, Sendable {
    /// So much of the past counts for what counters tell, milliseconds.
    public let lookback: Int64

    public init(lookback: Int64 = 600_000) { self.lookback = lookback }

    /// For what counters have counted, as PromQL writes durations.
    var counted: String { DurationText.text(milliseconds: lookback) }

    /// For rates, shares and percentiles.
    var recent: String { DurationText.text(milliseconds: max(1, lookback / 2)) }

    /// How long ago was the time that now is compared with.
    var before: String { DurationText.text(milliseconds: lookback * 3) }
}

// MARK: Writing queries

extension RuleWindows {
    /// By how much a counter has grown, by labels. A counter that has come in that time counts whole:
    /// the first event of a kind makes its series, and `increase` sees no first sample. One that was
    /// there within the hour before has not come, but was away.
    func growth(_ metric: String, by labels: [String] = [], where matchers: String = "")
        -> String
    {
        let series = metric + matchers
        let newcomers = "\(series) unless last_over_time(\(series)[1h] offset \(counted))"
        return "sum by (\(Self.list(labels))) ((\(newcomers)) or increase(\(series)[\(counted)]))"
    }

    /// How fast a counter has grown lately.
    func rate(_ metric: String) -> String {
        "sum by (cluster) (rate(\(metric)[\(recent)]))"
    }

    /// What part of all a counter's growth is, lately.
    func share(_ part: String, of all: String) -> String { "\(rate(part)) / \(rate(all))" }

    /// The 99th percentile of a histogram, lately.
    func slowest(_ histogram: String) -> String {
        "histogram_quantile(0.99, sum by (cluster, le) (rate(\(histogram)_bucket[\(recent)])))"
    }

    static func list(_ labels: [String]) -> String {
        (["cluster"] + labels).joined(separator: ", ")
    }
}
