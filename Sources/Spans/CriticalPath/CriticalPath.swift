/// What a trace waited for: at each moment between the beginning and the end of a root, the one span
/// that the root's end depended on.
///
/// As Jaeger's UI finds it: from the end backwards, the path goes to the child that ended last
/// before the moment, through that child's own path, and on from where the child began. A child that
/// ends when the path arrives, not before, is passed over, and so is one that overlaps the child that
/// the path comes from, however little. What a consumer does with a producer's message holds nothing
/// up and is left out with all below it. Children count only within their parents' times, and not at
/// all where these do not meet.
public struct CriticalPath: Hashable, Sendable {
    /// A time that a span itself, none of its children, held the root up.
    public struct Section: Hashable, Sendable {
        /// The span's place in the trace's spans.
        public var span: Int
        /// Nanoseconds since 1970; the section is not empty.
        public var from: Int64
        public var to: Int64

        public init(span: Int, from: Int64, to: Int64) {
            self.span = span
            self.from = from
            self.to = to
        }

        /// Nanoseconds.
        public var duration: Int64 { to - from }
    }

    /// The root's place in the trace's spans.
    public var root: Int
    /// In the order of time, without gaps or overlaps: together they are the root's time.
    public var sections: [Section]

    /// The path of each root, in the order of the tree. The time is about linear in the spans.
    public static func paths(of spans: [Span], in tree: SpanTree) -> [CriticalPath] {
        var walk = CriticalPathWalk(spans, tree)
        return tree.roots.map { walk.path(of: $0) }
    }
}

extension Trace {
    /// The critical path of each root.
    public var criticalPaths: [CriticalPath] {
        CriticalPath.paths(of: spans, in: SpanTree(spans))
    }
}
