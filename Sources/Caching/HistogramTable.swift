import TimeSeries

/// The native histograms of several series as bytes: the bounds of buckets once for all histograms
/// that have the same, the numbers as planes, each beside the one of the histogram before.
struct HistogramTable {
    /// By series; one entry for each.
    var points: [[ShownPoint]]

    init(points: [[ShownPoint]]) { self.points = points }

    // Equal by bits, unlike buckets: a bound may be -0.
    private struct Bounds: Hashable {
        var words: [UInt64]

        init(_ buckets: [NativeHistogram.Bucket]) {
            words = []
            words.reserveCapacity(buckets.count * 3)
            for bucket in buckets {
                words.append(UInt64(bucket.boundaries.rawValue))
                words.append(bucket.lower.bitPattern)
                words.append(bucket.upper.bitPattern)
            }
        }

        var count: Int { words.count / 3 }

        func bucket(_ index: Int, count: Double) -> NativeHistogram.Bucket? {
            let boundaries = NativeHistogram.Boundaries(
                rawValue: Int(truncatingIfNeeded: words[3 * index]))
            return boundaries.map {
                NativeHistogram.Bucket(
                    boundaries: $0, lower: Double(bitPattern: words[3 * index + 1]),
                    upper: Double(bitPattern: words[3 * index + 2]), count: count)
            }
        }
    }

    // MARK: Writing

    static let sectionCount = 1 + ValuePlanes.sectionCount

    /// The shape, and the numbers. Empty where there is no histogram.
    var sections: [Envelope.Content] {
        guard points.contains(where: { !$0.isEmpty }) else {
            return [Envelope.Content](repeating: .init(bytes: []), count: Self.sectionCount)
        }
        var layouts: [Bounds: Int] = [:]
        var ordered: [Bounds] = []
        var shape = ByteWriter()
        var numbers: [Double] = []
        for series in points {
            shape.append(count: series.count)
            var before: (layout: Int, numbers: [Double])?
            for point in series {
                let bounds = Bounds(point.histogram.buckets)
                let layout = layouts[bounds] ?? ordered.count
                if layout == ordered.count {
                    layouts[bounds] = layout
                    ordered.append(bounds)
                }
                shape.append(count: point.place)
                shape.append(count: layout)
                let own =
                    [point.histogram.count, point.histogram.sum]
                    + point.histogram.buckets.map(\.count)
                numbers += Self.combined(
                    own, with: before?.layout == layout ? before?.numbers : nil)
                before = (layout, own)
            }
        }
        var head = ByteWriter()
        head.append(count: ordered.count)
        for bounds in ordered {
            head.append(count: bounds.count)
            for word in bounds.words { head.append(number: word) }
        }
        head.append(count: numbers.count)
        return [.init(bytes: head.bytes + shape.bytes)]
            + ValuePlanes(.plain).sections(of: numbers)
    }

    /// What differs in bits; doing it twice undoes it.
    private static func combined(_ numbers: [Double], with before: [Double]?) -> [Double] {
        guard let before else { return numbers }
        return zip(numbers, before).map {
            Double(bitPattern: $0.bitPattern ^ $1.bitPattern)
        }
    }

    // MARK: Reading

    /// Of `seriesCount` columns of `width` places; numbers in no more than `limit` bytes.
    init(
        _ sections: [[UInt8]], seriesCount: Int, width: Int, limit: Int
    ) throws(EntryFailure) {
        points = []
        if sections.allSatisfy(\.isEmpty) { return }
        guard sections.count == Self.sectionCount else { throw .malformed }
        var reader = ByteReader(sections[0])
        let layouts = try Self.layouts(&reader)
        let values = try ValuePlanes(.plain).values(
            of: Array(sections[1...]), count: try reader.count(upTo: 1 << 32),
            limit: limit)
        var next = 0
        for _ in 0..<seriesCount {
            var series: [ShownPoint] = []
            var before: (layout: Int, numbers: [Double])?
            for _ in 0..<(try reader.count()) {
                let place = try reader.count(upTo: width - 1)
                if let last = series.last, last.place >= place { throw .malformed }
                let layout = try reader.count(upTo: layouts.count - 1)
                let end = next + 2 + layouts[layout].count
                guard end <= values.count else { throw .malformed }
                let own = Self.combined(
                    Array(values[next..<end]),
                    with: before?.layout == layout ? before?.numbers : nil)
                next = end
                before = (layout, own)
                series.append(
                    ShownPoint(place: place, histogram: try Self.shown(own, layouts[layout])))
            }
            points.append(series)
        }
        guard next == values.count else { throw .malformed }
        try reader.requireEnd()
    }

    private static func layouts(_ reader: inout ByteReader) throws(EntryFailure) -> [Bounds] {
        var result: [Bounds] = []
        for _ in 0..<(try reader.count()) {
            var bounds = Bounds([])
            for _ in 0..<3 * (try reader.count()) { bounds.words.append(try reader.number()) }
            result.append(bounds)
        }
        guard !result.isEmpty else { throw .malformed }
        return result
    }

    private static func shown(
        _ numbers: [Double], _ bounds: Bounds
    ) throws(EntryFailure) -> ShownHistogram {
        var result = ShownHistogram(count: numbers[0], sum: numbers[1])
        result.buckets.reserveCapacity(bounds.count)
        for index in 0..<bounds.count {
            guard let bucket = bounds.bucket(index, count: numbers[2 + index]) else {
                throw .malformed
            }
            result.buckets.append(bucket)
        }
        return result
    }
}
