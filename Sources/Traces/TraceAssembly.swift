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
            var trace = merger.merge(whole.fragments, id: whole.id)
            guard !trace.spans.isEmpty else { continue }
            var warnings = whole.warnings
            if trace.spans.count > left {
                warnings.append(
                    "the trace has \(trace.spans.count) spans; the first \(left) are shown")
                trace.spans.removeLast(trace.spans.count - left)
            }
            left -= trace.spans.count
            trace.mark(warnings)
            result.traces.append(trace)
        }
        return result
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
