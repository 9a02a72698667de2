import Testing
import TimeSeries

struct TimeGridTests {
    @Test(arguments: [
        (0, 0, 1, 1), (0, 9, 10, 1), (0, 10, 10, 2), (5, 34, 10, 3), (-15, 15, 10, 4),
        (10, 0, 5, 1),
    ])
    func aGridGoesInStepsWhileNotPastItsEnd(
        _ start: Int64, _ end: Int64, _ step: Int64, _ count: Int
    ) {
        let grid = TimeGrid(start: start, end: end, step: step)
        #expect(grid.count == count)
        #expect(grid.end == start + Int64(count - 1) * step)
        for index in 0..<count { #expect(grid.index(of: grid.time(at: index)) == index) }
        #expect(grid.index(of: grid.end + step) == nil)
        #expect(grid.index(of: start - step) == nil)
        if step > 1 { #expect(grid.index(of: start + 1) == nil) }
    }

    @Test func anInstantIsAGridOfOneTime() {
        let grid = TimeGrid(instant: -7)
        #expect(grid.count == 1 && grid.start == -7 && grid.end == -7)
        #expect(grid.index(of: -7) == 0)
        #expect(grid.index(of: -6) == nil)
    }
}

struct GridSeriesTests {
    @Test func aSeriesWithoutValuesIsEmpty() {
        var series = GridSeries(labels: ["a": "b"], count: 2)
        #expect(series.isEmpty)
        series.values[1] = .nan
        #expect(!series.isEmpty)
        series = GridSeries(labels: [:], count: 1)
        let histogram = NativeHistogram()
        series.histograms = [.init(index: 0, histogram: histogram)]
        #expect(!series.isEmpty)
    }

    @Test func valuesCompareByTheirBits() {
        let absent = GridSeries(labels: [:], values: [Absent.value])
        #expect(absent == absent)
        #expect(absent != GridSeries(labels: [:], values: [.nan]))
        #expect(GridSeries(labels: [:], values: [0]) != GridSeries(labels: [:], values: [-0.0]))
    }

    @Test func onlyTheMarkIsAbsent() {
        #expect(Absent.isAbsent(Absent.value))
        #expect(!Absent.isAbsent(.nan) && !Absent.isAbsent(.signalingNaN) && !Absent.isAbsent(0))
        #expect(Absent.value.isNaN)
    }
}

struct AnnotationsTests {
    @Test func annotationsAreSetsOfTexts() {
        var annotations = Annotations()
        #expect(annotations.isEmpty)
        annotations.warn("a")
        annotations.warn("a")
        var other = Annotations()
        other.inform("b")
        annotations.add(other)
        #expect(annotations.warnings == ["a"])
        #expect(annotations.infos == ["b"])
        #expect(!annotations.isEmpty)
    }
}
