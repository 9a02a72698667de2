/// The remarks of answers for different times, as one answer for all of the times has them: each
/// once, and those that count samples added up.
struct JoinedRemarks {
    /// Whether some of what is looked at is the same at all times: that is computed once, at the
    /// first of them, however many there are.
    let hasFixedParts: Bool
    /// Whether one remark came with different places in the query.
    private(set) var hasSeveralPlaces = false
    /// The remarks by what they say without their places.
    private var places: [Substring: Substring] = [:]
    private var texts: Set<String> = []
    private var counts: [RepairCount.Place: RepairCount] = [:]

    init(hasFixedParts: Bool) { self.hasFixedParts = hasFixedParts }

    mutating func add(_ texts: [String]) {
        for text in texts {
            note(text)
            guard let count = RepairCount(text) else {
                self.texts.insert(text)
                continue
            }
            guard let known = counts[count.place] else {
                counts[count.place] = count
                continue
            }
            let isSame = hasFixedParts && known.hasSameCount(as: count)
            counts[count.place] = isSame ? known.first(with: count) : known.joined(with: count)
        }
    }

    /// Notes the place `(line:column)` behind a remark, and what stands before it: of one that
    /// counts samples, without the count.
    private mutating func note(_ text: String) {
        guard text.last == ")", let open = text.lastIndex(of: "(") else { return }
        let place = text[open...]
        guard place.contains(":") else { return }
        let said = RepairCount(text).map(\.place.before) ?? text[..<open]
        if let known = places[said], known != place { hasSeveralPlaces = true }
        places[said] = place
    }

    /// Whether a remark counts samples.
    static func isCount(_ text: String) -> Bool { RepairCount(text) != nil }

    /// Ordered.
    var all: [String] { (texts + counts.values.map(\.text)).sorted() }
}

/// "… needed to be fixed for monotonicity …, from buckets 1 to 5, with a max diff of 0.5, over 3
/// samples from … to …", which is said once for all times of an answer.
private struct RepairCount {
    /// What is said, and where in the query.
    struct Place: Hashable {
        var before: Substring
        var behind: Substring
    }

    let place: Place
    private var lowest: Number
    private var highest: Number
    private var difference: Number
    private var count: Int
    /// RFC 3339 in UTC and whole seconds: ordered as texts are.
    private var start: Substring
    private var end: Substring

    /// A number as it is written.
    private struct Number {
        let text: Substring
        let value: Double

        init?(_ text: Substring) {
            guard let value = Double(text) else { return nil }
            self.text = text
            self.value = value
        }
    }

    init?(_ text: String) {
        guard text.contains("fixed for monotonicity") else { return nil }
        var rest = text[...]
        // Each piece ends where the words behind it begin.
        func piece(until words: String) -> Substring? {
            var place = rest.startIndex
            while place < rest.endIndex {
                if rest[place...].hasPrefix(words) {
                    defer { rest = rest[place...].dropFirst(words.count) }
                    return rest[..<place]
                }
                place = rest.index(after: place)
            }
            return nil
        }
        guard let before = piece(until: ", from buckets "),
            let lowest = piece(until: " to ").flatMap(Number.init),
            let highest = piece(until: ", with a max diff of ").flatMap(Number.init),
            let difference = piece(until: ", over ").flatMap(Number.init),
            let count = piece(until: " samples from ").flatMap({ Int($0) }),
            let start = piece(until: " to ")
        else { return nil }
        let end = rest.prefix { $0 != " " }
        self.lowest = lowest
        self.highest = highest
        self.difference = difference
        self.count = count
        self.start = start
        self.end = end
        place = Place(before: before, behind: rest.dropFirst(end.count))
    }

    var isOfOneTime: Bool { start == end }

    /// Whether both are about one time and as many samples.
    func hasSameCount(as other: RepairCount) -> Bool {
        isOfOneTime && other.isOfOneTime && count == other.count
    }

    /// The earlier one.
    func first(with other: RepairCount) -> RepairCount { other.start < start ? other : self }

    func joined(with other: RepairCount) -> RepairCount {
        var result = self
        if other.lowest.value < lowest.value { result.lowest = other.lowest }
        if other.highest.value > highest.value { result.highest = other.highest }
        if other.difference.value > difference.value { result.difference = other.difference }
        result.count += other.count
        result.start = min(start, other.start)
        result.end = max(end, other.end)
        return result
    }

    var text: String {
        "\(place.before), from buckets \(lowest.text) to \(highest.text), with a max diff of "
            + "\(difference.text), over \(count) samples from \(start) to \(end)\(place.behind)"
    }
}
