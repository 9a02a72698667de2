import Storage
import Testing

struct StorageMetricTests {
    @Test func everyMetricHasARowOfItsOwn() {
        #expect(Set(StorageMetric.all.map(\.name)).count == StorageMetric.all.count)
        #expect(StorageMetric.all.allSatisfy { $0.name.hasPrefix("isthmus_cache_store_") })
    }

    @Test func refusalsAreKnownByTheirFirstWord() {
        let failures: [StorageFailure.Kind] =
            [.timeout, .busy] + ServerRefusal.allCases.map { .refused($0) }
        #expect(Set(failures.map(\.label)).count == failures.count)
    }
}
