import Observations
import Testing
import TimeSeries

@Suite struct ObservationStoreTests {
    private func sample(
        _ labels: Labels, _ time: Int64, _ value: Double = 1
    ) -> ObservationStore.Sample {
        .init(labels: labels, time: time, value: .float(value))
    }

    private static let ofX: [[Matcher]] = [[Matcher("__name__", equal: "x")]]

    private func store(
        retention: Duration = .seconds(100), series: Int = 100, samples: Int = 1000
    ) -> ObservationStore {
        ObservationStore(
            settings: ObservationSettings(
                retention: retention, maximumSeries: series, maximumSamples: samples),
            startedAt: 500)
    }

    @Test func whatIsAppendedIsThere() {
        let store = ObservationStore()
        let labels: Labels = ["__name__": "x", "a": "b"]
        store.append([sample(labels, 1000, 3)])
        #expect(store.current.series.map(\.labels) == [labels])
        #expect(store.current.series.map(\.values) == [[3]])
    }

    @Test func aSampleThatComesLateTakesItsPlace() {
        let store = store()
        store.append([sample(["__name__": "x"], 3000, 3), sample(["__name__": "x"], 1000, 1)])
        store.append([sample(["__name__": "x"], 2000, 2), sample(["__name__": "x"], 3000, 4)])
        #expect(store.current.series.map(\.times) == [[1000, 2000, 3000]])
        #expect(store.current.series.map(\.values) == [[1, 2, 4]])
        #expect(store.statistics.samples == 3)
    }

    @Test func onlySeriesThatMeetTheConditionsAreRead() {
        let store = store()
        store.append([
            sample(["__name__": "x", "a": "1"], 1000), sample(["__name__": "x", "a": "2"], 1000),
            sample(["__name__": "y", "a": "1"], 1000),
        ])
        func labels(_ alternatives: [[Matcher]]) -> [String] {
            store.samples(matching: alternatives).store.series.map { "\($0.labels)" }
        }
        #expect(labels(Self.ofX) == ["x{a=\"1\"}", "x{a=\"2\"}"])
        #expect(labels([[Matcher("a", equal: "1")]]) == ["x{a=\"1\"}", "y{a=\"1\"}"])
        #expect(
            labels(Self.ofX + [[Matcher("a", equal: "1")]]) == [
                "x{a=\"1\"}", "x{a=\"2\"}", "y{a=\"1\"}",
            ])
        #expect(labels([[Matcher("__name__", equal: "z")]]).isEmpty)
        #expect(labels([]).isEmpty)
    }

    @Test func aReaderKeepsWhatItHasWhileMoreComes() {
        let store = store()
        store.append([sample(["__name__": "x"], 1000)])
        let before = store.samples(matching: Self.ofX).store
        store.append([sample(["__name__": "x"], 2000), sample(["__name__": "x", "a": "b"], 2000)])
        #expect(before.series.map(\.times) == [[1000]])
        #expect(store.samples(matching: Self.ofX).store.series.count == 2)
    }

    @Test func samplesBeforeTheTimeAskedForAreNotRead() {
        let store = store()
        store.append([1000, 2000, 3000].map { sample(["__name__": "x"], $0) })
        let read = store.samples(matching: Self.ofX, from: 2000).store
        #expect(read.series.map(\.times) == [[2000, 3000]])
        #expect(store.samples(matching: Self.ofX, from: 3001).store.isEmpty)
    }

    // MARK: Retention

    @Test func samplesGoWhenTheirTimeIsOver() {
        let store = store()
        store.append([sample(["__name__": "x"], 1000), sample(["__name__": "y"], 1000)])
        store.append([sample(["__name__": "y"], 51_000)])
        #expect(store.samples(matching: [[]]).completeSince == 500)
        store.append([sample(["__name__": "x"], 121_000)])
        let read = store.samples(matching: [[]])
        #expect(read.store.series.map(\.times) == [[121_000], [51_000]])
        #expect(read.completeSince == 21_000)
        store.append([sample(["__name__": "x"], 20_999)])
        #expect(store.statistics.lateSamples == 1)
    }

    @Test func aSeriesWithoutSamplesIsGoneAndSoIsItsName() {
        let store = store()
        store.append([sample(["__name__": "x"], 1000), sample(["__name__": "y"], 1000)])
        #expect(store.names == ["x", "y"])
        store.append([sample(["__name__": "x"], 200_000)])
        #expect(store.names == ["x"])
        #expect(store.statistics.series == 1)
        #expect(store.current.series.map(\.times) == [[200_000]])
    }

    @Test func theMarkOfAnEndIsKeptAsLongAsASample() {
        let store = store()
        store.append([sample(["__name__": "x"], 1000)])
        store.append([sample(["__name__": "x"], 2000, Absent.value)])
        let values = store.current.series.flatMap(\.values)
        #expect(values.map(Absent.isAbsent) == [false, true])
    }

    // MARK: Limits

    @Test func thereIsNoRoomForMoreSeriesThanAllowed() {
        let store = store(series: 2)
        store.append(["a", "b", "c"].map { sample(["__name__": "x", "l": $0], 1000) })
        store.append(["a", "b", "c"].map { sample(["__name__": "x", "l": $0], 2000) })
        #expect(store.current.series.count == 2)
        #expect(store.statistics.refusedSamples == 2)
        // When one has ended there is room again.
        store.append([sample(["__name__": "x", "l": "a"], 150_000)])
        store.append([sample(["__name__": "x", "l": "c"], 150_000)])
        #expect(store.current.series.map { $0.labels["l"] } == ["a", "c"])
    }

    @Test func whereThereAreTooManySamplesTheOldestOfAllGo() {
        let store = store(retention: .seconds(3600), samples: 20)
        for second in 1...30 as ClosedRange<Int64> {
            store.append(["a", "b"].map { sample(["__name__": "x", "l": $0], second * 1000) })
        }
        let read = store.samples(matching: [[]])
        let times = read.store.series.map(\.times)
        #expect(times.count == 2 && times[0] == times[1])
        #expect(times[0].last == 30_000)
        #expect(times[0].count > 5 && times[0].count <= 10)
        #expect(store.statistics.samples <= 20)
        #expect(store.statistics.evictedSamples == 60 - store.statistics.samples)
        // Whoever looks further back is told.
        #expect(read.completeSince > 10_000 && read.completeSince <= times[0][0])
    }

    @Test func aSingleTimeIsNotGivenUpForItsManySeries() {
        let store = store(series: 50, samples: 10)
        store.append((0..<30).map { sample(["__name__": "x", "l": "\($0)"], 1000) })
        #expect(store.statistics.samples == 30)
    }

    // MARK: Names

    @Test func declaredMetricsAreKnownBeforeTheyHaveSamples() {
        let store = store()
        store.declare(names: ["ALERTS"])
        #expect(store.names == ["ALERTS"])
        store.append([sample(["__name__": "x"], 1000)])
        #expect(store.names == ["ALERTS", "x"])
        store.declare(names: ["job:x"])
        #expect(store.names == ["job:x", "x"])
    }

    @Test func labelsAreThoseOfSeriesWithSamplesInTime() {
        let store = store()
        store.append([sample(["__name__": "x", "l": "a"], 1000)])
        store.append([sample(["__name__": "x", "l": "b"], 5000)])
        func values(from start: Int64, through end: Int64) -> [String?] {
            store.labels(matching: Self.ofX, from: start, through: end).map { $0["l"] }
        }
        #expect(values(from: 0, through: 6000) == ["a", "b"])
        #expect(values(from: 1001, through: 6000) == ["b"])
        #expect(values(from: 0, through: 1000) == ["a"])
        #expect(values(from: 2000, through: 3000).isEmpty)
    }
}
