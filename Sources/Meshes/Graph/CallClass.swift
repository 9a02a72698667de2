/// What a report's calls were and how they ended, in bits.
struct CallClass: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    static let http = CallClass(rawValue: 1)
    static let grpc = CallClass(rawValue: 1 << 1)
    static let sentBytes = CallClass(rawValue: 1 << 2)
    static let receivedBytes = CallClass(rawValue: 1 << 3)
    static let connections = CallClass(rawValue: 1 << 4)
    static let redirection = CallClass(rawValue: 1 << 5)
    static let clientError = CallClass(rawValue: 1 << 6)
    static let serverError = CallClass(rawValue: 1 << 7)
    static let grpcError = CallClass(rawValue: 1 << 8)
    static let noResponse = CallClass(rawValue: 1 << 9)
    /// The destination's proxy cannot have seen it.
    static let neverArrived = CallClass(rawValue: 1 << 10)
    /// It did not leave the source's own proxy.
    static let neverLeft = CallClass(rawValue: 1 << 11)
    static let timeout = CallClass(rawValue: 1 << 12)
    static let breakerTripped = CallClass(rawValue: 1 << 13)
    static let mutualTLS = CallClass(rawValue: 1 << 14)
    static let plaintext = CallClass(rawValue: 1 << 15)
    /// Nobody answered it.
    static let unanswered = CallClass(rawValue: 1 << 16)

    static let requests: CallClass = [.http, .grpc]

    var isRequest: Bool { !isDisjoint(with: .requests) }

    /// An answer that is an error of the server, or none.
    var isFailure: Bool { !isDisjoint(with: [.serverError, .grpcError, .noResponse]) }

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// - Parameter isDestinationUnknown: whether the report does not name the destination's workload,
    ///   in a dialect that does so of all calls that get there.
    init(_ measure: CallReport.Measure, security: String, isDestinationUnknown: Bool) {
        switch measure {
        case .http(let code, let flags):
            self = .http
            formUnion(Self(code: code))
            formUnion(Self(flags: ResponseFlags(flags), code: code, isDestinationUnknown))
        case .grpc(let status, let code, let flags):
            self = .grpc
            // As Kiali reads it: an error of HTTP is one whatever the status says, and a call without
            // a status is what HTTP says of it.
            if code <= 0 {
                insert(.noResponse)
            } else if code >= 400 || (status ?? 0) != 0 {
                insert(.grpcError)
            }
            formUnion(Self(flags: ResponseFlags(flags), code: code, isDestinationUnknown))
        case .tcpRequestBytes: self = .sentBytes
        case .tcpResponseBytes: self = .receivedBytes
        case .tcpConnections(let flags):
            self = .connections
            // Connections have no code.
            formUnion(Self(flags: ResponseFlags(flags), code: 200, isDestinationUnknown))
        }
        if security == "mutual_tls" {
            insert(.mutualTLS)
        } else if security == "none" {
            insert(.plaintext)
        }
    }

    private init(code: Int) {
        switch code {
        case ...0: self = .noResponse
        case 300..<400: self = .redirection
        case 400..<500: self = .clientError
        case 500..<600: self = .serverError
        default: self = []
        }
    }

    /// A request that the destination cannot have counted: by its flags, or because nobody answered,
    /// or with a 503 of the source's own proxy. A caller that hung up itself says nothing of whether
    /// its request arrived; so then the destination's word counts.
    private init(flags: ResponseFlags, code: Int, _ isDestinationUnknown: Bool) {
        self = []
        let isUnanswered = code <= 0 && flags.isDisjoint(with: .hungUp)
        if !flags.isDisjoint(with: .neverArrived) || isUnanswered
            || (code == 503 && isDestinationUnknown)
        {
            insert(.neverArrived)
        }
        if !flags.isDisjoint(with: .neverLeft) { insert(.neverLeft) }
        if isUnanswered || !flags.isDisjoint(with: .unanswered) { insert(.unanswered) }
        if !flags.isDisjoint(with: .timeouts) { insert(.timeout) }
        if flags.contains(.overflow) { insert(.breakerTripped) }
    }
}
