import TimeSeries

/// Decodes the answer to a query while its bytes arrive.
///
/// The bytes may be cut anywhere. Keys may come in any order, and unknown ones are skipped. What
/// the answer may hold is bounded by `DecodingLimits`; after a failure every further call fails the
/// same way.
public struct QueryResponseDecoder: Sendable {
    private var reader: AnswerReader

    public init(expecting expectation: Expectation, limits: DecodingLimits = .standard) {
        switch expectation {
        case .grid(let grid): reader = AnswerReader(.grid(grid), limits: limits)
        case .samples: reader = AnswerReader(.samples, limits: limits)
        }
    }

    /// Takes the next bytes of the body.
    public mutating func feed(_ bytes: Span<UInt8>) throws(DecodingFailure) {
        try reader.feed(bytes)
    }

    /// Takes the next bytes of the body.
    public mutating func feed(_ bytes: [UInt8]) throws(DecodingFailure) {
        try reader.feed(bytes.span)
    }

    /// Takes the next bytes of the body, which are not kept.
    public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodingFailure) {
        // The caller's buffer outlives this call, and the span does not leave it.
        try reader.feed(Span(_unsafeElements: bytes))
    }

    /// About how many bytes of memory is taken by what was read so far.
    public var heldBytes: Int {
        // A sample of a window has its time, and whether it is a histogram.
        let places = reader.sampleCount * (reader.isOnGrid ? 8 : 32)
        // Labels, and what each array has beside its elements.
        return places + (reader.series.count + reader.sampledSeries.count) * 400
    }

    /// What the body said, once all of it was fed.
    public consuming func finish() throws(DecodingFailure) -> QueryResponse {
        try reader.end()
        return QueryResponse(
            value: try value(), warnings: reader.warnings, infos: reader.infos)
    }

    private func value() throws(DecodingFailure) -> QueryResponse.Value {
        if let failure = try reader.serverError() { return .failure(failure) }
        let hasPair = reader.pairTime != nil
        switch (reader.resultType, reader.isOnGrid) {
        case ("vector", true) where !hasPair, ("matrix", true) where !hasPair:
            return .vector(reader.series)
        case ("matrix", false) where !hasPair:
            return .samples(reader.sampledSeries)
        case ("scalar", true):
            return .scalar(try scalar())
        case ("string", _) where reader.series.isEmpty && reader.sampledSeries.isEmpty:
            guard let text = reader.pairText else { throw reader.wrongShape(.text, 0) }
            return .string(text)
        default:
            throw reader.wrongShape(reader.isOnGrid ? .vectorOrMatrix : .matrix, 0)
        }
    }

    private func scalar() throws(DecodingFailure) -> [Double] {
        guard reader.series.isEmpty, let time = reader.pairTime, let text = reader.pairText,
            let number = NumberText.read(text)
        else { throw reader.wrongShape(.sample, 0) }
        guard let index = reader.index(of: time) else { throw .offGrid(time: time) }
        var values = [Double](repeating: Absent.value, count: reader.grid.count)
        values[index] = number
        return values
    }
}

extension AnswerReader {
    /// The server's error, or nil where the status is success and data is there.
    func serverError() throws(DecodingFailure) -> ServerError? {
        switch status {
        case "error": return ServerError(type: errorType, message: errorMessage)
        case "success":
            if !hasData { throw wrongShape(.data, 0) }
            return nil
        default: throw wrongShape(.status, 0)
        }
    }
}
