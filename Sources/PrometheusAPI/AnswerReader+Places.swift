import TimeSeries

// What each place makes of a token.
extension AnswerReader {
    /// Whether the value that comes next is of no interest.
    private var isSkipping: Bool {
        switch frame.place {
        case .skippedObject, .skippedList: true
        case .root, .data, .series, .histogram: frame.key == .other
        default: false
        }
    }

    // MARK: Objects and lists begin

    mutating func openObject(at offset: Int) throws(DecodingFailure) {
        if isSkipping { return try enter(.skippedObject) }
        switch (frame.place, frame.key) {
        case (.start, _):
            try enter(.root)
        case (.root, .data):
            switch expected {
            case .grid, .samples: try enter(.data)
            case .labelSets, .texts: throw wrongShape(.list, offset)
            }
            hasData = true
        case (.result, _):
            guard pairTime == nil else { throw wrongShape(.text, offset) }
            try beginSeries()
            try enter(.series)
        case (.series, .metric):
            packer.removeAll()
            try enter(.metric)
        case (.labelSets, _):
            try countSeries(labelSets.count)
            packer.removeAll()
            try enter(.labelSet)
        case (.sample, _):
            guard frame.position == 1 else { throw wrongShape(.time, offset) }
            histogram = ShownHistogram(count: 0, sum: 0)
            try enter(.histogram)
        default:
            throw wrongShape(wanted, offset)
        }
    }

    mutating func openList(at offset: Int) throws(DecodingFailure) {
        if isSkipping { return try enter(.skippedList) }
        switch (frame.place, frame.key) {
        case (.root, .data):
            switch expected {
            case .grid, .samples: throw wrongShape(.object, offset)
            case .labelSets: try enter(.labelSets)
            case .texts: try enter(.texts)
            }
            hasData = true
        case (.root, .warnings): try enter(.warnings)
        case (.root, .infos): try enter(.infos)
        case (.data, .result): try enter(.result)
        case (.series, .value), (.series, .histogram), (.samples, _): try enter(.sample)
        case (.series, .values), (.series, .histograms): try enter(.samples)
        case (.histogram, .buckets): try enter(.buckets)
        case (.buckets, _): try enter(.bucket)
        default:
            throw wrongShape(wanted, offset)
        }
    }

    // MARK: They end

    mutating func close(at offset: Int) throws(DecodingFailure) {
        switch frame.place {
        case .series: try endSeries(at: offset)
        case .metric: labels = packer.finish()
        case .labelSet: labelSets.append(packer.finish())
        case .sample:
            guard frame.position == 2 else { throw wrongShape(.sample, offset) }
        case .histogram: try storeHistogram()
        case .bucket:
            guard frame.position == 4 else { throw wrongShape(.sampleValue, offset) }
            try countSamples(1)
            histogram.buckets.append(bucket)
        case .result:
            guard pairTime == nil || pairText != nil else { throw wrongShape(.text, offset) }
        default: break
        }
        leave()
    }

    // MARK: Strings, numbers, literals

    mutating func take(
        _ text: TokenReader.Text, of bytes: Span<UInt8>, at offset: Int
    ) throws(DecodingFailure) {
        if isSkipping { return }
        switch (frame.place, frame.key, frame.position) {
        case (.metric, _, _), (.labelSet, _, _):
            switch text {
            case .plain(let range): packer.append(value: bytes.extracting(range))
            case .inScratch: packer.append(value: tokens.takeScratch().span)
            }
        case (.sample, _, 1):
            try store(number(text, of: bytes, at: offset))
        case (.histogram, .count, _):
            histogram.count = try number(text, of: bytes, at: offset)
        case (.histogram, .sum, _):
            histogram.sum = try number(text, of: bytes, at: offset)
        case (.bucket, _, 1): bucket.lower = try number(text, of: bytes, at: offset)
        case (.bucket, _, 2): bucket.upper = try number(text, of: bytes, at: offset)
        case (.bucket, _, 3): bucket.count = try number(text, of: bytes, at: offset)
        case (.texts, _, _):
            try countSeries(texts.count)
            texts.append(tokens.string(text, of: bytes))
        case (.warnings, _, _): warnings.append(tokens.string(text, of: bytes))
        case (.infos, _, _): infos.append(tokens.string(text, of: bytes))
        case (.root, .status, _): status = tokens.string(text, of: bytes)
        case (.root, .errorType, _): errorType = tokens.string(text, of: bytes)
        case (.root, .error, _): errorMessage = tokens.string(text, of: bytes)
        case (.data, .resultType, _): resultType = tokens.string(text, of: bytes)
        case (.result, _, 1) where pairTime != nil: pairText = tokens.string(text, of: bytes)
        default: throw wrongShape(wanted, offset)
        }
    }

    mutating func takeNumber(_ text: Span<UInt8>, at offset: Int) throws(DecodingFailure) {
        if isSkipping { return }
        switch (frame.place, frame.key, frame.position) {
        case (.sample, _, 0):
            guard let read = WireTime.read(text) else { throw wrongShape(.time, offset) }
            time = read
        case (.result, _, 0):
            guard let read = WireTime.read(text) else { throw wrongShape(.time, offset) }
            pairTime = read
        case (.bucket, _, 0):
            guard text.count == 1,
                let boundaries = NativeHistogram.Boundaries(
                    rawValue: Int(text[0]) - Int(UInt8(ascii: "0")))
            else { throw wrongShape(.boundaries, offset) }
            bucket.boundaries = boundaries
        default: throw wrongShape(wanted, offset)
        }
    }

    /// Some servers write null for what is empty.
    mutating func takeLiteral(isNull: Bool, at offset: Int) throws(DecodingFailure) {
        if isSkipping { return }
        switch (frame.place, frame.key) {
        case (.root, _) where isNull, (.data, .result) where isNull: break
        default: throw wrongShape(wanted, offset)
        }
    }

    private func number(
        _ text: TokenReader.Text, of bytes: Span<UInt8>, at offset: Int
    ) throws(DecodingFailure) -> Double {
        let number =
            switch text {
            case .plain(let range):
                bytes.extracting(range).withUnsafeBufferPointer { NumberText.read($0) }
            case .inScratch: tokens.scratch.withUnsafeBufferPointer { NumberText.read($0) }
            }
        guard let number else { throw wrongShape(.sampleValue, offset) }
        return number
    }

    /// What the place should have had, for the failure's sentence.
    private var wanted: DecodingFailure.Expected {
        switch (frame.place, frame.key, frame.position) {
        case (.start, _, _), (.root, .data, _), (.series, .metric, _), (.labelSets, _, _): .object
        case (.result, _, _) where pairTime == nil: .object
        case (.root, .warnings, _), (.root, .infos, _), (.data, .result, _),
            (.histogram, .buckets, _), (.buckets, _, _):
            .list
        case (.series, _, _), (.samples, _, _): .sample
        case (.sample, _, 0): .time
        case (.sample, _, _), (.histogram, _, _): .sampleValue
        case (.bucket, _, 0): .boundaries
        case (.bucket, _, _): .sampleValue
        default: .text
        }
    }

    // MARK: Series and their values

    private mutating func beginSeries() throws(DecodingFailure) {
        try countSeries(isOnGrid ? series.count : sampledSeries.count)
        labels = Labels()
        nextIndex = 0
        if isOnGrid {
            try countSamples(grid.count)
            values = [Double](repeating: Absent.value, count: grid.count)
        }
    }

    private mutating func endSeries(at offset: Int) throws(DecodingFailure) {
        let read = try readHistograms(at: offset)
        if isOnGrid {
            series.append(GridSeries(labels: labels, values: values, histograms: read))
            values = []
        } else {
            // Floats and histograms come in a list each; here they stand by time.
            for (point, histogram) in zip(histograms, read) {
                samples.append(
                    SampledSeries.Sample(time: point.time, value: .histogram(histogram.histogram)))
            }
            let isOrdered = zip(samples, samples.dropFirst()).allSatisfy { $0.time <= $1.time }
            if !isOrdered { samples.sort { $0.time < $1.time } }
            sampledSeries.append(SampledSeries(labels: labels, samples: samples))
            samples = []
        }
        histograms = []
    }

    /// The histograms of the series, read together, for one may tell the layout of others.
    private mutating func readHistograms(
        at offset: Int
    ) throws(DecodingFailure) -> [GridSeries.HistogramPoint] {
        guard !histograms.isEmpty else { return [] }
        if isOnGrid { orderHistograms() }
        guard let read = NativeHistogram.histograms(of: histograms.map(\.shown)) else {
            throw wrongShape(.buckets, offset)
        }
        return zip(histograms, read).map { .init(index: $0.index, histogram: $1) }
    }

    /// By place, each place once; of two the later wins.
    private mutating func orderHistograms() {
        let isOrdered = zip(histograms, histograms.dropFirst()).allSatisfy { $0.index < $1.index }
        if isOrdered { return }
        var ordered: [ReadHistogram] = []
        for point in histograms.sorted(by: { $0.index < $1.index }) {
            if ordered.last?.index == point.index { ordered.removeLast() }
            ordered.append(point)
        }
        histograms = ordered
    }

    /// Stores a value at the time read last.
    private mutating func store(_ value: Double) throws(DecodingFailure) {
        if isOnGrid {
            values[try nextPlace()] = value
        } else {
            try countSamples(1)
            samples.append(SampledSeries.Sample(time: time, value: .float(value)))
        }
    }

    /// Stores the histogram read last at the time read last.
    private mutating func storeHistogram() throws(DecodingFailure) {
        var place = 0
        if isOnGrid {
            place = try nextPlace()
            values[place] = Absent.value
        }
        try countSamples(1)
        histograms.append(ReadHistogram(index: place, time: time, shown: histogram))
    }

    /// The place on the grid of the time read last.
    private mutating func nextPlace() throws(DecodingFailure) -> Int {
        guard let index = index(of: time) else { throw .offGrid(time: time) }
        nextIndex = index + 1
        return index
    }

    /// The place of a time on the grid, or nil where it has none.
    func index(of time: Int64) -> Int? {
        guard time >= grid.start, time <= grid.end else { return nil }
        return grid.index(of: time)
    }

    private func countSeries(_ count: Int) throws(DecodingFailure) {
        if count >= limits.maximumSeries {
            throw .limit(.series, maximum: limits.maximumSeries)
        }
    }

    mutating func countSamples(_ count: Int) throws(DecodingFailure) {
        sampleCount += count
        if sampleCount > limits.maximumSamples {
            throw .limit(.samples, maximum: limits.maximumSamples)
        }
    }
}

/// A histogram of a series that is being read.
struct ReadHistogram: Sendable {
    /// The place on the grid, if there is one.
    var index: Int
    /// Milliseconds since the Unix epoch.
    var time: Int64
    var shown: ShownHistogram
}
