/// What can be said of a service, of calls between two, of a cluster or of the whole mesh: the table
/// of all of it. Each has one unit, whichever mesh it comes from.
public enum Signal: String, Hashable, Sendable, CaseIterable {
    case requestRate, errorRatio, httpErrorRatio, grpcErrorRatio, clientErrorRatio, noResponseRatio
    case latencyP50, latencyP90, latencyP95, latencyP99
    case tcpSentRate, tcpReceivedRate, tcpConnectionRate
    case proxyCPU, proxyMemory
    case connectionPoolUse, circuitBreakerOpen, circuitBreakerTripRate
    case retryRate, retrySuccessRatio, retryOverflowRate, retryAmplification
    case timeoutRate, outlierEjections, outlierEjectionRate, poolOverflowRate
    case mutualTLSRatio

    /// A row of the table.
    struct Row {
        var unit: SignalUnit
        var meaning: String

        init(_ unit: SignalUnit, _ meaning: String) {
            self.unit = unit
            self.meaning = meaning
        }
    }

    public var unit: SignalUnit { row.unit }

    /// One line.
    public var meaning: String { row.meaning }

    private var row: Row {
        switch self {
        case .requestRate: Row(.requestsPerSecond, "Requests, each once, however many sides saw it")
        case .errorRatio:
            Row(.ratio, "Answers of 5xx, errors of gRPC and no answer, of all requests")
        case .httpErrorRatio: Row(.ratio, "Answers of 5xx, of the requests of HTTP")
        case .grpcErrorRatio: Row(.ratio, "Statuses but 0, of the requests of gRPC")
        case .clientErrorRatio: Row(.ratio, "Answers of 4xx, of the requests of HTTP")
        case .noResponseRatio: Row(.ratio, "Requests that nobody answered, of all")
        case .latencyP50: Row(.milliseconds, "Half of the requests took no longer")
        case .latencyP90: Row(.milliseconds, "Nine requests of ten took no longer")
        case .latencyP95: Row(.milliseconds, "19 requests of 20 took no longer")
        case .latencyP99: Row(.milliseconds, "99 requests of 100 took no longer")
        case .tcpSentRate: Row(.bytesPerSecond, "Bytes from sources to destinations over TCP")
        case .tcpReceivedRate: Row(.bytesPerSecond, "Bytes from destinations to sources over TCP")
        case .tcpConnectionRate: Row(.connectionsPerSecond, "Connections of TCP that were opened")
        case .proxyCPU: Row(.cores, "What the service's proxies use")
        case .proxyMemory: Row(.bytes, "What the service's proxies use")
        case .connectionPoolUse: Row(.ratio, "Open connections, of those that the limits allow")
        case .circuitBreakerOpen: Row(.proxies, "Proxies of which a circuit breaker is open")
        case .circuitBreakerTripRate: Row(.requestsPerSecond, "Requests that an open one rejected")
        case .retryRate: Row(.requestsPerSecond, "Tries after the first")
        case .retrySuccessRatio: Row(.ratio, "Retries that ended well, of all retries")
        case .retryOverflowRate: Row(.requestsPerSecond, "Retries not made for want of budget")
        case .retryAmplification: Row(.ratio, "Tries for each request; 1 where none is repeated")
        case .timeoutRate: Row(.requestsPerSecond, "Requests whose time ran out")
        case .outlierEjections: Row(.endpoints, "Endpoints out of rotation, added over proxies")
        case .outlierEjectionRate: Row(.ejectionsPerSecond, "Endpoints taken out of rotation")
        case .poolOverflowRate: Row(.connectionsPerSecond, "Connections refused by full pools")
        case .mutualTLSRatio:
            Row(.ratio, "Requests over mutual TLS, of those whose security is known")
        }
    }

    /// The latency's quantile; nil for other signals.
    public var quantile: Double? {
        switch self {
        case .latencyP50: 0.5
        case .latencyP90: 0.9
        case .latencyP95: 0.95
        case .latencyP99: 0.99
        default: nil
        }
    }
}

/// The unit of a signal; the raw value is how answers write it.
public enum SignalUnit: String, Hashable, Sendable {
    case requestsPerSecond = "requests/s"
    case connectionsPerSecond = "connections/s"
    case ejectionsPerSecond = "ejections/s"
    case bytesPerSecond = "bytes/s"
    /// A share, or a quotient: 1 is all.
    case ratio
    case milliseconds = "ms"
    case cores
    case bytes
    case endpoints
    case proxies
}
