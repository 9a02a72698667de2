/// What is counted of calls that ended in some way.
enum CallPart: Hashable, Sendable {
    case total, failed, noResponse
    case http, serverErrors, clientErrors
    case grpc, grpcErrors
    /// Of which it is known how they were secured, and those of mutual TLS.
    case known, secured
    case timeouts, trips
}

/// How calls ended, as far as signals tell it apart.
struct CallEnding: Hashable, Sendable {
    var kind: CallClass
    /// Whether a label says what the protocol, or a status of it, was.
    var saysProtocol: Bool

    /// The parts that such calls belong to.
    var parts: [CallPart] {
        var parts: [CallPart] = [.total]
        if kind.isRequest {
            if kind.isFailure { parts.append(.failed) }
            if kind.contains(.noResponse) { parts.append(.noResponse) }
            if kind.contains(.grpc) {
                parts.append(.grpc)
                if kind.isFailure { parts.append(.grpcErrors) }
            } else if saysProtocol {
                parts.append(.http)
                if kind.contains(.serverError) { parts.append(.serverErrors) }
                if kind.contains(.clientError) { parts.append(.clientErrors) }
            }
        }
        if kind.contains(.timeout) { parts.append(.timeouts) }
        if kind.contains(.breakerTripped) { parts.append(.trips) }
        if !kind.isDisjoint(with: [.mutualTLS, .plaintext]) { parts.append(.known) }
        if kind.contains(.mutualTLS) { parts.append(.secured) }
        return parts
    }
}
