/// Keeps spans apart that have one id and are not copies: recorders that chose the same number, or
/// number their spans from one. The first in the inventory's order keeps it; each further one is
/// given the next that is unused, and says so. Children go to the span that they fit best.
///
/// Jaeger leaves such spans as they are, and its UI renames them.
@Sendable func separateCollidingIDs(_ trace: inout MergingTrace) {
    let index = SpanIndex(trace.spans)
    guard !index.repeated.isEmpty else { return }
    var groups: [Int: [Int]] = [:]
    for first in index.repeated { groups[Int(first)] = index.places(from: Int(first)) }
    let moved = trace.children(of: groups, in: index, except: []) { Array($0.prefix(16)) }
    var newIDs = NewSpanIDs()
    for place in groups.values.flatMap({ $0.dropFirst() }).sorted() {
        guard let new = newIDs.next(besides: index) else { break }
        let old = trace.spans[place].spanID
        trace.spans[place].spanID = new
        trace.spans[place].warn(
            "span ID=\(old.hexText) is another span's too; shown as \(new.hexText)")
    }
    for (child, parent) in moved { trace.spans[child].parentSpanID = trace.spans[parent].spanID }
}
