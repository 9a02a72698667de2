import TimeSeries

/// Values of some series at consecutive places, from a block or from an answer just had.
struct AnswerRun: Sendable {
    /// Where they belong.
    var target: Range<Int>
    private var source: Source
    /// The place of the first in the source's columns.
    private var first: Int
    /// How far neighbours are apart in the source's columns.
    private let stride: Int

    private enum Source: Sendable {
        case block(AnswerBlock)
        case answer(OrderedAnswer)
    }

    init(target: Range<Int>, block: AnswerBlock, first: Int, stride: Int = 1) {
        self.target = target
        source = .block(block)
        self.first = first
        self.stride = stride
    }

    init(target: Range<Int>, answer: OrderedAnswer, first: Int) {
        self.target = target
        source = .answer(answer)
        self.first = first
        stride = 1
    }

    /// The part of the run that is within some places.
    func clamped(to places: Range<Int>) -> AnswerRun {
        var result = self
        result.target = target.clamped(to: places)
        result.first += (result.target.lowerBound - target.lowerBound) * stride
        return result
    }

    /// The same values in other places.
    func moved(by distance: Int) -> AnswerRun {
        var result = self
        result.target = target.lowerBound + distance..<target.upperBound + distance
        return result
    }

    /// Ordered.
    var labels: [Labels] {
        switch source {
        case .block(let block): block.labels
        case .answer(let answer): answer.labels
        }
    }

    var hasHistograms: Bool {
        switch source {
        case .block(let block): !block.histograms.isEmpty
        case .answer(let answer): answer.hasHistograms
        }
    }

    func copyValues(ofSeries index: Int, into room: UnsafeMutableBufferPointer<Double>) {
        switch source {
        case .block(let block):
            let start = index * (block.values.count / max(1, block.labels.count)) + first
            block.values.withUnsafeBufferPointer { copy($0, from: start, into: room) }
        case .answer(let answer):
            answer.series[index].values.withUnsafeBufferPointer {
                copy($0, from: first, into: room)
            }
        }
    }

    private func copy(
        _ values: UnsafeBufferPointer<Double>, from start: Int,
        into room: UnsafeMutableBufferPointer<Double>
    ) {
        if stride == 1 {
            _ = room[target].initialize(fromContentsOf: values[start..<start + target.count])
            return
        }
        for (number, place) in target.enumerated() {
            room.initializeElement(at: place, to: values[start + number * stride])
        }
    }

    func appendHistograms(ofSeries index: Int, to points: inout [ShownPoint]) {
        switch source {
        case .block(let block):
            for point in block.histograms[index] {
                if let place = target(of: point.place) {
                    points.append(ShownPoint(place: place, histogram: point.histogram))
                }
            }
        case .answer(let answer):
            for point in answer.series[index].histograms {
                if let place = target(of: point.index) {
                    points.append(ShownPoint(place: place, histogram: point.histogram.shown))
                }
            }
        }
    }

    private func target(of place: Int) -> Int? {
        let distance = place - first
        guard distance >= 0, distance.isMultiple(of: stride) else { return nil }
        let result = target.lowerBound + distance / stride
        return result < target.upperBound ? result : nil
    }
}
