import TimeSeries

/// What is known of an answer at the steps of one block.
struct AnswerBlock: Hashable, Sendable {
    /// In order of their places.
    var extents: [Extent]
    /// Ordered.
    var labels: [Labels]
    /// Column after column, one for each series, of one value for each known place; `Absent.value`
    /// where the series has none.
    var values: [Double]
    /// By series, their places counted among the known ones; empty where no series has any.
    var histograms: [[ShownPoint]]

    /// How many places are known, which is how long columns are.
    var width: Int { extents.placeCount }

    /// The columns of series that have a value in each known place of `extents`.
    init(extents: [Extent], series: [JoinedSeries]) {
        self.extents = extents
        labels = series.map(\.labels)
        values = []
        values.reserveCapacity(series.count * extents.placeCount)
        for one in series { values += one.values }
        histograms = series.contains { !$0.histograms.isEmpty } ? series.map(\.histograms) : []
    }

    // Values compare by bits.
    static func == (left: AnswerBlock, right: AnswerBlock) -> Bool {
        left.extents == right.extents && left.labels == right.labels
            && left.histograms == right.histograms
            && left.values.elementsEqual(right.values) { $0.bitPattern == $1.bitPattern }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(labels) }

    // MARK: Bytes

    /// Nil where the block is too large.
    func bytes(for identity: EntryIdentity, limit: Int) -> [UInt8]? {
        Envelope.sealed(
            [
                .init(bytes: Self.bytes(of: extents)),
                .init(bytes: LabelTable.bytes(of: labels)),
            ] + ValuePlanes(.columns(width: width)).sections(of: values)
                + HistogramTable(points: histograms).sections,
            for: identity, limit: limit)
    }

    /// The block of so many places that the bytes hold. `table` is the label table that was read
    /// last: blocks of one question mostly have the same.
    init(
        _ bytes: [UInt8], of identity: EntryIdentity, places: Int, limit: Int,
        table: inout ReadTable
    ) throws(EntryFailure) {
        let envelope = try Envelope(bytes, of: identity, limit: limit)
        extents = try Self.extents(of: try envelope.section(0), places: places)
        labels = try table.labels(in: envelope, section: 1)
        let width = extents.placeCount
        let (count, isTooLarge) = labels.count.multipliedReportingOverflow(by: width)
        guard !isTooLarge else { throw .malformed }
        let planes = ValuePlanes.sectionCount
        values = try ValuePlanes(.columns(width: width)).values(
            of: try envelope.sections(from: 2, count: planes), count: count, limit: limit)
        histograms =
            try HistogramTable(
                try envelope.sections(from: 2 + planes, count: HistogramTable.sectionCount),
                seriesCount: labels.count, width: width, limit: limit
            ).points
    }

    /// A label table with the bytes that it was read from.
    struct ReadTable {
        private var stored: ArraySlice<UInt8> = []
        private var labels: [Labels] = []

        mutating func labels(
            in envelope: Envelope, section: Int
        ) throws(EntryFailure) -> [Labels] {
            let stored = envelope.stored(section)
            if !stored.isEmpty, stored == self.stored { return labels }
            labels = try LabelTable.sets(of: try envelope.section(section))
            self.stored = stored
            return labels
        }
    }

    private static func bytes(of extents: [Extent]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(count: extents.count)
        for extent in extents {
            writer.append(count: extent.places.lowerBound)
            writer.append(count: extent.places.count)
            writer.append(byte: extent.remarks == nil ? 0 : 1)
            guard let remarks = extent.remarks else { continue }
            writer.append(signed: remarks.steps.lowerBound)
            writer.append(count: remarks.steps.count)
            writer.append(texts: remarks.warnings)
            writer.append(texts: remarks.infos)
        }
        return writer.bytes
    }

    private static func extents(
        of bytes: [UInt8], places width: Int
    ) throws(EntryFailure) -> [Extent] {
        var reader = ByteReader(bytes)
        var result: [Extent] = []
        for _ in 0..<(try reader.count()) {
            let first = try reader.count(upTo: width)
            let count = try reader.count(upTo: width)
            var extent = Extent(places: first..<first + count)
            if try reader.byte() == 1 {
                let start = try reader.signed()
                let count = Int64(try reader.count(upTo: 1 << 32))
                let (end, overflow) = start.addingReportingOverflow(count)
                guard !overflow else { throw .malformed }
                extent.remarks = ExtentRemarks(
                    steps: start..<end, warnings: try reader.texts(), infos: try reader.texts())
            }
            result.append(extent)
        }
        try reader.requireEnd()
        guard !result.isEmpty, result.areValid(width: width) else { throw .malformed }
        return result
    }
}
