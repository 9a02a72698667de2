import Caching
import Clusters
import Planning
import Storage
import TimeSeries

/// Answers questions to one cluster: from what is remembered as far as that goes, from the cluster
/// for the rest, and once however many queries ask the same at the same time.
struct QuestionAnswering: Sendable {
    let client: ClusterClient
    let fetches: SharedFetches
    let gate: ConcurrencyGate
    /// Nil where nothing is remembered.
    let cache: AnswerCache?
    let use: CacheUse
    let horizon: SettledHorizon

    func answer(to question: ServerQuestion) async -> Outcome<ServerAnswer> {
        guard let cache, use != .bypass else {
            return await Outcome { () async throws(Unanswered) in
                try await plainAnswer(to: question)
            }
        }
        // Whoever wants everything anew must not get what another has from memory.
        guard use == .allowed else { return await outcome(of: question, through: cache) }
        let shared = await fetches.value(of: .whole(question), by: client.deadline) {
            await outcome(of: question, through: cache)
        }
        if shared.isJoined, shared.value.isMemoryRefusal {
            return await outcome(of: question, through: cache)
        }
        guard shared.isJoined, case .answered(var answer) = shared.value else {
            return shared.value
        }
        answer.isSharedWithOthers()
        return .answered(answer)
    }

    private func outcome(
        of question: ServerQuestion, through cache: AnswerCache
    ) async -> Outcome<ServerAnswer> {
        await Outcome { () async throws(Unanswered) in
            question.isInstant
                ? try await instantAnswer(to: question, through: cache)
                : try await rangeAnswer(to: question, through: cache)
        }
    }

    /// Everything from the cluster, nothing kept.
    private func plainAnswer(
        to question: ServerQuestion
    ) async throws(Unanswered) -> ServerAnswer {
        var answer: ServerAnswer
        if question.isInstant {
            answer = try await asked(question)
            answer.cache.steps = 1
        } else {
            var lookup = RangeLookup(
                question.key, grid: question.grid, reach: horizon.reach, settledUntil: .min,
                dataStart: nil)
            answer = try await completed(&lookup, question)
        }
        answer.cache.outcome = cache == nil ? .off : .bypass
        return answer
    }

    // MARK: Instants

    private func instantAnswer(
        to question: ServerQuestion, through cache: AnswerCache
    ) async throws(Unanswered) -> ServerAnswer {
        let slot = AnswerSlot(
            question.key, time: question.grid.start, wantsSamples: question.wantsSamples,
            reach: horizon.reach, settledUntil: horizon.settledUntil,
            dataStart: horizon.dataStart)
        if use == .allowed, let bytes = await cache.values(of: [slot.key])[slot.key],
            let stored = slot.answer(from: bytes)
        {
            var answer = ServerAnswer(stored)
            answer.cache = CacheReport(.hit, steps: 1, cachedSteps: 1)
            return answer
        }
        // Whoever takes what is remembered shares the whole of this already.
        var answer =
            use == .allowed ? try await sent(question).get() : try await asked(question)
        answer.cache.outcome = .miss
        answer.cache.steps = 1
        let time = slot.isSettled ? cache.settings.timeToLive : cache.settings.instantTimeToLive
        // Who asked the cluster keeps what it said.
        if let time, answer.cache.requests > 0 {
            cache.keep(answer.stored, in: slot, for: time)
        }
        return answer
    }

    // MARK: Ranges

    private func rangeAnswer(
        to question: ServerQuestion, through cache: AnswerCache
    ) async throws(Unanswered) -> ServerAnswer {
        var lookup = RangeLookup(
            question.key, grid: question.grid, reach: horizon.reach,
            settledUntil: horizon.settledUntil, dataStart: horizon.dataStart)
        if use == .allowed {
            lookup.take(await cache.values(of: lookup.firstKeys))
            lookup.take(await cache.values(of: lookup.furtherKeys))
        }
        let answer = try await completed(&lookup, question)
        // Who asked the cluster keeps what it said.
        if answer.cache.requests > 0 {
            cache.keep(
                lookup.updates(), valueCount: answer.series.count * question.grid.count)
        }
        return answer
    }

    /// The whole answer: what the lookup lacks is asked of the cluster, and given to it.
    private func completed(
        _ lookup: inout RangeLookup, _ question: ServerQuestion
    ) async throws(Unanswered) -> ServerAnswer {
        let pieces = lookup.missing(maximumPoints: Self.maximumPoints)
        var bytes = 0
        var samples = 0
        var report = CacheReport(.hit, steps: question.grid.count)
        var answers = try await answered(pieces.map(question.asked(on:)))
        for piece in answers { lookup.add(piece.answer.rangeAnswer, for: piece.grid) }
        if let whole = lookup.wholeNeeded(maximumPoints: Self.maximumPoints) {
            let answer = try await asked(question.asked(on: whole))
            lookup.add(answer.rangeAnswer, for: whole)
            answers.append(Piece(grid: whole, answer: answer))
        }
        for piece in answers {
            bytes += piece.answer.bytes
            samples += piece.answer.series.count * piece.grid.count
            report.requests += piece.answer.cache.requests
            report.isShared = report.isShared || piece.answer.cache.isShared
        }
        // Each piece was within the limit, but all of them are held together.
        if samples > client.settings.maximumSamples {
            throw .missing(
                MissingCause(
                    kind: "limit",
                    message: "its answer has more than \(client.settings.maximumSamples) samples "
                        + "(\(LimitName.samples.key))"))
        }
        report.cachedSteps = lookup.cachedSteps
        if !answers.isEmpty { report.outcome = report.cachedSteps > 0 ? .partial : .miss }
        var answer = ServerAnswer(lookup.assembled())
        answer.bytes = bytes
        answer.cache = report
        return answer
    }

    // MARK: Asking the cluster

    /// The most points that servers give for one series.
    private static let maximumPoints = 11_000
    /// How often a piece that is too large for a server is halved.
    private static let maximumHalvings = 5

    private struct Piece: Sendable {
        var grid: TimeGrid
        var answer: ServerAnswer
    }

    private struct PieceReply: Sendable {
        var place: Int
        var result: Result<[Piece], Unanswered>
    }

    /// What the cluster answers to the pieces of a question, which it is asked side by side.
    private func answered(_ pieces: [ServerQuestion]) async throws(Unanswered) -> [Piece] {
        guard pieces.count > 1 else {
            return pieces.isEmpty ? [] : try await halved(pieces[0], Self.maximumHalvings)
        }
        let replies = await withTaskGroup(of: PieceReply.self) { group in
            for (place, piece) in pieces.enumerated() {
                group.addTask { await reply(to: piece, place: place) }
            }
            var replies: [PieceReply] = []
            for await reply in group {
                // Without one there is no answer.
                if case .failure = reply.result { group.cancelAll() }
                replies.append(reply)
            }
            return replies
        }
        // Of failures, those that others were cancelled for are told.
        var answers: [Piece] = []
        var failure: Unanswered?
        for reply in replies.sorted(by: { $0.place < $1.place }) {
            switch reply.result {
            case .success(let pieces): answers += pieces
            case .failure(let found):
                if failure?.isCancellation ?? true { failure = found }
            }
        }
        if let failure { throw failure }
        return answers
    }

    private func reply(to piece: ServerQuestion, place: Int) async -> PieceReply {
        do {
            return PieceReply(
                place: place, result: .success(try await halved(piece, Self.maximumHalvings)))
        } catch {
            return PieceReply(place: place, result: .failure(error))
        }
    }

    /// Asks for a piece, and where it is too large for the server for one half after the other.
    private func halved(
        _ question: ServerQuestion, _ halvings: Int
    ) async throws(Unanswered) -> [Piece] {
        do {
            return [Piece(grid: question.grid, answer: try await asked(question))]
        } catch {
            guard error.isAboutSize, halvings > 0, question.grid.count > 1,
                horizon.reach.isTimeLocal
            else { throw error }
            var pieces: [Piece] = []
            for half in question.grid.halves {
                pieces += try await halved(question.asked(on: half), halvings - 1)
            }
            return pieces
        }
    }

    /// Asks the cluster, unless somebody does so already.
    private func asked(_ question: ServerQuestion) async throws(Unanswered) -> ServerAnswer {
        guard use != .bypass else { return try await sent(question).get() }
        let shared = await fetches.value(of: .piece(question), by: client.deadline) {
            await sent(question)
        }
        if shared.isJoined, shared.value.isMemoryRefusal { return try await sent(question).get() }
        var answer = try shared.value.get()
        if shared.isJoined { answer.isSharedWithOthers() }
        return answer
    }

    private func sent(_ question: ServerQuestion) async -> Outcome<ServerAnswer> {
        guard let claims = cache?.claims, use != .bypass else { return await received(question) }
        return await claims.answer(to: question, by: client.deadline) {
            await received(question)
        }
    }

    private func received(_ question: ServerQuestion) async -> Outcome<ServerAnswer> {
        do {
            let answer = try await gate.withPlace(by: client.deadline) { () async throws in
                try await question.answer(from: client)
            }
            return .answered(answer)
        } catch {
            return .failed(error, cluster: client.cluster.id)
        }
    }
}

/// Until when a cluster's data does not change any more, and what a question looks at.
struct SettledHorizon: Sendable {
    var reach: DataReach
    /// Milliseconds since the Unix epoch: the present less the cluster's freshness.
    var settledUntil: Int64
    /// The time of the cluster's oldest data, milliseconds; nil where it is not known.
    var dataStart: Int64?
}

/// Why there is no answer: an outcome's other cases, to be thrown.
enum Unanswered: Error {
    case missing(MissingCause)
    case rejected(type: String, message: String)

    /// Whether less to answer might be answered.
    var isAboutSize: Bool {
        if case .missing(let cause) = self { cause.isAboutSize } else { false }
    }

    var isCancellation: Bool {
        if case .missing(let cause) = self { cause.kind == "cancelled" } else { false }
    }
}

extension Outcome {
    /// What the body gives, or why it gives nothing.
    init(_ body: () async throws(Unanswered) -> Value) async {
        do {
            self = .answered(try await body())
        } catch {
            switch error {
            case .missing(let cause): self = .missing(cause)
            case .rejected(let type, let message): self = .rejected(type: type, message: message)
            }
        }
    }

    func get() throws(Unanswered) -> Value {
        switch self {
        case .answered(let value): return value
        case .missing(let cause): throw .missing(cause)
        case .rejected(let type, let message): throw .rejected(type: type, message: message)
        }
    }
}

extension ServerQuestion {
    /// Whether there is one time at which it is asked.
    var isInstant: Bool { wantsSamples || grid.count == 1 }

    /// Under which its answers are kept.
    var key: AnswerKey {
        AnswerKey(source: AnswerSource(source), query: query, lookback: lookbackDelta)
    }
}

extension ServerAnswer {
    /// An answer that was put together from what is kept.
    init(_ answer: RangeAnswer) {
        series = answer.series
        remarks = ServerRemarks(warnings: answer.warnings, infos: answer.infos)
    }

    /// An answer that was kept whole.
    init(_ stored: StoredAnswer) {
        self.init(stored.answer)
        samples = stored.samples
    }

    /// What is kept of it where it is kept whole.
    var stored: StoredAnswer { StoredAnswer(answer: rangeAnswer, samples: samples) }

    /// What is kept of it.
    var rangeAnswer: RangeAnswer {
        RangeAnswer(series: series, warnings: remarks.warnings, infos: remarks.infos)
    }

    /// Notes that nobody was asked for it but by another.
    mutating func isSharedWithOthers() {
        cache.isShared = true
        cache.requests = 0
        bytes = 0
    }
}

extension TimeGrid {
    /// The first half of its times and the second; there are two at least.
    fileprivate var halves: [TimeGrid] {
        let middle = count / 2
        return [
            TimeGrid(start: start, end: time(at: middle - 1), step: step),
            TimeGrid(start: time(at: middle), end: end, step: step),
        ]
    }
}
