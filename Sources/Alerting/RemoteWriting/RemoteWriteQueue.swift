import Rules

/// The samples that wait to be written, in the order in which they came, and when the next of them
/// are to be sent.
struct RemoteWriteQueue: Sendable {
    private let capacity: Int
    private let batchSize: Int
    private let batchDeadline: Duration
    /// Samples from `head` on wait; those before it are gone.
    private var samples: [RuleSample] = []
    private var head = 0
    /// Since when the next batch has been gathered; nil where nothing waits.
    private var gatheredSince: ContinuousClock.Instant?
    /// Whether no more samples are to be waited for.
    private(set) var isClosing = false

    enum Next: Sendable {
        case batch([RuleSample])
        /// Nothing is to be sent before that time, or before samples come.
        case wait(until: ContinuousClock.Instant?)
        /// Nothing is left, and nothing will come.
        case over
    }

    init(_ settings: RemoteWriteSettings) {
        capacity = max(settings.queueCapacity, 1)
        batchSize = max(settings.maximumSamplesPerSend, 1)
        batchDeadline = settings.batchDeadline
    }

    var count: Int { samples.count - head }

    /// Adds samples behind the others. Returns how many of the oldest had to go.
    mutating func append(_ new: [RuleSample], now: ContinuousClock.Instant) -> Int {
        guard !new.isEmpty else { return 0 }
        if count == 0 { gatheredSince = now }
        samples += new
        let surplus = max(count - capacity, 0)
        forget(surplus)
        return surplus
    }

    mutating func close() { isClosing = true }

    /// Whether somebody who waits has something to do now.
    func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard let gatheredSince else { return isClosing }
        return isClosing || count >= batchSize || now >= gatheredSince + batchDeadline
    }

    /// The batch that is due, or when one may be.
    mutating func next(now: ContinuousClock.Instant) -> Next {
        guard let gatheredSince else { return isClosing ? .over : .wait(until: nil) }
        guard isDue(at: now) else { return .wait(until: gatheredSince + batchDeadline) }
        let end = min(head + batchSize, samples.count)
        let batch = Array(samples[head..<end])
        forget(batch.count)
        self.gatheredSince = count > 0 ? now : nil
        return .batch(batch)
    }

    /// Takes all that waits. Returns how many there were.
    mutating func removeAll() -> Int {
        let count = count
        forget(count)
        gatheredSince = nil
        return count
    }

    private mutating func forget(_ count: Int) {
        head += count
        // The room of what is gone is used again before it is more than what waits.
        if head * 2 >= samples.count {
            samples.removeFirst(head)
            head = 0
        }
    }
}
