import ArgumentParser
import Metrics
import Storage

struct BenchStorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "How long a store takes to give the blocks of a panel.",
        discussion: """
            Asks for as many values of as many bytes as said, again and again, by one caller and \
            by several at a time, and prints how long that takes. The values in the Redis are \
            under a prefix of their own and are dropped at the end.
            """)

    @Option(help: ArgumentHelp("The Redis to ask; only memory where absent.", valueName: "url"))
    var redis: String?

    @Option(help: ArgumentHelp("How many values are asked for at once.", valueName: "count"))
    var keys = 6

    @Option(help: ArgumentHelp("How large a value is.", valueName: "bytes"))
    var bytes = 50_000

    @Option(help: ArgumentHelp("How often is asked.", valueName: "count"))
    var rounds = 2000

    func validate() throws {
        if keys < 1 || bytes < 1 || rounds < 1 {
            throw ValidationError("numbers above zero, please")
        }
    }

    func run() async throws {
        let names = (0..<keys).map { "panel of a dashboard, block \($0)" }
        let entries = names.enumerated().map { index, name in
            // Bytes that are not all alike; what they are does not matter.
            let bytes = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
            return StoreEntry(key: name, bytes: bytes, timeToLive: .seconds(3600))
        }
        StandardOutput.write("\(keys) values of \(bytes) bytes, \(rounds) times\n")
        let memory = MemoryStore(
            maximumBytes: 4 * (keys * (bytes + 1000)) + 64 << 20,
            metrics: NOOPMetricsHandler.instance)
        memory.store(entries)
        for callers in [1, 8, 24] { await measure("memory", memory, names, callers: callers) }
        guard let redis else { return }
        var settings = RedisSettings(address: try address(redis), prefix: "isthmus-bench")
        settings.readTimeout = .seconds(5)
        let store = RedisStore(settings, metrics: NOOPMetricsHandler.instance)
        store.store(entries)
        await store.settled()
        for callers in [1, 8, 24] { await measure("redis", store, names, callers: callers) }
        do throws(StorageFailure) {
            _ = try await store.clear()
        } catch {
            StandardError.write("not cleared: \(error)\n")
        }
        await store.stop()
    }

    private func address(_ text: String) throws -> RedisAddress {
        do {
            return try RedisAddress(text)
        } catch {
            throw ValidationError("--redis: \(error.sentence)")
        }
    }

    private func measure(
        _ name: String, _ store: some KeyValueStore, _ names: [String], callers: Int
    ) async {
        let start = ContinuousClock.now
        let times = await withTaskGroup(of: Times.self) { group in
            for _ in 0..<callers {
                group.addTask { await ask(store, names, rounds / callers) }
            }
            return await group.reduce(into: Times()) { $0.add($1) }
        }
        let whole = start.duration(to: .now)
        let sorted = times.all.sorted()
        guard !sorted.isEmpty else { return }
        let rate = Double(sorted.count) / (whole / .seconds(1))
        StandardOutput.write(
            "\(name), \(callers) at a time: median \(text(sorted[sorted.count / 2])), "
                + "99 % within \(text(sorted[sorted.count * 99 / 100])), \(Int(rate)) a second, "
                + "\(times.missing) values missing\n")
    }

    private func text(_ time: Duration) -> String {
        "\(Int(time / .microseconds(1))) µs"
    }
}

/// What one caller has seen.
private struct Times: Sendable {
    var all: [Duration] = []
    var missing = 0

    mutating func add(_ other: Times) {
        all += other.all
        missing += other.missing
    }
}

private func ask(_ store: some KeyValueStore, _ names: [String], _ rounds: Int) async -> Times {
    let clock = ContinuousClock()
    var times = Times()
    for _ in 0..<rounds {
        let start = clock.now
        let values = await store.values(of: names)
        times.all.append(start.duration(to: clock.now))
        times.missing += values.count { $0 == nil }
    }
    return times
}
