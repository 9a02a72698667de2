/// Reads the text of one histogram, key by key.
struct HistogramTextReader {
    /// What is not read yet.
    private(set) var rest: Substring

    init(_ text: Substring) { rest = text }

    /// Takes a piece of text away if the rest begins with it.
    mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        // Only what opens a histogram stays, to be read with it.
        rest.removeFirst(text.count)
        return true
    }

    mutating func readRepetitions() throws(HistogramTextFailure) -> Int {
        let digits = takeText { !("0"..."9").contains($0) }
        guard let count = Int(digits), count <= NativeHistogram.maximumRepetitions else {
            throw .badValue(key: "x", text: String(digits))
        }
        return count
    }

    mutating func readHistogram(
        isOpened: Bool = false
    ) throws(HistogramTextFailure) -> NativeHistogram {
        guard isOpened || take("{{") else { throw .expected("{{") }
        var parts = HistogramTextParts()
        skipSpaces()
        while !take("}}") {
            let key = takeText { ": }".contains($0) }
            guard let kind = HistogramTextParts.Key(rawValue: String(key)) else {
                throw .unknownKey(String(key))
            }
            guard take(":") else { throw .expected(":") }
            guard parts.texts[kind] == nil else { throw .repeatedKey(String(key)) }
            parts.texts[kind] = try readValue()
            guard rest.first == " " || rest.hasPrefix("}}") else { throw .expected("}}") }
            skipSpaces()
        }
        return try parts.histogram()
    }

    /// A word, or a list in brackets without them.
    private mutating func readValue() throws(HistogramTextFailure) -> HistogramTextParts.Value {
        guard take("[") else { return .word(takeText { " }".contains($0) }) }
        let list = takeText { $0 == "]" }
        guard take("]") else { throw .expected("]") }
        return .list(list)
    }

    private mutating func skipSpaces() {
        rest = rest.drop { $0 == " " || $0 == "\t" }
    }

    private mutating func takeText(until isEnd: (Character) -> Bool) -> Substring {
        let text = rest.prefix { !isEnd($0) }
        rest = rest[text.endIndex...]
        return text
    }
}

/// What a histogram's text has under each key.
struct HistogramTextParts {
    enum Key: String {
        case schema, sum, count, buckets, offset
        case zeroCount = "z_bucket"
        case zeroThreshold = "z_bucket_w"
        case customBounds = "custom_values"
        case negativeBuckets = "n_buckets"
        case negativeOffset = "n_offset"
        case resetHint = "counter_reset_hint"
    }

    enum Value {
        case word(Substring)
        case list(Substring)
    }

    var texts: [Key: Value] = [:]

    func histogram() throws(HistogramTextFailure) -> NativeHistogram {
        let schema = try integer(.schema) ?? 0
        let bounds = try list(.customBounds)
        var result: NativeHistogram
        if schema == NativeHistogram.customSchema {
            result = NativeHistogram(layout: .custom(bounds: bounds ?? []))
        } else {
            guard ExponentialBounds.schemas.contains(schema), bounds == nil else {
                throw .badLayout
            }
            result = NativeHistogram(layout: .exponential(schema: schema))
        }
        result.count = try number(.count) ?? 0
        result.sum = try number(.sum) ?? 0
        result.zeroCount = try number(.zeroCount) ?? 0
        result.zeroThreshold = try number(.zeroThreshold) ?? 0
        result.positive = HistogramBuckets(
            first: try integer(.offset) ?? 0, counts: try list(.buckets) ?? [])
        result.negative = HistogramBuckets(
            first: try integer(.negativeOffset) ?? 0, counts: try list(.negativeBuckets) ?? [])
        result.resetHint = try hint()
        if case .custom(let bounds) = result.layout {
            let isWithin =
                (result.positive.indices.first ?? 0) >= 0
                && (result.positive.indices.last ?? 0) <= bounds.count
            guard isWithin, result.negative.isEmpty,
                zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 })
            else { throw .badLayout }
        }
        return result
    }

    private func number(_ key: Key) throws(HistogramTextFailure) -> Double? {
        guard let value = texts[key] else { return nil }
        guard case .word(let text) = value else {
            throw .badValue(key: key.rawValue, text: "a list")
        }
        return try number(text, key)
    }

    private func number(
        _ text: Substring, _ key: Key
    ) throws(HistogramTextFailure) -> Double {
        guard let number = NumberText.read(String(text)) else {
            throw .badValue(key: key.rawValue, text: String(text))
        }
        return number
    }

    /// A number of 32 bits, as Prometheus has schemas and offsets.
    private func integer(_ key: Key) throws(HistogramTextFailure) -> Int? {
        guard let value = texts[key] else { return nil }
        guard case .word(let text) = value, let integer = Int32(text) else {
            throw .badValue(key: key.rawValue, text: "\(value)")
        }
        return Int(integer)
    }

    private func list(_ key: Key) throws(HistogramTextFailure) -> [Double]? {
        guard let value = texts[key] else { return nil }
        guard case .list(let text) = value else {
            throw .badValue(key: key.rawValue, text: "\(value)")
        }
        var result: [Double] = []
        for part in text.split(separator: " ") { try result.append(number(part, key)) }
        return result
    }

    private func hint() throws(HistogramTextFailure) -> NativeHistogram.ResetHint {
        guard let value = texts[.resetHint] else { return .unknown }
        guard case .word(let text) = value else {
            throw .badValue(key: Key.resetHint.rawValue, text: "a list")
        }
        switch text {
        case "unknown": return .unknown
        case "reset": return .reset
        case "not_reset": return .notReset
        case "gauge": return .gauge
        default: throw .badValue(key: Key.resetHint.rawValue, text: String(text))
        }
    }
}
