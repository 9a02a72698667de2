import Planning
import TimeSeries

/// One fragment at one cluster over the times of a grid: what is known of the answer, what is still
/// to be asked, and what is to be kept.
///
/// The order of calls: `take` what the store has for `firstKeys`, then what it has for
/// `furtherKeys`; ask the cluster for the `missing` pieces and `add` each answer; then `assembled`
/// is the whole answer, and `updates` is what to write. A store that has nothing or fails is taken
/// nothing from. A piece that cannot be had means that there is no answer; what was added before may
/// be kept all the same.
public struct RangeLookup: Sendable {
    public let key: AnswerKey
    /// The times that are asked for.
    public let grid: TimeGrid

    private var pieces: [(piece: TimeGrid, answer: RangeAnswer)] = []

    /// `settledUntil` is the time before which data does not change any more: the present less the
    /// cluster's freshness, read before the cluster is asked. `dataStart` is the time of the oldest
    /// data that the cluster still has, nil where it is not known. All in milliseconds.
    public init(
        _ key: AnswerKey, grid: TimeGrid, reach: DataReach, settledUntil: Int64,
        dataStart: Int64?, limits: CachingLimits = .standard
    ) {
        self.key = key
        self.grid = grid
    }

    /// What to read from the store first.
    public var firstKeys: [String] { [] }

    /// Takes what the store has, by key. Anything that is not what is expected there counts as
    /// nothing.
    public mutating func take(_ found: [String: [UInt8]]) {}

    /// What to read after that; empty where nothing more helps.
    public var furtherKeys: [String] { [] }

    /// What the cluster is still to be asked, in order of time and no time twice: parts of the
    /// grid of no more than `maximumPoints` times. Where nothing is known, that is the whole grid.
    public func missing(maximumPoints: Int) -> [TimeGrid] { [grid] }

    /// Adds what the cluster answered for a piece.
    public mutating func add(_ answer: RangeAnswer, for piece: TimeGrid) {
        pieces.append((piece, answer))
    }

    /// The whole answer on the grid, ordered by the server's labels; remarks are ordered, each once.
    /// All missing pieces have been added.
    public func assembled() -> RangeAnswer { pieces.first?.answer ?? RangeAnswer() }

    /// What is to be written to the store.
    public func updates() -> [BlockUpdate] { [] }

    /// How many times of the grid are answered by what was kept.
    public var cachedSteps: Int { 0 }
}
