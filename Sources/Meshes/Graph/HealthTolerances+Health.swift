extension HealthTolerances {
    /// How traffic is doing: as its worst kind of error is.
    public func health(of traffic: ServiceMap.Traffic) -> ServiceMap.Health {
        health(of: traffic, in: "")
    }

    /// How a node is doing. As in Kiali a service is as the calls to it are, and a workload or an app
    /// as the worse of the calls to it and those that it makes. A service that nobody calls is as its
    /// own calls are.
    public func health(
        incoming: ServiceMap.Traffic, outgoing: ServiceMap.Traffic, in view: GraphView
    ) -> ServiceMap.Health {
        let received = health(of: incoming, in: " that it receives")
        let isCalled = incoming.requestRate != nil || incoming.tcp != nil
        let isCalling = outgoing.requestRate != nil || outgoing.tcp != nil
        guard isCalling, view != .service || !isCalled else { return received }
        let made = health(of: outgoing, in: " that it makes")
        guard isCalled else { return made }
        return made.status.badness > received.status.badness ? made : received
    }

    private func health(
        of traffic: ServiceMap.Traffic, in direction: String
    ) -> ServiceMap.Health {
        guard let rate = traffic.requestRate else {
            guard let tcp = traffic.tcp else {
                return ServiceMap.Health(.idle, because: "There is no traffic.")
            }
            return tcp.sentRate + tcp.receivedRate + tcp.connectionRate > 0
                ? ServiceMap.Health(
                    .unknown, because: "TCP's metrics do not say how connections ended.")
                : ServiceMap.Health(.idle, because: "There is no traffic.")
        }
        guard rate > 0 else {
            return ServiceMap.Health(.idle, because: "There are no requests.")
        }
        var worst: (row: Row, status: ServiceMap.Health.Status)?
        for row in rows {
            guard let status = row.status(of: traffic, minimumRequestRate) else { continue }
            if status.badness > worst?.status.badness ?? 0 { worst = (row, status) }
        }
        if let worst {
            return ServiceMap.Health(
                worst.status, because: worst.row.sentence(of: traffic, worst.status, direction))
        }
        let failed = traffic.errorRate + (traffic.http?.clientErrors ?? 0)
        return ServiceMap.Health(
            .healthy,
            because: failed > 0
                ? "No more requests\(direction) fail than is tolerated."
                : "None of the requests\(direction) fails.")
    }
}

extension HealthTolerances.Row {
    /// Nil where there are no more such errors than are tolerated.
    fileprivate func status(
        of traffic: ServiceMap.Traffic, _ minimumRequestRate: Double
    ) -> ServiceMap.Health.Status? {
        let (rate, errors) = amounts(of: traffic)
        guard rate > 0, errors > 0 else { return nil }
        let ratio = min(1, errors / rate)
        guard ratio >= min(degradedFrom, failingFrom) else { return nil }
        if rate < minimumRequestRate { return .unknown }
        return ratio >= failingFrom ? .failing : .degraded
    }

    fileprivate func sentence(
        of traffic: ServiceMap.Traffic, _ status: ServiceMap.Health.Status, _ direction: String
    ) -> String {
        let (rate, errors) = amounts(of: traffic)
        let share = ShownNumber.percent(min(1, errors / rate))
        let start = "\(share) of the \(meaning.protocol) requests\(direction) \(meaning.end)"
        switch status {
        case .unknown:
            return "\(start), but \(ShownNumber.short(rate)) requests/s are too few to tell."
        case .failing: return "\(start); from \(ShownNumber.percent(failingFrom)) on it fails."
        case .degraded where degradedFrom > 0:
            return "\(start); from \(ShownNumber.percent(degradedFrom)) on it is degraded."
        default: return start + "."
        }
    }

    private var meaning: (protocol: String, end: String) {
        switch errors {
        case .httpServerErrors: ("HTTP", "are answered with 5xx")
        case .httpClientErrors: ("HTTP", "are answered with 4xx")
        case .httpNoResponse: ("HTTP", "get no response")
        case .grpcErrors: ("gRPC", "end with an error")
        case .grpcNoResponse: ("gRPC", "get no response")
        }
    }

    private func amounts(of traffic: ServiceMap.Traffic) -> (rate: Double, errors: Double) {
        let http = traffic.http ?? ServiceMap.Traffic.HTTP()
        let grpc = traffic.grpc ?? ServiceMap.Traffic.GRPC()
        return switch errors {
        case .httpServerErrors: (http.rate, http.serverErrors)
        case .httpClientErrors: (http.rate, http.clientErrors)
        case .httpNoResponse: (http.rate, http.noResponse)
        case .grpcErrors: (grpc.rate, grpc.errors)
        case .grpcNoResponse: (grpc.rate, grpc.noResponse)
        }
    }
}

extension ServiceMap.Health.Status {
    /// The more the worse; too little to tell is worse than well, as it has errors.
    fileprivate var badness: Int {
        switch self {
        case .idle: 0
        case .healthy: 1
        case .unknown: 2
        case .degraded: 3
        case .failing: 4
        }
    }
}
