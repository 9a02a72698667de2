import Caching
import ServiceLifecycle
import Storage

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

    /// Something to be encoded and stored.
    private enum Write: Sendable {
        case blocks([BlockUpdate])
        case answer(StoredAnswer, AnswerSlot, Duration)
    }

    /// How many writes may wait; further ones are not done.
    private static let maximumWaiting = 1024

    package init(
        store: any KeyValueStore, claims: SharedClaims? = nil,
        settings: CacheSettings = CacheSettings()
    ) {
        self.store = store
        self.claims = claims
        self.settings = settings
        (writes, gate) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(Self.maximumWaiting))
    }

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            for await write in writes { store.store(entries(of: write)) }
        }
    }

    private func entries(of write: Write) -> [StoreEntry] {
        switch write {
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

    /// Keeps blocks, when there is time.
    func keep(_ updates: [BlockUpdate]) {
        if !updates.isEmpty { gate.yield(.blocks(updates)) }
    }

    /// Keeps a whole answer for so long, when there is time.
    func keep(_ answer: StoredAnswer, in slot: AnswerSlot, for time: Duration) {
        gate.yield(.answer(answer, slot, time))
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
