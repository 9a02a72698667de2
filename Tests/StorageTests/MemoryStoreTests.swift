import MetricsTestKit
import Storage
import TestSupport
import Testing

struct MemoryStoreTests {
    private let clock = ManualClock()
    private let metrics = TestMetrics()

    private func store(_ maximumBytes: Int) -> MemoryStore {
        MemoryStore(maximumBytes: maximumBytes, metrics: metrics, now: { [clock] in clock.now })
    }

    private func entry(_ key: String, _ count: Int, seconds: Int = 600) -> StoreEntry {
        StoreEntry(key: key, bytes: someBytes(count), timeToLive: .seconds(seconds))
    }

    @Test func valuesComeByPosition() async {
        let store = store(1 << 20)
        store.store([
            StoreEntry(key: "a", bytes: [1], timeToLive: .seconds(1)),
            StoreEntry(key: "b", bytes: [], timeToLive: .seconds(1)),
        ])
        #expect(await store.values(of: ["b", "x", "a", "a"]) == [[], nil, [1], [1]])
        #expect(await store.values(of: []) == [])
    }

    @Test func aValueIsThereUntilItsTimeIsOver() async {
        let store = store(1 << 20)
        store.store([entry("a", 10, seconds: 5)])
        clock.advance(by: .milliseconds(4999))
        #expect(await store.value(of: "a") != nil)
        clock.advance(by: .milliseconds(1))
        #expect(await store.value(of: "a") == nil)
        #expect(store.figures.entries == 0 && store.figures.bytes == 0)
    }

    @Test func anEntryWithoutTimeIsNotKept() async {
        let store = store(1 << 20)
        store.store([
            StoreEntry(key: "a", bytes: [1], timeToLive: .zero),
            StoreEntry(key: "b", bytes: [1], timeToLive: .seconds(-1)),
        ])
        #expect(await store.values(of: ["a", "b"]) == [nil, nil])
    }

    @Test func theLaterValueOfAKeyCounts() async {
        let store = store(1 << 20)
        store.store([entry("a", 10), StoreEntry(key: "a", bytes: [7], timeToLive: .seconds(9))])
        #expect(await store.value(of: "a") == [7])
        #expect(store.figures.entries == 1)
        clock.advance(by: .seconds(9))
        #expect(await store.value(of: "a") == nil)
    }

    @Test func whatWasUsedTheLongestAgoMakesRoom() async {
        let store = store(10_000)
        for key in 0..<8 { store.store([entry("\(key)", 1000)]) }
        #expect(store.figures.evictions == 1)
        #expect(await store.value(of: "0") == nil)
        _ = await store.value(of: "1")
        store.store([entry("8", 1000)])
        #expect(await store.value(of: "1") != nil)
        #expect(await store.value(of: "2") == nil)
    }

    @Test func whatIsAskedForAgainOutlivesALongLookAtOtherData() async {
        let store = store(100_000)
        let panels = (0..<20).map { "panel \($0)" }
        store.store(panels.map { entry($0, 1000) })
        for refresh in 0..<20 {
            #expect(await store.values(of: panels).count { $0 != nil } == 20)
            // More than fits beside the panels.
            store.store((0..<150).map { entry("block \(refresh) \($0)", 1000) })
        }
        #expect(store.figures.evictions >= 2900)
    }

    @Test func whatNobodyAsksForAnyMoreGivesWayToWhatIsAskedForNow() async {
        let store = store(100_000)
        for dashboard in 0..<5 {
            let keys = (0..<60).map { "\(dashboard) \($0)" }
            for _ in 0..<20 {
                // As a cache does it: what is missing is stored.
                let values = await store.values(of: keys)
                store.store(zip(keys, values).filter { $1 == nil }.map { entry($0.0, 1000) })
            }
            #expect(await store.values(of: keys).count { $0 != nil } == 60)
        }
        #expect(await store.value(of: "0 0") == nil)
        #expect(store.figures.bytes <= 100_000)
    }

    @Test func anEntryThatWouldTakeMostOfTheBudgetIsRefused() async {
        let store = store(10_000)
        store.store([entry("small", 100), entry("large", 100)])
        store.store([entry("large", 6000)])
        #expect(await store.value(of: "small") != nil)
        // The value before is not the right one any more.
        #expect(await store.value(of: "large") == nil)
        let dropped = try? metrics.expectCounter(
            StorageMetric.droppedWrites.name, [("store", "memory"), ("reason", "too_large")])
        #expect(dropped?.totalValue == 1)
    }

    @Test func entriesWhoseTimeIsOverAreFreedWithoutBeingAskedFor() {
        let store = store(1 << 20)
        store.store((0..<100).map { entry("short \($0)", 1000, seconds: 5) })
        clock.advance(by: .seconds(5))
        store.store((0..<100).map { entry("long \($0)", 1000) })
        #expect(store.figures.entries == 100)
        #expect(store.figures.evictions == 0)
    }

    @Test func clearingForgetsAllAndSaysHowMany() async {
        let store = store(64 << 20)
        store.store((0..<1000).map { entry("\($0)", 10) })
        #expect(store.clear() == 1000)
        #expect(await store.value(of: "5") == nil)
        #expect(store.figures.entries == 0 && store.figures.bytes == 0)
        store.store([entry("5", 10)])
        #expect(await store.value(of: "5") != nil)
        #expect(store.clear() == 1)
    }

    @Test func figuresAndMetricsSayWhatHappened() async throws {
        let store = store(64 << 20)
        store.store([entry("abc", 1000)])
        _ = await store.values(of: ["abc", "x", "y"])
        let figures = store.figures
        #expect((figures.hits, figures.misses, figures.entries) == (1, 2, 1))
        #expect(figures.bytes > 1003 && figures.bytes < 1500)
        func count(_ row: StorageMetric, _ labels: [(String, String)]) throws -> Int64 {
            try metrics.expectCounter(row.name, [("store", "memory")] + labels).totalValue
        }
        #expect(try count(.requests, [("outcome", "hit")]) == 1)
        #expect(try count(.requests, [("outcome", "miss")]) == 2)
        #expect(try count(.writes, []) == 1)
        let bytes = try metrics.expectGauge(StorageMetric.bytes.name, [("store", "memory")])
        #expect(bytes.lastValue == Double(figures.bytes))
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func whateverHappensAValueIsTheLastOneStoredAndTheBudgetHolds(seed: UInt64) async {
        var generator = SeededGenerator(seed: seed)
        let store = store(60_000)
        var last: [String: (bytes: [UInt8], end: ContinuousClock.Instant)] = [:]
        var hits = 0
        for step in 0..<4000 {
            let key = "\(Int.random(in: 0..<120, using: &generator))"
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: clock.advance(by: .seconds(Int.random(in: 0..<40, using: &generator)))
            case 1 where step % 50 == 0:
                _ = store.clear()
                last = [:]
            case 2..<8:
                let time = Int.random(in: -1..<120, using: &generator)
                let bytes = someBytes(
                    Int.random(in: 0..<3000, using: &generator), seed: UInt64(step))
                store.store([StoreEntry(key: key, bytes: bytes, timeToLive: .seconds(time))])
                if time > 0 { last[key] = (bytes, clock.now + .seconds(time)) }
            default:
                guard let value = await store.value(of: key) else { continue }
                hits += 1
                #expect(value == last[key]?.bytes)
                if let end = last[key]?.end { #expect(end > clock.now) }
            }
            let figures = store.figures
            #expect(figures.bytes <= 60_000 && figures.entries <= 120)
        }
        #expect(hits > 200)
    }

    @Test func manyAtATimeSeeOnlyWholeValues() async {
        let store = MemoryStore(maximumBytes: 1 << 20, metrics: metrics)
        await withDiscardingTaskGroup { group in
            for worker in 0..<8 {
                group.addTask { await hammer(store, worker) }
            }
        }
        #expect(store.figures.bytes <= 1 << 20)
    }
}

/// Stores and asks; every value of a key is of one byte that the key says.
private func hammer(_ store: MemoryStore, _ worker: Int) async {
    var generator = SeededGenerator(seed: UInt64(worker))
    for _ in 0..<2000 {
        let number = UInt8.random(in: 0..<200, using: &generator)
        let bytes = [UInt8](
            repeating: number, count: Int.random(in: 1..<20_000, using: &generator))
        store.store([StoreEntry(key: "\(number)", bytes: bytes, timeToLive: .seconds(60))])
        let other = UInt8.random(in: 0..<200, using: &generator)
        if let value = await store.value(of: "\(other)") {
            #expect(value.allSatisfy { $0 == other })
        }
    }
}
