import Spans

/// The critical path as its definition reads, with recursion and without any care for time: what the
/// module's own is compared with. Ids are unique and parents come without circles.
struct PlainCriticalPath {
    struct Section: Hashable {
        var span: SpanID
        var from: Int64
        var to: Int64
    }

    private struct Node {
        var start: Int64
        var end: Int64
        var parent: SpanID?
        var children: [SpanID]
    }

    private var nodes: [SpanID: Node] = [:]
    private var sections: [Section] = []

    static func sections(of spans: [Span], root: Span) -> [Section] {
        var path = PlainCriticalPath()
        path.enter(root, parent: nil, spans)
        path.walk(root.spanID, from: nil)
        return path.sections.reversed()
    }

    private mutating func enter(_ span: Span, parent: Span?, _ spans: [Span]) {
        var node = Node(
            start: span.startTime, end: span.endTime, parent: parent?.spanID, children: [])
        if let parent, let above = nodes[parent.spanID] {
            if node.start >= above.end || (node.start < above.start && node.end <= above.start) {
                return
            }
            node.start = max(node.start, above.start)
            node.end = min(node.end, above.end)
            nodes[parent.spanID]?.children.append(span.spanID)
        }
        nodes[span.spanID] = node
        let children = spans.filter { $0.parentSpanID == span.spanID }
            .sorted { ($0.startTime, $0.spanID.rawValue) < ($1.startTime, $1.spanID.rawValue) }
        for child in children where !(span.kind == .producer && child.kind == .consumer) {
            enter(child, parent: span, spans)
        }
    }

    private mutating func walk(_ id: SpanID, from returning: Int64?) {
        guard let node = nodes[id] else { return }
        var last: SpanID?
        for child in node.children {
            guard let end = nodes[child]?.end else { continue }
            if let returning, end >= returning { continue }
            if let best = last.flatMap({ nodes[$0]?.end }), end <= best { continue }
            last = child
        }
        let arrival = returning ?? node.end
        let from = last.flatMap { nodes[$0]?.end } ?? node.start
        if from != arrival { sections.append(Section(span: id, from: from, to: arrival)) }
        if let last {
            walk(last, from: nil)
        } else if let parent = node.parent {
            walk(parent, from: node.start)
        }
    }
}
