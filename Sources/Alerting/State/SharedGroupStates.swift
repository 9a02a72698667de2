import Logging
import Metrics
import Rules
import Storage
import Synchronization

/// The snapshots of groups in the Redis that gateways share.
final class SharedGroupStates: Sendable {
    /// What was found of a group.
    enum Found: Sendable {
        case kept(GroupSnapshot)
        case nothing
        case unavailable
    }

    private let redis: RedisStore
    private let settings: StateSettings
    private let metrics: StateMetrics
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// By group: what the store had last, so that a change need not ask first.
        var known: [String: Known] = [:]
        /// Whether the last operation failed.
        var isAway = false
    }

    private struct Known: Sendable {
        var version = StoreVersion.none
        var snapshot = GroupSnapshot()
    }

    /// How often a change is tried while others change the same.
    private static let maximumTries = 3

    init(
        _ redis: RedisStore, settings: StateSettings, metrics: StateMetrics, logger: Logger
    ) {
        self.redis = redis
        self.settings = settings
        self.metrics = metrics
        self.logger = logger
    }

    private static func key(_ group: RuleGroup) -> String { "rules:\(group.key)" }

    // MARK: Reading

    /// What is kept of a group now.
    func snapshot(of group: RuleGroup) async -> Found {
        do throws(StorageFailure) {
            let value = try await redis.versioned(Self.key(group), within: settings.patience)
            let known = note(value, of: group)
            succeeded()
            return value.bytes == nil ? .nothing : .kept(known.snapshot)
        } catch {
            failed(.load, error)
            return .unavailable
        }
    }

    /// What is kept of a group; where the store does not answer, it is asked again for a while.
    func snapshotAtStart(of group: RuleGroup) async -> Found {
        let end = ContinuousClock.now + settings.startPatience
        while true {
            let found = await snapshot(of: group)
            guard case .unavailable = found, ContinuousClock.now < end, !Task.isCancelled else {
                return found
            }
            // A cancelled wait ends at once, and the loop with it.
            try? await Task.sleep(for: settings.startPause)
        }
    }

    private func note(_ value: VersionedValue, of group: RuleGroup) -> Known {
        var known = Known(version: value.version)
        if let bytes = value.bytes {
            do throws(SnapshotFailure) {
                known.snapshot = try GroupSnapshot(bytes: bytes)
            } catch {
                // Of another version of the program, or not ours: it is replaced.
                metrics.failed(.decode, reason: "malformed")
            }
        }
        state.withLock { $0.known[Self.key(group)] = known }
        return known
    }

    // MARK: Writing

    /// Puts a snapshot together with what others have kept. Returns what all know together; nil
    /// where the store could not take it.
    func merge(
        _ snapshot: GroupSnapshot, of group: RuleGroup, at time: Int64
    ) async -> GroupSnapshot? {
        let end = ContinuousClock.now + settings.patience
        var known = state.withLock { $0.known[Self.key(group)] } ?? Known()
        for _ in 0..<Self.maximumTries {
            let merged = known.snapshot.merged(with: snapshot).pruned(at: time)
            let outcome = await redis.store(
                merged.bytes, for: Self.key(group), replacing: known.version,
                timeToLive: settings.timeToLive, within: ContinuousClock.now.duration(to: end))
            switch outcome {
            case .stored(let version):
                let stored = Known(version: version, snapshot: merged)
                state.withLock { $0.known[Self.key(group)] = stored }
                succeeded()
                return merged
            case .conflict(let value):
                metrics.conflicted()
                known = note(value, of: group)
            case .unknown(let failure):
                // It may have been stored; what the store has is asked for again.
                state.withLock { $0.known[Self.key(group)] = nil }
                failed(.save, failure)
                return nil
            }
        }
        metrics.failed(.save, reason: "conflict")
        return known.snapshot.merged(with: snapshot)
    }

    // MARK: Outages

    private func failed(_ operation: StateMetrics.Operation, _ failure: StorageFailure) {
        metrics.failed(operation, reason: failure.kind.label)
        let isFirst = state.withLock { state in
            defer { state.isAway = true }
            return !state.isAway
        }
        guard isFirst else { return }
        logger.warning(
            "the state of alerts is not kept; several gateways may tell different things",
            metadata: ["error": "\(failure)"])
    }

    private func succeeded() {
        let wasAway = state.withLock { state in
            defer { state.isAway = false }
            return state.isAway
        }
        if wasAway { logger.info("the state of alerts is kept again") }
    }
}
