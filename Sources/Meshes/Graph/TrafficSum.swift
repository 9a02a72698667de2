/// Traffic that is being added up.
struct TrafficSum: Hashable, Sendable {
    private(set) var kinds: CallClass = []
    private var http = ExactRate.zero
    private var redirections = ExactRate.zero
    private var clientErrors = ExactRate.zero
    private var serverErrors = ExactRate.zero
    private var httpNoResponse = ExactRate.zero
    private var grpc = ExactRate.zero
    private var grpcErrors = ExactRate.zero
    private var grpcNoResponse = ExactRate.zero
    private var sent = ExactRate.zero
    private var received = ExactRate.zero
    private var connections = ExactRate.zero
    private var requestSecurity = Security()
    private var connectionSecurity = Security()
    private var byteSecurity = Security()

    /// How much of which the security is known.
    struct Security: Hashable, Sendable {
        var mutual = ExactRate.zero
        var plain = ExactRate.zero

        fileprivate mutating func add(_ rate: ExactRate, _ kind: CallClass) {
            if kind.contains(.mutualTLS) { mutual += rate }
            if kind.contains(.plaintext) { plain += rate }
        }

        fileprivate mutating func add(_ other: Security) {
            mutual += other.mutual
            plain += other.plain
        }

        fileprivate var ratio: Double? {
            let all = mutual.value + plain.value
            return all > 0 ? mutual.value / all : nil
        }
    }

    /// Says that there is such traffic, even if none of it at the moment.
    mutating func note(_ kind: CallClass) { kinds.formUnion(kind) }

    mutating func add(_ rate: ExactRate, _ kind: CallClass) {
        note(kind)
        if kind.contains(.http) {
            http += rate
            if kind.contains(.serverError) { serverErrors += rate }
            if kind.contains(.clientError) { clientErrors += rate }
            if kind.contains(.redirection) { redirections += rate }
            if kind.contains(.noResponse) { httpNoResponse += rate }
            requestSecurity.add(rate, kind)
        } else if kind.contains(.grpc) {
            grpc += rate
            if kind.contains(.grpcError) { grpcErrors += rate }
            if kind.contains(.noResponse) { grpcNoResponse += rate }
            requestSecurity.add(rate, kind)
        } else if kind.contains(.connections) {
            connections += rate
            connectionSecurity.add(rate, kind)
        } else if kind.contains(.sentBytes) {
            sent += rate
            byteSecurity.add(rate, kind)
        } else if kind.contains(.receivedBytes) {
            received += rate
            byteSecurity.add(rate, kind)
        }
    }

    mutating func add(_ other: TrafficSum) {
        kinds.formUnion(other.kinds)
        if other.kinds.contains(.http) {
            http += other.http
            redirections += other.redirections
            clientErrors += other.clientErrors
            serverErrors += other.serverErrors
            httpNoResponse += other.httpNoResponse
        }
        if other.kinds.contains(.grpc) {
            grpc += other.grpc
            grpcErrors += other.grpcErrors
            grpcNoResponse += other.grpcNoResponse
        }
        if !other.kinds.isDisjoint(with: .requests) { requestSecurity.add(other.requestSecurity) }
        if !other.kinds.isDisjoint(with: Self.tcp) {
            sent += other.sent
            received += other.received
            connections += other.connections
            connectionSecurity.add(other.connectionSecurity)
            byteSecurity.add(other.byteSecurity)
        }
    }

    var requests: ExactRate {
        var sum = http
        sum += grpc
        return sum
    }

    var bytes: ExactRate {
        var sum = sent
        sum += received
        return sum
    }

    var connectionRate: ExactRate { connections }

    /// Leaves of each only a share.
    mutating func scale(requests: Double, connections share: Double, bytes: Double) {
        for rate in [
            \TrafficSum.http, \.redirections, \.clientErrors, \.serverErrors, \.httpNoResponse,
            \.grpc, \.grpcErrors, \.grpcNoResponse, \.requestSecurity.mutual,
            \.requestSecurity.plain,
        ] {
            self[keyPath: rate] = self[keyPath: rate].scaled(by: requests)
        }
        for rate in [
            \TrafficSum.connections, \.connectionSecurity.mutual, \.connectionSecurity.plain,
        ] {
            self[keyPath: rate] = self[keyPath: rate].scaled(by: share)
        }
        for rate in [
            \TrafficSum.sent, \.received, \.byteSecurity.mutual, \.byteSecurity.plain,
        ] {
            self[keyPath: rate] = self[keyPath: rate].scaled(by: bytes)
        }
    }

    /// Whether nothing at all went over it.
    var isIdle: Bool {
        requests == .zero && bytes == .zero && connections == .zero
    }

    private static let tcp: CallClass = [.sentBytes, .receivedBytes, .connections]

    var protocols: [ServiceMap.Edge.CallProtocol] {
        var protocols: [ServiceMap.Edge.CallProtocol] = []
        if kinds.contains(.http) { protocols.append(.http) }
        if kinds.contains(.grpc) { protocols.append(.grpc) }
        if !kinds.isDisjoint(with: Self.tcp) { protocols.append(.tcp) }
        return protocols
    }

    var traffic: ServiceMap.Traffic {
        var traffic = ServiceMap.Traffic()
        if kinds.contains(.http) {
            traffic.http = ServiceMap.Traffic.HTTP(
                rate: http.value, redirections: redirections.value,
                clientErrors: clientErrors.value, serverErrors: serverErrors.value,
                noResponse: httpNoResponse.value)
        }
        if kinds.contains(.grpc) {
            traffic.grpc = ServiceMap.Traffic.GRPC(
                rate: grpc.value, errors: grpcErrors.value, noResponse: grpcNoResponse.value)
        }
        if !kinds.isDisjoint(with: Self.tcp) {
            traffic.tcp = ServiceMap.Traffic.TCP(
                sentRate: sent.value, receivedRate: received.value,
                connectionRate: connections.value)
        }
        return traffic
    }

    /// Of requests where their security is known, or else of connections, or else of bytes.
    var mutualTLS: ServiceMap.Edge.MutualTLS {
        ServiceMap.Edge.MutualTLS(
            ratio: requestSecurity.ratio ?? connectionSecurity.ratio ?? byteSecurity.ratio,
            isPlaintext: requestSecurity.plain > .zero || connectionSecurity.plain > .zero
                || byteSecurity.plain > .zero)
    }
}
