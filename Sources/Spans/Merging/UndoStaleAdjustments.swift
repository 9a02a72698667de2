/// Undoes what a store adjusted in its fragment, since all of it is done anew for the whole.
///
/// Stores are asked for raw traces, but one may not know the parameter, and memory storage adjusts
/// what it stores when anyone asks for it: its times stay moved and its warnings pile up (seen with
/// Jaeger 2.19). Jaeger's texts tell: the shift is taken back, and the warnings that speak of the
/// fragment are dropped. Those that stay true stay, and one about missing spans is about the trace.
@Sendable func undoStaleAdjustments(_ trace: inout MergingTrace) {
    for part in trace.parts {
        undoNewIDs(&trace.spans, part)
        for index in part where !trace.spans[index].warnings.isEmpty {
            for text in trace.spans[index].warnings where text.hasPrefix(JaegerWarning.truncated) {
                trace.warn("\(trace.spans[index].clusters.first ?? ""): \(text)")
            }
        }
    }
    for index in trace.spans.indices where !trace.spans[index].warnings.isEmpty {
        var shift: Int64 = 0
        trace.spans[index].warnings.removeAll { text in
            if let delta = JaegerWarning.adjustment(text) {
                shift = shift.addingSaturated(delta)
                return true
            }
            return JaegerWarning.isAboutFragment(text)
        }
        if shift != 0 { trace.spans[index].shift(by: Int64(0).subtractingSaturated(shift)) }
    }
}

/// Gives server spans their ids back that a store made unique in its fragment.
///
/// Jaeger counts from one for new ids, and takes the client span for the parent
/// (`adjuster/spaniduniquifier.go`). So a fragment was treated so where server spans under client
/// spans have all the small numbers that nothing else uses; recorders choose ids among all numbers.
private func undoNewIDs(_ spans: inout [Span], _ part: Range<Int>) {
    let limit = UInt64(part.count)
    var renamed: [Int] = []
    for index in part where spans[index].spanID.rawValue <= limit {
        guard spans[index].kind == .server else { return }
        renamed.append(index)
    }
    guard !renamed.isEmpty,
        Set(renamed.map { spans[$0].spanID.rawValue }) == Set(1...UInt64(renamed.count))
    else { return }
    var clients: [SpanID: Int] = [:]
    for index in part where spans[index].kind == .client { clients[spans[index].spanID] = index }
    guard renamed.allSatisfy({ clients[spans[$0].parentSpanID] != nil }) else { return }
    var original: [SpanID: SpanID] = [:]
    for index in renamed {
        let shared = spans[index].parentSpanID
        original[spans[index].spanID] = shared
        spans[index].spanID = shared
        // Both sides of such a call have the same parent.
        if let client = clients[shared] { spans[index].parentSpanID = spans[client].parentSpanID }
    }
    for index in part {
        if let shared = original[spans[index].parentSpanID] { spans[index].parentSpanID = shared }
    }
}

extension Span {
    /// Moves its times, those of its events too.
    mutating func shift(by delta: Int64) {
        startTime = startTime.addingSaturated(delta)
        endTime = endTime.addingSaturated(delta)
        for index in events.indices {
            events[index].time = events[index].time.addingSaturated(delta)
        }
    }
}
