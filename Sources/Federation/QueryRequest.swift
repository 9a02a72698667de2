import Clusters
import TimeSeries

/// What a client asks of the whole fleet.
package struct QueryRequest: Sendable {
    /// PromQL.
    package var expression: String
    package var times: Times
    /// The client's own limit; the gateway's maximum counts where it is shorter.
    package var timeout: Duration?
    /// How long clusters may take to answer; what is left of the timeout is for computing, so that
    /// those that did answer are told of. Nil for all of it.
    package var patience: Duration?
    /// How far back an instant selector looks, milliseconds; nil for the servers' own default.
    package var lookbackDelta: Int64?
    /// Whether an answer without some clusters is wanted rather than an error.
    package var partialResponse: Bool
    /// The most series that the answer may have; 0 for no limit.
    package var limit: Int
    package var cacheUse: CacheUse
    package var seriesOrder = SeriesOrder.byLabels

    /// In which order the series of the answer are wanted.
    package enum SeriesOrder: Hashable, Sendable {
        /// As Prometheus and everybody who reads an answer expects them.
        case byLabels
        /// As the clusters told them, where the answer is theirs side by side: ordering a hundred
        /// thousand series takes longer than reading them. For who makes the same of any order, and
        /// asks for what no two clusters tell alike: a sum by `cluster`.
        case asTold
    }

    package enum Times: Hashable, Sendable {
        /// Milliseconds since the Unix epoch.
        case instant(Int64)
        /// Milliseconds; the end is in the range, the step is above zero.
        case range(start: Int64, end: Int64, step: Int64)
    }

    package init(
        expression: String, times: Times, timeout: Duration? = nil, lookbackDelta: Int64? = nil,
        partialResponse: Bool = true, limit: Int = 0, cacheUse: CacheUse = .allowed
    ) {
        self.expression = expression
        self.times = times
        self.timeout = timeout
        self.lookbackDelta = lookbackDelta
        self.partialResponse = partialResponse
        self.limit = limit
        self.cacheUse = cacheUse
    }
}

/// What the fleet answers.
package struct QueryAnswer: Sendable {
    package var value: QueryValue
    /// Warnings and infos, those about missing clusters included.
    package var annotations: Annotations
    package var coverage: Coverage
    package var statistics: QueryStatistics
    /// What the answer holds of the memory of all queries: to be kept as long as the value is. Nil
    /// where it is not counted.
    package var memory: QueryMemory?

    package init(
        value: QueryValue, annotations: Annotations = Annotations(),
        coverage: Coverage = Coverage(), statistics: QueryStatistics = QueryStatistics()
    ) {
        self.value = value
        self.annotations = annotations
        self.coverage = coverage
        self.statistics = statistics
    }
}

/// Where the time of a query went, and what it moved.
package struct QueryStatistics: Sendable {
    package var phases: [Phase] = []
    /// Values in the clusters' answers.
    package var fetchedSamples = 0
    package var fetchedSeries = 0
    /// How much of the clusters' answers was remembered.
    package var cache = CacheReport(.off)
    /// The same for each fragment and cluster.
    package var fragments: [FragmentUse] = []

    /// What came of asking one cluster one fragment.
    package struct FragmentUse: Sendable {
        /// The fragment's text.
        package var text: String
        package var cluster: ClusterID
        package var cache: CacheReport
    }

    package init(phases: [Phase] = [], fetchedSamples: Int = 0, fetchedSeries: Int = 0) {
        self.phases = phases
        self.fetchedSamples = fetchedSamples
        self.fetchedSeries = fetchedSeries
    }

    package struct Phase: Sendable {
        /// `parse`, `plan`, `fetch`, `evaluate`.
        package var name: String
        package var duration: Duration

        package init(name: String, duration: Duration) {
            self.name = name
            self.duration = duration
        }
    }
}

/// Which clusters an answer is about.
package struct Coverage: Hashable, Sendable {
    /// The clusters whose answers are in it, in inventory order. Clusters that no selector can match
    /// are in neither list.
    package var present: [ClusterID] = []
    /// The clusters that should have answered and did not, in inventory order.
    package var missing: [Missing] = []
    /// Clusters whose data does not reach over the whole time of the query.
    package var gaps: [Gap] = []

    package struct Missing: Hashable, Sendable {
        package var cluster: ClusterID
        /// From a closed set: `connection`, `timeout`, `status_5xx`, `limit`, `maintenance`, …
        package var cause: String
        /// One sentence, without secrets.
        package var message: String
        /// The replica that was asked last, where one was, without user and password.
        package var replica: String?
        /// How far the request had come, in words.
        package var phase: String?
        /// The HTTP status of the replica's answer.
        package var status: Int?
        /// Since when the replica has been failing, where it is not asked for that, milliseconds.
        package var since: Int64?

        /// Whether the cluster is down on purpose, as its file says.
        package var isMaintenance: Bool { cause == Self.maintenance }

        static let maintenance = "maintenance"

        package init(cluster: ClusterID, cause: String, message: String) {
            self.cluster = cluster
            self.cause = cause
            self.message = message
        }
    }

    /// A time range of the query for which the cluster has no data.
    package struct Gap: Hashable, Sendable {
        package var cluster: ClusterID
        /// Milliseconds since the Unix epoch.
        package var start: Int64
        package var end: Int64
        package var message: String
    }

    package init() {}
}

/// Why a query has no answer. HTTPAPI alone knows which status each becomes.
package enum QueryFailure: Error, Hashable, Sendable {
    /// The request cannot be understood.
    case badData(String)
    /// The query cannot be computed.
    case execution(String)
    case timeout(String)
    case cancelled
    /// No cluster answered, or not all of them where all were wanted.
    case unavailable(String, Coverage)
    /// The gateway has too much to do; after so many seconds it may have less.
    case overloaded(String, retryAfter: Int)
    case `internal`(String)
}
