import TimeSeries

/// The signals that were asked for.
public struct SignalReport: Hashable, Sendable {
    /// The times of the values; the last is the one of single values.
    public var grid: TimeGrid
    /// Whether series were asked for.
    public var hasSeries: Bool
    /// What rates are taken over, milliseconds.
    public var window: Int64
    /// Ordered by namespace, service and cluster, those of the whole fleet first.
    public var subjects: [SubjectSignals]
    public var totals: Totals
    /// In inventory order.
    public var clusters: [ClusterDialects]
    public var queries: [AskedQuery]

    /// How many subjects there are. A service in all clusters and in each of them is one.
    public struct Totals: Hashable, Sendable {
        public var subjects: Int
        /// Of which the report tells.
        public var shown: Int

        public init(subjects: Int, shown: Int) {
            self.subjects = subjects
            self.shown = shown
        }
    }

    /// `totals` are those of the subjects.
    public init(
        grid: TimeGrid, hasSeries: Bool, window: Int64, subjects: [SubjectSignals] = [],
        clusters: [ClusterDialects] = [], queries: [AskedQuery] = []
    ) {
        let count = Set(subjects.map(\.subject.everywhere)).count
        totals = Totals(subjects: count, shown: count)
        self.grid = grid
        self.hasSeries = hasSeries
        self.window = window
        self.subjects = subjects
        self.clusters = clusters
        self.queries = queries
    }
}

/// Of what signals are.
public struct SignalSubject: Hashable, Sendable {
    public var kind: SignalQuestion.Grouping
    /// Where the destination runs; nil for all clusters together.
    public var cluster: String?
    /// Of the service that is called; empty where it is none or its labels do not say.
    public var namespace: String
    public var service: String
    /// Of an edge.
    public var source: End?
    public var destination: End?

    /// One end of an edge.
    public struct End: Hashable, Sendable {
        /// Empty where nothing names it.
        public var cluster: String
        public var namespace: String
        public var service: String

        public init(cluster: String, namespace: String, service: String) {
            self.cluster = cluster
            self.namespace = namespace
            self.service = service
        }
    }

    public init(
        kind: SignalQuestion.Grouping, cluster: String? = nil, namespace: String = "",
        service: String = "", source: End? = nil, destination: End? = nil
    ) {
        self.kind = kind
        self.cluster = cluster
        self.namespace = namespace
        self.service = service
        self.source = source
        self.destination = destination
    }
}

extension SignalSubject {
    /// A service in all clusters; other subjects as they are.
    public var everywhere: SignalSubject {
        guard kind == .service else { return self }
        var subject = self
        subject.cluster = nil
        return subject
    }
}

/// A subject's signals.
public struct SubjectSignals: Hashable, Sendable {
    public var subject: SignalSubject
    /// Whose reports are in it, ordered.
    public var dialects: [Dialect] = []
    /// The clusters that should have a part in it and did not answer, in inventory order.
    public var missing: [String] = []
    public var signals: [Signal: SignalValue] = [:]
    /// Nil where nothing is known of it.
    public var mutualTLS: MutualTLS?
    /// How its requests are doing at the grid's last time, by the rule of the service graph; nil where
    /// nothing tells of requests.
    public var health: ServiceMap.Health?

    public init(subject: SignalSubject) { self.subject = subject }
}

/// A signal's value, or why it has none.
public struct SignalValue: Hashable, Sendable {
    /// At the grid's last time, in the signal's unit; nil where it is not known.
    public var value: Double?
    /// One for each time of the grid; nil where no series was asked for.
    public var values: [Double?]?
    /// The metrics and the reporter that it comes from; nil where there are none.
    public var derivedFrom: String?
    /// Why there is no value: a sentence.
    public var because: String?
    /// What makes the value, or one of the values, less exact than others are.
    public var limits: Set<LatencyLimit> = []

    public init(
        value: Double?, values: [Double?]? = nil, derivedFrom: String? = nil,
        because: String? = nil
    ) {
        self.value = value
        self.values = values
        self.derivedFrom = derivedFrom
        self.because = because
    }
}

/// How the requests of a subject are secured.
public struct MutualTLS: Hashable, Sendable {
    /// The share of mutual TLS; nil where no report says how requests are secured.
    public var ratio: Double?
    /// `spiffe://…` and other names, ordered.
    public var sourcePrincipals: [String]
    public var destinationPrincipals: [String]
    /// Of all principals, ordered.
    public var trustDomains: [String]

    public init(
        ratio: Double? = nil, sourcePrincipals: [String] = [],
        destinationPrincipals: [String] = [], trustDomains: [String] = []
    ) {
        self.ratio = ratio
        self.sourcePrincipals = sourcePrincipals
        self.destinationPrincipals = destinationPrincipals
        self.trustDomains = trustDomains
    }
}

/// In which dialects a cluster tells of its traffic.
public struct ClusterDialects: Hashable, Sendable {
    public var cluster: String
    /// Ordered; empty where it speaks none, or nobody knows.
    public var dialects: [Dialect]
    /// The metrics that it has, of those that the tables name; recorded ones too.
    public var metrics: Set<String>
    /// Why nothing is known of it, or why it misses in an answer; nil where neither is so.
    public var missing: String?

    public init(
        cluster: String, dialects: [Dialect] = [], metrics: Set<String> = [],
        missing: String? = nil
    ) {
        self.cluster = cluster
        self.dialects = dialects
        self.metrics = metrics
        self.missing = missing
    }
}

/// A query that was asked, for those who want to see it.
public struct AskedQuery: Hashable, Sendable {
    /// What it serves: names of signals, with commas between them.
    public var signal: String
    public var query: String
    /// The clusters that it is meant for, in inventory order.
    public var clusters: [String]

    public init(signal: String, query: String, clusters: [String]) {
        self.signal = signal
        self.query = query
        self.clusters = clusters
    }
}
