// The first file to read in TimeSeries: a series is its labels, and everything that merges,
// groups or matches series does so by them. This module never asks anybody for data and knows no
// language: it is what the answers are made of.

/// The label set of a series: names with values, each name once, ordered by name.
///
/// Packed into one block of bytes (for each label the name's length, the name, the value's length,
/// the value), because a large answer holds a hundred thousand sets: one allocation each, equality
/// is a comparison of memory, and a hash walks it once. An empty value means that the label is
/// absent, as everywhere in Prometheus, so empty values are never stored.
public struct Labels: Hashable, Sendable {
    /// The packed form; see the type's comment.
    var storage: [UInt8]

    /// The set without labels.
    public init() { storage = [] }

    /// A set of the given labels in any order. Empty values are left out; of two labels with one
    /// name the later wins.
    public init(_ pairs: some Sequence<(String, String)>) {
        var builder = LabelsBuilder()
        for (name, value) in pairs { builder.set(name, value) }
        self = builder.labels()
    }

    init(storage: [UInt8]) { self.storage = storage }

    /// Whether the set has no labels.
    public var isEmpty: Bool { storage.isEmpty }

    /// The bytes that the set takes, about.
    public var sizeBytes: Int { storage.count + 32 }

    public func hash(into hasher: inout Hasher) {
        storage.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// The value of the label, or nil where the set has none of this name.
    public subscript(_ name: String) -> String? {
        var name = name
        return name.withUTF8 { wanted in
            var found: String?
            visit { candidate, value in
                if candidate.count != wanted.count { return true }
                guard candidate.elementsEqual(wanted) else { return true }
                found = String(decoding: value, as: UTF8.self)
                return false
            }
            return found
        }
    }

    /// All labels, ordered by name.
    public var pairs: [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        visit { name, value in
            result.append(
                (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            return true
        }
        return result
    }

    /// The set's metric name, the label `__name__`.
    public var metricName: String? { self[Self.metricNameLabel] }

    /// The label that holds a metric's name.
    public static let metricNameLabel = "__name__"

    /// Walks the labels by name until `body` returns false. The buffers are valid inside `body`.
    public func visit(
        _ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool
    ) {
        storage.withUnsafeBufferPointer { Self.visit($0, body) }
    }

    /// Walks the labels of a packed form.
    static func visit(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ body: (_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool
    ) {
        var offset = 0
        while offset < bytes.count {
            let name = readPiece(bytes, &offset)
            let value = readPiece(bytes, &offset)
            if !body(name, value) { return }
        }
    }

    /// Reads a length and as many bytes.
    private static func readPiece(
        _ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int
    ) -> UnsafeBufferPointer<UInt8> {
        var length = 0
        var shift = 0
        while true {
            let byte = bytes[offset]
            offset += 1
            length |= Int(byte & 0x7f) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        defer { offset += length }
        return UnsafeBufferPointer(rebasing: bytes[offset..<offset + length])
    }

    /// Appends the set in a form that orders by bytes as sets do: after each name and each value a
    /// zero, which is less than all that may stand there. The two bytes that this takes from names and
    /// values are written as two.
    func appendComparable(to bytes: inout [UInt8]) {
        storage.withUnsafeBufferPointer { packed in
            var offset = 0
            while offset < packed.count {
                let piece = Self.readPiece(packed, &offset)
                if piece.contains(where: { $0 < 2 }) {
                    for byte in piece {
                        if byte < 2 { bytes.append(1) }
                        bytes.append(byte < 2 ? byte + 1 : byte)
                    }
                } else {
                    bytes.append(contentsOf: piece)
                }
                bytes.append(0)
            }
        }
    }

    /// Appends a length and the bytes to a packed form.
    static func appendPiece(_ piece: some Collection<UInt8>, to storage: inout [UInt8]) {
        var length = piece.count
        while length >= 0x80 {
            storage.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        storage.append(UInt8(length))
        storage.append(contentsOf: piece)
    }

    /// Where a packed form has the label of this name; where it has none, the empty range at which
    /// it would stand.
    static func place(
        of name: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Range<Int> {
        var offset = 0
        while offset < bytes.count {
            let start = offset
            let order = order(readPiece(bytes, &offset), name)
            if order > 0 { return start..<start }
            _ = readPiece(bytes, &offset)
            if order == 0 { return start..<offset }
        }
        return offset..<offset
    }

    /// The labels whose names are in `names`.
    public func keeping(_ names: LabelNames) -> Labels {
        filtered { names.contains($0) }
    }

    /// The labels whose names are not in `names`.
    public func removing(_ names: LabelNames) -> Labels {
        filtered { !names.contains($0) }
    }

    /// The labels without the metric's name.
    public func removingMetricName() -> Labels {
        removing(.metricName)
    }

    /// The set with one label set to `value`; an empty value removes it.
    public func setting(_ name: String, to value: String) -> Labels {
        var builder = LabelsBuilder(self)
        builder.set(name, value)
        return builder.labels()
    }

    /// The set with all labels of `other` set on it.
    public func setting(_ other: Labels) -> Labels {
        if other.isEmpty { return self }
        if isEmpty { return other }
        // A merge of two ordered lists; the other's value wins. Mine are copied in runs, as the other
        // are few.
        var result: [UInt8] = []
        result.reserveCapacity(storage.count + other.storage.count)
        storage.withUnsafeBufferPointer { mine in
            other.storage.withUnsafeBufferPointer { theirs in
                // What is not copied yet, and how far it is known to stand before the other's next.
                var run = 0
                var i = 0
                var j = 0
                while j < theirs.count {
                    let start = j
                    let name = Self.readPiece(theirs, &j)
                    _ = Self.readPiece(theirs, &j)
                    while i < mine.count {
                        var end = i
                        let order = Self.order(Self.readPiece(mine, &end), name)
                        if order > 0 { break }
                        _ = Self.readPiece(mine, &end)
                        if order == 0 {
                            result.append(contentsOf: mine[run..<i])
                            (run, i) = (end, end)
                            break
                        }
                        i = end
                    }
                    result.append(contentsOf: mine[run..<i])
                    run = i
                    result.append(contentsOf: theirs[start..<j])
                }
                result.append(contentsOf: mine[run...])
            }
        }
        return Labels(storage: result)
    }

    private func filtered(_ keep: (UnsafeBufferPointer<UInt8>) -> Bool) -> Labels {
        var result: [UInt8] = []
        storage.withUnsafeBufferPointer { bytes in
            var offset = 0
            while offset < bytes.count {
                let start = offset
                let name = Self.readPiece(bytes, &offset)
                _ = Self.readPiece(bytes, &offset)
                if keep(name) { result.append(contentsOf: bytes[start..<offset]) }
            }
        }
        return Labels(storage: result)
    }

    /// Negative, zero or positive as `left` orders before, with or after `right`, by bytes.
    static func order(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let shared = min(left.count, right.count)
        for i in 0..<shared where left[i] != right[i] {
            return Int(left[i]) - Int(right[i])
        }
        return left.count - right.count
    }
}

extension Labels: Comparable {
    /// Prometheus's order of series: label by label, first the name, then the value, by bytes.
    public static func < (left: Labels, right: Labels) -> Bool {
        left.storage.withUnsafeBufferPointer { left in
            right.storage.withUnsafeBufferPointer { right in
                let place = firstDifference(left, right)
                if place == min(left.count, right.count) { return left.count < right.count }
                // What is before is the same in both, so the pieces with the difference begin at one
                // offset, and they decide.
                var offset = 0
                while true {
                    var end = offset
                    let piece = readPiece(left, &end)
                    if place < end { return order(piece, readPiece(right, &offset)) < 0 }
                    offset = end
                }
            }
        }
    }

    /// Where two packed forms differ first: sets of one answer have much in common before that.
    private static func firstDifference(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Int {
        let (leftBytes, rightBytes) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        let count = min(left.count, right.count)
        var place = 0
        while place + 8 <= count {
            let one = leftBytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let other = rightBytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            if one != other {
                return place + (one ^ other).littleEndian.trailingZeroBitCount / 8
            }
            place += 8
        }
        while place < count, left[place] == right[place] { place += 1 }
        return place
    }
}

extension Labels: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

extension Labels: CustomStringConvertible {
    /// The series as PromQL writes it: `up{cluster="eu-1", job="api"}`.
    public var description: String {
        let metric = metricName ?? ""
        let rest = pairs.filter { $0.name != Self.metricNameLabel }
            .map { "\(Self.quotedName($0.name))=\(GoText.quoted($0.value))" }
        if rest.isEmpty { return metric.isEmpty ? "{}" : metric }
        return metric + "{" + rest.joined(separator: ", ") + "}"
    }

    /// A name as it is, or quoted where the classic grammar of label names does not hold it.
    public static func quotedName(_ name: String) -> String {
        isClassicName(name) ? name : GoText.quoted(name)
    }

    /// Whether a label's name needs no quotes: letters, digits and underscores, no digit in front.
    public static func isClassicName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first < UInt8(ascii: "0") || first > UInt8(ascii: "9")
        else { return false }
        return name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
        }
    }
}

/// A set of label names, ready to be compared with packed labels.
public struct LabelNames: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// The names, ordered, each once.
    public let names: [String]
    private let bytes: [[UInt8]]

    public init(_ names: some Sequence<String>) {
        self.names = Set(names).sorted()
        bytes = self.names.map { Array($0.utf8) }
    }

    public init(arrayLiteral elements: String...) { self.init(elements) }

    /// Only `__name__`.
    public static let metricName: LabelNames = [Labels.metricNameLabel]

    public var isEmpty: Bool { names.isEmpty }

    public func contains(_ name: String) -> Bool { names.contains(name) }

    func contains(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        for candidate in bytes where candidate.count == name.count {
            if candidate.elementsEqual(name) { return true }
        }
        return false
    }

    /// The names of both.
    public func union(_ other: some Sequence<String>) -> LabelNames {
        LabelNames(names + Array(other))
    }
}

/// Builds a label set label by label.
public struct LabelsBuilder: Sendable {
    /// The packed form of the set so far.
    private var storage: [UInt8] = []

    public init() {}

    /// Starts from the labels of `labels`.
    public init(_ labels: Labels) { storage = labels.storage }

    /// Sets a label; an empty value removes it.
    public mutating func set(_ name: String, _ value: String) {
        var name = name
        var value = value
        name.withUTF8 { name in value.withUTF8 { set(utf8: name, $0) } }
    }

    /// Sets a label given as UTF-8; an empty value removes it.
    public mutating func set(utf8 name: [UInt8], _ value: [UInt8]) {
        name.withUnsafeBufferPointer { name in
            value.withUnsafeBufferPointer { set(utf8: name, $0) }
        }
    }

    private mutating func set(
        utf8 name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) {
        let place = storage.withUnsafeBufferPointer { Labels.place(of: name, in: $0) }
        if value.isEmpty {
            if !place.isEmpty { storage.removeSubrange(place) }
        } else if place.lowerBound == storage.count {
            storage.reserveCapacity(storage.count + name.count + value.count + 4)
            Labels.appendPiece(name, to: &storage)
            Labels.appendPiece(value, to: &storage)
        } else {
            var label: [UInt8] = []
            label.reserveCapacity(name.count + value.count + 4)
            Labels.appendPiece(name, to: &label)
            Labels.appendPiece(value, to: &label)
            storage.replaceSubrange(place, with: label)
        }
    }

    /// Forgets all labels, and keeps the room.
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    /// The set built so far.
    public func labels() -> Labels { Labels(storage: storage) }
}
