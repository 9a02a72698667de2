extension RedisStore {
    /// What a clearing leaves behind for others to see.
    package enum Epoch: Hashable, Sendable {
        /// The store could not say in time.
        case unknown
        /// The token of the last clearing; nil where there was none, or where it is forgotten.
        case known([UInt8]?)
    }

    /// How many keys the server is to look at for one answer.
    private static let keysPerStep = 500

    /// Drops the entries and claims of all versions under the prefix, step by step, and tells all
    /// gateways. Others may store meanwhile.
    package func clear() async throws(StorageFailure) -> Int {
        var count = 0
        var cursor = "0"
        repeat {
            let reply = try await answer(
                RedisCommand(
                    ["SCAN", cursor, "MATCH", keys.pattern, "COUNT", "\(Self.keysPerStep)"],
                    shape: .cursorAndKeys))
            guard let parts = reply.elements, let next = parts[0].text,
                let found = parts[1].elements
            else { throw StorageFailure(.malformedReply) }
            cursor = next
            if !found.isEmpty { count += try await unlink(found.compactMap(\.bytes)) }
        } while cursor != "0"
        // Last, so that nobody fills memory from what is about to go.
        let token = "\(UInt64.random(in: 0 ... .max))-\(UInt64.random(in: 0 ... .max))"
        _ = try await answer(RedisCommand(["SET", keys.epoch, token], shape: .status))
        return count
    }

    private func unlink(_ names: [[UInt8]]) async throws(StorageFailure) -> Int {
        var command = RedisCommand(["UNLINK"], shape: .integer)
        for name in names { command.append(name) }
        return try await answer(command).integer ?? 0
    }

    private func answer(_ command: RedisCommand) async throws(StorageFailure) -> RedisReply {
        let outcome = await ask([command], within: settings.clearTimeout)
        if let failure = outcome.failure { throw failure }
        guard let reply = outcome.replies.first else { throw StorageFailure(.malformedReply) }
        if let failure = reply.failure { throw failure }
        return reply
    }

    /// The token of the last clearing.
    package func epoch() async -> Epoch {
        guard admitsReads() else { return .unknown }
        let outcome = await ask(
            [RedisCommand(["GET", keys.epoch], shape: .bytesOrNull)], within: settings.writeTimeout)
        return switch outcome.replies.first {
        case .bytes(let token): .known(token)
        case .null: .known(nil)
        default: .unknown
        }
    }
}
