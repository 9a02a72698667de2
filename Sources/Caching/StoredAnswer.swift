import TimeSeries

/// A small answer that is kept whole: that of an instant query.
public struct StoredAnswer: Hashable, Sendable {
    /// Values at one time, and the remarks; no series where windows of samples are asked for.
    public var answer: RangeAnswer
    /// Windows of samples.
    public var samples: [SampleColumns]

    public init(answer: RangeAnswer, samples: [SampleColumns] = []) {
        self.answer = answer
        self.samples = samples
    }

    /// An answer of one time is a block of one place.
    private static let extent = Extent(
        places: 0..<1, remarks: ExtentRemarks(steps: 0..<1, warnings: [], infos: []))

    // MARK: Bytes

    func bytes(for identity: EntryIdentity, wantsSamples: Bool, limit: Int) -> [UInt8]? {
        let ordered = OrderedAnswer(answer)
        guard ordered.isRepeatable else { return nil }
        if wantsSamples {
            guard let table = SampleTable(samples) else { return nil }
            var remarks = ByteWriter()
            remarks.append(texts: ordered.warnings)
            remarks.append(texts: ordered.infos)
            return Envelope.sealed([remarks.bytes] + table.sections, for: identity, limit: limit)
        }
        guard ordered.series.allSatisfy({ $0.values.count == 1 }) else { return nil }
        var extent = Self.extent
        extent.remarks?.warnings = ordered.warnings
        extent.remarks?.infos = ordered.infos
        let run = AnswerRun(target: 0..<1, answer: ordered, first: 0)
        return AnswerBlock(extents: [extent], series: JoinedSeries.joined([run], count: 1))
            .bytes(for: identity, limit: limit)
    }

    init(
        _ bytes: [UInt8], of identity: EntryIdentity, wantsSamples: Bool, limit: Int
    ) throws(EntryFailure) {
        if wantsSamples {
            let envelope = try Envelope(bytes, of: identity, limit: limit)
            var reader = ByteReader(try envelope.section(0))
            answer = RangeAnswer(warnings: try reader.texts(), infos: try reader.texts())
            try reader.requireEnd()
            samples = try SampleTable(envelope, from: 1).series
            return
        }
        var table = AnswerBlock.ReadTable()
        let block = try AnswerBlock(bytes, of: identity, limit: limit, table: &table)
        guard block.extents.count == 1, block.width == 1 else { throw .malformed }
        let remarks = block.extents[0].remarks
        let run = AnswerRun(target: 0..<1, block: block, first: 0)
        answer = RangeAnswer(
            series: JoinedSeries.joined([run], count: 1).map(\.read),
            warnings: remarks?.warnings ?? [], infos: remarks?.infos ?? [])
        samples = []
    }
}
