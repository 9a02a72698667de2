import TimeSeries

// The quick ways for what nearly all of a large answer is made of. Each reads only what lies whole
// in the bytes and has the usual form, and leaves the rest to the steps token by token: they never
// fail where those would not.
extension AnswerReader {
    /// Reads `[time,"value"],` again and again; false where not even one was read.
    mutating func readSamplesQuickly(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(DecodingFailure) -> Bool {
        var count = 0
        var sample = QuickSample()
        var end = offset
        while sample.read(bytes, &end) {
            let time = sample.time
            if isOnGrid {
                var index = nextIndex
                if index >= grid.count || time != grid.start &+ grid.step &* Int64(index) {
                    guard let found = self.index(of: time) else { throw .offGrid(time: time) }
                    index = found
                }
                values[index] = sample.value
                nextIndex = index + 1
            } else {
                try countSamples(1)
                samples.append(SampledSeries.Sample(time: time, value: .float(sample.value)))
            }
            count += 1
            offset = end
            guard end < bytes.count, bytes[end] == UInt8(ascii: ",") else {
                frame.phase = .separator
                return true
            }
            end += 1
            offset = end
            frame.phase = .value
        }
        return count > 0
    }

    /// Reads `"name":"value",` again and again; false where not even one was read.
    mutating func readLabelsQuickly(_ bytes: Span<UInt8>, _ offset: inout Int) -> Bool {
        var count = 0
        let longest = limits.maximumTextBytes
        while offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") {
            let name = offset + 1
            let nameEnd = TokenReader.endOfPlainText(bytes, name)
            guard nameEnd + 3 < bytes.count, bytes[nameEnd] == UInt8(ascii: "\""),
                bytes[nameEnd + 1] == UInt8(ascii: ":"), bytes[nameEnd + 2] == UInt8(ascii: "\"")
            else { break }
            let value = nameEnd + 3
            let valueEnd = TokenReader.endOfPlainText(bytes, value)
            guard valueEnd + 1 < bytes.count, bytes[valueEnd] == UInt8(ascii: "\""),
                nameEnd - name <= longest, valueEnd - value <= longest
            else { break }
            packer.append(name: bytes.extracting(name..<nameEnd))
            packer.append(value: bytes.extracting(value..<valueEnd))
            count += 1
            offset = valueEnd + 1
            guard bytes[offset] == UInt8(ascii: ",") else {
                frame.phase = .separator
                return true
            }
            offset += 1
            frame.phase = .key
        }
        return count > 0
    }
}

/// A sample in the usual form: `[1700000000.125,"0.5"]`, no white space, at most three decimals in
/// the time, no escapes in the value.
struct QuickSample {
    var time: Int64 = 0
    var value = 0.0

    /// Reads the sample at `offset` and moves past it; false, with nothing promised of `offset`,
    /// where there is none whole.
    @inline(__always)
    mutating func read(_ bytes: Span<UInt8>, _ offset: inout Int) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "[") else { return false }
        offset += 1
        guard readTime(bytes, &offset) else { return false }
        guard offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: ","),
            bytes[offset + 1] == UInt8(ascii: "\"")
        else { return false }
        offset += 2
        guard readValue(bytes, &offset) else { return false }
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "]") else { return false }
        offset += 1
        return true
    }

    /// Digits, twelve at most, and up to three decimals.
    @inline(__always)
    private mutating func readTime(_ bytes: Span<UInt8>, _ offset: inout Int) -> Bool {
        let first = offset
        var milliseconds: Int64 = 0
        while offset < bytes.count {
            let digit = bytes[offset] &- UInt8(ascii: "0")
            if digit >= 10 { break }
            milliseconds = milliseconds &* 10 &+ Int64(digit)
            offset += 1
        }
        guard offset > first, offset - first <= 12 else { return false }
        milliseconds *= 1000
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            var unit: Int64 = 100
            while offset < bytes.count {
                let digit = bytes[offset] &- UInt8(ascii: "0")
                if digit >= 10 { break }
                milliseconds &+= Int64(digit) &* unit
                // A fourth decimal leaves no unit to count in.
                if unit == 0 { return false }
                unit /= 10
                offset += 1
            }
            if unit == 100 { return false }
        }
        time = milliseconds
        return true
    }

    /// A number up to the closing quote, which is passed.
    @inline(__always)
    private mutating func readValue(_ bytes: Span<UInt8>, _ offset: inout Int) -> Bool {
        let first = offset
        let isNegative = offset < bytes.count && bytes[offset] == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        let digits = offset
        var mantissa: UInt64 = 0
        while offset < bytes.count {
            let digit = bytes[offset] &- UInt8(ascii: "0")
            if digit >= 10 { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            offset += 1
        }
        var digitCount = offset - digits
        var decimals = 0
        if digitCount > 0, offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            let point = offset
            while offset < bytes.count {
                let digit = bytes[offset] &- UInt8(ascii: "0")
                if digit >= 10 { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                offset += 1
            }
            decimals = offset - point
            digitCount += decimals
        }
        // Whole numbers below 2^53 and powers of ten up to 10^22 are exact, and so is the rounding
        // of their quotient.
        if digitCount > 0, digitCount <= 19, mantissa < 1 << 53, decimals <= 22,
            offset < bytes.count, bytes[offset] == UInt8(ascii: "\"")
        {
            offset += 1
            let magnitude =
                decimals == 0 ? Double(mantissa) : Double(mantissa) / Self.powersOfTen[decimals]
            value = isNegative ? -magnitude : magnitude
            return true
        }
        return readLongValue(bytes, first, &offset)
    }

    /// Any other number: many digits, an exponent, an infinity.
    private mutating func readLongValue(
        _ bytes: Span<UInt8>, _ first: Int, _ offset: inout Int
    ) -> Bool {
        // No number of the API is longer; what is, goes the slow way.
        let longest = min(bytes.count, first + 400)
        while offset < longest, bytes[offset] != UInt8(ascii: "\"") { offset += 1 }
        guard offset < longest else { return false }
        let text = bytes.extracting(first..<offset)
        guard let number = text.withUnsafeBufferPointer({ NumberText.read($0) }) else {
            return false
        }
        value = number
        offset += 1
        return true
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
