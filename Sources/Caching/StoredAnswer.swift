import Planning
import TimeSeries

/// A small answer that is kept whole: that of an instant query.
public struct StoredAnswer: Hashable, Sendable {
    /// Values at one time; empty where windows of samples are asked for.
    public var answer: RangeAnswer
    /// Windows of samples.
    public var samples: [SampleColumns]

    public init(answer: RangeAnswer, samples: [SampleColumns] = []) {
        self.answer = answer
        self.samples = samples
    }
}

/// Where an instant query's answer is kept.
public struct AnswerSlot: Hashable, Sendable {
    /// The store's key.
    public let key: String
    /// Whether the answer does not change any more; else it may be kept for a moment only.
    public let isSettled: Bool

    /// `time` is the query's; `settledUntil` and `dataStart` as for a `RangeLookup`.
    public init(
        _ key: AnswerKey, time: Int64, wantsSamples: Bool, reach: DataReach, settledUntil: Int64,
        dataStart: Int64?
    ) {
        self.key = ""
        isSettled = false
    }

    /// What the bytes hold; nil where they are not an answer to this very question.
    public func answer(from bytes: [UInt8], limits: CachingLimits = .standard) -> StoredAnswer? {
        nil
    }

    /// What to write; nil where the answer is not to be kept: it is too large, or incomplete.
    public func bytes(of answer: StoredAnswer, limits: CachingLimits = .standard) -> [UInt8]? {
        nil
    }
}
