/// A part of the memory store: entries under keys within a budget of bytes. Every operation is of
/// constant cost.
///
/// What is asked for again stays: entries begin on probation, and move to the protected part when
/// they are asked for. One long look at old data thus pushes out other such data, not what the
/// dashboards ask for every few seconds. Each part is in the order of last use. What is protected
/// makes room only once it was left unused several times as long as the rest, so that a dashboard
/// that nobody looks at any more gives way to the next one.
struct MemoryShard {
    private let maximumBytes: Int
    private let maximumProtectedBytes: Int
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var places: [String: Int] = [:]
    private var probation = Chain()
    private var protected = Chain()
    /// The slot that is looked at next for whether its time is over.
    private var hand = 0
    /// The number of the last operation.
    private var operation = 0
    private(set) var figures = StoreFigures()

    /// What an entry costs beside its key and bytes: its slot, its place in the table, the headers
    /// of two allocations.
    static let entryOverhead = 256
    /// No entry may take more of the budget than this share.
    static let largestShare = 2
    /// How many times as long a protected entry may be left unused.
    private static let protection = 4
    /// How many slots each write looks at for entries whose time is over.
    private static let sweep = 2

    private struct Slot {
        var key: String
        var bytes: [UInt8]
        var end: ContinuousClock.Instant
        var isProtected = false
        /// The number of the operation that used it last.
        var lastUse = 0
        var newer: Int?
        var older: Int?

        var cost: Int { MemoryShard.cost(key: key, bytes: bytes) }
    }

    /// Slots in the order of last use.
    private struct Chain {
        var newest: Int?
        var oldest: Int?
        var bytes = 0
    }

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
        maximumProtectedBytes = maximumBytes / 5 * 4
    }

    static func cost(key: String, bytes: [UInt8]) -> Int {
        key.utf8.count + bytes.count + entryOverhead
    }

    // MARK: Operations

    mutating func value(of key: String, now: ContinuousClock.Instant) -> [UInt8]? {
        guard let place = livePlace(of: key, now: now) else {
            figures.misses += 1
            return nil
        }
        figures.hits += 1
        touch(place)
        return slots[place].bytes
    }

    /// Returns whether the entry was taken: one that is too large is not. What was there under the
    /// key is gone in any case.
    mutating func store(
        _ key: String, _ bytes: [UInt8], until end: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> Bool {
        var isProtected = false
        if let place = livePlace(of: key, now: now) {
            isProtected = slots[place].isProtected
            remove(place)
        }
        sweep(now)
        let cost = Self.cost(key: key, bytes: bytes)
        guard cost <= maximumBytes / Self.largestShare else { return false }
        while figures.bytes + cost > maximumBytes, let place = leastUseful {
            remove(place)
            figures.evictions += 1
        }
        operation += 1
        let place = makeSlot(
            Slot(
                key: key, bytes: bytes, end: end, isProtected: isProtected, lastUse: operation))
        places[key] = place
        figures.entries += 1
        figures.bytes += cost
        link(place)
        demote()
        return true
    }

    /// Returns how many entries there were.
    mutating func clear() -> Int {
        var figures = figures
        let count = figures.entries
        figures.entries = 0
        figures.bytes = 0
        self = MemoryShard(maximumBytes: maximumBytes)
        self.figures = figures
        return count
    }

    private mutating func livePlace(of key: String, now: ContinuousClock.Instant) -> Int? {
        guard let place = places[key] else { return nil }
        if slots[place].end > now { return place }
        remove(place)
        return nil
    }

    /// Frees what nobody asks for after its time is over, a little at each write.
    private mutating func sweep(_ now: ContinuousClock.Instant) {
        for _ in 0..<min(Self.sweep, slots.count) {
            hand = hand + 1 < slots.count ? hand + 1 : 0
            // A free slot's key is in no table.
            if slots[hand].end <= now, places[slots[hand].key] == hand { remove(hand) }
        }
    }

    /// What makes room next.
    private var leastUseful: Int? {
        guard let young = probation.oldest else { return protected.oldest }
        guard let old = protected.oldest else { return young }
        let isForgotten =
            operation - slots[old].lastUse > Self.protection * (operation - slots[young].lastUse)
        return isForgotten ? old : young
    }

    // MARK: Chains

    private mutating func touch(_ place: Int) {
        unlink(place)
        operation += 1
        slots[place].lastUse = operation
        slots[place].isProtected = true
        link(place)
        demote()
    }

    /// Moves what was used the longest ago back to probation where the protected part is too large.
    private mutating func demote() {
        while protected.bytes > maximumProtectedBytes, let place = protected.oldest {
            unlink(place)
            slots[place].isProtected = false
            link(place)
        }
    }

    private mutating func makeSlot(_ slot: Slot) -> Int {
        if let place = freeSlots.popLast() {
            slots[place] = slot
            return place
        }
        slots.append(slot)
        return slots.count - 1
    }

    private mutating func remove(_ place: Int) {
        unlink(place)
        places[slots[place].key] = nil
        figures.entries -= 1
        figures.bytes -= slots[place].cost
        slots[place] = Slot(key: "", bytes: [], end: slots[place].end)
        freeSlots.append(place)
    }

    /// Puts a slot at its chain's newest end.
    private mutating func link(_ place: Int) {
        var chain = chain(of: place)
        let second = chain.newest
        slots[place].newer = nil
        slots[place].older = second
        if let second { slots[second].newer = place } else { chain.oldest = place }
        chain.newest = place
        chain.bytes += slots[place].cost
        setChain(of: place, chain)
    }

    private mutating func unlink(_ place: Int) {
        var chain = chain(of: place)
        let (newer, older) = (slots[place].newer, slots[place].older)
        if let newer { slots[newer].older = older } else { chain.newest = older }
        if let older { slots[older].newer = newer } else { chain.oldest = newer }
        chain.bytes -= slots[place].cost
        setChain(of: place, chain)
    }

    private func chain(of place: Int) -> Chain { slots[place].isProtected ? protected : probation }

    private mutating func setChain(of place: Int, _ chain: Chain) {
        if slots[place].isProtected { protected = chain } else { probation = chain }
    }
}
