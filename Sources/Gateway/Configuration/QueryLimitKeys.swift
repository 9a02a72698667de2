import Clusters
import Federation

/// The keys of `query.limits`.
enum QueryLimitKeys {
    static let rows: [ConfigurationKey] = {
        let query = QuerySettings()
        let limits = query.limits
        return [
            .init("query.limits", .section, "What one query may cost, and all together"),
            count(
                .concurrent, limits.concurrent, "Queries that run at one time; further ones wait"),
            count(
                .concurrentCost, limits.concurrentCost,
                "What those may cost together that cost more than their share of it: times asked for, of all fragments and clusters"
            ),
            .init(
                LimitName.queued.key, .count(atLeast: 0), standard: "\(limits.queued)",
                "Queries that wait; further ones are refused with 503"),
            .init(
                LimitName.queueWait.key, .duration, standard: text(limits.queueWait),
                "How long a query may wait for its turn"),
            bytes(
                .memory, limits.memoryBytes,
                "What all queries and answers hold in memory together, about"),
            bytes(.queryMemory, limits.queryMemoryBytes, "What one query holds in memory, about"),
            bytes(
                .decodedBytes, limits.decodedBytes,
                "Clusters' answers to one query, decompressed, in all"),
            count(.fragments, limits.fragments, "Questions that clusters are asked for one query"),
            count(.clusters, limits.clusters, "Clusters that one query asks"),
            .init(
                LimitName.range.key, .duration,
                standard: DurationText.text(milliseconds: limits.rangeMilliseconds),
                "From a range query's start to its end"),
            count(
                .points, limits.points, "Times of a range query; never more than Prometheus's 11001"
            ),
            bytes(.pattern, limits.patternBytes, "A regular expression of a matcher"),
            count(.nesting, limits.nesting, "Parentheses and calls within each other"),
            .init(
                LimitName.samples.key, .count(atLeast: 1), standard: "\(query.maximumSamples)",
                "Values of one query that are decoded, or computed with"),
            .init(
                "query.limits.max_series", .count(atLeast: 1), standard: "\(query.maximumSeries)",
                "Series in one cluster's answer"),
            .init(
                "query.limits.max_response_bytes", .bytes,
                standard: ByteCountText.text(bytes: query.maximumResponseBytes),
                "One cluster's answer, decompressed"),
        ]
    }()

    private static func count(
        _ limit: LimitName, _ standard: Int, _ meaning: String
    ) -> ConfigurationKey {
        ConfigurationKey(limit.key, .count(atLeast: 1), standard: "\(standard)", meaning)
    }

    private static func bytes(
        _ limit: LimitName, _ standard: Int, _ meaning: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            limit.key, .bytes, standard: ByteCountText.text(bytes: standard), meaning)
    }

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    /// What the section says. Adds the mistake that the table cannot see.
    static func limits(_ checked: inout CheckedConfiguration) -> QueryLimits {
        var limits = QueryLimits()
        func number(_ limit: LimitName) -> Int? { checked.number(limit.key) }
        set(&limits.concurrent, number(.concurrent))
        set(&limits.concurrentCost, number(.concurrentCost))
        set(&limits.queued, number(.queued))
        set(&limits.queueWait, checked.duration(LimitName.queueWait.key))
        set(&limits.fragments, number(.fragments))
        set(&limits.clusters, number(.clusters))
        set(&limits.rangeMilliseconds, checked.milliseconds(LimitName.range.key))
        set(&limits.points, number(.points))
        set(&limits.patternBytes, number(.pattern))
        set(&limits.nesting, number(.nesting))
        set(&limits.memoryBytes, number(.memory))
        set(&limits.queryMemoryBytes, number(.queryMemory))
        set(&limits.decodedBytes, number(.decodedBytes))
        if limits.queryMemoryBytes > limits.memoryBytes {
            checked.refuse(LimitName.queryMemory.key, "must not be more than max_memory")
        }
        return limits
    }
}
