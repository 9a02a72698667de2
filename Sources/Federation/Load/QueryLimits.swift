import Clusters
import Planning
import PromQL
import TimeSeries

/// What queries may cost, each and together; the keys of `query.limits` that are not about what one
/// cluster answers.
package struct QueryLimits: Hashable, Sendable {
    /// Queries that run at one time; further ones wait.
    package var concurrent = 40
    /// What those of them may cost together that cost more than their share of it.
    package var concurrentCost = 4_000_000
    /// Queries that wait at one time; further ones are refused.
    package var queued = 1000
    /// How long a query may wait for its turn.
    package var queueWait: Duration = .seconds(10)
    /// Questions that clusters are asked for one query.
    package var fragments = 500
    /// Clusters that one query asks.
    package var clusters = 2000
    /// From a range query's start to its end, milliseconds.
    package var rangeMilliseconds: Int64 = 10 * 365 * 86_400_000
    /// Times of a range query; Prometheus's API takes no more than this.
    package var points = 11_001
    /// A pattern of a matcher.
    package var patternBytes = 1 << 16
    /// Parentheses, calls and signs within each other.
    package var nesting = 200
    /// What all queries hold together.
    package var memoryBytes = 1 << 30
    /// What one query holds.
    package var queryMemoryBytes = 1 << 29
    /// What clusters answer to one query, decompressed.
    package var decodedBytes = 4 << 30

    /// Large evaluations at one time: no key, but what the machine's cores allow.
    package var largeEvaluations = 1

    package init() {}
}

/// One of the limits, by the last part of its key.
package enum LimitName: String, Hashable, Sendable, CaseIterable {
    case concurrent = "max_concurrent"
    case concurrentCost = "max_concurrent_cost"
    case queued = "max_queued"
    case queueWait = "max_queue_wait"
    case fragments = "max_fragments"
    case clusters = "max_clusters"
    case range = "max_range"
    case points = "max_points"
    case pattern = "max_regex_bytes"
    case nesting = "max_nesting"
    case samples = "max_samples"
    case memory = "max_memory"
    case queryMemory = "max_query_memory"
    case decodedBytes = "max_decoded_bytes"

    /// The key in the gateway's configuration.
    package var key: String { "query.limits.\(rawValue)" }
}

/// A query that asks for more than it may.
package struct LimitExcess: Error, Hashable, Sendable, CustomStringConvertible {
    package var limit: LimitName
    /// What the query asks for: `600 fragments`.
    package var asked: String
    /// What it may, in the same unit.
    package var allowed: String

    package var description: String {
        "the query asks for \(asked), and \(limit.key) is \(allowed)"
    }

    var failure: QueryFailure { .execution(description) }
}

extension QueryLimits {
    /// Throws where the query, which is resolved, asks for more than it may by what it says.
    func check(_ expression: Expression, at times: QueryRequest.Times) throws(QueryFailure) {
        if case .range(let start, let end, _) = times, end - start > rangeMilliseconds {
            throw LimitExcess(
                limit: .range, asked: "a range of \(DurationText.text(milliseconds: end - start))",
                allowed: DurationText.text(milliseconds: rangeMilliseconds)
            ).failure
        }
        try check(.points, times.grid.count, points, "points for each series")
        for selector in expression.selectors {
            for matcher in selector.matchers
            where matcher.operator == .matches || matcher.operator == .notMatches {
                let bytes = matcher.value.utf8.count
                try check(.pattern, bytes, patternBytes, "a regular expression of", "bytes")
            }
        }
    }

    /// Throws where the plan asks clusters more than it may.
    func check(_ plan: Plan) throws(QueryFailure) {
        try check(.fragments, plan.fragments.count, fragments, "fragments")
        try check(.clusters, plan.clusterCount, clusters, "clusters")
    }

    private func check(
        _ limit: LimitName, _ asked: Int, _ allowed: Int, _ words: String, _ unit: String? = nil
    ) throws(QueryFailure) {
        guard asked > allowed else { return }
        let sentence = unit.map { "\(words) \(asked) \($0)" } ?? "\(asked) \(words)"
        throw LimitExcess(limit: limit, asked: sentence, allowed: "\(allowed)").failure
    }
}

extension Plan {
    /// How many clusters are asked anything.
    var clusterCount: Int {
        // Mostly all fragments ask the same clusters.
        let lists = fragments.map { $0.requests.map(\.cluster) }
        guard let first = lists.first, lists.contains(where: { $0 != first }) else {
            return lists.first?.count ?? 0
        }
        return Set(lists.joined()).count
    }

    /// What the plan costs about: the times that clusters are asked for, of all fragments and
    /// clusters. How many series there are is not known before they are asked.
    var cost: Int {
        fragments.reduce(0) { sum, fragment in
            // Windows of samples have about as many for each series.
            let points = fragment.wantsSamples ? 100 : fragment.grid.count
            let (cost, isTooMuch) = points.multipliedReportingOverflow(by: fragment.requests.count)
            return isTooMuch ? Int.max / 2 : min(Int.max / 2, sum + cost)
        }
    }
}
