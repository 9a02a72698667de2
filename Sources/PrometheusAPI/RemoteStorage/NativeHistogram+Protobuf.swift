import TimeSeries

// `prometheus.Histogram`, always written as one of floats.
extension NativeHistogram {
    func append(to writer: inout ProtobufWriter, time: Int64) {
        writer.append(chosen: count, field: HistogramFields.Number.countFloat)
        writer.append(double: sum, field: HistogramFields.Number.sum)
        writer.append(zigzag: Int64(schema), field: HistogramFields.Number.schema)
        writer.append(double: zeroThreshold, field: HistogramFields.Number.zeroThreshold)
        writer.append(chosen: zeroCount, field: HistogramFields.Number.zeroCountFloat)
        append(negative.spans, to: &writer, field: HistogramFields.Number.negativeSpans)
        writer.append(packed: negative.counts, field: HistogramFields.Number.negativeCounts)
        append(positive.spans, to: &writer, field: HistogramFields.Number.positiveSpans)
        writer.append(packed: positive.counts, field: HistogramFields.Number.positiveCounts)
        writer.append(unsigned: resetHint.number, field: HistogramFields.Number.resetHint)
        writer.append(signed: time, field: HistogramFields.Number.time)
        if case .custom(let bounds) = layout {
            writer.append(packed: bounds, field: HistogramFields.Number.customValues)
        }
    }

    private func append(_ spans: [BucketSpan], to writer: inout ProtobufWriter, field: Int) {
        for span in spans {
            writer.append(message: field) { writer in
                writer.append(zigzag: Int64(span.offset), field: BucketSpan.Number.offset)
                writer.append(unsigned: UInt64(span.length), field: BucketSpan.Number.length)
            }
        }
    }
}

/// Buckets side by side: `prometheus.BucketSpan`.
struct BucketSpan: Hashable, Sendable {
    /// The number of the first bucket where the span is the first one; else, how many are left out
    /// after the span before.
    var offset: Int
    /// How many buckets there are.
    var length: Int

    enum Number {
        static let offset = 1
        static let length = 2
    }
}

extension HistogramBuckets {
    /// The buckets that are there, as spans.
    var spans: [BucketSpan] {
        var result: [BucketSpan] = []
        var next = 0
        for index in indices {
            if let last = result.indices.last, index == next {
                result[last].length += 1
            } else {
                result.append(BucketSpan(offset: index - next, length: 1))
            }
            next = index + 1
        }
        return result
    }
}

extension NativeHistogram.ResetHint {
    /// The number of `prometheus.Histogram.ResetHint`.
    var number: UInt64 {
        switch self {
        case .unknown: 0
        case .reset: 1
        case .notReset: 2
        case .gauge: 3
        }
    }

    /// What a newer version may add is unknown here.
    init(number: UInt64) {
        self =
            switch number {
            case 1: .reset
            case 2: .notReset
            case 3: .gauge
            default: .unknown
            }
    }
}
