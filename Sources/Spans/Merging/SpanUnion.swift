extension Span {
    /// Takes over what a copy of this span has beside it. What the copy says differently is kept as
    /// an attribute `isthmus.copy.CLUSTER.…` of that name.
    ///
    /// Values that are not given (a status unset, no trace state, a root's parent) yield to given
    /// ones.
    mutating func unite(with copy: Span) {
        var differences = Differences(cluster: copy.clusters.first ?? "")
        unitePlace(with: copy, &differences)
        uniteRecorder(with: copy, &differences)
        attributes.unite(with: copy.attributes) { differences.add($0.key, $0.value) }
        if events != copy.events { events = events.united(with: copy.events) }
        if links != copy.links { links = links.united(with: copy.links) }
        var counts: [String: Int] = [:]
        for text in warnings { counts[text, default: 0] += 1 }
        for text in copy.warnings {
            counts[text, default: 0] -= 1
            if counts[text, default: 0] < 0 { warnings.append(text) }
        }
        for difference in differences.attributes where !attributes.contains(difference) {
            attributes.append(difference)
        }
    }

    private mutating func unitePlace(with copy: Span, _ differences: inout Differences) {
        // Within the microsecond that both say, the later time has not been cut off.
        let duration = max(
            endTime.subtractingSaturated(startTime),
            copy.endTime.subtractingSaturated(copy.startTime)
        )
        startTime = max(startTime, copy.startTime)
        endTime = startTime.addingSaturated(duration)
        if parentSpanID == .none {
            parentSpanID = copy.parentSpanID
        } else if copy.parentSpanID != .none, copy.parentSpanID != parentSpanID {
            differences.add("parent_span_id", .string(copy.parentSpanID.hexText))
        }
        differences.unite(&name, copy.name, "name")
        differences.unite(&traceState, copy.traceState, "trace_state")
        if flags == 0 {
            flags = copy.flags
        } else if copy.flags != 0, copy.flags != flags {
            differences.add("flags", .int(Int64(copy.flags)))
        }
        if status.code == .unset {
            status.code = copy.status.code
        } else if copy.status.code != .unset, copy.status.code != status.code {
            differences.add("status.code", .int(Int64(copy.status.code.rawValue)))
        }
        differences.unite(&status.message, copy.status.message, "status.message")
    }

    private mutating func uniteRecorder(with copy: Span, _ differences: inout Differences) {
        dropped.attributes = max(dropped.attributes, copy.dropped.attributes)
        dropped.events = max(dropped.events, copy.dropped.events)
        dropped.links = max(dropped.links, copy.dropped.links)
        if resource != copy.resource {
            resource.attributes.unite(with: copy.resource.attributes) {
                differences.add("resource." + $0.key, $0.value)
            }
            differences.unite(&resource.schemaURL, copy.resource.schemaURL, "resource.schema_url")
            resource.droppedAttributes = max(
                resource.droppedAttributes, copy.resource.droppedAttributes)
        }
        if scope != copy.scope {
            differences.unite(&scope.name, copy.scope.name, "scope.name")
            differences.unite(&scope.version, copy.scope.version, "scope.version")
            differences.unite(&scope.schemaURL, copy.scope.schemaURL, "scope.schema_url")
            scope.attributes.unite(with: copy.scope.attributes) {
                differences.add("scope." + $0.key, $0.value)
            }
        }
    }
}

/// What a copy says differently.
private struct Differences {
    let cluster: String
    var attributes: [Attribute] = []

    mutating func add(_ key: String, _ value: AttributeValue) {
        attributes.append(Attribute("isthmus.copy.\(cluster).\(key)", value))
    }

    /// Keeps the text unless there is none.
    mutating func unite(_ text: inout String, _ other: String, _ key: String) {
        if text.isEmpty {
            text = other
        } else if !other.isEmpty, other != text {
            add(key, .string(other))
        }
    }
}

extension [Attribute] {
    /// Adds the attributes whose names are new; says which have another value here.
    mutating func unite(with other: [Attribute], _ differs: (Attribute) -> Void) {
        guard self != other else { return }
        var places: [String: Int] = [:]
        for (place, attribute) in enumerated() where places[attribute.key] == nil {
            places[attribute.key] = place
        }
        let own = Set(self)
        for attribute in other where !own.contains(attribute) {
            guard let place = places[attribute.key] else {
                places[attribute.key] = count
                append(attribute)
                continue
            }
            if self[place].value.isText(of: attribute.value) {
                self[place].value = attribute.value
            } else if self[place] != attribute, !attribute.value.isText(of: self[place].value) {
                differs(attribute)
            }
        }
    }
}

extension AttributeValue {
    /// Whether this is what Jaeger's v1 API, which has no lists and maps, says in place of the other.
    fileprivate func isText(of other: AttributeValue) -> Bool {
        guard case .string(let text) = self else { return false }
        return switch other {
        case .array: text.hasPrefix("[")
        case .map: text.hasPrefix("{")
        case .empty: text.isEmpty
        default: false
        }
    }
}
