import Planning
import PromQL
import TimeSeries

/// What is wanted of a sample.
enum SampleAspect {
    case values
    /// Its time in seconds.
    case times
    /// When its counting began, in seconds; 0 where that is not known.
    case starts
}

/// Where a resolved selector looks when it is evaluated at a time: `@` and `offset`, milliseconds.
struct SelectorTime {
    private var at: Int64?
    private let offset: Int64

    init(_ modifiers: TimeModifiers) {
        if case .time(let time)? = modifiers.at { at = time }
        offset = modifiers.offset?.literalMilliseconds ?? 0
    }

    /// The time that is looked at for `time`.
    func looked(at time: Int64) -> Int64 { (at ?? time) - offset }
}

extension SampleColumns {
    /// The newest sample at each time of the grid, unless it is as old as the lookback or says that
    /// the series ended.
    func latest(
        _ wanted: SampleAspect, on grid: TimeGrid, at place: SelectorTime, lookback: Int64
    ) -> GridSeries {
        var result = GridSeries(labels: labels, count: grid.count)
        var floats = SampleCursor()
        var others = SampleCursor()
        for index in 0..<grid.count {
            let time = place.looked(at: grid.time(at: index))
            let float = floats.newest(until: time, in: times)
            let other = others.newest(until: time, in: histogramTimes)
            let floatTime = float.map { times[$0] } ?? .min
            let otherTime = other.map { histogramTimes[$0] } ?? .min
            let newest = max(floatTime, otherTime)
            guard newest > time - lookback else { continue }
            if floatTime > otherTime, let float {
                if Absent.isAbsent(values[float]) { continue }
                result.values[index] =
                    wanted == .values ? values[float] : seconds(wanted, newest, startTimes, float)
            } else if let other {
                if wanted == .values {
                    result.histograms.append(.init(index: index, histogram: histograms[other]))
                } else {
                    result.values[index] = seconds(wanted, newest, histogramStartTimes, other)
                }
            }
        }
        return result
    }

    private func seconds(
        _ wanted: SampleAspect, _ time: Int64, _ starts: [Int64], _ place: Int
    ) -> Double {
        guard wanted == .starts else { return Double(time) / 1000 }
        return starts.isEmpty ? 0 : Double(starts[place]) / 1000
    }

    /// The value at each time on the straight line between the samples around it, within the
    /// lookback; behind the last sample it stays (`smoothed`). Between a float and a histogram there
    /// is no line, and nothing.
    func smoothed(on grid: TimeGrid, at place: SelectorTime, lookback: Int64) -> GridSeries {
        let (times, values) = present
        var result = GridSeries(labels: labels, count: grid.count)
        var floats = SampleCursor()
        var others = SampleCursor()
        for index in 0..<grid.count {
            let time = place.looked(at: grid.time(at: index))
            let sees = (time - lookback + 1)...(time + lookback)
            let float = floats.around(time, in: times, within: sees)
            let other = others.around(time, in: histogramTimes, within: sees)
            guard float.isEmpty || other.isEmpty else { continue }
            if let before = float.before {
                result.values[index] =
                    float.after.map {
                        ExtendedWindow.interpolated(
                            (times[before], values[before]), (times[$0], values[$0]), at: time)
                    } ?? values[before]
            } else if let before = other.before {
                let histogram =
                    other.after.map {
                        HistogramWindow(self, before..<$0 + 1).between(at: time)
                    } ?? histograms[before]
                if let histogram {
                    result.histograms.append(.init(index: index, histogram: histogram))
                }
            }
        }
        return result
    }

    /// The samples of some time.
    func samples(after start: Int64, through end: Int64) -> SampleColumns {
        func isMeant(_ time: Int64) -> Bool { time > start && time <= end }
        let floats = times.indices.filter { isMeant(times[$0]) }
        let others = histogramTimes.indices.filter { isMeant(histogramTimes[$0]) }
        return SampleColumns(
            labels: labels, times: floats.map { times[$0] }, values: floats.map { values[$0] },
            histogramTimes: others.map { histogramTimes[$0] },
            histograms: others.map { histograms[$0] })
    }

    /// The floats without the marks of a series' end.
    var present: (times: [Int64], values: [Double]) {
        let places = values.indices.filter { !Absent.isAbsent(values[$0]) }
        if places.count == values.count { return (times, values) }
        return (places.map { times[$0] }, places.map { values[$0] })
    }

    /// The samples of a window: the answer to a root range selector.
    func samples(
        in window: Window, at time: Int64
    ) throws(EvaluationFailure) -> SampleColumns {
        let end = (window.at ?? time) - window.offset
        let start = end - window.range
        let (times, values) = present
        let reach = window.sampling == .plain ? 0 : window.lookback
        let ahead = window.sampling == .smoothed ? window.lookback : 0
        let floats = times.indices.filter {
            times[$0] > start - reach && times[$0] <= end + ahead
        }
        let others = histogramTimes.indices.filter {
            histogramTimes[$0] > start - reach && histogramTimes[$0] <= end + ahead
        }
        guard window.sampling != .plain else {
            return SampleColumns(
                labels: labels, times: floats.map { times[$0] }, values: floats.map { values[$0] },
                histogramTimes: others.map { histogramTimes[$0] },
                histograms: others.map { histograms[$0] })
        }
        if !others.isEmpty { throw .extendedHistograms }
        let edges = ExtendedWindow(
            times: floats.map { times[$0] }, values: floats.map { values[$0] }, start: start,
            end: end, isSmoothed: window.sampling == .smoothed, isCounter: false)
        guard let edges else { return SampleColumns(labels: labels) }
        return SampleColumns(
            labels: labels, times: [start] + edges.innerTimes + [end],
            values: [edges.left] + edges.inner + [edges.right])
    }
}

/// Walks the times of a series forward.
struct SampleCursor {
    private var next = 0
    private var last = Int64.min

    /// The place of the newest sample that is not after `time`.
    mutating func newest(until time: Int64, in times: [Int64]) -> Int? {
        if time < last { next = 0 }
        last = time
        while next < times.count, times[next] <= time { next += 1 }
        return next > 0 ? next - 1 : nil
    }

    /// The samples on either side of a time, as far as they are seen. One that is at the time has
    /// none after it.
    mutating func around(
        _ time: Int64, in times: [Int64], within sees: ClosedRange<Int64>
    ) -> Neighbours {
        let newest = newest(until: time, in: times)
        let before = newest.flatMap { sees.contains(times[$0]) ? $0 : nil }
        let next = (newest ?? -1) + 1
        guard next < times.count, sees.contains(times[next]) else {
            return Neighbours(before: before, isEmpty: before == nil)
        }
        let isExact = before.map { times[$0] == time } ?? false
        return Neighbours(before: before, after: isExact ? nil : next, isEmpty: false)
    }

    struct Neighbours {
        var before: Int?
        var after: Int?
        /// Whether no sample is seen at all.
        var isEmpty: Bool
    }
}
