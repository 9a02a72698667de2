import Clusters
import Federation
import Spans

/// Makes whole traces of what the clusters hold of them.
struct TraceAssembly: Sendable {
    let settings: TraceSettings
    /// In inventory order.
    let clusters: [ClusterID]
    let isRaw: Bool

    /// What there is of one trace.
    struct Whole: Sendable {
        var id: TraceID
        /// In inventory order.
        var fragments: [TraceFragment]
        /// The clusters that could not say what they hold of it, in inventory order.
        var missing: [Coverage.Missing] = []
        /// What else is doubtful about it.
        var warnings: [String] = []
    }

    struct Assembled: Sendable {
        var traces: [Trace] = []
        /// What was left out.
        var warnings: [String] = []
    }

    /// The traces in the given order, as far as there may be spans of them.
    func assembled(_ wholes: [Whole]) -> Assembled {
        var result = Assembled()
        var left = settings.maximumSpans
        for (index, whole) in wholes.enumerated() {
            guard left > 0 else {
                result.warnings.append(
                    "\(wholes.count - index) traces are left out: \(settings.maximumSpans) spans "
                        + "are taken at most")
                break
            }
            let merger = TraceMerger(
                settings, clusters: clusters, isRaw: isRaw, missing: whole.missing)
            var warnings = whole.warnings
            let held = whole.fragments.reduce(0) { $0 + $1.trace.spans.count }
            let fragments = held > left ? earliest(left, of: whole.fragments) : whole.fragments
            if held > left {
                warnings.append(
                    "clusters hold \(held) spans of the trace; the earliest \(left) are taken")
            }
            var trace = merger.merge(fragments, id: whole.id)
            guard !trace.spans.isEmpty else { continue }
            left -= min(held, left)
            trace.mark(warnings)
            result.traces.append(trace)
        }
        return result
    }

    /// The fragments with so many spans in all: those that begin first, so that the root is among
    /// them. Merging comes after, and marks those whose parents are left out.
    private func earliest(_ count: Int, of fragments: [TraceFragment]) -> [TraceFragment] {
        let starts = fragments.flatMap { $0.trace.spans.lazy.map(\.startTime) }.sorted()
        guard count < starts.count else { return fragments }
        let last = starts[count]
        // Of those that begin with the first that is left out, as many as there is room for.
        var room = count - starts.prefix { $0 < last }.count
        return fragments.map { fragment in
            var fragment = fragment
            fragment.trace.spans = fragment.trace.spans.filter { span in
                guard span.startTime == last else { return span.startTime < last }
                room -= 1
                return room >= 0
            }
            return fragment
        }
    }
}

extension Trace {
    /// Says something about the trace as a whole, where each client looks: on the trace, and on its
    /// first span, which is its root.
    fileprivate mutating func mark(_ texts: [String]) {
        warnings += texts.filter { !warnings.contains($0) }
        guard let root = spans.indices.first else { return }
        spans[root].warnings += texts.filter { !spans[root].warnings.contains($0) }
    }

    /// When its first span begins, nanoseconds since 1970.
    var startTime: Int64 { spans.lazy.map(\.startTime).min() ?? .min }
}
