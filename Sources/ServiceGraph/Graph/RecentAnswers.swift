import Synchronization

/// What was found out a moment ago, for those who ask the same again.
final class RecentAnswers<Question: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var question: Question
        var value: Value
        var end: ContinuousClock.Instant
    }

    /// The latest last.
    private let entries = Mutex<[Entry]>([])
    private let most: Int

    init(atMost most: Int) { self.most = most }

    func value(of question: Question) -> Value? {
        let now = ContinuousClock.now
        return entries.withLock { entries in
            entries.removeAll { $0.end <= now }
            return entries.last { $0.question == question }?.value
        }
    }

    /// Remembers it for so long, in the place of what was found out the longest ago.
    func keep(_ value: Value, of question: Question, for time: Duration) {
        let entry = Entry(question: question, value: value, end: .now + time)
        let gone = entries.withLock { entries in
            var gone = entries.filter { $0.question == question }
            entries.removeAll { $0.question == question }
            entries.append(entry)
            while entries.count > most { gone.append(entries.removeFirst()) }
            return gone
        }
        // Large values are let go of here, not under the lock.
        _ = gone
    }
}
