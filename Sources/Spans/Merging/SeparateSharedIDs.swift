/// Gives a server span an id of its own where a client span has the same: Zipkin's recorders use one
/// id for both sides of a call, which clients of Jaeger do not expect.
///
/// The rule is Jaeger's (`adjuster/spaniduniquifier.go`): the new id is the next that is unused,
/// counting from one over the server spans in their order; the client span becomes the parent, and
/// what named the old id as its parent is under the server span. Jaeger does it while copies are
/// there and knows one new id for each old one, so that copies and retried calls end up inside one
/// another; here each server span stays under the client span, and children go to the one that they
/// fit best (the last, as in Jaeger, where all fit as well).
@Sendable func separateSharedIDs(_ trace: inout MergingTrace) {
    let index = SpanIndex(trace.spans)
    guard !index.repeated.isEmpty else { return }
    // By the id's first place: the places of the servers that share it with a client.
    var servers: [Int: [Int]] = [:]
    for first in index.repeated {
        let places = index.places(from: Int(first))
        guard places.contains(where: { trace.spans[$0].kind == .client }) else { continue }
        servers[Int(first)] = places.filter { trace.spans[$0].kind == .server }
    }
    let renamed = servers.values.joined().sorted()
    guard !renamed.isEmpty else { return }

    // Before any id changes, as the old ones are what the children name.
    let moved = trace.children(of: servers, in: index, except: Set(renamed)) {
        $0.suffix(16).reversed()
    }
    var newIDs = NewSpanIDs()
    for place in renamed {
        guard let new = newIDs.next(besides: index) else { break }
        trace.spans[place].parentSpanID = trace.spans[place].spanID
        trace.spans[place].spanID = new
    }
    for (child, parent) in moved { trace.spans[child].parentSpanID = trace.spans[parent].spanID }
}

extension MergingTrace {
    /// The spans whose parents have one of several ids, with the places of the spans that become
    /// their parents. `shortened` leaves those candidates that are worth looking at.
    func children(
        of groups: [Int: [Int]], in index: SpanIndex, except excepted: Set<Int>,
        _ shortened: ([Int]) -> [Int]
    ) -> [(child: Int, parent: Int)] {
        let candidates = groups.mapValues(shortened)
        var children: [(child: Int, parent: Int)] = []
        for place in spans.indices where spans[place].parentSpanID != .none {
            guard let first = index.first(spans[place].parentSpanID),
                let candidates = candidates[first], !excepted.contains(place),
                let parent = parent(of: place, among: candidates)
            else { continue }
            children.append((place, parent))
        }
        return children
    }
}
