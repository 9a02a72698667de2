import TimeSeries

/// What the proxies of some callers do with their calls, and what it comes to: retries, timeouts,
/// circuit breakers, ejections, pools. The rule for signals and for the edges of the graph.
///
/// Where a caller keeps a statistic of Envoy's, that counts; of timeouts and circuit breakers the
/// response flags tell where it does not. Where a caller tells neither, a sum over the others would look
/// like all, so there is none.
struct ShapingSums: Sendable {
    /// In the order in which they are added up.
    var callers: [Caller]
    /// How many times values are of.
    var count: Int
    /// Why statistics cannot be told; nil where they can.
    var obstacle: String?

    struct Caller: Sendable {
        /// As sentences name it.
        var name: String
        var statistics = RateColumns<UpstreamStatistic>()
        /// What its reports say of requests, by flags; nil where they bear none.
        var flagged: RateColumns<CallPart>?
    }

    func outcome(of signal: Signal) -> SignalAssembly.Outcome {
        switch signal {
        case .retryRate: sum(.retries)
        case .retrySuccessRatio:
            combined([.retrySuccesses, .retries]) { $0[1] > 0 ? $0[0] / $0[1] : nil }
        case .retryOverflowRate: sum(.retryOverflows)
        case .retryAmplification:
            combined([.tries, .retries]) { $0[0] > $0[1] ? $0[0] / ($0[0] - $0[1]) : nil }
        case .timeoutRate: counted(.timeouts, orByFlags: .timeouts)
        case .circuitBreakerTripRate: counted(.trips, orByFlags: .trips)
        case .circuitBreakerOpen: sum(.openBreakers)
        case .outlierEjections: sum(.ejectionsActive)
        case .outlierEjectionRate: sum(.ejections)
        case .poolOverflowRate: combined([.connectionOverflows, .poolOverflows]) { $0[0] + $0[1] }
        case .connectionPoolUse:
            combined([.activeConnections, .remainingConnections]) {
                $0[0] + $0[1] > 0 ? $0[0] / ($0[0] + $0[1]) : nil
            }
        default: SignalAssembly.Outcome(because: "no Envoy counts it")
        }
    }

    private func sum(_ statistic: UpstreamStatistic) -> SignalAssembly.Outcome {
        combined([statistic]) { $0[0] }
    }

    private func combined(
        _ statistics: [UpstreamStatistic], _ value: ([Double]) -> Double?
    ) -> SignalAssembly.Outcome {
        if let obstacle { return .init(because: obstacle) }
        let silent = callers.filter { caller in
            statistics.contains { caller.statistics[$0] == nil }
        }
        guard !callers.isEmpty else { return .init(because: "no caller's proxy tells of it") }
        guard silent.isEmpty else {
            let names = silent.map(\.name).joined(separator: ", ")
            return .init(because: "the Envoys of \(names) keep no such statistics")
        }
        var total = RateColumns<UpstreamStatistic>()
        for caller in callers { total.add(caller.statistics) }
        let columns = statistics.compactMap { total[$0] }
        let values = (0..<count).map { index -> Double? in
            let numbers = columns.map { $0[index] }
            return numbers.contains(where: Absent.isAbsent) ? nil : value(numbers)
        }
        return .init(values, from: Self.names(statistics), because: "there is nothing to count")
    }

    /// By statistics where a caller's Envoys keep them, by response flags elsewhere.
    private func counted(
        _ statistic: UpstreamStatistic, orByFlags part: CallPart
    ) -> SignalAssembly.Outcome {
        guard !callers.isEmpty else { return .init(because: "no caller's proxy tells of it") }
        var total = RateColumns<UpstreamStatistic>()
        var evidence: Set<String> = []
        var silent: [String] = []
        for caller in callers {
            if obstacle == nil, let values = caller.statistics[statistic] {
                total.add(values, to: statistic)
                evidence.insert(Self.names([statistic]))
            } else if let flagged = caller.flagged {
                total.add(flags(part, of: flagged), to: statistic)
                evidence.insert("response_flags of istio_requests_total")
            } else {
                silent.append(caller.name)
            }
        }
        guard silent.isEmpty else {
            return .init(
                because: "the proxies of \(silent.joined(separator: ", ")) do not count it")
        }
        let values = (total[statistic] ?? []).map { Absent.isAbsent($0) ? nil : $0 }
        return .init(values, from: evidence.sorted().joined(separator: " and "))
    }

    /// Where requests are told of and none has the flag, there were none.
    private func flags(_ part: CallPart, of columns: RateColumns<CallPart>) -> [Double] {
        let all = columns[.total] ?? [Double](repeating: Absent.value, count: count)
        let flagged = columns[part]
        return all.indices.map { index -> Double in
            guard !Absent.isAbsent(all[index]) else { return Absent.value }
            guard let number = flagged?[index], !Absent.isAbsent(number) else { return 0 }
            return number
        }
    }

    private static func names(_ statistics: [UpstreamStatistic]) -> String {
        statistics.map { $0.metrics.first ?? $0.rawValue }.joined(separator: ", ")
    }
}
