/// Whose own time is on the critical paths of many traces, as CRISP adds it up: what to make faster.
public struct CriticalPathTotals: Sendable {
    /// One operation of one service.
    public struct Subject: Hashable, Sendable, Comparable {
        public var service: String
        public var operation: String

        public init(service: String, operation: String) {
            self.service = service
            self.operation = operation
        }

        public static func < (left: Subject, right: Subject) -> Bool {
            (left.service, left.operation) < (right.service, right.operation)
        }
    }

    /// What one operation has on the paths.
    public struct Row: Hashable, Sendable {
        public var subject: Subject
        /// How many of its spans are on a path.
        public var spans = 0
        /// How many traces have such a span.
        public var traces = 0
        /// Its own time on the paths, without its children's, nanoseconds.
        public var time: Int64 = 0
        /// The same by cluster; an empty name where the cluster is not known.
        public var timeByCluster: [String: Int64] = [:]

        /// Nanoseconds for each span.
        public var mean: Double { spans == 0 ? 0 : Double(time) / Double(spans) }
    }

    /// A way of calls and the time that its last operation has on the paths there: a line of a flame
    /// graph.
    public struct Context: Hashable, Sendable {
        /// From the root down.
        public var calls: [Subject]
        /// Nanoseconds.
        public var time: Int64
        /// Whether calls between the root and the last ones are left out.
        public var isCut: Bool
    }

    /// How many traces were added.
    public private(set) var traces = 0
    /// How many of them have spans whose parent is missing, so that they have several paths.
    public private(set) var tracesInPieces = 0
    /// The time of all paths, nanoseconds.
    public private(set) var time: Int64 = 0
    private var rowsBySubject: [Subject: Row] = [:]
    private var contextTree = CallingContexts()

    public init() {}

    public mutating func add(_ trace: Trace) {
        guard !trace.spans.isEmpty else { return }
        traces += 1
        let tree = SpanTree(trace.spans)
        if tree.roots.count > 1 { tracesInPieces += 1 }
        var times: [Int: Int64] = [:]
        for path in CriticalPath.paths(of: trace.spans, in: tree) {
            for section in path.sections {
                times[section.span, default: 0] += section.duration
                time += section.duration
            }
        }
        var seen: Set<Subject> = []
        var places = CallingContexts.Places(tree)
        for (place, duration) in times.sorted(by: { $0.key < $1.key }) {
            let span = trace.spans[place]
            let subject = Subject(span)
            rowsBySubject[subject, default: Row(subject: subject)].take(
                duration, of: span, isFirst: seen.insert(subject).inserted)
            contextTree.add(duration, at: place, &places) { Subject(trace.spans[$0]) }
        }
    }

    /// Those with most time first.
    public var rows: [Row] {
        rowsBySubject.values.sorted {
            $0.time == $1.time ? $0.subject < $1.subject : $0.time > $1.time
        }
    }

    /// The part of all paths' time that is the row's, from 0 to 1.
    public func share(of row: Row) -> Double { time == 0 ? 0 : Double(row.time) / Double(time) }

    /// The part of the traces that have the row on a path, from 0 to 1.
    public func reach(of row: Row) -> Double {
        traces == 0 ? 0 : Double(row.traces) / Double(traces)
    }

    /// The ways of calls with most time, most first. Of ways longer than `depth` the last calls are
    /// kept.
    public func contexts(most: Int, depth: Int = 100) -> [Context] {
        contextTree.contexts(most: most, depth: depth)
    }
}

extension CriticalPathTotals.Subject {
    init(_ span: Span) { self.init(service: span.resource.serviceName, operation: span.name) }
}

extension CriticalPathTotals.Row {
    fileprivate mutating func take(_ duration: Int64, of span: Span, isFirst: Bool) {
        spans += 1
        time += duration
        timeByCluster[span.cluster, default: 0] += duration
        if isFirst { traces += 1 }
    }
}
