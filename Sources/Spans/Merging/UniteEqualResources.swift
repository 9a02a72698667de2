/// Makes resources one that are equal but for the order of their attributes: a trace's processes in
/// Jaeger's v1 API are its different resources (`process_hashtable.go`: equal service and tags).
@Sendable func uniteEqualResources(_ trace: inout MergingTrace) {
    var known: [Resource: Int32] = [:]
    // Spans of few resources follow one another, and equal storage is compared in no time.
    var recent: [(original: Resource, place: Int32)] = []
    trace.resources = []
    trace.resourceOfSpan = []
    trace.resourceOfSpan.reserveCapacity(trace.spans.count)
    for index in trace.spans.indices {
        if let place = recent.first(where: { $0.original == trace.spans[index].resource })?.place {
            trace.resourceOfSpan.append(place)
            continue
        }
        let original = trace.spans[index].resource
        var ordered = original
        ordered.attributes.orderByKey()
        let place = known[ordered] ?? Int32(trace.resources.count)
        if Int(place) == trace.resources.count {
            known[ordered] = place
            trace.resources.append(original)
        }
        if recent.count == 8 { recent.removeFirst() }
        recent.append((original, place))
        trace.resourceOfSpan.append(place)
    }
}
