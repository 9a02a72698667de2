import Planning
import TimeSeries

/// One fragment at one cluster over the times of a grid: what is known of the answer, what is still
/// to be asked, and what is to be kept.
///
/// The order of calls: `take` what the store has for `firstKeys`, then what it has for
/// `furtherKeys`; ask the cluster for the `missing` pieces and `add` each answer; then `assembled`
/// is the whole answer, and `updates` is what to write. Of a store that fails nothing is taken. A
/// piece that cannot be had means that there is no answer; what was added before it may be kept all
/// the same.
public struct RangeLookup: Sendable {
    public let key: AnswerKey
    /// The times that are asked for.
    public let grid: TimeGrid

    private let steps: StepNumbers
    /// The number of the grid's first step.
    private let first: Int64
    /// So many steps from the grid's start are settled; the others are neither read nor kept.
    private let settledCount: Int
    private let reach: DataReach
    private let settledUntil: Int64
    private let dataStart: Int64?
    private let limits: CachingLimits
    private let names: EntryNames

    private let indexIdentity: EntryIdentity
    private var index: StepIndex?
    private var slots: [BlockSlot] = []
    private var finer: [BlockSlot] = []
    private var hasTaken = false
    private var hasTakenFiner = false
    private var known = KnownSteps()
    /// In order.
    private var fetched: [Fetched] = []

    private struct Fetched: Sendable {
        var steps: Range<Int>
        var answer: OrderedAnswer

        var run: AnswerRun { AnswerRun(target: steps, answer: answer, first: 0) }
    }

    /// `settledUntil` is the time until which data does not change any more: the present less the
    /// cluster's freshness, read before the cluster is asked. `dataStart` is the time of the oldest
    /// data that the cluster still has, nil where it is not known. All in milliseconds.
    public init(
        _ key: AnswerKey, grid: TimeGrid, reach: DataReach, settledUntil: Int64,
        dataStart: Int64?, limits: CachingLimits = .standard
    ) {
        self.key = key
        self.grid = grid
        self.reach = reach
        self.settledUntil = settledUntil
        self.dataStart = dataStart
        self.limits = limits
        names = EntryNames(key)
        let width = max(1, limits.stepsPerBlock)
        indexIdentity = names.identity(.index, [Int64(width)])
        let numbers = StepNumbers(grid, width: width)
        steps = numbers ?? StepNumbers(step: 1, phase: 0, width: width)
        first = numbers?.number(of: grid.start) ?? 0
        let settled = numbers == nil ? 0 : Self.settledCount(of: grid, reach, settledUntil)
        let last = first + Int64(max(settled, 1)) - 1
        let blocks = steps.block(of: first)...steps.block(of: last)
        guard settled > 0, blocks.count <= limits.maximumBlocks else {
            settledCount = 0
            return
        }
        settledCount = settled
        slots = blocks.map { slot(steps, block: $0) }
        known = KnownSteps(slots, first: first, settledCount: settledCount)
    }

    /// The settled steps are the first ones: what is looked at moves with the time, or stays.
    private static func settledCount(
        of grid: TimeGrid, _ reach: DataReach, _ settledUntil: Int64
    ) -> Int {
        var low = 0
        var high = grid.count
        while low < high {
            let middle = (low + high) / 2
            if reach.isSettled(at: grid.time(at: middle), until: settledUntil) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// A block has the start of data in its key where it depends on what retention has deleted.
    private func slot(_ steps: StepNumbers, block: Int64) -> BlockSlot {
        var numbers = [Int64(steps.width), steps.step, steps.phase, block]
        let time = steps.time(of: steps.first(ofBlock: block))
        if let dataStart, let earliest = reach.earliest(at: time), earliest < dataStart {
            numbers.append(dataStart)
        }
        return BlockSlot(steps: steps, block: block, identity: names.identity(.block, numbers))
    }

    // MARK: What is kept

    /// What to read from the store first.
    public var firstKeys: [String] {
        slots.isEmpty ? [] : slots.map(\.identity.key) + [indexIdentity.key]
    }

    /// Entries under all keys that are read first, each about what it should be about and made of
    /// these sections, whatever they hold: for proofs that nothing in a store is trusted.
    public func entries(of sections: [[UInt8]]) -> [String: [UInt8]] {
        let identities = slots.isEmpty ? [] : slots.map(\.identity) + [indexIdentity]
        var entries: [String: [UInt8]] = [:]
        for identity in identities {
            entries[identity.key] = Envelope.sealed(
                sections.map { Envelope.Content(bytes: $0) }, for: identity,
                limit: limits.maximumBlockBytes)
        }
        return entries
    }

    /// What to read after that; empty where nothing more helps.
    public var furtherKeys: [String] {
        hasTaken && !hasTakenFiner ? finer.map(\.identity.key) : []
    }

    /// Takes what the store has, by key. Anything that is not what is expected there counts as
    /// nothing.
    public mutating func take(_ found: [String: [UInt8]]) {
        guard !slots.isEmpty else { return }
        if hasTaken {
            takeFiner(found)
            return
        }
        hasTaken = true
        read(found, into: &slots)
        if let bytes = found[indexIdentity.key] {
            index = try? StepIndex(
                bytes, of: indexIdentity, width: steps.width, limit: limits.maximumBlockBytes)
        }
        known = KnownSteps(slots, first: first, settledCount: settledCount)
        finer = finerSlots()
    }

    private mutating func takeFiner(_ found: [String: [UInt8]]) {
        guard !hasTakenFiner else { return }
        hasTakenFiner = true
        read(found, into: &finer)
        for slot in finer {
            known.add(
                finer: slot, first: slot.steps.number(of: grid.start),
                ratio: steps.step / slot.steps.step)
        }
    }

    private func read(_ found: [String: [UInt8]], into slots: inout [BlockSlot]) {
        var table = AnswerBlock.ReadTable()
        for place in slots.indices {
            guard let bytes = found[slots[place].identity.key] else { continue }
            slots[place].stored = try? AnswerBlock(
                bytes, of: slots[place].identity, places: steps.width,
                limit: limits.maximumBlockBytes, table: &table)
        }
    }

    /// The blocks of finer steps that may know what own blocks do not. Of several the coarsest come
    /// first, which are the fewest blocks.
    private func finerSlots() -> [BlockSlot] {
        let unknown = known.unknown
        let count = unknown.reduce(0) { $0 + $1.count }
        // A few steps before those that are asked for anyway are not worth a second reading.
        guard count >= limits.minimumNewSteps || (count > 0 && settledCount == grid.count) else {
            return []
        }
        let candidates = (index?.entries ?? []).filter { $0.contains(steps) }
            .sorted { $0.step > $1.step }
        var result: [BlockSlot] = []
        for candidate in candidates {
            var last = Int64.max
            for range in unknown.reversed() {
                func block(of step: Int) -> Int64 {
                    candidate.block(of: candidate.number(of: grid.time(at: step)))
                }
                let end = min(block(of: range.upperBound - 1), last - 1)
                let start = block(of: range.lowerBound)
                guard start <= end else { continue }
                for block in (start...end).reversed() {
                    guard result.count < limits.maximumFinerBlocks else { return result }
                    result.append(slot(candidate, block: block))
                }
                last = start
            }
        }
        return result
    }

    // MARK: What is asked

    /// What the cluster is still to be asked, in order of time and no time twice: parts of the
    /// grid of no more than `maximumPoints` times, unless what is asked must be asked whole. Where
    /// nothing is known, they are the whole grid.
    public func missing(maximumPoints: Int) -> [TimeGrid] {
        let pieces = MissingPieces(
            known, stepCount: grid.count, settledCount: settledCount, limits: limits)
        // What is the same at all times is counted once for each piece.
        let isRemarked = reach.fixed == nil && (index?.hasRemarks ?? false)
        // What depends on all times that are asked together is asked whole, or not answered.
        let most = reach.isTimeLocal ? max(1, maximumPoints) : grid.count
        return pieces.pieces(isRemarked: isRemarked).flatMap { piece in
            stride(from: piece.lowerBound, to: piece.upperBound, by: most).map {
                let end = min($0 + most, piece.upperBound)
                return TimeGrid(
                    start: grid.time(at: $0), end: grid.time(at: end - 1), step: grid.step)
            }
        }
    }

    /// Adds what the cluster answered for a piece.
    public mutating func add(_ answer: RangeAnswer, for piece: TimeGrid) {
        guard let start = grid.index(of: piece.start), start + piece.count <= grid.count else {
            preconditionFailure("a piece is a part of the grid")
        }
        let new = Fetched(
            steps: start..<start + piece.count, answer: OrderedAnswer(answer))
        if piece.count == grid.count { fetched = [] }
        let place = fetched.firstIndex { $0.steps.lowerBound > start } ?? fetched.count
        fetched.insert(new, at: place)
    }

    /// What is to be asked again once all pieces have been added; nil mostly. Of one remark at two
    /// places of the query a server tells one place; where pieces tell different ones, only an
    /// answer for all times tells which.
    public func wholeNeeded(maximumPoints: Int) -> TimeGrid? {
        let remarks = joinedRemarks
        guard remarks.warnings.hasSeveralPlaces || remarks.infos.hasSeveralPlaces,
            grid.count <= maximumPoints
        else { return nil }
        return grid
    }

    /// How many times of the grid are answered by what was kept.
    public var cachedSteps: Int {
        grid.count - fetched.reduce(0) { $0 + $1.steps.count }
    }

    // MARK: The answer

    /// The whole answer on the grid, ordered by the server's labels; remarks are ordered, each once.
    /// All missing pieces have been added.
    public func assembled() -> RangeAnswer {
        let remarks = joinedRemarks
        let (warnings, infos) = (remarks.warnings, remarks.infos)
        if fetched.count == 1, fetched[0].steps == 0..<grid.count {
            return RangeAnswer(
                series: fetched[0].answer.series, warnings: warnings.all, infos: infos.all)
        }
        let runs = (keptRuns.map(\.run) + fetched.map(\.run)).sorted {
            $0.target.lowerBound < $1.target.lowerBound
        }
        return RangeAnswer(
            series: JoinedSeries.joined(runs, count: grid.count).map(\.read),
            warnings: warnings.all, infos: infos.all)
    }

    /// What was remarked on all parts of the answer.
    private var joinedRemarks: (warnings: JoinedRemarks, infos: JoinedRemarks) {
        var warnings = JoinedRemarks(hasFixedParts: reach.fixed != nil)
        var infos = JoinedRemarks(hasFixedParts: reach.fixed != nil)
        for piece in fetched {
            warnings.add(piece.answer.warnings)
            infos.add(piece.answer.infos)
        }
        for remarks in Set(keptRuns.compactMap(\.remarks)) {
            warnings.add(remarks.warnings)
            infos.add(remarks.infos)
        }
        return (warnings, infos)
    }

    /// What is known from blocks and was not asked anew.
    private var keptRuns: [KnownSteps.Run] {
        let asked = fetched.map(\.steps)
        return known.runs.flatMap { run in
            run.steps.subtracting(asked).map { steps in
                var part = run
                part.run = run.run.clamped(to: steps)
                return part
            }
        }
    }

    // MARK: What is to be kept

    /// What is the same at all times is computed once for an answer, and what is counted in it is
    /// counted once: of several answers nobody could tell how often.
    private func canBeKept(_ answer: OrderedAnswer) -> Bool {
        answer.isRepeatable && (reach.fixed == nil || !answer.countsRepairs)
    }

    /// What is to be written to the store.
    public func updates() -> [BlockUpdate] {
        guard !slots.isEmpty else { return [] }
        var result: [BlockUpdate] = []
        var hasNewBlocks = false
        let parts = newParts
        for slot in slots {
            guard let update = update(of: slot, adding: parts) else { continue }
            result.append(update)
            if slot.stored == nil { hasNewBlocks = true }
        }
        var index = index ?? StepIndex()
        let isKnown = index.entries.contains(steps)
        let isNewlyRemarked = !index.hasRemarks && fetched.contains(where: \.answer.hasRemarks)
        if hasNewBlocks || isNewlyRemarked || (!isKnown && !result.isEmpty) {
            if !result.isEmpty { index.note(steps) }
            if isNewlyRemarked { index.hasRemarks = true }
            let noted = index
            let identity = indexIdentity
            let limit = limits.maximumBlockBytes
            result.append(
                BlockUpdate(key: identity.key, isComplete: true) {
                    noted.bytes(for: identity, limit: limit)
                })
        }
        return result
    }

    /// Settled steps that own blocks do not have yet.
    private var newParts: [BlockMerge.Part] {
        var result: [BlockMerge.Part] = keptRuns.filter(\.isFiner).map { .init(run: $0.run) }
        for piece in fetched where canBeKept(piece.answer) {
            guard piece.answer.hasRemarks else {
                result.append(.init(run: piece.run.clamped(to: 0..<settledCount)))
                continue
            }
            // A remark on a step that is not settled may not be one for long.
            guard piece.steps.upperBound <= settledCount else { continue }
            let numbers =
                first + Int64(piece.steps.lowerBound)..<first + Int64(piece.steps.upperBound)
            result.append(
                .init(
                    run: piece.run,
                    remarks: ExtentRemarks(
                        steps: numbers, warnings: piece.answer.warnings,
                        infos: piece.answer.infos)))
        }
        return result.sorted { $0.places.lowerBound < $1.places.lowerBound }
    }

    private func update(of slot: BlockSlot, adding parts: [BlockMerge.Part]) -> BlockUpdate? {
        // The block's first step, counted from the grid's start.
        let start = Int(slot.first - first)
        let width = steps.width
        let own: [BlockMerge.Part] = parts.compactMap { part in
            var part = part
            part.run = part.run.clamped(to: start..<start + width).moved(by: -start)
            return part.places.isEmpty ? nil : part
        }
        guard !own.isEmpty else { return nil }
        let merge = BlockMerge(slot.stored, adding: own, width: width)
        let end = steps.time(of: slot.first + Int64(width) - 1)
        let isGrowing = !reach.isSettled(at: end, until: settledUntil)
        guard
            merge.isWorthWriting(
                growsAt: isGrowing ? min(settledCount - start, width) : nil,
                minimumNewSteps: limits.minimumNewSteps)
        else { return nil }
        let identity = slot.identity
        let limit = limits.maximumBlockBytes
        return BlockUpdate(key: identity.key, isComplete: merge.isComplete) {
            merge.merged.bytes(for: identity, limit: limit)
        }
    }
}
