import Clusters

// Which replicas are asked, one after the other or two at a time, and what each outcome says of them.

extension UpstreamClient {
    func answer<Answer: Sendable>(
        to question: Question, _ deadline: ContinuousClock.Instant,
        _ read: @Sendable (UpstreamResponse) async throws -> Answer
    ) async throws -> Answer {
        let isProtected = question.protection != .none
        if isProtected { hedging.earn(question.cluster) }
        var failures: [UpstreamError] = []
        var isRepetition = false
        while true {
            var round: [UpstreamError] = []
            if let answer = try await answer(to: question, deadline, read, &round) {
                return answer
            }
            failures += round
            guard isProtected, !isRepetition, !Task.isCancelled,
                let pause = pause(beforeRepeating: round, deadline)
            else { break }
            guard hedging.take(question.cluster) else {
                metrics.retry(question.cluster, .refused)
                break
            }
            metrics.retry(question.cluster, .sent)
            // Cancelled means that nobody waits, which the next attempt sees.
            try? await Task.sleep(for: pause)
            isRepetition = true
        }
        guard var failure = failures.popLast() else {
            preconditionFailure("a service has at least one address")
        }
        failure.earlier = failures
        throw failure
    }

    /// Asks the replicas until one answers; nil where none did.
    private func answer<Answer: Sendable>(
        to question: Question, _ deadline: ContinuousClock.Instant,
        _ read: @Sendable (UpstreamResponse) async throws -> Answer,
        _ failures: inout [UpstreamError]
    ) async throws -> Answer? {
        var left = health.ordered(question.service.urls)
        while !left.isEmpty {
            guard let attempt = next(of: &left, question, deadline, &failures) else { break }
            do {
                let begun = try await begun(attempt, question, deadline, &left, &failures)
                return try await answer(of: begun, question, read)
            } catch let error as UpstreamError {
                failures.append(error)
                let isOver = Task.isCancelled || ContinuousClock.now >= deadline
                if !error.kind.isAboutReplica || isOver { break }
            }
        }
        return nil
    }

    /// A request to a replica that may be sent.
    private struct Attempt: Sendable {
        var replica: String
        var isTrial: Bool
        /// How long the replica is given, and until when.
        var time: Duration
        var end: ContinuousClock.Instant

        func key(_ question: Question) -> ReplicaKey {
            ReplicaKey(cluster: question.cluster, replica: replica)
        }
    }

    /// An answer whose head is there.
    private struct Begun: Sendable {
        var attempt: Attempt
        var transfer: Transfer
        var response: UpstreamResponse
    }

    /// Takes the first replica that may be asked. Those whose breakers are open are failures, told
    /// at once.
    private func next(
        of left: inout [String], _ question: Question, _ deadline: ContinuousClock.Instant,
        _ failures: inout [UpstreamError]
    ) -> Attempt? {
        while !left.isEmpty {
            let replica = left.removeFirst()
            let key = ReplicaKey(cluster: question.cluster, replica: replica)
            let admission =
                question.protection == .none ? .asked(isTrial: false) : breakers.admit(key)
            switch admission {
            case .asked(let isTrial):
                let now = ContinuousClock.now
                var time = Self.time(
                    of: question.service.timeout, now.duration(to: deadline),
                    othersLeft: left.count)
                if isTrial, let usual = hedging.usualTime(question.cluster, question.endpoint) {
                    // Whoever is the trial does not wait longer than is of use.
                    time = min(time, max(settings.fairConnectTime * 2, usual * 2))
                }
                return Attempt(replica: replica, isTrial: isTrial, time: time, end: now + time)
            case .refused(let error): failures.append(error)
            }
        }
        return nil
    }

    /// How long a replica is given: half of what is left where others could still be asked.
    private static func time(
        of timeout: Duration, _ remaining: Duration, othersLeft: Int
    ) -> Duration {
        min(timeout, othersLeft > 0 ? remaining / 2 : remaining)
    }

    /// How long to wait before all replicas are asked once more; nil where that would be of no use.
    /// Where a replica has said when, that long; where an answer broke off, a moment that is not
    /// everybody's.
    private func pause(
        beforeRepeating failures: [UpstreamError], _ deadline: ContinuousClock.Instant
    ) -> Duration? {
        let remaining = ContinuousClock.now.duration(to: deadline)
        let pauses = failures.compactMap { error -> Duration? in
            switch error.kind {
            case .interrupted, .status(502, _):
                return .milliseconds(Int64.random(in: 25...100))
            case .connection where error.phase == .waiting:
                return .milliseconds(Int64.random(in: 25...100))
            default:
                guard let wanted = error.wantedPause, wanted <= settings.maximumRetryWait else {
                    return nil
                }
                return wanted + .milliseconds(Int64.random(in: 10...100))
            }
        }
        return pauses.min().flatMap { $0 <= remaining / 2 ? $0 : nil }
    }

    // MARK: The first byte

    /// The head of the answer: of the attempt's replica, or of another one that was faster.
    private func begun(
        _ attempt: Attempt, _ question: Question, _ deadline: ContinuousClock.Instant,
        _ left: inout [String], _ failures: inout [UpstreamError]
    ) async throws(UpstreamError) -> Begun {
        guard question.protection != .none, !left.isEmpty, !attempt.isTrial,
            let delay = hedging.delay(question.cluster, question.endpoint),
            ContinuousClock.now + delay < attempt.end
        else { return try await begun(attempt, question) }
        let race = await race(attempt, question, deadline, left, after: delay)
        left.removeAll { race.asked.contains($0) }
        if let winner = race.winner, race.failures.isEmpty {
            // The one that was let go may be asked again where the winner does not get to its end.
            left += ([attempt.replica] + race.asked).filter { $0 != winner.attempt.replica }
        }
        // The race's failures are told in the order of asking; the last one is thrown.
        failures += race.failures
        if let winner = race.winner { return winner }
        guard let failure = failures.popLast() else {
            preconditionFailure("a race without a winner has failures")
        }
        throw failure
    }

    private struct Race: Sendable {
        var winner: Begun?
        var failures: [UpstreamError] = []
        /// Replicas beside the first one that are not to be asked again.
        var asked: [String] = []
    }

    private struct RaceEvent: Sendable {
        /// Nil where the first replica's usual time is over.
        var result: Result<Begun, UpstreamError>?
        var isHedge = false
    }

    /// Asks another replica too where the first byte does not come in the usual time. The one that
    /// is first is taken, and the other let go.
    private func race(
        _ first: Attempt, _ question: Question, _ deadline: ContinuousClock.Instant,
        _ others: [String], after delay: Duration
    ) async -> Race {
        await withTaskGroup(of: RaceEvent.self) { group in
            var race = Race()
            var running = 1
            group.addTask { await self.runner(first, question, isHedge: false) }
            group.addTask { await self.patience(delay) }
            for await event in group {
                switch event.result {
                case nil:
                    guard race.winner == nil, running == 1, race.failures.isEmpty,
                        let hedge = hedge(question, deadline, others, &race)
                    else { continue }
                    running += 1
                    group.addTask { await self.runner(hedge, question, isHedge: true) }
                case .success(let begun):
                    running -= 1
                    if race.winner == nil {
                        race.winner = begun
                        if event.isHedge { metrics.hedge(question.cluster, .won) }
                        group.cancelAll()
                    } else {
                        letGo(begun, question)
                    }
                case .failure(let error):
                    running -= 1
                    // Of the one that was let go nothing is to be told.
                    if race.winner == nil { race.failures.append(error) }
                    if running == 0 { group.cancelAll() }
                }
            }
            return race
        }
    }

    /// A second request, where one may be sent.
    private func hedge(
        _ question: Question, _ deadline: ContinuousClock.Instant, _ others: [String],
        _ race: inout Race
    ) -> Attempt? {
        guard !Task.isCancelled else { return nil }
        var left = others
        // What a breaker refuses here is told when it is that replica's turn.
        var refusals: [UpstreamError] = []
        guard let attempt = next(of: &left, question, deadline, &refusals) else { return nil }
        // A trial is no help, and the budget is for others.
        guard !attempt.isTrial, hedging.take(question.cluster) else {
            breakers.toldNothing(attempt.key(question), isTrial: attempt.isTrial)
            if !attempt.isTrial { metrics.hedge(question.cluster, .refused) }
            return nil
        }
        metrics.hedge(question.cluster, .sent)
        race.asked.append(attempt.replica)
        return attempt
    }

    private func patience(_ delay: Duration) async -> RaceEvent {
        // Cancelled means that the race is over.
        try? await Task.sleep(for: delay)
        return RaceEvent(result: nil)
    }

    private func runner(_ attempt: Attempt, _ question: Question, isHedge: Bool) async -> RaceEvent
    {
        do throws(UpstreamError) {
            return RaceEvent(
                result: .success(try await begun(attempt, question)), isHedge: isHedge)
        } catch {
            return RaceEvent(result: .failure(error), isHedge: isHedge)
        }
    }

    /// Asks one replica, and waits for the answer's head.
    private func begun(
        _ attempt: Attempt, _ question: Question
    ) async throws(UpstreamError) -> Begun {
        guard let address = ServiceAddress(attempt.replica) else {
            throw UpstreamError(
                kind: .configuration, replica: ServiceAddress.shown(attempt.replica),
                message: "the address is not a valid one of http or https")
        }
        let order = TransferOrder(
            address: address, service: question.service, target: question.target,
            body: question.body, traceHeaders: TraceInjection.headers(tracer), started: .now,
            deadline: attempt.end, maximumBytes: question.maximumBytes)
        let transfer = Transfer(order, loop: loop, settings: settings)
        metrics.began(question.cluster)
        loop.post(.begin(transfer))
        do throws(UpstreamError) {
            let response = try await response(
                of: transfer, readsEveryStatus: question.readsEveryStatus)
            if question.protection != .none, let time = transfer.firstByteTime {
                hedging.note(time, question.cluster, question.endpoint)
            }
            return Begun(attempt: attempt, transfer: transfer, response: response)
        } catch {
            failed(error, attempt, transfer, question)
            transfer.cancel()
            throw error
        }
    }

    // MARK: The rest

    private func answer<Answer: Sendable>(
        of begun: Begun, _ question: Question,
        _ read: @Sendable (UpstreamResponse) async throws -> Answer
    ) async throws -> Answer {
        let (attempt, transfer) = (begun.attempt, begun.transfer)
        // Lets go of the rest that `read` did not want.
        defer { transfer.cancel() }
        do {
            let answer = try await read(begun.response)
            record(question, transfer, .answered(status: begun.response.status))
            succeeded(attempt, question)
            return answer
        } catch let error as UpstreamError {
            failed(error, attempt, transfer, question)
            throw error
        } catch {
            let isCancelled = Task.isCancelled
            record(question, transfer, isCancelled ? .failed(.cancelled) : .unreadable)
            if isCancelled {
                breakers.toldNothing(attempt.key(question), isTrial: attempt.isTrial)
            } else {
                // It has answered, whatever that is worth.
                breakers.succeeded(attempt.key(question), isTrial: attempt.isTrial)
            }
            throw error
        }
    }

    /// Gives up an answer that came a moment after another one.
    private func letGo(_ begun: Begun, _ question: Question) {
        begun.transfer.cancel()
        record(question, begun.transfer, .failed(.cancelled))
        breakers.succeeded(begun.attempt.key(question), isTrial: begun.attempt.isTrial)
    }

    // MARK: What it says of the replica

    private func succeeded(_ attempt: Attempt, _ question: Question) {
        health.answered(attempt.replica)
        if question.protection != .none {
            breakers.succeeded(attempt.key(question), isTrial: attempt.isTrial)
        }
    }

    private func failed(
        _ error: UpstreamError, _ attempt: Attempt, _ transfer: Transfer, _ question: Question
    ) {
        record(question, transfer, .failed(error.kind))
        if error.kind.isAboutReplica { health.failed(attempt.replica) }
        guard question.protection != .none else { return }
        let key = attempt.key(question)
        switch error.verdict(given: attempt.time, question, settings) {
        case .well: breakers.succeeded(key, isTrial: attempt.isTrial)
        case .failed: breakers.failed(key, error.sentence, isTrial: attempt.isTrial)
        case .wantsPause(let time):
            breakers.held(
                key, for: min(time, settings.maximumHold), error.sentence,
                isTrial: attempt.isTrial)
        case .nothing:
            breakers.toldNothing(key, isTrial: attempt.isTrial)
            if error.kind == .cancelled {
                // So long it has not answered at least.
                hedging.note(
                    transfer.firstByteTime ?? error.elapsed, question.cluster, question.endpoint)
            }
        }
    }

    /// How a service's replicas do.
    package func replicas(of service: Service, cluster: ClusterID) -> [ReplicaState] {
        service.urls.map { breakers.state(of: ReplicaKey(cluster: cluster, replica: $0)) }
    }
}

extension UpstreamError {
    /// What a failure says of the replica.
    fileprivate enum Verdict {
        /// It answers.
        case well
        case failed
        case wantsPause(Duration)
        case nothing
    }

    /// `given` is how long the replica was given.
    fileprivate func verdict(
        given: Duration, _ question: UpstreamClient.Question, _ settings: UpstreamSettings
    ) -> Verdict {
        if let wantedPause, status == 429 || status == 503 { return .wantsPause(wantedPause) }
        switch kind {
        case .cancelled, .stopped, .file, .configuration, .open: return .nothing
        case .tooLarge: return .well
        case .timeout:
            let fair =
                switch phase {
                case .queued: Duration.seconds(86_400)
                case .resolving, .connecting, .handshake: settings.fairConnectTime
                case .waiting, .receiving: settings.fairTime
                }
            // Who asks has spent a little of the service's time before the replica got it.
            return given * 10 >= min(fair, question.service.timeout) * 9 && phase != .queued
                ? .failed : .nothing
        case .status(let status, _):
            return question.protection.isFailure(status) ? .failed : .well
        case .unfit(let unfitness): return unfitness.isFailure ? .failed : .well
        case .connection, .tls, .proxy, .redirect, .interrupted, .malformed, .stalled:
            return .failed
        }
    }
}
