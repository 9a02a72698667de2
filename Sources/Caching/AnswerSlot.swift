import Planning
import TimeSeries

/// Where an answer is kept whole.
public struct AnswerSlot: Hashable, Sendable {
    /// Whether the answer does not change any more; else it may be kept for a moment only.
    public let isSettled: Bool
    private let identity: EntryIdentity
    private let wantsSamples: Bool
    /// How many times the answer is about.
    private let count: Int

    /// The store's key.
    public var key: String { identity.key }

    /// Where an instant query's answer is kept. `time` is the query's; `settledUntil` and `dataStart` as for a `RangeLookup`.
    public init(
        _ key: AnswerKey, time: Int64, wantsSamples: Bool, reach: DataReach, settledUntil: Int64,
        dataStart: Int64?
    ) {
        var numbers = [time]
        if let dataStart, let earliest = reach.earliest(at: time), earliest < dataStart {
            numbers.append(dataStart)
        }
        isSettled = reach.isSettled(at: time, until: settledUntil)
        self.wantsSamples = wantsSamples
        count = 1
        identity = EntryNames(key).identity(wantsSamples ? .samples : .instant, numbers)
    }

    /// Where what a cluster answers just now is kept for those who wait for it: as long as somebody
    /// asks for these very times.
    public init(under key: AnswerKey, grid: TimeGrid, wantsSamples: Bool) {
        isSettled = false
        self.wantsSamples = wantsSamples
        count = wantsSamples ? 1 : grid.count
        identity = EntryNames(key).identity(
            .fetch, [grid.start, grid.step, Int64(grid.count), wantsSamples ? 1 : 0])
    }

    /// What the bytes hold; nil where they are not an answer to this very question.
    public func answer(from bytes: [UInt8], limits: CachingLimits = .standard) -> StoredAnswer? {
        try? StoredAnswer(
            bytes, of: identity, count: wantsSamples ? nil : count, limit: limits.maximumBlockBytes)
    }

    /// An entry of this slot that is made of these sections, whatever they hold: for proofs that
    /// nothing in a store is trusted.
    public func entry(of sections: [[UInt8]]) -> [UInt8]? {
        Envelope.sealed(
            sections.map { Envelope.Content(bytes: $0) }, for: identity,
            limit: CachingLimits.standard.maximumBlockBytes)
    }

    /// The sections of an entry of this slot; nil where it is none.
    public func sections(of entry: [UInt8]) -> [[UInt8]]? {
        guard
            let envelope = try? Envelope(
                entry, of: identity, limit: CachingLimits.standard.maximumBlockBytes)
        else { return nil }
        return try? envelope.sections(from: 0, count: envelope.sectionCount)
    }

    /// What to write; nil where the answer is not to be kept: it is too large, or incomplete.
    public func bytes(of answer: StoredAnswer, limits: CachingLimits = .standard) -> [UInt8]? {
        answer.bytes(
            for: identity, count: wantsSamples ? nil : count, limit: limits.maximumBlockBytes)
    }
}
