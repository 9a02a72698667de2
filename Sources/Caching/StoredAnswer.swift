import TimeSeries

/// An answer that is kept whole, as that of an instant query is.
public struct StoredAnswer: Hashable, Sendable {
    /// Values at each time, and the remarks; no series where windows of samples are asked for.
    public var answer: RangeAnswer
    /// Windows of samples.
    public var samples: [SampleColumns]

    public init(answer: RangeAnswer, samples: [SampleColumns] = []) {
        self.answer = answer
        self.samples = samples
    }

    // MARK: Bytes

    /// An answer is a block of its own, with as many places as it has times. `count` is nil for
    /// windows of samples.
    func bytes(for identity: EntryIdentity, count: Int?, limit: Int) -> [UInt8]? {
        let ordered = OrderedAnswer(answer)
        guard ordered.isRepeatable else { return nil }
        guard let count else {
            guard let table = SampleTable(samples) else { return nil }
            var remarks = ByteWriter()
            remarks.append(texts: ordered.warnings)
            remarks.append(texts: ordered.infos)
            return Envelope.sealed(
                [.init(bytes: remarks.bytes)] + table.sections, for: identity, limit: limit)
        }
        guard ordered.series.allSatisfy({ $0.values.count == count }) else { return nil }
        let extent = Extent(
            places: 0..<count,
            remarks: ExtentRemarks(
                steps: 0..<Int64(count), warnings: ordered.warnings, infos: ordered.infos))
        let run = AnswerRun(target: 0..<count, answer: ordered, first: 0)
        return AnswerBlock(extents: [extent], series: JoinedSeries.joined([run], count: count))
            .bytes(for: identity, limit: limit)
    }

    init(
        _ bytes: [UInt8], of identity: EntryIdentity, count: Int?, limit: Int
    ) throws(EntryFailure) {
        guard let count else {
            let envelope = try Envelope(bytes, of: identity, limit: limit)
            var reader = ByteReader(try envelope.section(0))
            answer = RangeAnswer(warnings: try reader.texts(), infos: try reader.texts())
            try reader.requireEnd()
            samples = try SampleTable(envelope, from: 1, limit: limit).series
            return
        }
        var table = AnswerBlock.ReadTable()
        let block = try AnswerBlock(
            bytes, of: identity, places: count, limit: limit, table: &table)
        guard block.extents.count == 1, block.width == count else { throw .malformed }
        let remarks = block.extents[0].remarks
        let run = AnswerRun(target: 0..<count, block: block, first: 0)
        answer = RangeAnswer(
            series: JoinedSeries.joined([run], count: count).map(\.read),
            warnings: remarks?.warnings ?? [], infos: remarks?.infos ?? [])
        samples = []
    }
}
