/// One way a request can end, as its caller's proxy sees it.
struct Outcome: Sendable {
    /// The HTTP status as the caller's proxy reports it.
    var code: Int
    /// Only calls of gRPC have one.
    var grpcStatus: Int?
    /// Envoy's response flags; "-" when there are none.
    var flags = "-"
    /// How the destination's proxy reports the same request; `nil` if it never arrived.
    var atDestination: Arrival? = .asSent
    /// The share of all requests that end so, without faults.
    var share: Double
    var latency: LatencyClass = .work
    /// The fault that makes more of them end so.
    var diversion: Diversion?
    /// Whether it left its cluster and was lost on the way to another.
    var isLost = false

    /// Whether the caller's proxy tried: what is refused or has nowhere to go it does not.
    var isSent: Bool { !["UO", "NC", "NR"].contains(flags) }

    var isSuccess: Bool { code == 200 && (grpcStatus ?? 0) == 0 }

    /// What a fault does with requests that would have ended well.
    struct Diversion: Sendable {
        var fault: FaultKind
        /// The share of the successes that end otherwise while the fault is on.
        var share: Double
    }

    enum Arrival: Sendable {
        /// With the same code and flags.
        case asSent
        /// The caller hung up before the answer was there: code 0 and flag `DC`.
        case abandoned
    }

    enum LatencyClass: Sendable {
        /// As long as the service takes to do its work.
        case work
        /// An answer made by the caller's own proxy, without asking anyone.
        case rejected
        /// After all retries, with their waits.
        case retried
        /// When the route's patience ends.
        case timeout
        /// When the connection is given up for dead.
        case lost
    }
}

extension Service {
    /// How requests to this service end, first of all well. The shares add up to one. Only those
    /// that leave their cluster can be lost between two.
    func outcomes(leavingCluster: Bool) -> [Outcome] {
        leavingCluster ? outcomes + [lost] : outcomes
    }

    /// A gateway between the clusters took it, and no answer came before the connection broke.
    private var lost: Outcome {
        Outcome(
            code: speaks == .grpc ? 200 : 503, grpcStatus: speaks == .grpc ? 14 : nil,
            flags: "UC", atDestination: nil, share: 0, latency: .lost,
            diversion: Outcome.Diversion(fault: .lostBetweenClusters, share: 0.3), isLost: true)
    }

    private var outcomes: [Outcome] {
        guard speaks != .grpc else { return grpcOutcomes }
        var others: [Outcome] = [Outcome(code: 404, share: 0.004)]
        switch temper {
        case .calm, .plaintext:
            others.append(Outcome(code: 500, share: 0.002, diversion: errors))
        case .slow:
            others.append(Outcome(code: 500, share: 0.003, diversion: errors))
            others.append(
                Outcome(
                    code: 504, flags: "UT", atDestination: .abandoned, share: 0.012,
                    latency: .timeout))
        case .failing:
            others.append(Outcome(code: 500, share: 0.09, diversion: errors))
            others.append(Outcome(code: 502, share: 0.01))
        case .overloaded:
            others.append(Outcome(code: 500, share: 0.002, diversion: errors))
        }
        others.append(
            Outcome(
                code: 503, flags: "UO", atDestination: nil,
                share: temper == .overloaded ? 0.03 : 0, latency: .rejected,
                diversion: overflow))
        others.append(
            Outcome(
                code: 503, flags: "UF,URX", atDestination: nil,
                share: temper == .failing ? 0.02 : 0.001, latency: .retried,
                diversion: exhaustion))
        others.append(misrouted(code: 503, flags: "NC", .subsetMissing))
        others.append(misrouted(code: 404, flags: "NR", .routeMissing))
        return withSuccess(Outcome(code: 200, share: 0), others)
    }

    private var errors: Outcome.Diversion { Outcome.Diversion(fault: .errors, share: 0.35) }
    private var overflow: Outcome.Diversion {
        Outcome.Diversion(fault: .circuitBreaker, share: 0.25)
    }
    private var exhaustion: Outcome.Diversion {
        Outcome.Diversion(fault: .retries, share: 0.05)
    }

    /// The caller's proxy does not know where to send it.
    private func misrouted(
        code: Int, grpcStatus: Int? = nil, flags: String, _ fault: FaultKind
    ) -> Outcome {
        Outcome(
            code: code, grpcStatus: grpcStatus, flags: flags, atDestination: nil, share: 0,
            latency: .rejected, diversion: Outcome.Diversion(fault: fault, share: 0.2))
    }

    /// A failed call of gRPC is still an answer with HTTP status 200.
    private var grpcOutcomes: [Outcome] {
        withSuccess(
            Outcome(code: 200, grpcStatus: 0, share: 0),
            [
                Outcome(code: 200, grpcStatus: 5, share: 0.003),
                Outcome(code: 200, grpcStatus: 13, share: 0, diversion: errors),
                Outcome(
                    code: 200, grpcStatus: 14, flags: "UO", atDestination: nil, share: 0,
                    latency: .rejected, diversion: overflow),
                Outcome(
                    code: 200, grpcStatus: 14, flags: "UF,URX", atDestination: nil, share: 0.002,
                    latency: .retried, diversion: exhaustion),
                misrouted(code: 200, grpcStatus: 14, flags: "NC", .subsetMissing),
                misrouted(code: 200, grpcStatus: 12, flags: "NR", .routeMissing),
            ])
    }

    private func withSuccess(_ success: Outcome, _ others: [Outcome]) -> [Outcome] {
        var success = success
        success.share = 1 - others.reduce(0) { $0 + $1.share }
        return [success] + others
    }
}

extension Edge {
    /// How its requests end.
    var outcomes: [Outcome] { service.outcomes(leavingCluster: leavesCluster) }

    /// The requests of this edge that end in `outcome`, as the caller's proxy times them.
    ///
    /// A small part of the work is slow, and that part comes in episodes: so high percentiles
    /// move while the median stays.
    func tally(_ outcome: Outcome, seed: UInt64) -> Tally {
        tally(outcome, work: work.further(byMilliseconds: distanceMilliseconds), seed: seed)
    }

    /// The same requests as the destination's proxy times them: without the way there and back.
    func arrivalTally(_ outcome: Outcome, seed: UInt64) -> Tally {
        tally(outcome, work: work, seed: seed)
    }

    /// How long the destination takes by itself.
    var work: Latency {
        Latency(
            floorMilliseconds: 0, medianMilliseconds: service.medianMilliseconds,
            sigma: service.temper == .slow ? 0.9 : 0.55)
    }

    private func tally(_ outcome: Outcome, work: Latency, seed: UInt64) -> Tally {
        var parts: [Tally.Part] = []
        guard leavesCluster || !outcome.isLost else { return Tally(parts: []) }
        if let flow = diverted(to: outcome) {
            parts.append(Tally.Part(flow: flow, latency: latency(of: outcome, work)))
        }
        guard outcome.share > 0 else { return Tally(parts: parts) }
        let end = "\(outcome.code)/\(outcome.flags)/\(outcome.grpcStatus ?? -1)"
        var dice = Dice(
            seed: seed,
            name: "outcome/\(source.cluster)/\(source.name)/\(destination.cluster)/"
                + "\(destination.name)/\(end)")
        let flow = undiverted(outcome)
        switch outcome.latency {
        case .rejected:
            var comesAndGoes = flow
            comesAndGoes.shape = .episodes(periodSeconds: 240...600, dice: &dice)
            parts.insert(
                Tally.Part(flow: comesAndGoes, latency: latency(of: outcome, work)), at: 0)
        case .retried, .timeout, .lost:
            parts.insert(Tally.Part(flow: flow, latency: latency(of: outcome, work)), at: 0)
        case .work:
            parts = working(flow, work: work, dice: &dice) + parts
        }
        return Tally(parts: parts)
    }

    /// The parts of a flow that takes as long as the work does: most of it, a small part that is
    /// slow in episodes, and what a fault makes slow.
    private func working(_ flow: Flow, work: Latency, dice: inout Dice) -> [Tally.Part] {
        let slowShare = 0.04
        var dragged = work
        dragged.medianMilliseconds *= 5
        var episodic = flow.scaled(by: slowShare)
        episodic.shape = .episodes(periodSeconds: 900...2400, dice: &dice)
        let slowing = faults[.latency]
        let slowed = 0.35
        func spared(_ flow: Flow) -> Flow {
            flow.gated(slowing, whileOn: 1 - slowed, whileOff: 1)
        }
        return [
            Tally.Part(flow: spared(flow.scaled(by: 1 - slowShare)), latency: work),
            Tally.Part(flow: spared(episodic), latency: dragged),
            Tally.Part(
                flow: flow.gated(slowing, whileOn: slowed, whileOff: 0),
                latency: Latency(
                    floorMilliseconds: work.floorMilliseconds, medianMilliseconds: 2600,
                    sigma: 0.4)),
        ]
    }

    /// How long a request takes that ends so, where the work takes as long as `work` says.
    func latency(of outcome: Outcome, _ work: Latency) -> Latency {
        switch outcome.latency {
        case .work: work
        case .rejected: Latency(floorMilliseconds: 0, medianMilliseconds: 0.4, sigma: 0.5)
        case .retried: Latency(floorMilliseconds: 75, medianMilliseconds: 40, sigma: 0.7)
        case .timeout: Latency(floorMilliseconds: 15_000, medianMilliseconds: 2, sigma: 0.5)
        case .lost: Latency(floorMilliseconds: 5000, medianMilliseconds: 20, sigma: 0.4)
        }
    }

    /// The requests that end in `outcome` without faults, less what faults take away: of the
    /// successes only.
    private func undiverted(_ outcome: Outcome) -> Flow {
        var flow = Flow(perSecond: requestsPerSecond * outcome.share, shape: shape)
        guard outcome.isSuccess else { return flow }
        for diversion in outcomes.compactMap(\.diversion) {
            flow = flow.gated(
                faults[diversion.fault], whileOn: 1 - diversion.share, whileOff: 1)
        }
        return flow
    }

    /// The successes that a fault makes end in `outcome`. Where several faults are on, each takes
    /// its share of what the ones before it have left, so that none is counted twice.
    private func diverted(to outcome: Outcome) -> Flow? {
        guard let diversion = outcome.diversion, let success = outcomes.first else {
            return nil
        }
        var flow = Flow(perSecond: requestsPerSecond * success.share, shape: shape)
        for earlier in outcomes.compactMap(\.diversion) {
            if earlier.fault == diversion.fault { break }
            flow = flow.gated(faults[earlier.fault], whileOn: 1 - earlier.share, whileOff: 1)
        }
        return flow.gated(faults[diversion.fault], whileOn: diversion.share, whileOff: 0)
    }

    /// The tries that callers make again: of those that end in one of the outcomes, and because of a
    /// fault. Most such requests end well, so this is more than what is seen to fail in the end.
    static func retries(_ outcomes: [(outcome: Outcome, tally: Tally)], repeated: Tally) -> Tally {
        var failed = Tally(parts: [])
        var all = Tally(parts: [])
        for (outcome, tally) in outcomes {
            all = all + tally
            if outcome.isSent, outcome.code >= 500 || (outcome.grpcStatus ?? 0) > 12 {
                failed = failed + tally
            }
        }
        return failed.scaled(by: 1.5) + all.scaled(by: 0.006) + repeated
    }

    /// The requests that callers repeat because of a fault.
    var repeated: Tally {
        let flow = Flow(perSecond: requestsPerSecond, shape: shape)
            .gated(faults[.retries], whileOn: 0.45, whileOff: 0)
        return Tally(parts: [Tally.Part(flow: flow, latency: work)])
    }
}
