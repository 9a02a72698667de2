/// Moves spans whose host's clock differs from their caller's, so that children are within their
/// parents.
///
/// The rule is Jaeger's (`adjuster/clockskew.go`). From the roots down: a span of another host than
/// its parent (or of an unknown one) that does not fit into its parent is moved into the middle of
/// it; one that is longer, to its start at the latest; the parent has been moved before. Spans of the
/// same host further down move by as much. Nothing moves by more than the maximum; what would have
/// is said. Without recursion: a trace may be as deep as it is large.
@Sendable func correctClockSkew(_ trace: inout MergingTrace) {
    let count = trace.spans.count
    let index = SpanIndex(trace.spans)
    let hosts = hosts(of: trace.resources)
    var text = SkewText(maximum: trace.settings.maximumClockSkewAdjustment)
    var children = Children(count: count)
    var waiting: [Int32] = []
    for place in (0..<count).reversed() {
        let parent = trace.spans[place].parentSpanID
        // Zero is no id, even where a span has it.
        if parent != .none, let first = index.first(parent) {
            children.add(place, under: first)
        } else {
            waiting.append(Int32(place))
        }
    }
    // What is inherited: how far to move, and the host that it holds for.
    var deltas = Array(repeating: Int64(0), count: count)
    var skewHosts = Array(repeating: Int32(0), count: count)
    while let next = waiting.popLast() {
        let place = Int(next)
        let host = hosts[Int(trace.resourceOfSpan[place])]
        let parent = children.parents[place]
        if parent < 0 {
            skewHosts[place] = host
        } else if host == noHost || host != skewHosts[Int(parent)] {
            skewHosts[place] = host
            deltas[place] = skew(
                of: Interval(trace.spans, place), under: Interval(trace.spans, Int(parent)))
        } else {
            skewHosts[place] = skewHosts[Int(parent)]
            deltas[place] = deltas[Int(parent)]
        }
        if deltas[place] != 0 { text.apply(deltas[place], to: &trace.spans[place]) }
        children.forEach(of: place) { waiting.append($0) }
    }
}

/// How far a span has to be moved to fit under its parent, nanoseconds.
private func skew(of child: Interval, under parent: Interval) -> Int64 {
    let parentDuration = parent.end.subtractingSaturated(parent.start)
    let childDuration = child.end.subtractingSaturated(child.start)
    if childDuration > parentDuration {
        // It went on after the parent had ended, or the parent gave up: all that is certain is that
        // it did not start first.
        return child.start < parent.start
            ? parent.start.subtractingSaturated(child.start) : 0
    }
    if child.start >= parent.start, child.end <= parent.end { return 0 }
    // The way there and the way back are taken to last as long.
    let latency = parentDuration.subtractingSaturated(childDuration) / 2
    return parent.start.addingSaturated(latency).subtractingSaturated(child.start)
}

/// When a span was, nanoseconds since 1970.
private struct Interval {
    let start: Int64
    let end: Int64

    init(_ spans: [Span], _ place: Int) {
        start = spans[place].startTime
        end = spans[place].endTime
    }
}

/// No host is known.
private let noHost: Int32 = 0

/// A number for the host of each resource, equal for equal hosts.
private func hosts(of resources: [Resource]) -> [Int32] {
    var numbers: [String: Int32] = ["": noHost]
    return resources.map { resource in
        let number = Int32(numbers.count)
        let host = resource.host
        if let known = numbers[host] { return known }
        numbers[host] = number
        return number
    }
}

extension Resource {
    /// What tells its host from others in Jaeger's clock-skew pass: `host.id`, else the first
    /// `host.ip`, else `host.name`; empty where none is a text.
    public var host: String {
        if let value = attributes["host.id"] { return value.text }
        switch attributes["host.ip"] {
        case .string(let text): return text.firstOfList ?? text
        case .array(let addresses):
            if let first = addresses.first { return first.text }
        default: break
        }
        return attributes["host.name"]?.text ?? ""
    }
}

extension AttributeValue {
    /// Empty where it is no text.
    fileprivate var text: String {
        if case .string(let text) = self { text } else { "" }
    }
}

extension String {
    /// Jaeger's v1 API says a list as its JSON.
    fileprivate var firstOfList: String? {
        guard hasPrefix("[\"") else { return nil }
        return dropFirst(2).split(separator: "\"", maxSplits: 1).first.map(String.init)
    }
}

/// The children of each span, as lists that are linked through the spans.
private struct Children {
    /// Less than zero for a root.
    var parents: [Int32]
    private var firsts: [Int32]
    private var nexts: [Int32]

    init(count: Int) {
        parents = Array(repeating: -1, count: count)
        firsts = parents
        nexts = parents
    }

    mutating func add(_ child: Int, under parent: Int) {
        parents[child] = Int32(parent)
        nexts[child] = firsts[parent]
        firsts[parent] = Int32(child)
    }

    func forEach(of parent: Int, _ body: (Int32) -> Void) {
        var child = firsts[parent]
        while child >= 0 {
            body(child)
            child = nexts[Int(child)]
        }
    }
}

/// Moves spans and says so. Many move by the same, so the latest text is kept.
private struct SkewText {
    let maximum: Int64
    private var delta: Int64 = 0
    private var warning = ""

    init(maximum: Int64) { self.maximum = maximum }

    mutating func apply(_ delta: Int64, to span: inout Span) {
        let isApplied = delta.magnitude <= maximum.magnitude
        if delta != self.delta {
            self.delta = delta
            warning =
                if isApplied {
                    JaegerWarning.adjusted(by: delta)
                } else if maximum == 0 {
                    JaegerWarning.disabled(delta)
                } else {
                    JaegerWarning.exceeded(maximum, by: delta)
                }
        }
        if isApplied { span.shift(by: delta) }
        span.warn(warning)
    }
}
