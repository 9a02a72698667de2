import Clusters
import Planning
import PrometheusAPI
import TimeSeries

/// What happened while a query was answered, for whoever wants to look at it.
struct QueryRecord: Sendable {
    /// In the order in which they were made; the last one gave the answer.
    var plans: [Plan] = []
    /// What came of each question to a cluster, in the order in which was asked. How many series
    /// and values an answer has is counted when somebody wants to know.
    var fetches: [Fragment: [FetchReport]] = [:]
    var parts: [Fragment: [ClusterID: FragmentPart]] = [:]
    /// How long each stage took.
    var phases: [QueryStatistics.Phase] = []

    /// Takes over what the round knows at its end.
    mutating func note(_ round: FetchRound, _ phases: [QueryStatistics.Phase]) {
        fetches = round.reports
        parts = round.parts
        self.phases = phases
    }

    /// The fetches of a fragment with their counts.
    func counted(_ fragment: Fragment) -> [FetchReport] {
        let known = parts[fragment] ?? [:]
        return (fetches[fragment] ?? []).map { report in
            guard let part = known[report.cluster] else { return report }
            var report = report
            report.bytes = part.bytes
            report.series = part.series.count + part.samples.count
            report.samples =
                part.series.reduce(0) { $0 + $1.pointCount }
                + part.samples.reduce(0) { $0 + $1.sampleCount }
            return report
        }
    }
}

/// What came of asking one cluster one fragment.
package struct FetchReport: Hashable, Sendable {
    package var cluster: ClusterID
    package var outcome: Outcome
    /// From asking to the last value decoded.
    package var duration: Duration
    /// Of the answer, decompressed.
    package var bytes = 0
    package var series = 0
    /// Values in the answer.
    package var samples = 0
    package var cache: CacheReport

    package enum Outcome: Hashable, Sendable {
        case answered
        /// The cluster's share is missing; `cause` is from a closed set.
        case missing(cause: String, message: String)
        /// The cluster says that the question is at fault.
        case rejected(type: String, message: String)
        /// It was known to be missing before this was asked.
        case notAsked
    }

    init(
        cluster: ClusterID, outcome: Outcome, duration: Duration,
        cache: CacheReport = CacheReport(.off)
    ) {
        self.cluster = cluster
        self.outcome = outcome
        self.duration = duration
        self.cache = cache
    }
}

extension GridSeries {
    /// How many values the series has.
    var pointCount: Int {
        values.reduce(histograms.count) { $0 + (Absent.isAbsent($1) ? 0 : 1) }
    }
}

/// An answer to `query` or `query_range`, and how large it was.
struct DecodedQuery: Sendable {
    var response: QueryResponse
    /// Decompressed.
    var bytes: Int
    /// What is held of memory for it.
    var lease: MemoryLease?
}
