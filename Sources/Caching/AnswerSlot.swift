import Planning
import TimeSeries

/// Where an instant query's answer is kept.
public struct AnswerSlot: Hashable, Sendable {
    /// Whether the answer does not change any more; else it may be kept for a moment only.
    public let isSettled: Bool
    private let identity: EntryIdentity
    private let wantsSamples: Bool

    /// The store's key.
    public var key: String { identity.key }

    /// `time` is the query's; `settledUntil` and `dataStart` as for a `RangeLookup`.
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
        identity = EntryNames(key).identity(wantsSamples ? .samples : .instant, numbers)
    }

    /// What the bytes hold; nil where they are not an answer to this very question.
    public func answer(from bytes: [UInt8], limits: CachingLimits = .standard) -> StoredAnswer? {
        try? StoredAnswer(
            bytes, of: identity, wantsSamples: wantsSamples, limit: limits.maximumBlockBytes)
    }

    /// What to write; nil where the answer is not to be kept: it is too large, or incomplete.
    public func bytes(of answer: StoredAnswer, limits: CachingLimits = .standard) -> [UInt8]? {
        answer.bytes(for: identity, wantsSamples: wantsSamples, limit: limits.maximumBlockBytes)
    }
}
