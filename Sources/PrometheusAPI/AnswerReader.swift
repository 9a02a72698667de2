import TimeSeries

/// Reads an answer of the API as its bytes arrive, cut anywhere.
///
/// A pushed parser: a stack of places, and in each what may come next. It moves from token to
/// token; a token that is cut by the end of the bytes is carried over to the next ones, nothing
/// else is. Samples and labels that lie whole in the bytes, which is nearly all of a large answer,
/// take the quick ways in `AnswerReader+Quick.swift`.
struct AnswerReader: Sendable {
    /// What the `data` of the answer should be.
    enum Expected: Sendable {
        case grid(TimeGrid)
        case samples
        case labelSets
        case texts
    }

    let expected: Expected
    let limits: DecodingLimits
    let grid: TimeGrid
    let isOnGrid: Bool

    // MARK: Where the reader is

    struct Frame {
        var place: Place
        var phase: Phase
        /// The key whose value comes next, in an object.
        var key = Key.other
        /// How many values the list has had, at most 255.
        var position: UInt8 = 0
    }

    var frame = Frame(place: .start, phase: .value)
    var outer: [Frame] = []
    var tokens: TokenReader
    /// A token cut by the end of the bytes.
    private var carried: [UInt8] = []
    private var failure: DecodingFailure?

    // MARK: What the reader has

    var status: String?
    var errorType = ""
    var errorMessage = ""
    var resultType: String?
    var warnings: [String] = []
    var infos: [String] = []
    var hasData = false

    var series: [GridSeries] = []
    var sampledSeries: [SampledSeries] = []
    var labelSets: [Labels] = []
    var texts: [String] = []
    /// The result where it is a time with its value.
    var pairTime: Int64?
    var pairText: String?
    /// The places for values taken so far.
    var sampleCount = 0

    // The series that is being read.
    var packer = LabelsPacker()
    var labels = Labels()
    var values: [Double] = []
    var histograms: [ReadHistogram] = []
    var samples: [SampledSeries.Sample] = []
    /// The place on the grid that the next value probably has.
    var nextIndex = 0
    var time: Int64 = 0
    var histogram = ShownHistogram(count: 0, sum: 0)
    var bucket = NativeHistogram.Bucket(boundaries: .openLeft, lower: 0, upper: 0, count: 0)

    init(_ expected: Expected, limits: DecodingLimits) {
        self.expected = expected
        self.limits = limits
        tokens = TokenReader(maximumTextBytes: limits.maximumTextBytes)
        if case .grid(let grid) = expected {
            self.grid = grid
            isOnGrid = true
        } else {
            grid = TimeGrid(instant: 0)
            isOnGrid = false
        }
    }

    // MARK: Feeding

    mutating func feed(_ bytes: Span<UInt8>) throws(DecodingFailure) {
        if let failure { throw failure }
        do {
            try take(bytes)
        } catch {
            failure = error
            throw error
        }
    }

    /// Checks that the answer is complete.
    mutating func end() throws(DecodingFailure) {
        if let failure { throw failure }
        guard frame.place == .end else {
            throw .truncated(offset: tokens.base + carried.count)
        }
    }

    private mutating func take(_ bytes: Span<UInt8>) throws(DecodingFailure) {
        var taken = 0
        while !carried.isEmpty, taken < bytes.count {
            // The cut token grows by a little, then by more and more, until it is whole; what
            // follows it is then read where it lies.
            var joined: [UInt8] = []
            swap(&joined, &carried)
            let held = joined.count
            let more = min(max(held, 128), bytes.count - taken)
            bytes.extracting(taken..<taken + more).withUnsafeBufferPointer {
                joined.append(contentsOf: $0)
            }
            let used = try read(joined.span, until: held)
            tokens.base += used
            if used >= held {
                taken += used - held
                joined.removeAll(keepingCapacity: true)
            } else {
                taken += more
                joined.removeFirst(used)
            }
            swap(&joined, &carried)
        }
        guard taken < bytes.count else { return }
        let rest = bytes.extracting(taken..<bytes.count)
        let used = try read(rest, until: rest.count)
        tokens.base += used
        rest.extracting(used..<rest.count).withUnsafeBufferPointer {
            carried.append(contentsOf: $0)
        }
    }

    // MARK: Reading

    /// Reads tokens that begin before `end`; returns the bytes read.
    private mutating func read(_ bytes: Span<UInt8>, until end: Int) throws(DecodingFailure) -> Int
    {
        var offset = 0
        while true {
            while offset < bytes.count, TokenReader.isSpace(bytes[offset]) { offset += 1 }
            guard offset < min(end, bytes.count) else { return offset }
            guard try step(bytes, &offset) else { return offset }
        }
    }

    /// Reads one token, or many the quick way; false, with `offset` where it was, where the bytes
    /// end within it.
    private mutating func step(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(DecodingFailure) -> Bool {
        let byte = bytes[offset]
        switch frame.phase {
        case .value, .firstValue:
            return try stepAtValue(bytes, &offset, byte)
        case .key, .firstKey:
            if byte == UInt8(ascii: "}"), frame.phase == .firstKey {
                try close(at: offset)
                offset += 1
                return true
            }
            guard byte == UInt8(ascii: "\"") else { throw notJSON(offset) }
            return try stepAtKey(bytes, &offset)
        case .colon:
            guard byte == UInt8(ascii: ":") else { throw notJSON(offset) }
            offset += 1
            frame.phase = .value
            return true
        case .separator:
            guard frame.place != .end else { throw notJSON(offset) }
            if byte == UInt8(ascii: ",") {
                offset += 1
                frame.phase = frame.place.isObject ? .key : .value
                return true
            }
            guard byte == (frame.place.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw notJSON(offset)
            }
            try close(at: offset)
            offset += 1
            return true
        }
    }

    private mutating func stepAtKey(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(DecodingFailure) -> Bool {
        let isLabels = frame.place == .metric || frame.place == .labelSet
        if isLabels, readLabelsQuickly(bytes, &offset) { return true }
        guard let text = try tokens.readText(bytes, &offset) else { return false }
        if isLabels {
            switch text {
            case .plain(let range): packer.append(name: bytes.extracting(range))
            case .inScratch: packer.append(name: tokens.takeScratch().span)
            }
        } else {
            frame.key =
                switch text {
                case .plain(let range): Key(bytes.extracting(range))
                case .inScratch: Key(tokens.takeScratch().span)
                }
        }
        frame.phase = .colon
        return true
    }

    private mutating func stepAtValue(
        _ bytes: Span<UInt8>, _ offset: inout Int, _ byte: UInt8
    ) throws(DecodingFailure) -> Bool {
        let start = offset
        switch byte {
        case UInt8(ascii: "["):
            if frame.place == .samples, try readSamplesQuickly(bytes, &offset) { return true }
            try openList(at: offset)
            offset += 1
        case UInt8(ascii: "\""):
            guard let text = try tokens.readText(bytes, &offset) else { return false }
            try take(text, of: bytes, at: start)
            passValue()
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            guard let number = try tokens.readNumber(bytes, &offset) else { return false }
            try takeNumber(bytes.extracting(number), at: start)
            passValue()
        case UInt8(ascii: "{"):
            try openObject(at: offset)
            offset += 1
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "f"):
            guard try tokens.readLiteral(bytes, &offset) else { return false }
            try takeLiteral(isNull: byte == UInt8(ascii: "n"), at: start)
            passValue()
        case UInt8(ascii: "]") where frame.phase == .firstValue:
            try close(at: offset)
            offset += 1
        case UInt8(ascii: "<") where frame.place == .start:
            throw .html
        default:
            throw notJSON(offset)
        }
        return true
    }

    // MARK: Places

    /// Goes into an object or list.
    mutating func enter(_ place: Place) throws(DecodingFailure) {
        guard outer.count < limits.maximumDepth else {
            throw .limit(.depth, maximum: limits.maximumDepth)
        }
        outer.append(frame)
        frame = Frame(place: place, phase: place.isObject ? .firstKey : .firstValue)
    }

    /// Leaves an object or list, which is a value of the place around it.
    mutating func leave() {
        frame = outer.popLast() ?? Frame(place: .end, phase: .separator)
        passValue()
    }

    /// Notes that a value of the place was read.
    mutating func passValue() {
        frame.phase = .separator
        if frame.position < .max { frame.position += 1 }
        if frame.place == .start { frame.place = .end }
    }

    func notJSON(_ offset: Int) -> DecodingFailure { tokens.notJSON(offset) }

    func wrongShape(_ expected: DecodingFailure.Expected, _ offset: Int) -> DecodingFailure {
        .wrongShape(expected, offset: tokens.base + offset)
    }
}
