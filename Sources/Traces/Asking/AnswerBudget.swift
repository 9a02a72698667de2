import Synchronization

/// How much may still be received: for one cluster of a request, which is a part of the whole
/// request's.
final class AnswerBudget: Sendable {
    private struct Left: Sendable {
        var bytes: Int
        var spans: Int
    }

    private let left: Mutex<Left>
    /// What this is a part of.
    private let whole: AnswerBudget?

    init(bytes: Int, spans: Int, of whole: AnswerBudget? = nil) {
        left = Mutex(Left(bytes: bytes, spans: spans))
        self.whole = whole
    }

    var bytes: Int { min(left.withLock { $0.bytes }, whole?.bytes ?? .max) }

    /// Takes bytes as they arrive. Returns whether there were as many.
    func take(bytes count: Int) -> Bool {
        let isThere = left.withLock { left in
            left.bytes -= count
            return left.bytes >= 0
        }
        return (whole?.take(bytes: count) ?? true) && isThere
    }

    /// Takes as many spans as there are left, of so many. Returns how many. A cluster's spans are
    /// its own, so that what is cut does not depend on who answers first.
    func take(spans count: Int) -> Int {
        left.withLock { left in
            let taken = min(count, left.spans)
            left.spans -= taken
            return taken
        }
    }
}
