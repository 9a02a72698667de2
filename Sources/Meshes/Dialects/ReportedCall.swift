/// What the labels of one row of an answer say, in whichever dialect.
public struct ReportedCall: Hashable, Sendable {
    public var dialect: Dialect
    public var reporter: CallReport.Reporter
    /// The cluster whose Prometheus has the report.
    public var reportedBy: String
    public var source: CallEnd
    public var destination: CallEnd
    /// How the calls ended; of TCP, the flags of connections.
    public var measure: CallReport.Measure
    /// Empty where nobody says.
    public var sourcePrincipal = ""
    public var destinationPrincipal = ""
    public var security = CallSecurity.unknown
    /// Whether a label says what the protocol, or a status of it, was. Otherwise 500 of HTTP stands
    /// for any failure, and 200 for success.
    public var saysProtocol = true

    /// The row of an answer about a fact, as a report.
    public func report(rate: Double, of fact: Fact) -> CallReport {
        CallReport(
            source: source, destination: destination, reporter: reporter, reportedBy: reportedBy,
            dialect: dialect, measure: measure.measure(of: fact), security: security.rawValue,
            rate: rate)
    }
}

extension CallReport.Measure {
    /// What a row of an answer about a fact has counted, whose labels say this.
    func measure(of fact: Fact) -> CallReport.Measure {
        switch fact {
        case .requests, .latency: return self
        case .tcpRequestBytes: return .tcpRequestBytes
        case .tcpResponseBytes: return .tcpResponseBytes
        case .tcpConnections:
            if case .tcpConnections = self { return self }
            return .tcpConnections(flags: "-")
        }
    }
}

/// How a call was secured; the raw value is Istio's word.
public enum CallSecurity: String, Hashable, Sendable {
    case mutualTLS = "mutual_tls"
    case plain = "none"
    case unknown
}
