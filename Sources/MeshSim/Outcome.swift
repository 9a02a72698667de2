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
    /// The share of all requests that end so.
    var share: Double
    var latency: LatencyClass = .work

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
    }
}

extension Service {
    /// How the requests to this service end. The shares add up to one.
    var outcomes: [Outcome] {
        guard speaks != .grpc else { return grpcOutcomes }
        var others: [Outcome] = [Outcome(code: 404, share: 0.004)]
        switch temper {
        case .calm, .plaintext:
            others.append(Outcome(code: 500, share: 0.002))
        case .slow:
            others.append(Outcome(code: 500, share: 0.003))
            others.append(
                Outcome(
                    code: 504, flags: "UT", atDestination: .abandoned, share: 0.012,
                    latency: .timeout))
        case .failing:
            others.append(Outcome(code: 500, share: 0.09))
            others.append(Outcome(code: 502, share: 0.01))
        case .overloaded:
            others.append(Outcome(code: 500, share: 0.002))
            others.append(
                Outcome(
                    code: 503, flags: "UO", atDestination: nil, share: 0.03, latency: .rejected))
        }
        others.append(
            Outcome(
                code: 503, flags: "UF,URX", atDestination: nil,
                share: temper == .failing ? 0.02 : 0.001, latency: .retried))
        return withSuccess(Outcome(code: 200, share: 0), others)
    }

    /// A failed call of gRPC is still an answer with HTTP status 200.
    private var grpcOutcomes: [Outcome] {
        withSuccess(
            Outcome(code: 200, grpcStatus: 0, share: 0),
            [
                Outcome(code: 200, grpcStatus: 5, share: 0.003),
                Outcome(
                    code: 200, grpcStatus: 14, flags: "URX", atDestination: nil, share: 0.002,
                    latency: .retried),
            ])
    }

    private func withSuccess(_ success: Outcome, _ others: [Outcome]) -> [Outcome] {
        var success = success
        success.share = 1 - others.reduce(0) { $0 + $1.share }
        return [success] + others
    }
}

extension Edge {
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

    private var work: Latency {
        Latency(
            floorMilliseconds: 0, medianMilliseconds: service.medianMilliseconds,
            sigma: service.temper == .slow ? 0.9 : 0.55)
    }

    private func tally(_ outcome: Outcome, work: Latency, seed: UInt64) -> Tally {
        let end = "\(outcome.code)/\(outcome.flags)/\(outcome.grpcStatus ?? -1)"
        var dice = Dice(
            seed: seed,
            name: "outcome/\(source.cluster)/\(source.name)/\(destination.cluster)/"
                + "\(destination.name)/\(end)")
        let perSecond = requestsPerSecond * outcome.share
        let ordinary = Flow(perSecond: perSecond, shape: shape)
        switch outcome.latency {
        case .rejected:
            return Tally(parts: [
                Tally.Part(
                    flow: Flow(
                        perSecond: perSecond,
                        shape: .episodes(periodSeconds: 240...600, dice: &dice)),
                    latency: Latency(floorMilliseconds: 0, medianMilliseconds: 0.4, sigma: 0.5))
            ])
        case .retried:
            return Tally(parts: [
                Tally.Part(
                    flow: ordinary,
                    latency: Latency(floorMilliseconds: 75, medianMilliseconds: 40, sigma: 0.7))
            ])
        case .timeout:
            return Tally(parts: [
                Tally.Part(
                    flow: ordinary,
                    latency: Latency(floorMilliseconds: 15_000, medianMilliseconds: 2, sigma: 0.5))
            ])
        case .work:
            var dragged = work
            dragged.medianMilliseconds *= 5
            let slowShare = 0.04
            return Tally(parts: [
                Tally.Part(flow: ordinary.scaled(by: 1 - slowShare), latency: work),
                Tally.Part(
                    flow: Flow(
                        perSecond: perSecond * slowShare,
                        shape: .episodes(periodSeconds: 900...2400, dice: &dice)),
                    latency: dragged),
            ])
        }
    }
}
