/// Which of the values that a key had one after another.
package struct StoreVersion: Hashable, Sendable {
    /// With what the value begins, different for each that was stored; empty where there is none.
    let mark: [UInt8]

    /// That of a key that has no value.
    package static let none = StoreVersion(mark: [])
}

/// A value that several gateways change, each on top of the one that it has seen.
package struct VersionedValue: Hashable, Sendable {
    package var version: StoreVersion
    /// Nil where nothing is kept, or nothing that can be read.
    package var bytes: [UInt8]?

    package init(version: StoreVersion = .none, bytes: [UInt8]? = nil) {
        self.version = version
        self.bytes = bytes
    }
}

/// What came of storing a value in the place of another.
package enum VersionedOutcome: Hashable, Sendable {
    /// It is stored, under this version.
    case stored(StoreVersion)
    /// Another has stored something meanwhile.
    case conflict(VersionedValue)
    /// The store could not say in time: it may be stored or not.
    case unknown(StorageFailure)
}

// Values that are changed together have a life beside the entries: clearing leaves them, and an
// absent one is no miss but the beginning.
extension RedisStore {
    /// Digits with which each stored value begins.
    private static let markBytes = 20

    /// The value and which one it is.
    package func versioned(
        _ key: String, within time: Duration
    ) async throws(StorageFailure) -> VersionedValue {
        let name = keys.state(key)
        let reply = try await stateReply(
            RedisCommand(["GET", name], shape: .bytesOrNull), within: time)
        return Self.value(reply.bytes, of: name)
    }

    /// Stores a value if the key still has the one of `version`.
    package func store(
        _ bytes: [UInt8], for key: String, replacing version: StoreVersion,
        timeToLive: Duration, within time: Duration
    ) async -> VersionedOutcome {
        guard bytes.count <= settings.maximumEntryBytes else {
            return .unknown(StorageFailure(.tooLarge, message: "\(bytes.count) bytes"))
        }
        let name = keys.state(key)
        // By chance, so that no history that began anew after a loss has the marks of an older one.
        let digits = String(UInt64.random(in: 0 ... .max))
        let mark =
            [UInt8](repeating: UInt8(ascii: "0"), count: Self.markBytes - digits.utf8.count)
            + Array(digits.utf8)
        var command = RedisCommand(
            ["EVAL", Self.storeScript, "1", name], shape: .integerBytesOrNull)
        command.append(version.mark)
        command.append(
            mark + SealedValue.sealed(bytes, key: name + String(decoding: mark, as: UTF8.self)))
        command.append(Array("\(max(1, timeToLive.wholeMilliseconds))".utf8))
        do throws(StorageFailure) {
            switch try await stateReply(command, within: time) {
            case .integer: return .stored(StoreVersion(mark: mark))
            case .bytes(let kept): return .conflict(Self.value(kept, of: name))
            default: return .conflict(VersionedValue())
            }
        } catch {
            return .unknown(error)
        }
    }

    /// A mark is compared as it is, so that what is no value of ours can be replaced too.
    private static let storeScript = """
        local kept = redis.call('get', KEYS[1])
        local mark = ''
        if kept then mark = string.sub(kept, 1, \(markBytes)) end
        if mark ~= ARGV[1] then return kept end
        redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """

    private static func value(_ kept: [UInt8]?, of name: String) -> VersionedValue {
        guard let kept else { return VersionedValue() }
        let mark = Array(kept.prefix(markBytes))
        return VersionedValue(
            version: StoreVersion(mark: mark),
            bytes: SealedValue.opened(
                Array(kept.dropFirst(markBytes)),
                key: name + String(decoding: mark, as: UTF8.self)))
    }

    private func stateReply(
        _ command: RedisCommand, within time: Duration
    ) async throws(StorageFailure) -> RedisReply {
        guard time > .zero else { throw StorageFailure(.timeout) }
        guard admitsReads() else { throw StorageFailure(.breakerOpen) }
        let start = ContinuousClock.now
        let outcome = await ask([command], within: time)
        metrics.took(.state, start.duration(to: .now))
        if let failure = outcome.failure { throw failure }
        guard let reply = outcome.replies.first else { throw StorageFailure(.malformedReply) }
        if let failure = reply.failure { throw failure }
        return reply
    }
}
