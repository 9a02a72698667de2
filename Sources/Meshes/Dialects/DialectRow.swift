// The first file to read in Dialects: a dialect is a row of data. Its metrics, the labels that name
// the two ends of a call, and the marks by which one tells whose proxy reports. Queries are written
// from the row (`FactQuery`) and their answers read by it (`RowReading`); nothing else knows a
// label's name.

/// How one dialect tells of calls.
public struct DialectRow: Hashable, Sendable {
    public var dialect: Dialect
    /// Metrics of which any proves that a cluster speaks the dialect.
    public var proofs: [String]
    /// Whose reports there are; a series is of the first whose marks it bears.
    public var witnesses: [Witness]
    /// What the dialect counts, one row each.
    public var facts: [FactRow]
    /// The labels that tell how requests end.
    public var outcome: OutcomeLabels

    /// The row of a fact; nil where the dialect does not count it.
    public func fact(_ fact: Fact) -> FactRow? { facts.first { $0.fact == fact } }
}

/// Something that a dialect counts.
public enum Fact: String, Hashable, Sendable, CaseIterable {
    /// Requests a second, by how they ended.
    case requests
    /// How long they took: a classic histogram's buckets a second.
    case latency
    /// Bytes a second over TCP from the source to the destination, and back.
    case tcpRequestBytes, tcpResponseBytes
    /// Connections of TCP that were opened, a second.
    case tcpConnections
}

/// A fact's metric in one dialect.
public struct FactRow: Hashable, Sendable {
    public var fact: Fact
    /// Of several, the first that a cluster has counts.
    public var metrics: [Metric]
    /// The name under which `deploy/rules` records the rates (over five minutes, in the fact's
    /// unit); nil where it does not.
    public var recorded: String?

    /// A counter of the fact, or several that are parts of it.
    public struct Metric: Hashable, Sendable {
        public var parts: [Part]
        /// What a bucket's bound is multiplied with to be in milliseconds; 1 for other facts.
        public var factor: Double
        /// The counter of the requests that failed, where that is another one.
        public var failed: String?

        public init(_ name: String, factor: Double = 1, failed: String? = nil) {
            parts = [Part(name)]
            self.factor = factor
            self.failed = failed
        }

        public init(parts: [Part]) {
            self.parts = parts
            factor = 1
        }

        /// The name of its first part, by which it is known.
        public var name: String { parts.first?.name ?? "" }
    }

    public struct Part: Hashable, Sendable {
        public var name: String
        /// Conditions on its series.
        public var marks: [Witness.Mark]

        public init(_ name: String, marks: [Witness.Mark] = []) {
            self.name = name
            self.marks = marks
        }
    }

    public init(_ fact: Fact, _ metrics: [Metric], recorded: String? = nil) {
        self.fact = fact
        self.metrics = metrics
        self.recorded = recorded
    }
}

/// One side's reports: how to know them, and which labels name the ends.
public struct Witness: Hashable, Sendable {
    public var reporter: CallReport.Reporter
    /// All of them are on each of its series.
    public var marks: [Mark]
    public var source: EndLabels
    public var destination: EndLabels

    /// A label of which a series has one of some values: `reporter="source"`.
    public struct Mark: Hashable, Sendable {
        /// Of several, the first that a series has.
        public var labels: [String]
        public var values: [String]

        public init(_ labels: [String], _ values: [String]) {
            self.labels = labels
            self.values = values
        }
    }

    public init(
        _ reporter: CallReport.Reporter, marks: [Mark] = [], source: EndLabels,
        destination: EndLabels
    ) {
        self.reporter = reporter
        self.marks = marks
        self.source = source
        self.destination = destination
    }
}

/// The labels that name one end of a call. Each is a list: of several labels the first that a series
/// has counts; none where the dialect has no such label.
public struct EndLabels: Hashable, Sendable {
    /// Not looked at for the end whose proxy reports: that is in the cluster that has the report.
    public var cluster: [String] = []
    public var namespace: [String] = []
    public var workload: [String] = []
    public var app: [String] = []
    public var version: [String] = []
    public var service: [String] = []
    /// Who it is by its certificate.
    public var principal: [String] = []
    /// The name of an Envoy cluster, which is taken apart (`EnvoyClusterName`) for what the labels
    /// before leave open.
    public var upstream: [String] = []
    /// The labels by any of which a query can ask for the end of a name, beside `upstream`; none
    /// where it has to ask for all.
    public var asksName: [String] = []
    /// Further ones, by which it can ask for the workloads of a service, where other reports know it
    /// by these alone.
    public var asksWorkload: [String] = []
    /// The label by which a query can ask for a namespace's ends, where one does.
    public var asksNamespace: String?

    public init(
        cluster: [String] = [], namespace: [String] = [], workload: [String] = [],
        app: [String] = [], version: [String] = [], service: [String] = [],
        principal: [String] = [], upstream: [String] = [], asksName: [String] = [],
        asksWorkload: [String] = [], asksNamespace: String? = nil
    ) {
        self.cluster = cluster
        self.namespace = namespace
        self.workload = workload
        self.app = app
        self.version = version
        self.service = service
        self.principal = principal
        self.upstream = upstream
        self.asksName = asksName
        self.asksWorkload = asksWorkload
        self.asksNamespace = asksNamespace
    }
}

/// The labels that tell how a request ended.
public struct OutcomeLabels: Hashable, Sendable {
    /// `http`, `grpc`, `tcp`.
    public var requestProtocol: [String] = []
    /// The status of HTTP; its class alone (`5`, `5xx`) counts as its hundred.
    public var code: [String] = []
    public var grpcStatus: [String] = []
    /// Envoy's response flags.
    public var flags: [String] = []
    /// A verdict that needs no code: `failure`, `STATUS_CODE_ERROR`.
    public var verdict: [String] = []
    /// The verdicts that mean that the call failed.
    public var failures: [String] = []
    /// `mutual_tls`, `true`.
    public var security: [String] = []
    /// The values of it that mean mutual TLS; the others mean plain text, but for `unknown`.
    public var secure: [String] = []

    public init() {}

    /// All of them.
    public var names: [String] {
        requestProtocol + code + grpcStatus + flags + verdict + security
    }
}
