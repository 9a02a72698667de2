import Logging
import Metrics

/// Keeps entries in a Redis server, which several gateways may share. Its thread runs from the
/// beginning until `stop`; connections are made when they are needed.
package final class RedisStore: KeyValueStore {
    let settings: RedisSettings
    let keys: RedisKeys
    let metrics: StorageMetrics
    let loop: RedisLoop
    private let readBreaker: Breaker
    private let writeBreaker: Breaker
    private let budget: WriteBudget
    private let random: @Sendable () -> Double

    /// How many keys one command asks for.
    private static let keysPerCommand = 32
    /// The longest that an entry is kept: ten years.
    private static let longestTime = Duration.seconds(315_360_000)

    /// `random` gives numbers from 0 up to 1, which spread the ends of entries. `breakerClock` times
    /// the pauses of the breakers, and nothing else.
    package init(
        _ settings: RedisSettings, logger: Logger = Logger(label: "isthmus.storage"),
        metrics factory: any MetricsFactory = MetricsSystem.factory,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        breakerClock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.settings = settings
        self.random = random
        keys = RedisKeys(prefix: settings.prefix)
        let metrics = StorageMetrics(store: "redis", factory: factory)
        self.metrics = metrics
        func breaker(_ operation: StorageMetrics.Operation) -> Breaker {
            let gauge = metrics.breakerGauge(of: operation)
            gauge.record(0)
            let place = "\(settings.address)"
            return Breaker(settings.breaker, now: breakerClock) { change in
                switch change {
                case .opened(let failure):
                    gauge.record(1)
                    logger.warning(
                        "Redis does not answer; it is left alone for a while",
                        metadata: [
                            "redis": "\(place)", "operation": "\(operation.rawValue)",
                            "error": "\(failure)",
                        ])
                case .closed:
                    gauge.record(0)
                    logger.info(
                        "Redis answers again",
                        metadata: ["redis": "\(place)", "operation": "\(operation.rawValue)"])
                }
            }
        }
        readBreaker = breaker(.read)
        writeBreaker = breaker(.write)
        budget = WriteBudget(
            maximumEntries: settings.maximumQueuedEntries,
            maximumBytes: settings.maximumQueuedBytes)
        loop = RedisLoop(settings, breakers: [.reads: readBreaker, .writes: writeBreaker])
    }

    deinit {
        loop.requestStop()
        loop.detach()
    }

    /// Fails what is under way and ends the threads. All that is asked later fails too.
    package func stop() async {
        loop.requestStop()
        await loop.ended()
    }

    /// Which operations are not asked for a while.
    package var openBreakers: (reads: Bool, writes: Bool) {
        (readBreaker.isOpen, writeBreaker.isOpen)
    }

    // MARK: Reading

    package func values(of keys: [String]) async -> [[UInt8]?] {
        await found(keys, withTimes: false).map { $0?.bytes }
    }

    /// The entries by position, with the times that they have left at least.
    func entries(of keys: [String]) async -> [StoreEntry?] {
        await found(keys, withTimes: true)
    }

    private func found(_ keys: [String], withTimes: Bool) async -> [StoreEntry?] {
        guard !keys.isEmpty else { return [] }
        guard readBreaker.admits() else {
            metrics.asked(outcome: StorageFailure.Kind.breakerOpen.label, count: keys.count)
            return [StoreEntry?](repeating: nil, count: keys.count)
        }
        var commands: [RedisCommand] = []
        for chunk in Self.chunks(keys) {
            // Times before values: a value that is replaced in between gets the shorter time.
            if withTimes {
                commands += chunk.map {
                    RedisCommand(["PTTL", self.keys.entry($0)], shape: .integer)
                }
            }
            commands.append(
                RedisCommand(["MGET"] + chunk.map(self.keys.entry), shape: .values(chunk.count)))
        }
        let start = ContinuousClock.now
        let outcome = await ask(commands, within: settings.readTimeout)
        let time = start.duration(to: .now)
        metrics.took(.read, time)
        return entries(of: keys, in: outcome, withTimes: withTimes, after: time)
    }

    private static func chunks(_ keys: [String]) -> [ArraySlice<String>] {
        stride(from: 0, to: keys.count, by: keysPerCommand).map {
            keys[$0..<min($0 + keysPerCommand, keys.count)]
        }
    }

    /// What the replies hold; where some are missing, those keys have nothing.
    private func entries(
        of keys: [String], in outcome: RedisOutcome, withTimes: Bool, after time: Duration
    ) -> [StoreEntry?] {
        var entries: [StoreEntry?] = []
        var counts: [String: Int] = [:]
        var replies = outcome.replies[...]
        for chunk in Self.chunks(keys) {
            let times = withTimes ? replies.prefix(chunk.count) : []
            replies = replies.dropFirst(times.count)
            let reply = replies.popFirst()
            for (index, key) in chunk.enumerated() {
                guard let values = reply?.elements else {
                    let failure = reply?.failure ?? outcome.failure
                    counts[failure?.kind.label ?? "miss", default: 0] += 1
                    entries.append(nil)
                    continue
                }
                let milliseconds = withTimes ? times[times.startIndex + index].integer : nil
                let (entry, label) = Self.entry(
                    key, sealed: values[index].bytes, left: milliseconds, after: time)
                counts[label, default: 0] += 1
                entries.append(entry)
            }
        }
        for (label, count) in counts { metrics.asked(outcome: label, count: count) }
        return entries
    }

    private static func entry(
        _ key: String, sealed: [UInt8]?, left milliseconds: Int?, after time: Duration
    ) -> (StoreEntry?, outcome: String) {
        guard let sealed else { return (nil, "miss") }
        guard let bytes = SealedValue.opened(sealed, key: key) else { return (nil, "corrupt") }
        // Less than none means that there was no such key, or that its time has no end: neither is
        // ours. The answer's way here is part of the time.
        let left = Duration.milliseconds(max(0, milliseconds ?? 0)) - time
        return (StoreEntry(key: key, bytes: bytes, timeToLive: left), "hit")
    }

    /// Asks on one of the reading connections.
    func ask(_ commands: [RedisCommand], within time: Duration) async -> RedisOutcome {
        let handover = Handover<RedisOutcome>()
        let request = RedisRequest(
            lane: .reads, commands: commands, deadline: .now + time, patience: time
        ) { handover.give($0) }
        loop.post(.ask([request]))
        return await handover.value(ifCancelled: RedisOutcome(failure: StorageFailure(.cancelled)))
    }

    /// Whether reads and claims are to be tried.
    func admitsReads() -> Bool { readBreaker.admits() }

    // MARK: Writing

    package func store(_ entries: [StoreEntry]) {
        let requests = entries.compactMap(request(toStore:))
        if !requests.isEmpty { loop.post(.ask(requests)) }
        metrics.queued(bytes: budget.bytes)
    }

    /// Waits until all that was to be stored is stored or dropped.
    package func settled() async { await budget.emptied() }

    private func request(toStore entry: StoreEntry) -> RedisRequest? {
        let shortened = 1 - settings.timeToLiveJitter * random()
        let time = min(entry.timeToLive, Self.longestTime)
        let milliseconds = Int64(Double(time.wholeMilliseconds) * shortened)
        guard milliseconds > 0 else { return nil }
        let size = entry.bytes.count + entry.key.utf8.count
        if entry.bytes.count > settings.maximumEntryBytes {
            metrics.dropped(reason: "too_large")
            return nil
        }
        var command = RedisCommand(["SET", keys.entry(entry.key)], shape: .status)
        command.append(SealedValue.sealed(entry.bytes, key: entry.key))
        command.append([UInt8]("PX".utf8))
        command.append([UInt8]("\(milliseconds)".utf8))
        return write(command, size: size) { [metrics] failure in
            if let failure {
                metrics.dropped(reason: failure.kind.label)
            } else {
                metrics.wrote(1)
            }
        }
    }

    /// A request on the writing connection that counts in the budget; nil where it is dropped.
    private func write(
        _ command: RedisCommand, size: Int,
        ended: @escaping @Sendable (StorageFailure?) -> Void
    ) -> RedisRequest? {
        guard writeBreaker.admits() else {
            ended(StorageFailure(.breakerOpen))
            return nil
        }
        guard budget.reserve(bytes: size) else {
            ended(StorageFailure(.busy))
            return nil
        }
        return RedisRequest(
            lane: .writes, commands: [command], deadline: nil, patience: settings.writeTimeout
        ) { [budget, metrics] outcome in
            ended(outcome.failure ?? outcome.replies.first?.failure)
            budget.release(bytes: size)
            metrics.queued(bytes: budget.bytes)
        }
    }

    /// Sends a command off the caller's path; nobody learns what came of it.
    func send(_ command: RedisCommand) {
        if let request = write(command, size: command.bytes.count, ended: { _ in }) {
            loop.post(.ask([request]))
        }
    }
}
