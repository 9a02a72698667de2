/// The order in which elements stand by their label sets, found for many at a time.
///
/// Comparing two packed sets walks both up to where they differ, and the sets of an answer have most
/// of their bytes in common. Here each set is written once in a form that compares as plain bytes,
/// and what all have in common is left out: most comparisons are then of one number.
struct LabelOrder {
    /// The sets' comparable forms, one after another.
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// How many bytes are the same in all forms.
    private var common = 0

    private struct Entry {
        /// The eight bytes after those that all have in common, the first the most significant; zeros
        /// behind the form's end.
        var key: UInt64 = 0
        /// Where the form is.
        var start: Int
        var end: Int
        /// The element's place.
        var place: Int
    }

    private init(_ sets: some Collection<Labels>) {
        bytes.reserveCapacity(sets.reduce(0) { $0 + $1.storage.count } + 8 * sets.count)
        entries.reserveCapacity(sets.count)
        for (place, labels) in sets.enumerated() {
            let start = bytes.count
            labels.appendComparable(to: &bytes)
            entries.append(Entry(start: start, end: bytes.count, place: place))
        }
    }

    /// The places of the sets in the order of `Labels`, equal ones in the order in which they stand.
    static func places(_ sets: some Collection<Labels>) -> [Int] {
        var order = LabelOrder(sets)
        order.sort()
        return order.entries.map(\.place)
    }

    private mutating func sort() {
        bytes.withUnsafeBytes { bytes in
            findKeys(bytes)
            let common = common
            entries.sort { left, right in
                if left.key != right.key { return left.key < right.key }
                let order = Self.order(
                    bytes[(left.start + common)..<left.end],
                    bytes[(right.start + common)..<right.end])
                return order == 0 ? left.place < right.place : order < 0
            }
        }
    }

    private mutating func findKeys(_ bytes: UnsafeRawBufferPointer) {
        guard let first = entries.first else { return }
        common = first.end - first.start
        for entry in entries {
            var length = 0
            let most = min(common, entry.end - entry.start)
            while length < most, bytes[first.start + length] == bytes[entry.start + length] {
                length += 1
            }
            common = length
        }
        for index in entries.indices {
            let start = entries[index].start + common
            var key: UInt64 = 0
            for place in start..<start + 8 {
                key = key << 8 | UInt64(place < entries[index].end ? bytes[place] : 0)
            }
            entries[index].key = key
        }
    }

    /// Negative, zero or positive as the left stands before, with or after the right.
    private static func order(
        _ left: Slice<UnsafeRawBufferPointer>, _ right: Slice<UnsafeRawBufferPointer>
    ) -> Int {
        let (left, right) = (
            UnsafeRawBufferPointer(rebasing: left), UnsafeRawBufferPointer(rebasing: right)
        )
        let shared = min(left.count, right.count)
        var place = 0
        while place + 8 <= shared {
            let one = left.loadUnaligned(fromByteOffset: place, as: UInt64.self).bigEndian
            let other = right.loadUnaligned(fromByteOffset: place, as: UInt64.self).bigEndian
            if one != other { return one < other ? -1 : 1 }
            place += 8
        }
        while place < shared {
            if left[place] != right[place] { return Int(left[place]) - Int(right[place]) }
            place += 1
        }
        return left.count - right.count
    }
}

extension Array {
    /// Sorts the elements by their label sets, in the order of `Labels`; equal ones stay as they stand.
    /// Named otherwise than `sort`, whose closures the compiler would try as this one, too.
    public mutating func arrange(byLabels labels: (Element) -> Labels) {
        self = arranged(byLabels: labels)
    }

    /// The elements by their label sets, in the order of `Labels`; equal ones stay as they stand.
    public func arranged(byLabels labels: (Element) -> Labels) -> [Element] {
        let sets = map(labels)
        if zip(sets, sets.dropFirst()).allSatisfy({ !($1 < $0) }) { return self }
        return LabelOrder.places(sets).map { self[$0] }
    }
}
