import TimeSeries

// `prometheus.TimeSeries`, which is labels, floats in one list and native histograms in another.
extension SampledSeries {
    private enum FieldNumber {
        static let labels = 1
        static let samples = 2
        static let histograms = 4
        // Of a label.
        static let name = 1
        static let labelValue = 2
        // Of a sample.
        static let value = 1
        static let time = 2
    }

    /// Writes the series as a field of the message that holds it, once for each run of samples of
    /// one kind: a receiver takes all floats of one before its histograms, so that a series that
    /// ends (its mark is a float) would end before its last histogram.
    func append(to writer: inout ProtobufWriter, field: Int) {
        var rest = samples[...]
        while let first = rest.first {
            let run = rest.prefix { $0.value.isFloat == first.value.isFloat }
            writer.append(message: field) { writer in
                appendLabels(to: &writer)
                for sample in run { Self.append(sample, to: &writer) }
            }
            rest = rest.dropFirst(run.count)
        }
    }

    private func appendLabels(to writer: inout ProtobufWriter) {
        // They are ordered by name already, as the protocol wants them.
        labels.visit { name, value in
            writer.append(message: FieldNumber.labels) { writer in
                writer.append(text: name, field: FieldNumber.name)
                writer.append(text: value, field: FieldNumber.labelValue)
            }
            return true
        }
    }

    private static func append(_ sample: Sample, to writer: inout ProtobufWriter) {
        switch sample.value {
        case .float(let value):
            writer.append(message: FieldNumber.samples) { writer in
                writer.append(double: value, field: FieldNumber.value)
                writer.append(signed: sample.time, field: FieldNumber.time)
            }
        case .histogram(let histogram):
            writer.append(message: FieldNumber.histograms) { writer in
                histogram.append(to: &writer, time: sample.time)
            }
        }
    }

    /// Reads one message, the floats and histograms of which are put in order of their times.
    init(
        reading message: ProtobufReader, _ budget: inout SampleBudget
    ) throws(RemoteStorageFailure) {
        try budget.spend()
        var reader = message
        var pairs: [(name: [UInt8], value: [UInt8])] = []
        var floats: [Sample] = []
        var histograms: [Sample] = []
        while let field = try reader.next() {
            switch field.number {
            case FieldNumber.labels:
                pairs.append(try Self.label(try reader.message(field)))
            case FieldNumber.samples:
                try budget.spend()
                floats.append(try Self.float(try reader.message(field)))
            case FieldNumber.histograms:
                try budget.spend()
                let fields = try HistogramFields(reading: try reader.message(field))
                histograms.append(
                    Sample(time: fields.time, value: .histogram(try fields.histogram())))
            default: continue
            }
        }
        guard Self.isEachNamedOnce(pairs) else {
            throw .wrongShape(.labels, offset: message.offset)
        }
        var builder = LabelsBuilder()
        for (name, value) in pairs { builder.set(utf8: name, value) }
        var samples = floats + histograms
        if !floats.isEmpty, !histograms.isEmpty { samples.sort { $0.time < $1.time } }
        self.init(labels: builder.labels(), samples: samples)
    }

    private static func isEachNamedOnce(_ pairs: [(name: [UInt8], value: [UInt8])]) -> Bool {
        guard let first = pairs.first else { return true }
        // Ordered, as the protocol wants them, they need no table.
        let isOrdered = zip(pairs, pairs.dropFirst()).allSatisfy {
            $0.name.lexicographicallyPrecedes($1.name)
        }
        if isOrdered { return !first.name.isEmpty }
        return Set(pairs.map(\.name)).count == pairs.count
            && !pairs.contains { $0.name.isEmpty }
    }

    private static func label(
        _ message: ProtobufReader
    ) throws(RemoteStorageFailure) -> (name: [UInt8], value: [UInt8]) {
        var reader = message
        var name: [UInt8] = []
        var value: [UInt8] = []
        while let field = try reader.next() {
            switch field.number {
            case FieldNumber.name: name = try reader.utf8(field)
            case FieldNumber.labelValue: value = try reader.utf8(field)
            default: continue
            }
        }
        return (name, value)
    }

    private static func float(_ message: ProtobufReader) throws(RemoteStorageFailure) -> Sample {
        var reader = message
        var sample = Sample(time: 0, value: .float(0))
        while let field = try reader.next() {
            switch field.number {
            case FieldNumber.value: sample.value = .float(try reader.double(field))
            case FieldNumber.time: sample.time = try reader.signed(field)
            default: continue
            }
        }
        return sample
    }
}

extension SampledSeries.Value {
    fileprivate var isFloat: Bool { if case .float = self { true } else { false } }
}
