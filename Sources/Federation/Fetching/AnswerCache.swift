import Caching
import ServiceLifecycle
import Storage
import Synchronization
import TimeSeries

/// What is remembered of the clusters' answers.
///
/// It is a service because what is new is written after the query has its answer.
package final class AnswerCache: ServiceLifecycle.Service {
    let settings: CacheSettings
    let store: any KeyValueStore
    /// For asking once among several gateways; nil where there is one only.
    let claims: SharedClaims?
    private let writes: AsyncStream<Write>
    private let gate: AsyncStream<Write>.Continuation

    /// The values that wait to be written.
    private let waitingValues = Atomic<Int>(0)

    /// Something to be encoded and stored.
    private struct Write: Sendable {
        var content: Content
        /// How many values that holds on to.
        var valueCount: Int

        enum Content: Sendable {
            case blocks([BlockUpdate])
            case answer(StoredAnswer, AnswerSlot, Duration)
        }
    }

    /// How many values may wait to be written, of eight bytes each; what would be more is not kept.
    private static let maximumWaitingValues = 32 << 20

    package init(
        store: any KeyValueStore, claims: SharedClaims? = nil,
        settings: CacheSettings = CacheSettings()
    ) {
        self.store = store
        self.claims = claims
        self.settings = settings
        (writes, gate) = AsyncStream.makeStream()
    }

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            for await write in writes {
                store.store(entries(of: write.content))
                waitingValues.subtract(write.valueCount, ordering: .relaxed)
            }
        }
    }

    private func entries(of content: Write.Content) -> [StoreEntry] {
        switch content {
        case .answer(let answer, let slot, let time):
            slot.bytes(of: answer).map {
                [StoreEntry(key: slot.key, bytes: $0, timeToLive: time)]
            } ?? []
        case .blocks(let updates):
            updates.compactMap { update in
                update.bytes().map {
                    StoreEntry(key: update.key, bytes: $0, timeToLive: settings.timeToLive)
                }
            }
        }
    }

    /// Forgets everything. Returns how many entries there were, as far as that is known.
    package func clear() async throws(StorageFailure) -> Int { try await store.clear() }

    /// Keeps blocks that were made of an answer with so many values, when there is time.
    func keep(_ updates: [BlockUpdate], valueCount: Int) {
        if !updates.isEmpty { keep(Write(content: .blocks(updates), valueCount: valueCount)) }
    }

    /// Keeps a whole answer for so long, when there is time.
    func keep(_ answer: StoredAnswer, in slot: AnswerSlot, for time: Duration) {
        let count =
            answer.answer.series.count + answer.samples.reduce(0) { $0 + $1.sampleCount }
        keep(Write(content: .answer(answer, slot, time), valueCount: count))
    }

    private func keep(_ write: Write) {
        let waiting = waitingValues.add(write.valueCount, ordering: .relaxed).newValue
        guard waiting <= Self.maximumWaitingValues else {
            waitingValues.subtract(write.valueCount, ordering: .relaxed)
            return
        }
        gate.yield(write)
    }

    /// What the store has, by key.
    func values(of keys: [String]) async -> [String: [UInt8]] {
        guard !keys.isEmpty else { return [:] }
        var found: [String: [UInt8]] = [:]
        for (key, value) in zip(keys, await store.values(of: keys)) {
            if let value { found[key] = value }
        }
        return found
    }
}
