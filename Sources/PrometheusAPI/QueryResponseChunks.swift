import TimeSeries

/// Which question an answer is to.
public enum QueryForm: Sendable {
    /// `query`: a vector has one value for each series.
    case instant
    /// `query_range`: a matrix, whatever the expression is.
    case range
}

/// The bytes of a query's answer, byte for byte as Prometheus writes them, made piece by piece as
/// they are asked for: a server pulls one, sends it, pulls the next.
///
/// Series without any value are left out. The pieces are about `chunkSize` long, the last one
/// shorter.
public struct QueryResponseChunks: Sequence, IteratorProtocol, Sendable {
    private let value: QueryValue
    private let form: QueryForm
    private let annotations: Annotations
    private let stats: JSONValue?
    private let labelEscaping: JSONText.Escaping
    private let chunkSize: Int

    /// What comes next.
    private enum Stage {
        case head
        /// The series at `seriesIndex`: its labels, or its values from `position` on.
        case series, floats, histograms
        case tail
        case done
    }

    private var stage = Stage.head
    private var seriesIndex = 0
    private var position = 0
    private var hasSeriesBefore = false
    /// Whether the list that is being written has an element yet.
    private var hasElement = false
    private let times: TimeTexts

    public init(
        _ value: QueryValue, form: QueryForm, annotations: Annotations = Annotations(),
        stats: JSONValue? = nil, labelEscaping: JSONText.Escaping = .plain,
        chunkSize: Int = 1 << 16
    ) {
        switch (value, form) {
        case (.scalar(let values, let grid), .range):
            self.value = .vector([GridSeries(labels: Labels(), values: values)], grid: grid)
        default: self.value = value
        }
        self.form = form
        self.annotations = annotations
        self.stats = stats
        self.labelEscaping = labelEscaping
        self.chunkSize = Swift.max(chunkSize, 1)
        if case .vector(_, let grid) = self.value {
            times = TimeTexts(of: grid)
        } else {
            times = TimeTexts()
        }
    }

    /// The next piece; nil after the last.
    public mutating func next() -> [UInt8]? {
        if stage == .done { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Swift.min(chunkSize, 1 << 16) + 1024)
        while stage != .done, bytes.count < chunkSize { write(to: &bytes) }
        return bytes
    }

    private mutating func write(to bytes: inout [UInt8]) {
        switch stage {
        case .head: writeHead(to: &bytes)
        case .series, .floats, .histograms:
            switch value {
            case .vector(let series, _) where form == .instant:
                writeVector(series, to: &bytes)
            case .vector(let series, _): writeMatrix(series, to: &bytes)
            case .samples(let series): writeSamples(series, to: &bytes)
            case .scalar, .string: stage = .tail
            }
        case .tail:
            writeTail(to: &bytes)
            stage = .done
        case .done: break
        }
    }

    // MARK: Around the result

    private mutating func writeHead(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"status":"success","data":{"resultType":""#.utf8)
        switch value {
        case .vector:
            let type = form == .instant ? "vector" : "matrix"
            bytes.append(contentsOf: "\(type)\",\"result\":[".utf8)
            stage = .series
        case .samples:
            bytes.append(contentsOf: #"matrix","result":["#.utf8)
            stage = .series
        case .scalar(let values, let grid):
            bytes.append(contentsOf: #"scalar","result":["#.utf8)
            NumberText.appendSample(Double(grid.start) / 1000, to: &bytes)
            bytes.append(contentsOf: ",\"".utf8)
            NumberText.appendFixed(values.first ?? .nan, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
            stage = .tail
        case .string(let text, let time):
            bytes.append(contentsOf: #"string","result":["#.utf8)
            NumberText.appendSample(Double(time) / 1000, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            JSONText.append(text, to: &bytes)
            stage = .tail
        }
    }

    private func writeTail(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "]"))
        if let stats {
            bytes.append(contentsOf: #","stats":"#.utf8)
            stats.append(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        ResponseText.append(annotations, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    // MARK: Series

    private mutating func beginSeries(_ labels: Labels, to bytes: inout [UInt8]) {
        if hasSeriesBefore { bytes.append(UInt8(ascii: ",")) }
        hasSeriesBefore = true
        bytes.append(contentsOf: #"{"metric":"#.utf8)
        ResponseText.append(labels, escaping: labelEscaping, to: &bytes)
    }

    private mutating func writeVector(_ series: [GridSeries], to bytes: inout [UInt8]) {
        while seriesIndex < series.count, bytes.count < chunkSize {
            let one = series[seriesIndex]
            seriesIndex += 1
            guard let value = one.values.first else { continue }
            if !Absent.isAbsent(value) {
                beginSeries(one.labels, to: &bytes)
                bytes.append(contentsOf: #","value":"#.utf8)
                times.appendSample(at: 0, value, to: &bytes)
            } else if let point = one.histograms.first {
                beginSeries(one.labels, to: &bytes)
                bytes.append(contentsOf: #","histogram":"#.utf8)
                times.appendSample(at: 0, point.histogram, to: &bytes)
            } else {
                continue
            }
            bytes.append(UInt8(ascii: "}"))
        }
        if seriesIndex == series.count { stage = .tail }
    }

    /// Writes series by series, and values until the piece is long enough.
    private mutating func writeMatrix(_ series: [GridSeries], to bytes: inout [UInt8]) {
        while bytes.count < chunkSize {
            guard seriesIndex < series.count else {
                stage = .tail
                return
            }
            switch stage {
            case .series:
                if series[seriesIndex].isEmpty {
                    seriesIndex += 1
                } else {
                    beginSeries(series[seriesIndex].labels, to: &bytes)
                    begin(.floats)
                }
            case .floats: writeFloats(series[seriesIndex].values, to: &bytes)
            default: writeHistograms(series[seriesIndex].histograms, to: &bytes)
            }
        }
    }

    private mutating func begin(_ next: Stage) {
        stage = next
        position = 0
        hasElement = false
    }

    private mutating func writeFloats(_ values: [Double], to bytes: inout [UInt8]) {
        while position < values.count, bytes.count < chunkSize {
            let value = values[position]
            if !Absent.isAbsent(value) {
                beginElement(#","values":["#, to: &bytes)
                times.appendSample(at: position, value, to: &bytes)
            }
            position += 1
        }
        guard position == values.count else { return }
        if hasElement { bytes.append(UInt8(ascii: "]")) }
        begin(.histograms)
    }

    private mutating func writeHistograms(
        _ points: [GridSeries.HistogramPoint], to bytes: inout [UInt8]
    ) {
        while position < points.count, bytes.count < chunkSize {
            beginElement(#","histograms":["#, to: &bytes)
            times.appendSample(
                at: points[position].index, points[position].histogram, to: &bytes)
            position += 1
        }
        guard position == points.count else { return }
        if hasElement { bytes.append(UInt8(ascii: "]")) }
        endSeries(to: &bytes)
    }

    private mutating func beginElement(_ list: StaticString, to bytes: inout [UInt8]) {
        if hasElement {
            bytes.append(UInt8(ascii: ","))
        } else {
            list.withUTF8Buffer { bytes.append(contentsOf: $0) }
            hasElement = true
        }
    }

    private mutating func endSeries(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "}"))
        seriesIndex += 1
        stage = .series
    }

    // MARK: Windows of samples

    private mutating func writeSamples(_ series: [SampledSeries], to bytes: inout [UInt8]) {
        while bytes.count < chunkSize {
            guard seriesIndex < series.count else {
                stage = .tail
                return
            }
            let one = series[seriesIndex]
            switch stage {
            case .series:
                if one.samples.isEmpty {
                    seriesIndex += 1
                } else {
                    beginSeries(one.labels, to: &bytes)
                    begin(.floats)
                }
            default: writeSamples(one.samples, to: &bytes)
            }
        }
    }

    /// Writes the floats, or after them the histograms, of a window.
    private mutating func writeSamples(
        _ samples: [SampledSeries.Sample], to bytes: inout [UInt8]
    ) {
        while position < samples.count, bytes.count < chunkSize {
            let sample = samples[position]
            position += 1
            switch (sample.value, stage) {
            case (.float(let value), .floats):
                beginElement(#","values":["#, to: &bytes)
                bytes.append(UInt8(ascii: "["))
                NumberText.appendTimestamp(sample.time, to: &bytes)
                bytes.append(UInt8(ascii: ","))
                ResponseText.append(value, to: &bytes)
                bytes.append(UInt8(ascii: "]"))
            case (.histogram(let histogram), .histograms):
                beginElement(#","histograms":["#, to: &bytes)
                bytes.append(UInt8(ascii: "["))
                NumberText.appendTimestamp(sample.time, to: &bytes)
                bytes.append(UInt8(ascii: ","))
                ResponseText.append(histogram, to: &bytes)
                bytes.append(UInt8(ascii: "]"))
            default: break
            }
        }
        guard position == samples.count else { return }
        if hasElement { bytes.append(UInt8(ascii: "]")) }
        if stage == .floats {
            begin(.histograms)
        } else {
            endSeries(to: &bytes)
        }
    }
}

/// The texts of a grid's times, written once: every series of an answer has the same.
private struct TimeTexts: Sendable {
    private var bytes: [UInt8] = []
    /// Where each text ends.
    private var ends: [Int] = [0]

    init() {}

    init(of grid: TimeGrid) {
        bytes.reserveCapacity(grid.count * 12)
        ends.reserveCapacity(grid.count + 1)
        for index in 0..<grid.count {
            bytes.append(UInt8(ascii: "["))
            NumberText.appendTimestamp(grid.time(at: index), to: &bytes)
            bytes.append(UInt8(ascii: ","))
            ends.append(bytes.count)
        }
    }

    func appendSample(at index: Int, _ value: Double, to target: inout [UInt8]) {
        target.append(contentsOf: bytes[ends[index]..<ends[index + 1]])
        ResponseText.append(value, to: &target)
        target.append(UInt8(ascii: "]"))
    }

    func appendSample(at index: Int, _ value: NativeHistogram, to target: inout [UInt8]) {
        target.append(contentsOf: bytes[ends[index]..<ends[index + 1]])
        ResponseText.append(value, to: &target)
        target.append(UInt8(ascii: "]"))
    }
}
