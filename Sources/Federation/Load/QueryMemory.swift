import Clusters
import Metrics
import Synchronization

/// What all running queries hold, about: bytes of values and labels, from when they are decoded
/// until the answer is sent.
package final class MemoryBudget: Sendable {
    package let limits: QueryLimits
    private let used = Atomic<Int>(0)
    private let most = Atomic<Int>(0)
    private let gauge = Gauge(label: FederationMetric.memory.name)

    package init(_ limits: QueryLimits) { self.limits = limits }

    /// What is held now.
    package var usedBytes: Int { used.load(ordering: .relaxed) }

    /// The most that was held since this was last asked.
    package func takeMost() -> Int { most.exchange(usedBytes, ordering: .relaxed) }

    /// Whether so much more may be held; it is held then.
    fileprivate func take(_ bytes: Int) -> Bool {
        let sum = used.add(bytes, ordering: .relaxed).newValue
        guard sum <= limits.memoryBytes else {
            used.subtract(bytes, ordering: .relaxed)
            return false
        }
        most.max(sum, ordering: .relaxed)
        return true
    }

    fileprivate func give(_ bytes: Int) {
        gauge.record(used.subtract(bytes, ordering: .relaxed).newValue)
    }

    fileprivate func note() { gauge.record(usedBytes) }
}

/// Why a query may hold no more.
package struct MemoryRefusal: Error, Hashable, Sendable {
    /// As all of the query fails.
    package var failure: QueryFailure

    /// The type of an outcome that the refusal became.
    static let outcomeType = "memory"
}

/// What one query holds. It is given back when nobody holds the query's answer any more.
package final class QueryMemory: Sendable {
    private let budget: MemoryBudget
    private let held = Atomic<Int>(0)
    private let decoded = Atomic<Int>(0)
    private let refused = Mutex<MemoryRefusal?>(nil)

    package init(_ budget: MemoryBudget) { self.budget = budget }

    deinit { budget.give(held.load(ordering: .relaxed)) }

    /// Why the query holds too much; nil while it does not. It holds no more from then on.
    package var failure: QueryFailure? { refused.withLock { $0?.failure } }

    /// What is held now.
    package var heldBytes: Int { held.load(ordering: .relaxed) }

    /// Holds so much more.
    package func hold(_ bytes: Int) throws(MemoryRefusal) {
        guard bytes > 0 else { return }
        if let refusal = refused.withLock({ $0 }) { throw refusal }
        let limits = budget.limits
        let sum = held.add(bytes, ordering: .relaxed).newValue
        if sum > limits.queryMemoryBytes {
            held.subtract(bytes, ordering: .relaxed)
            throw refuse(
                LimitExcess(
                    limit: .queryMemory, asked: "\(ByteCountText.shown(sum)) of memory",
                    allowed: ByteCountText.shown(limits.queryMemoryBytes)
                ).failure, .queryMemory)
        }
        guard budget.take(bytes) else {
            held.subtract(bytes, ordering: .relaxed)
            throw refuse(
                .overloaded(
                    "the gateway is overloaded: the query asks for \(ByteCountText.shown(sum)) of memory, "
                        + "all queries together would hold more than "
                        + "\(ByteCountText.shown(limits.memoryBytes)), and \(LimitName.memory.key) is that",
                    retryAfter: 5), .memory)
        }
    }

    /// Counts what came from clusters, decompressed.
    package func decode(_ bytes: Int) throws(MemoryRefusal) {
        let sum = decoded.add(bytes, ordering: .relaxed).newValue
        guard sum > budget.limits.decodedBytes else { return }
        throw refuse(
            LimitExcess(
                limit: .decodedBytes,
                asked: "\(ByteCountText.shown(sum)) or more of clusters' answers",
                allowed: ByteCountText.shown(budget.limits.decodedBytes)
            ).failure, .decodedBytes)
    }

    /// Gives some back.
    func give(_ bytes: Int) {
        held.subtract(bytes, ordering: .relaxed)
        budget.give(bytes)
    }

    /// What is left to hold is the answer.
    package func keep(only bytes: Int) {
        let surplus = heldBytes - bytes
        if surplus > 0 { give(surplus) }
        budget.note()
    }

    private func refuse(_ failure: QueryFailure, _ limit: LimitName) -> MemoryRefusal {
        refused.withLock { refused in
            if let refused { return refused }
            Counter(
                label: FederationMetric.overloads.name, dimensions: [("limit", limit.rawValue)]
            ).increment()
            let refusal = MemoryRefusal(failure: failure)
            refused = refusal
            return refusal
        }
    }
}

/// What one of a query's fetches, or its evaluation, holds for a while. It is given back when nobody
/// holds the lease any more.
final class MemoryLease: Sendable {
    private let memory: QueryMemory
    private let held = Atomic<Int>(0)

    init(_ memory: QueryMemory) { self.memory = memory }

    deinit { memory.give(held.load(ordering: .relaxed)) }

    /// Holds as many bytes as are said, no less than before.
    func hold(upTo bytes: Int) throws(MemoryRefusal) {
        let more = bytes - held.load(ordering: .relaxed)
        guard more > 0 else { return }
        try memory.hold(more)
        held.add(more, ordering: .relaxed)
    }

    /// Holds so much more; false where that is too much.
    func holds(_ bytes: Int) -> Bool {
        do {
            try memory.hold(bytes)
        } catch {
            return false
        }
        held.add(bytes, ordering: .relaxed)
        return true
    }
}

extension ByteCountText {
    /// A size for sentences, rounded down: `512 MiB`.
    static func shown(_ bytes: Int) -> String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes >= 1 << shift {
            let tenths = (bytes >> shift) * 10 + ((bytes & ((1 << shift) - 1)) * 10) >> shift
            return tenths % 10 == 0
                ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
        }
        return "\(bytes) bytes"
    }
}
