import Spans

/// Makes whole traces of what the clusters hold of them.
struct TraceAssembly: Sendable {
    let settings: TraceSettings
    let isRaw: Bool

    /// What there is of one trace.
    struct Whole: Sendable {
        var id: TraceID
        /// In inventory order.
        var fragments: [TraceFragment]
        /// What is said of it beside what its fragments say.
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
            var trace = TraceMerging.merged(
                whole.fragments, id: whole.id, settings: settings, isRaw: isRaw)
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
    /// root span.
    fileprivate mutating func mark(_ texts: [String]) {
        guard !texts.isEmpty else { return }
        warnings += texts.filter { !warnings.contains($0) }
        guard let root = rootIndex else { return }
        spans[root].warnings += texts.filter { !spans[root].warnings.contains($0) }
    }

    /// The earliest span without a parent, or the earliest whose parent is not here.
    private var rootIndex: Int? {
        let ids = Set(spans.map(\.spanID))
        var best: Int?
        func isBefore(_ left: Span, _ right: Span) -> Bool {
            let (leftRank, rightRank) = (
                left.parentSpanID == .none ? 0 : 1, right.parentSpanID == .none ? 0 : 1
            )
            return (leftRank, left.startTime, left.spanID)
                < (rightRank, right.startTime, right.spanID)
        }
        for (index, span) in spans.enumerated()
        where span.parentSpanID == .none || !ids.contains(span.parentSpanID) {
            if best.map({ isBefore(span, spans[$0]) }) ?? true { best = index }
        }
        return best ?? spans.indices.first
    }

    /// When its first span begins, nanoseconds since 1970.
    var startTime: Int64 { spans.lazy.map(\.startTime).min() ?? .min }
}
