import Caching
import Evaluation
import Planning
import PromQL
import TimeSeries

/// Plays a case: every question is asked of the server itself and of a gateway that keeps answers,
/// and both have to say the same.
struct CacheRun {
    private let plan: CacheCase
    private let options: SampleOptions
    private var state: SimulatedServer.State
    private var samples = SampleStore()
    private var samplesState: SimulatedServer.State?
    /// So many more answers the server gives; nil while it works.
    private var answersLeft: Int?
    private var answersInPart = false
    private var memories: [[String: [UInt8]]]
    private var shared: [String: [UInt8]] = [:]
    private var writes: [Write] = []
    private(set) var count = Count()

    /// What was proven: a run that keeps or compares nothing would prove nothing.
    struct Count: Hashable, Sendable {
        var comparedAnswers = 0
        var cachedSteps = 0
        var askedSteps = 0
        var answersWithRemarks = 0
        var storedBytes = 0
    }

    private struct Write {
        var operation: Int
        var gateway: Int
        var entries: [(key: String, bytes: [UInt8])]
    }

    init(_ plan: CacheCase) {
        self.plan = plan
        options = SampleOptions(lookback: plan.lookback)
        state = SimulatedServer.State(now: plan.start, dataStart: .min)
        memories = plan.gatewaySkews.map { _ in [:] }
    }

    /// What differs first, or nil.
    mutating func difference() -> String? {
        for (number, operation) in plan.operations.enumerated() {
            for write in writes where write.operation <= number { apply(write) }
            writes.removeAll { $0.operation <= number }
            if let difference = run(operation, number) {
                return "operation \(number): \(difference)"
            }
        }
        return nil
    }

    private mutating func run(_ operation: CacheCase.Operation, _ number: Int) -> String? {
        switch operation {
        case .advance(let time): state.now += time
        case .ask(let ask): return difference(ask, number)
        case .fail(let left): answersLeft = left
        case .answerInPart: answersInPart = true
        case .recover:
            answersLeft = nil
            answersInPart = false
        case .evict(let seed):
            var random = SeededGenerator(seed: seed)
            change { entries in
                for key in entries.keys.sorted() where random.chance(30) { entries[key] = nil }
            }
        case .corrupt(let seed):
            var random = SeededGenerator(seed: seed)
            change { Self.corrupt(&$0, &random) }
        case .swap(let seed):
            var random = SeededGenerator(seed: seed)
            change { entries in
                let keys = entries.keys.sorted()
                for key in keys where random.chance(30) {
                    entries[key] = entries[random.pick(keys)]
                }
            }
        case .restart(let gateway): memories[gateway] = [:]
        case .retain(let time): state.dataStart = max(state.dataStart, time)
        case .reconfigure: state.generation += 1
        }
        return nil
    }

    // MARK: The store

    private mutating func change(_ body: (inout [String: [UInt8]]) -> Void) {
        body(&shared)
        for gateway in memories.indices { body(&memories[gateway]) }
    }

    private static func corrupt(_ entries: inout [String: [UInt8]], _ random: inout SeededGenerator)
    {
        for key in entries.keys.sorted() where random.chance(30) {
            guard var bytes = entries[key], !bytes.isEmpty else { continue }
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 1: bytes[Int.random(in: bytes.indices, using: &random)] ^= 0x20
            default: bytes += [UInt8](repeating: 0, count: 3)
            }
            entries[key] = bytes
        }
    }

    /// A gateway's own memory, then what all share.
    private mutating func found(_ keys: [String], by gateway: Int) -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for key in keys {
            if let bytes = memories[gateway][key] {
                result[key] = bytes
            } else if let bytes = shared[key] {
                result[key] = bytes
                memories[gateway][key] = bytes
            }
        }
        return result
    }

    private mutating func apply(_ write: Write) {
        for (key, bytes) in write.entries {
            memories[write.gateway][key] = bytes
            shared[key] = bytes
            count.storedBytes += bytes.count
        }
    }

    // MARK: Asking

    private mutating func arrivedSamples() -> SampleStore {
        if samplesState != state {
            samples = plan.server.store(in: state)
            samplesState = state
        }
        return samples
    }

    private mutating func difference(_ ask: CacheCase.Ask, _ number: Int) -> String? {
        let grid = ask.grid(at: state.now)
        let times: QueryTimes =
            ask.isInstant
            ? .instant(grid.end)
            : .range(start: grid.start, end: grid.end, step: grid.step)
        guard let resolved = try? plan.questions[ask.question].resolved(in: times) else {
            return nil
        }
        let query = resolved.text()
        let wantsSamples = if case .range = resolved.unparenthesized { true } else { false }
        if wantsSamples, !ask.isInstant { return nil }
        let question = Question(
            key: AnswerKey(
                source: AnswerSource("server \(state.generation)"), query: query,
                lookback: plan.lookback),
            grid: times.grid, wantsSamples: wantsSamples,
            reach: DataReach(of: resolved, lookback: plan.lookback),
            settledUntil: state.now + plan.gatewaySkews[ask.gateway] - plan.freshness,
            dataStart: state.dataStart == .min ? nil : state.dataStart)
        let wanted = try? SimulatedServer.answer(
            to: query, on: question.grid, over: arrivedSamples(), options: options)
        let found =
            ask.isInstant
            ? instantAnswer(to: question, ask, number) : rangeAnswer(to: question, ask, number)
        // What fails only where all times are looked at together may go unnoticed.
        guard answersLeft == nil, !answersInPart, let wanted else { return nil }
        count.comparedAnswers += 1
        if !wanted.answer.warnings.isEmpty || !wanted.answer.infos.isEmpty {
            count.answersWithRemarks += 1
        }
        guard let found else { return "\(query): no answer" }
        return found.difference(from: wanted, on: question.grid).map { "\(query): \($0)" }
    }

    private struct Question {
        var key: AnswerKey
        var grid: TimeGrid
        var wantsSamples: Bool
        var reach: DataReach
        var settledUntil: Int64
        var dataStart: Int64?
    }

    /// What the server says while it may be failing.
    private mutating func serverAnswer(to query: String, on grid: TimeGrid) -> StoredAnswer? {
        if let left = answersLeft {
            guard left > 0 else { return nil }
            answersLeft = left - 1
        }
        var answer = try? SimulatedServer.answer(
            to: query, on: grid, over: arrivedSamples(), options: options)
        if answersInPart {
            if answer?.answer.series.isEmpty == false { answer?.answer.series.removeLast() }
            if answer?.samples.isEmpty == false { answer?.samples.removeLast() }
            answer?.answer.warnings.append("remote read: connection refused")
        }
        return answer
    }

    private mutating func rangeAnswer(
        to question: Question, _ ask: CacheCase.Ask, _ number: Int
    ) -> StoredAnswer? {
        var lookup = RangeLookup(
            question.key, grid: question.grid, reach: question.reach,
            settledUntil: question.settledUntil, dataStart: question.dataStart,
            limits: plan.limits)
        lookup.take(found(lookup.firstKeys, by: ask.gateway))
        let further = lookup.furtherKeys
        if !further.isEmpty { lookup.take(found(further, by: ask.gateway)) }
        var isWhole = true
        for piece in lookup.missing(maximumPoints: plan.maximumPoints) {
            count.askedSteps += piece.count
            guard let answer = serverAnswer(to: question.key.query, on: piece) else {
                isWhole = false
                break
            }
            lookup.add(answer.answer, for: piece)
        }
        if isWhole, let whole = lookup.wholeNeeded(maximumPoints: plan.maximumPoints) {
            guard let answer = serverAnswer(to: question.key.query, on: whole) else { return nil }
            lookup.add(answer.answer, for: whole)
        }
        let entries = lookup.updates().compactMap { update in
            update.bytes().map { (key: update.key, bytes: $0) }
        }
        write(entries, ask, number)
        guard isWhole else { return nil }
        count.cachedSteps += lookup.cachedSteps
        return StoredAnswer(answer: lookup.assembled())
    }

    private mutating func instantAnswer(
        to question: Question, _ ask: CacheCase.Ask, _ number: Int
    ) -> StoredAnswer? {
        let slot = AnswerSlot(
            question.key, time: question.grid.start, wantsSamples: question.wantsSamples,
            reach: question.reach, settledUntil: question.settledUntil,
            dataStart: question.dataStart)
        if slot.isSettled, let bytes = found([slot.key], by: ask.gateway)[slot.key],
            let answer = slot.answer(from: bytes)
        {
            count.cachedSteps += 1
            return answer
        }
        count.askedSteps += 1
        guard let answer = serverAnswer(to: question.key.query, on: question.grid) else {
            return nil
        }
        if slot.isSettled, let bytes = slot.bytes(of: answer) {
            write([(slot.key, bytes)], ask, number)
        }
        return answer
    }

    private mutating func write(
        _ entries: [(key: String, bytes: [UInt8])], _ ask: CacheCase.Ask, _ number: Int
    ) {
        let write = Write(
            operation: number + ask.writeDelay, gateway: ask.gateway, entries: entries)
        if ask.writeDelay == 0 { apply(write) } else { writes.append(write) }
    }
}
