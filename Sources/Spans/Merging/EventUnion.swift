extension [Event] {
    /// These and what the events of a copy have beside them. Events of one name and equal attributes
    /// are the same within a microsecond, which is all that one of the stores may say.
    func united(with other: [Event]) -> [Event] {
        var result = self
        var waiting: [EventContent: [Int]] = [:]
        for place in indices.sorted(by: { (self[$0].time, $0) < (self[$1].time, $1) }).reversed() {
            waiting[EventContent(self[place]), default: []].append(place)
        }
        for event in other.sorted(by: { $0.time < $1.time }) {
            let kind = EventContent(event)
            // The earliest stand last.
            while let place = waiting[kind]?.last,
                event.time.subtractingSaturated(self[place].time) >= 1_000
            {
                waiting[kind]?.removeLast()
            }
            if let place = waiting[kind]?.last,
                self[place].time.subtractingSaturated(event.time) < 1_000
            {
                waiting[kind]?.removeLast()
                result[place].time = Swift.max(result[place].time, event.time)
                result[place].droppedAttributes = Swift.max(
                    result[place].droppedAttributes, event.droppedAttributes)
            } else {
                result.append(event)
            }
        }
        return result
    }
}

extension [Link] {
    /// These and what the links of a copy have beside them. Jaeger's v1 API says only where a link
    /// leads; such a one is the same as one that says more.
    func united(with other: [Link]) -> [Link] {
        var result = self
        var waiting: [LinkTarget: [Int]] = [:]
        for (place, link) in enumerated().reversed() {
            waiting[LinkTarget(trace: link.traceID, span: link.spanID), default: []].append(place)
        }
        for link in other {
            let target = LinkTarget(trace: link.traceID, span: link.spanID)
            guard let place = waiting[target]?.popLast() else {
                result.append(link)
                continue
            }
            if result[place].isBare {
                result[place] = link
            } else if !link.isBare, !result[place].says(link) {
                result.append(link)
            }
        }
        return result
    }
}

extension Link {
    /// Whether it says only where it leads.
    fileprivate var isBare: Bool { attributes.isEmpty && traceState.isEmpty && flags == 0 }

    /// Whether the other says nothing else, its attributes' order aside.
    fileprivate func says(_ other: Link) -> Bool {
        traceState == other.traceState && flags == other.flags
            && attributes.orderedByKey() == other.attributes.orderedByKey()
    }
}

/// What tells an event from others but its time.
private struct EventContent: Hashable {
    var name: String
    var attributes: [Attribute]

    init(_ event: Event) {
        name = event.name
        attributes = event.attributes.orderedByKey()
    }
}

/// Where a link leads.
private struct LinkTarget: Hashable {
    var trace: TraceID
    var span: SpanID
}
