import TimeSeries

// From sums to signals: what counts is decided by then, here is what it comes to. Where a number
// would leave something out, there is none, and a sentence says why.

extension SignalAssembly {
    /// The report. `missing` are the clusters that did not answer all queries, in inventory order:
    /// nobody knows which services they have a part in, so each subject says that they are missing.
    public func report(missing: [String] = []) -> SignalReport {
        let sums = sums()
        let callers = Callers(sums.keys)
        var subjects = sums.map { subject, sums in
            signals(of: subject, sums, callers, missing: missing)
        }
        subjects.sort { $0.subject.precedes($1.subject) }
        return SignalReport(
            grid: grid, hasSeries: question.range != nil, window: question.window,
            subjects: subjects, clusters: plan.clusters,
            queries: (plan.queries + furtherQueries).map(\.asked))
    }

    private func signals(
        of subject: SignalSubject, _ sums: SignalSums, _ callers: Callers, missing: [String]
    ) -> SubjectSignals {
        var result = SubjectSignals(subject: subject)
        result.dialects = sums.dialects.sorted { $0.rank < $1.rank }
        result.missing = missing
        let statistics = UpstreamSums(self, subject, sums, callers)
        for signal in Signal.allCases where question.signals.contains(signal) {
            let outcome = outcome(of: signal, subject, sums, statistics)
            result.signals[signal] = value(outcome)
        }
        if question.signals.contains(.mutualTLSRatio) { result.mutualTLS = mutualTLS(sums) }
        result.health = sums.health(at: grid.count - 1, question.tolerances)
        return result
    }

    /// A signal at all times, before it is told.
    struct Outcome {
        /// One for each time; nil where there is no value.
        var values: [Double?]
        var derivedFrom: String?
        /// Why there is no value.
        var because: String?
        /// What makes values less exact.
        var limits: Set<LatencyLimit> = []

        init(_ values: [Double?], from derivation: String?, because: String? = nil) {
            self.values = values
            derivedFrom = derivation
            self.because = because
        }

        /// No value at any time.
        init(because: String) { self.init([], from: nil, because: because) }
    }

    private func value(_ outcome: Outcome) -> SignalValue {
        let value = outcome.values.last ?? nil
        let series = question.range == nil ? nil : outcome.values
        let isEmpty = outcome.values.allSatisfy { $0 == nil }
        var told = SignalValue(
            value: value,
            values: series.map { $0.isEmpty ? [Double?](repeating: nil, count: grid.count) : $0 },
            derivedFrom: isEmpty ? nil : outcome.derivedFrom,
            because: value == nil
                ? outcome.because ?? (isEmpty ? "nothing tells of it" : "there is none now") : nil)
        told.limits = outcome.limits
        return told
    }

    // MARK: Signals

    private func outcome(
        of signal: Signal, _ subject: SignalSubject, _ sums: SignalSums,
        _ statistics: UpstreamSums
    ) -> Outcome {
        switch signal {
        case .requestRate:
            Outcome(column(.total, of: sums.requests), from: sums.derivation(.requests))
        case .errorRatio: ratio(.failed, of: .total, sums)
        case .httpErrorRatio: ratio(.serverErrors, of: .http, sums)
        case .grpcErrorRatio: ratio(.grpcErrors, of: .grpc, sums)
        case .clientErrorRatio: ratio(.clientErrors, of: .http, sums)
        case .noResponseRatio: ratio(.noResponse, of: .total, sums)
        case .latencyP50, .latencyP90, .latencyP95, .latencyP99: latency(signal, sums)
        case .tcpSentRate: tcp(.tcpRequestBytes, sums)
        case .tcpReceivedRate: tcp(.tcpResponseBytes, sums)
        case .tcpConnectionRate: tcp(.tcpConnections, sums)
        case .mutualTLSRatio: secured(sums)
        case .proxyCPU: resource(.cpu, subject, sums)
        case .proxyMemory: resource(.memory, subject, sums)
        case .connectionPoolUse, .circuitBreakerOpen, .circuitBreakerTripRate, .retryRate,
            .retrySuccessRatio, .retryOverflowRate, .retryAmplification, .timeoutRate,
            .outlierEjections, .outlierEjectionRate, .poolOverflowRate:
            statistics.outcome(of: signal)
        }
    }

    private func column(_ part: CallPart, of columns: RateColumns<CallPart>) -> [Double?] {
        guard let values = columns[part] else { return [] }
        return values.map { Absent.isAbsent($0) ? nil : $0 }
    }

    /// A share; where none of the whole happened there is none.
    private func ratio(
        _ part: CallPart, of whole: CallPart, _ sums: SignalSums
    ) -> Outcome {
        Outcome(
            shares(part, of: whole, sums.requests), from: sums.derivation(.requests),
            because: "there are no such requests")
    }

    private func shares(
        _ part: CallPart, of whole: CallPart, _ columns: RateColumns<CallPart>
    ) -> [Double?] {
        guard let all = columns[whole] else { return [] }
        let some = columns[part]
        return all.indices.map { index in
            guard !Absent.isAbsent(all[index]), all[index] > 0 else { return nil }
            let number = some?[index] ?? 0
            return Absent.isAbsent(number) ? 0 : number / all[index]
        }
    }

    private func latency(_ signal: Signal, _ sums: SignalSums) -> Outcome {
        guard let quantile = signal.quantile, !sums.buckets.isEmpty else {
            return Outcome(because: "nothing tells how long requests took")
        }
        let buckets = BucketColumns(sums.buckets)
        var layout = BucketLayout(bounds: buckets.bounds, isCommon: buckets.isCoarse)
        let values = (0..<grid.count).map { index -> Double? in
            switch buckets.quantile(quantile, at: index) {
            case .milliseconds(let time):
                layout.note(time)
                return time
            case .noRequests: return nil
            case .unknown:
                layout.noteUnknown()
                return nil
            }
        }
        var outcome = Outcome(
            values, from: sums.derivation(.latency).map { $0 + layout.words },
            because: layout.because)
        outcome.limits = layout.limits
        return outcome
    }

    private func tcp(_ fact: Fact, _ sums: SignalSums) -> Outcome {
        guard let columns = sums.tcp[fact] else {
            return Outcome(because: "nothing tells of TCP")
        }
        return Outcome(column(.total, of: columns), from: sums.derivation(fact))
    }

    // MARK: Security

    /// Of requests where their security is known, else of connections.
    private func secured(_ sums: SignalSums) -> Outcome {
        let connections = sums.tcp[.tcpConnections]
        let isOfRequests = sums.requests[.known] != nil || connections == nil
        let columns = isOfRequests ? sums.requests : connections ?? RateColumns()
        return Outcome(
            shares(.secured, of: .known, columns),
            from: sums.derivation(isOfRequests ? .requests : .tcpConnections),
            because: "no report says how requests are secured")
    }

    private func mutualTLS(_ sums: SignalSums) -> MutualTLS? {
        let ratio = secured(sums).values.last ?? nil
        let all = sums.sourcePrincipals.union(sums.destinationPrincipals)
        guard ratio != nil || !all.isEmpty else { return nil }
        let domains = Set(all.compactMap(Principal.trustDomain))
        return MutualTLS(
            ratio: ratio, sourcePrincipals: sums.sourcePrincipals.sorted(),
            destinationPrincipals: sums.destinationPrincipals.sorted(),
            trustDomains: domains.sorted())
    }

    // MARK: Proxies

    private func resource(
        _ resource: ProxyResource, _ subject: SignalSubject, _ sums: SignalSums
    ) -> Outcome {
        guard subject.kind != .edge else {
            return Outcome(because: "a proxy works for all of its service's edges")
        }
        let isOfService = subject.kind == .service
        if isOfService, sums.workloads.isEmpty {
            return Outcome(because: "no report names the workloads of the service")
        }
        var sum = RateColumns<ProxyResource>()
        var metrics: Set<String> = []
        for row in resources where row.resource == resource {
            if isOfService {
                guard sums.workloads.contains(row.workload) else { continue }
            } else {
                let cluster = row.workload.cluster
                guard subject.cluster.map({ $0 == cluster }) ?? question.includes(cluster: cluster)
                else { continue }
            }
            sum.add(row.values, to: resource)
            metrics.insert(row.metric)
        }
        guard let values = sum[resource] else {
            return Outcome(because: "no cluster tells what these proxies use")
        }
        return Outcome(
            values.map { Absent.isAbsent($0) ? nil : $0 },
            from: metrics.sorted().joined(separator: ", "))
    }
}

extension SignalSubject {
    /// By namespace, service and cluster, the whole fleet first; edges by their callers then.
    func precedes(_ other: SignalSubject) -> Bool {
        order.lexicographicallyPrecedes(other.order)
    }

    private var order: [String] {
        [
            namespace, service, cluster ?? "", source?.cluster ?? "", source?.namespace ?? "",
            source?.service ?? "", destination?.cluster ?? "",
        ]
    }
}

/// To how many clusters calls of one caller to one service go: what an Envoy counts of the service is
/// an edge's own only where it is one.
struct Callers {
    private struct Pair: Hashable {
        var source: SignalSubject.End?
        var namespace: String
        var service: String
    }

    private var clusters: [Pair: Int] = [:]

    init(_ subjects: some Sequence<SignalSubject>) {
        for subject in subjects where subject.kind == .edge {
            clusters[Self.pair(of: subject), default: 0] += 1
        }
    }

    private static func pair(of subject: SignalSubject) -> Pair {
        Pair(
            source: subject.source, namespace: subject.namespace, service: subject.service)
    }

    func isAlone(_ subject: SignalSubject) -> Bool { clusters[Self.pair(of: subject)] == 1 }
}
