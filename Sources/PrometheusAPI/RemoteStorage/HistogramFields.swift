import TimeSeries

/// A `prometheus.Histogram` as it is sent: of floats, or of integers with the differences of
/// neighbouring buckets.
struct HistogramFields {
    /// Milliseconds since the Unix epoch.
    var time: Int64 = 0
    private var count = Count.integer(0)
    private var sum = 0.0
    private var schema: Int64 = 0
    private var zeroThreshold = 0.0
    private var zeroCount = 0.0
    private var negative = Side()
    private var positive = Side()
    private var resetHint = NativeHistogram.ResetHint.unknown
    private var customValues: [Double] = []
    /// Where the message begins, for failures.
    private let offset: Int

    /// Which of the two is there says how buckets are counted.
    private enum Count {
        case integer(UInt64)
        case float(Double)
    }

    private struct Side {
        var spans: [BucketSpan] = []
        var differences: [Int64] = []
        var counts: [Double] = []
    }

    enum Number {
        static let countInteger = 1
        static let countFloat = 2
        static let sum = 3
        static let schema = 4
        static let zeroThreshold = 5
        static let zeroCountInteger = 6
        static let zeroCountFloat = 7
        static let negativeSpans = 8
        static let negativeDifferences = 9
        static let negativeCounts = 10
        static let positiveSpans = 11
        static let positiveDifferences = 12
        static let positiveCounts = 13
        static let resetHint = 14
        static let time = 15
        static let customValues = 16
    }

    init(reading message: ProtobufReader) throws(RemoteStorageFailure) {
        offset = message.offset
        var reader = message
        while let field = try reader.next() {
            switch field.number {
            case Number.countInteger: count = .integer(try reader.unsigned(field))
            case Number.countFloat: count = .float(try reader.double(field))
            case Number.sum: sum = try reader.double(field)
            case Number.schema: schema = try reader.zigzag(field)
            case Number.zeroThreshold: zeroThreshold = try reader.double(field)
            case Number.zeroCountInteger: zeroCount = Double(try reader.unsigned(field))
            case Number.zeroCountFloat: zeroCount = try reader.double(field)
            case Number.negativeSpans: negative.spans.append(try Self.span(reader, field))
            case Number.negativeDifferences: negative.differences += try reader.zigzags(field)
            case Number.negativeCounts: negative.counts += try reader.doubles(field)
            case Number.positiveSpans: positive.spans.append(try Self.span(reader, field))
            case Number.positiveDifferences: positive.differences += try reader.zigzags(field)
            case Number.positiveCounts: positive.counts += try reader.doubles(field)
            case Number.resetHint:
                resetHint = NativeHistogram.ResetHint(number: try reader.unsigned(field))
            case Number.time: time = try reader.signed(field)
            case Number.customValues: customValues += try reader.doubles(field)
            default: continue
            }
        }
    }

    private static func span(
        _ reader: ProtobufReader, _ field: ProtobufReader.Field
    ) throws(RemoteStorageFailure) -> BucketSpan {
        var message = try reader.message(field)
        var offset: Int64 = 0
        var length: UInt64 = 0
        while let field = try message.next() {
            switch field.number {
            case BucketSpan.Number.offset: offset = try message.zigzag(field)
            case BucketSpan.Number.length: length = try message.unsigned(field)
            default: continue
            }
        }
        guard let offset = Int32(exactly: offset), let length = UInt32(exactly: length) else {
            throw .wrongShape(.spans, offset: field.offset)
        }
        return BucketSpan(offset: Int(offset), length: Int(length))
    }

    // MARK: What it says

    func histogram() throws(RemoteStorageFailure) -> NativeHistogram {
        var result = NativeHistogram(
            layout: try layout(), sum: sum, positive: try buckets(positive),
            resetHint: resetHint)
        result.negative = try buckets(negative)
        switch count {
        case .integer(let count): result.count = Double(count)
        case .float(let count): result.count = count
        }
        result.zeroThreshold = zeroThreshold
        result.zeroCount = zeroCount
        if case .custom(let bounds) = result.layout {
            // Buckets are numbered by their bounds, and all are on one side.
            let numbers = result.positive.indices
            guard result.negative.isEmpty, numbers.first.map({ $0 >= 0 }) ?? true,
                numbers.last.map({ $0 <= bounds.count }) ?? true
            else { throw .wrongShape(.bounds, offset: offset) }
        }
        return result
    }

    private func layout() throws(RemoteStorageFailure) -> NativeHistogram.Layout {
        guard let schema = Int(exactly: schema) else {
            throw .wrongShape(.schema, offset: offset)
        }
        if ExponentialBounds.schemas.contains(schema) { return .exponential(schema: schema) }
        guard schema == NativeHistogram.customSchema else {
            throw .wrongShape(.schema, offset: offset)
        }
        guard zip(customValues, customValues.dropFirst()).allSatisfy({ $0 < $1 }),
            !customValues.contains(where: \.isNaN)
        else { throw .wrongShape(.bounds, offset: offset) }
        return .custom(bounds: customValues)
    }

    private func buckets(_ side: Side) throws(RemoteStorageFailure) -> HistogramBuckets {
        let counts = try counts(of: side)
        var result = HistogramBuckets()
        var index = 0
        var position = 0
        for (number, span) in side.spans.enumerated() {
            guard number == 0 || span.offset >= 0, span.length <= counts.count - position else {
                throw .wrongShape(.spans, offset: offset)
            }
            index += span.offset
            for _ in 0..<span.length {
                result.append(counts[position], at: index)
                position += 1
                index += 1
            }
        }
        guard position == counts.count else { throw .wrongShape(.spans, offset: offset) }
        return result
    }

    /// The buckets' counts; those of the other sort must not be there.
    private func counts(of side: Side) throws(RemoteStorageFailure) -> [Double] {
        switch count {
        case .float:
            guard side.differences.isEmpty else { throw .wrongShape(.counts, offset: offset) }
            return side.counts
        case .integer:
            guard side.counts.isEmpty else { throw .wrongShape(.counts, offset: offset) }
            var result: [Double] = []
            var count: Int64 = 0
            for difference in side.differences {
                let (sum, isOver) = count.addingReportingOverflow(difference)
                guard !isOver, sum >= 0 else { throw .wrongShape(.counts, offset: offset) }
                count = sum
                result.append(Double(count))
            }
            return result
        }
    }
}
