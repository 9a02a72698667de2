import TimeSeries

/// Windows of samples as bytes: labels, times, values and native histograms in columns of their
/// own.
struct SampleTable {
    /// Ordered by labels.
    let series: [SampleColumns]

    /// Nil where what is read again would not be the same.
    init?(_ series: [SampleColumns]) {
        let ordered = series.arranged(byLabels: \.labels)
        let isUnique = zip(ordered, ordered.dropFirst()).allSatisfy { $0.labels != $1.labels }
        let isKept = ordered.allSatisfy { one in
            one.startTimes.isEmpty && one.histogramStartTimes.isEmpty
                && NativeHistogram.histograms(of: one.histograms.map(\.shown)) == one.histograms
        }
        guard isUnique, isKept else { return nil }
        self.series = ordered
    }

    // MARK: Bytes

    /// Labels, times, values, the shape of histograms and their numbers.
    var sections: [Envelope.Content] {
        var times = ByteWriter()
        for one in series {
            Self.append(one.times, to: &times)
            Self.append(one.histogramTimes, to: &times)
        }
        let histograms = HistogramTable(
            points: series.map { one in
                one.histograms.enumerated().map { place, histogram in
                    ShownPoint(place: place, histogram: histogram.shown)
                }
            })
        let values = series.flatMap(\.values)
        return [
            .init(bytes: LabelTable.bytes(of: series.map(\.labels))),
            .init(bytes: times.bytes),
        ] + ValuePlanes(.columns(width: values.count)).sections(of: values)
            + histograms.sections
    }

    /// Samples come at nearly even distances: what is written is how each differs from the last.
    private static func append(_ times: [Int64], to writer: inout ByteWriter) {
        writer.append(count: times.count)
        var before: Int64 = 0
        var distance: Int64 = 0
        for time in times {
            let next = time &- before
            writer.append(signed: next &- distance)
            before = time
            distance = next
        }
    }

    private static func times(_ reader: inout ByteReader) throws(EntryFailure) -> [Int64] {
        var result: [Int64] = []
        var before: Int64 = 0
        var distance: Int64 = 0
        for _ in 0..<(try reader.count()) {
            distance = distance &+ (try reader.signed())
            before = before &+ distance
            if let last = result.last, last >= before { throw .malformed }
            result.append(before)
        }
        return result
    }

    /// Reads the sections from the one of this number on.
    init(_ envelope: Envelope, from section: Int, limit: Int) throws(EntryFailure) {
        let labels = try LabelTable.sets(of: try envelope.section(section))
        var reader = ByteReader(try envelope.section(section + 1))
        var times: [(floats: [Int64], histograms: [Int64])] = []
        for _ in labels {
            let floats = try Self.times(&reader)
            times.append((floats, try Self.times(&reader)))
        }
        try reader.requireEnd()
        let count = times.reduce(0) { $0 + $1.floats.count }
        let planes = ValuePlanes.sectionCount
        let values = try ValuePlanes(.columns(width: count)).values(
            of: try envelope.sections(from: section + 2, count: planes), count: count,
            limit: limit)
        let width = times.map(\.histograms.count).max() ?? 0
        let table = try HistogramTable(
            try envelope.sections(
                from: section + 2 + planes, count: HistogramTable.sectionCount),
            seriesCount: labels.count, width: width, limit: limit)
        var next = 0
        var result: [SampleColumns] = []
        for (index, labels) in labels.enumerated() {
            let own = times[index]
            let shown = table.points.isEmpty ? [] : table.points[index].map(\.histogram)
            guard shown.count == own.histograms.count,
                let histograms = NativeHistogram.histograms(of: shown)
            else { throw .malformed }
            result.append(
                SampleColumns(
                    labels: labels, times: own.floats,
                    values: Array(values[next..<next + own.floats.count]),
                    histogramTimes: own.histograms, histograms: histograms))
            next += own.floats.count
        }
        series = result
    }
}
