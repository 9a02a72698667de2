/// What the configuration says under `traces`.
package struct TraceSettings: Hashable, Sendable {
    /// By how much a span's times may be moved to make up for clocks that differ, nanoseconds; zero
    /// leaves them as they are, as Jaeger does unless told otherwise.
    package var maximumClockSkewAdjustment: Int64
    /// For a whole request. Jaeger's UI gives up after 10 s, and shows nothing then.
    package var timeout: Duration = .seconds(8)
    /// Bytes of one cluster's answer to one question, decompressed.
    package var maximumResponseBytes = 64 << 20
    /// Bytes of all clusters' answers to one request, decompressed.
    package var maximumBytes = 512 << 20
    /// Spans that one cluster may contribute to one request.
    package var maximumSpansPerCluster = 500_000
    /// Spans of one request in all.
    package var maximumSpans = 1_000_000
    /// How many traces that a search has found are completed from the clusters that did not find
    /// them.
    package var maximumCompletedTraces = 200
    /// How many questions by identity one cluster is asked at a time.
    package var concurrentCompletions = 8
    /// How long it is remembered which services a cluster has.
    package var servicesKept: Duration = .seconds(30)
    /// Whether the other form of an identity is looked for where nothing is found: a recorder or a
    /// proxy may have cut 128 bits to 64.
    package var triesShortIdentities = true
    package var dependencies = DependencySettings()

    package init(maximumClockSkewAdjustment: Int64 = 0) {
        self.maximumClockSkewAdjustment = maximumClockSkewAdjustment
    }
}

/// How it is found out who calls whom, as the section `traces.dependencies` says.
package struct DependencySettings: Hashable, Sendable {
    /// What becomes of an edge that several clusters report.
    package enum Merging: String, Hashable, Sendable, CaseIterable {
        /// Each trace is stored once, so the counts are added.
        case sum
        /// Clusters hold copies of each other's traces, so the largest count is the best.
        case max
    }

    package var merging = Merging.sum
    /// Whether merged traces are looked through for edges between clusters.
    package var findsCrossings = true
    /// Traces looked at for each service of each cluster.
    package var tracesPerService = 20
    /// Traces looked at in all.
    package var maximumTraces = 2_000
    /// How far back traces are looked for.
    package var lookback: Duration = .seconds(24 * 3600)
    /// How old what was found may become before it is looked for again.
    package var sampleKept: Duration = .seconds(300)

    package init() {}
}
