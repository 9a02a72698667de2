import TimeSeries

/// A series put together from runs of several answers.
struct JoinedSeries: Hashable, Sendable {
    var labels: Labels
    var values: [Double]
    /// As they are shown; places in the column.
    var histograms: [ShownPoint]

    var isEmpty: Bool { histograms.isEmpty && values.allSatisfy(Absent.isAbsent) }

    /// Puts runs side by side into columns of `count` places: the series that have anything, ordered
    /// by their labels. The runs are in order, and no place is in two.
    static func joined(_ runs: [AnswerRun], count: Int) -> [JoinedSeries] {
        let tables = LabelTables(runs)
        var result: [JoinedSeries] = []
        result.reserveCapacity(tables.labels.count)
        for (index, labels) in tables.labels.enumerated() {
            var series = JoinedSeries(
                labels: labels, values: column(runs, tables, index, count: count), histograms: [])
            for (number, run) in runs.enumerated() where run.hasHistograms {
                if let place = tables.place(of: index, inRun: number) {
                    run.appendHistograms(ofSeries: place, to: &series.histograms)
                }
            }
            if !series.isEmpty { result.append(series) }
        }
        return result
    }

    private static func column(
        _ runs: [AnswerRun], _ tables: LabelTables, _ index: Int, count: Int
    ) -> [Double] {
        [Double](unsafeUninitializedCapacity: count) { room, written in
            var next = 0
            func leaveOut(until end: Int) {
                if next < end { room[next..<end].initialize(repeating: Absent.value) }
                next = max(next, end)
            }
            for (number, run) in runs.enumerated() {
                guard let place = tables.place(of: index, inRun: number) else { continue }
                leaveOut(until: run.target.lowerBound)
                run.copyValues(ofSeries: place, into: room)
                next = run.target.upperBound
            }
            leaveOut(until: count)
            written = count
        }
    }
}

/// The label sets of all runs, each once, and where each run has them.
private struct LabelTables {
    /// Ordered.
    private(set) var labels: [Labels] = []
    /// By run, the number of its table among the different ones.
    private var tableOfRun: [Int] = []
    /// By table and label set, its place in the table; -1 where it is not there.
    private var places: [[Int]] = []

    init(_ runs: [AnswerRun]) {
        var tables: [[Labels]] = []
        for run in runs {
            let own = run.labels
            if tables.last != own {
                tables.append(own)
                labels = Self.united(labels, own)
            }
            tableOfRun.append(tables.count - 1)
        }
        places = tables.map { Self.places(of: labels, in: $0) }
    }

    func place(of index: Int, inRun run: Int) -> Int? {
        let place = places[tableOfRun[run]][index]
        return place < 0 ? nil : place
    }

    /// Both are ordered.
    private static func united(_ left: [Labels], _ right: [Labels]) -> [Labels] {
        if left.isEmpty || left == right { return right }
        var result: [Labels] = []
        result.reserveCapacity(max(left.count, right.count))
        var i = 0
        var j = 0
        while i < left.count, j < right.count {
            if left[i] == right[j] {
                result.append(left[i])
                i += 1
                j += 1
            } else if left[i] < right[j] {
                result.append(left[i])
                i += 1
            } else {
                result.append(right[j])
                j += 1
            }
        }
        return result + left[i...] + right[j...]
    }

    private static func places(of all: [Labels], in some: [Labels]) -> [Int] {
        if all.count == some.count { return Array(some.indices) }
        var next = 0
        return all.map { labels in
            guard next < some.count, some[next] == labels else { return -1 }
            next += 1
            return next - 1
        }
    }
}

extension JoinedSeries {
    /// As a gateway reads it from an answer: the histograms of a series together.
    var read: GridSeries {
        var result = GridSeries(labels: labels, values: values)
        guard !histograms.isEmpty else { return result }
        let together = NativeHistogram.histograms(of: histograms.map(\.histogram))
        result.histograms = zip(histograms.indices, histograms).compactMap { index, point in
            (together?[index] ?? NativeHistogram(point.histogram)).map {
                GridSeries.HistogramPoint(index: point.place, histogram: $0)
            }
        }
        return result
    }
}
