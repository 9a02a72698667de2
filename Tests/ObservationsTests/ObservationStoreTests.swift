import Observations
import Testing
import TimeSeries

@Suite struct ObservationStoreTests {
    @Test func whatIsAppendedIsThere() {
        let store = ObservationStore()
        let labels: Labels = ["__name__": "x", "a": "b"]
        store.append([.init(labels: labels, time: 1000, value: .float(3))])
        #expect(store.current.series.map(\.labels) == [labels])
    }
}
