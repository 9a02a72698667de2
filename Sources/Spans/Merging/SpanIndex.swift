/// Which spans have which id: a hash table from id to the places of the spans, in their order.
///
/// Its own, as it is filled several times for each merge: a lookup is a multiplication and about one
/// read of memory. The multiplier differs from process to process, so that nobody can choose ids
/// that fall together; no answer depends on it.
struct SpanIndex {
    private var keys: [UInt64]
    /// The first place of each id, or less than zero.
    private var heads: [Int32]
    /// The next place with the same id, or less than zero, for each span.
    private var next: [Int32]
    private let shift: UInt64
    /// The places of the spans that are the first of several with one id.
    private(set) var repeated: [Int32] = []

    private static let multiplier: UInt64 = {
        var hasher = Hasher()
        hasher.combine(0x5ee1)
        return UInt64(bitPattern: Int64(hasher.finalize())) | 1
    }()

    init(_ spans: [Span]) {
        var bits: UInt64 = 4
        while (1 << bits) < spans.count * 2 { bits += 1 }
        shift = 64 - bits
        keys = Array(repeating: 0, count: 1 << bits)
        heads = Array(repeating: -1, count: 1 << bits)
        next = Array(repeating: -1, count: spans.count)
        var last = heads
        // By place: a span that is bound to a name is retained in all its parts.
        for place in spans.indices {
            let id = spans[place].spanID.rawValue
            let slot = slot(of: id)
            if heads[slot] < 0 {
                keys[slot] = id
                heads[slot] = Int32(place)
            } else {
                if last[slot] == heads[slot] { repeated.append(heads[slot]) }
                next[Int(last[slot])] = Int32(place)
            }
            last[slot] = Int32(place)
        }
    }

    /// Where an id is, or would be.
    private func slot(of key: UInt64) -> Int {
        let mask = heads.count - 1
        var slot = Int(truncatingIfNeeded: (key &* Self.multiplier) >> shift)
        while heads[slot] >= 0, keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    /// The place of the first span with this id.
    func first(_ id: SpanID) -> Int? {
        let head = heads[slot(of: id.rawValue)]
        return head < 0 ? nil : Int(head)
    }

    /// The place of the next span with the same id.
    func following(_ place: Int) -> Int? {
        next[place] < 0 ? nil : Int(next[place])
    }

    /// The places of the spans with the id of the one at this place, which is the first.
    func places(from first: Int) -> [Int] {
        var places = [first]
        var place = first
        while let another = following(place) {
            places.append(another)
            place = another
        }
        return places
    }
}
