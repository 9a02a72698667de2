/// What one side of an edge, in one cluster, says of its calls that ended alike: a row of the answer
/// from which the service graph is made.
public struct CallReport: Hashable, Sendable {
    public var source: CallEnd
    public var destination: CallEnd
    public var reporter: Reporter
    /// The cluster whose Prometheus has the report.
    public var reportedBy: String
    public var dialect: Dialect
    public var measure: Measure
    /// `connection_security_policy` as it is spelt: `mutual_tls`, `none`, `unknown`, or empty.
    public var security: String
    /// A second.
    public var rate: Double

    /// Whose proxy counted.
    public enum Reporter: String, Hashable, Sendable, CaseIterable {
        case source, destination, waypoint
    }

    /// What was counted.
    public enum Measure: Hashable, Sendable {
        /// Requests of HTTP; code 0 where no response came. `flags` are Envoy's, `-` for none.
        case http(code: Int, flags: String)
        /// Requests of gRPC by their status, nil where none came.
        case grpc(status: Int?, code: Int, flags: String)
        /// Bytes from the source to the destination, whatever the metric is called.
        case tcpRequestBytes
        /// Bytes from the destination to the source.
        case tcpResponseBytes
        /// Connections that were opened; `flags` as above.
        case tcpConnections(flags: String)
    }

    public init(
        source: CallEnd, destination: CallEnd, reporter: Reporter, reportedBy: String,
        dialect: Dialect, measure: Measure, security: String = "", rate: Double
    ) {
        self.source = source
        self.destination = destination
        self.reporter = reporter
        self.reportedBy = reportedBy
        self.dialect = dialect
        self.measure = measure
        self.security = security
        self.rate = rate
    }
}
