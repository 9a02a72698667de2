/// Which span of a trace is under which: the tree that people see.
///
/// A span whose parent is not in the trace is a root, and where parents go in a circle the earliest
/// of its spans is one, so that every span is in the tree once. Siblings, and roots, are ordered by
/// their beginnings; the order of the spans in the trace matters only to spans that are equal.
public struct SpanTree: Hashable, Sendable {
    /// Places in the trace's spans.
    public private(set) var roots: [Int] = []
    /// The places of each span's children.
    public private(set) var children: [[Int]]
    /// The place of each span's parent; nil for roots.
    public private(set) var parents: [Int?]

    public init(_ spans: [Span]) {
        children = Array(repeating: [], count: spans.count)
        parents = Array(repeating: nil, count: spans.count)
        let order = spans.indices.sorted { Self.precedes(spans[$0], spans[$1]) }
        // Where ids are shared, which merging undoes, the earliest span has the children.
        var places: [SpanID: Int] = [:]
        places.reserveCapacity(spans.count)
        for place in order where places[spans[place].spanID] == nil {
            places[spans[place].spanID] = place
        }
        for place in order {
            let parent = spans[place].parentSpanID
            if parent != .none { parents[place] = places[parent] }
        }
        cutCircles(order)
        for place in order {
            if let parent = parents[place] {
                children[parent].append(place)
            } else {
                roots.append(place)
            }
        }
    }

    private static func precedes(_ left: Span, _ right: Span) -> Bool {
        if left.startTime != right.startTime { return left.startTime < right.startTime }
        if left.spanID != right.spanID { return left.spanID < right.spanID }
        return left.endTime > right.endTime
    }

    /// Makes the earliest span of each circle of parents a root.
    private mutating func cutCircles(_ order: [Int]) {
        enum State { case unknown, onTheWay, rooted }
        var states = Array(repeating: State.unknown, count: parents.count)
        for first in order where states[first] == .unknown {
            var way: [Int] = []
            var next: Int? = first
            while let place = next, states[place] == .unknown {
                states[place] = .onTheWay
                way.append(place)
                next = parents[place]
            }
            if let meeting = next, states[meeting] == .onTheWay {
                cut(Set(way.drop { $0 != meeting }), order)
            }
            for place in way { states[place] = .rooted }
        }
    }

    private mutating func cut(_ circle: Set<Int>, _ order: [Int]) {
        if let earliest = order.first(where: circle.contains) { parents[earliest] = nil }
    }

    /// A span, and how many spans are above it.
    public struct Entry: Hashable, Sendable {
        public var place: Int
        public var depth: Int
    }

    /// All spans, each before its children.
    public var entries: [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(parents.count)
        var waiting = roots.reversed().map { Entry(place: $0, depth: 0) }
        while let entry = waiting.popLast() {
            entries.append(entry)
            for child in children[entry.place].reversed() {
                waiting.append(Entry(place: child, depth: entry.depth + 1))
            }
        }
        return entries
    }
}
