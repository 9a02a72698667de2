/// Puts attributes in the order of their names and events in the order of their times, as Jaeger's
/// answers have them (`adjuster/sort.go`).
@Sendable func orderCollections(_ trace: inout MergingTrace) {
    for index in trace.resources.indices { trace.resources[index].attributes.orderByKey() }
    for index in trace.spans.indices {
        trace.spans[index].attributes.orderByKey()
        if !trace.spans[index].scope.attributes.isEmpty {
            trace.spans[index].scope.attributes.orderByKey()
        }
        if !trace.spans[index].events.isEmpty { trace.spans[index].orderEvents() }
        for link in trace.spans[index].links.indices
        where !trace.spans[index].links[link].attributes.isOrderedByKey {
            trace.spans[index].links[link].attributes.orderByKey()
        }
    }
}

extension Span {
    fileprivate mutating func orderEvents() {
        if zip(events, events.dropFirst()).contains(where: { $0.time > $1.time }) {
            events.sort { $0.time < $1.time }
        }
        for index in events.indices where !events[index].attributes.isOrderedByKey {
            events[index].attributes.orderByKey()
        }
    }
}

extension [Attribute] {
    var isOrderedByKey: Bool {
        guard count > 1 else { return true }
        for index in 1..<count where self[index].key < self[index - 1].key { return false }
        return true
    }

    /// Attributes of one name stay as they are: the first is what clients show.
    mutating func orderByKey() {
        if !isOrderedByKey { sort { $0.key < $1.key } }
    }

    func orderedByKey() -> [Attribute] {
        isOrderedByKey ? self : sorted { $0.key < $1.key }
    }
}
