/// What a trace is looked for by: one of its spans meets all conditions, as in Jaeger's memory store.
struct StoreSearch: Sendable {
    /// Any, if empty; so is the operation.
    var service = ""
    var operation = ""
    var tags: [String: String] = [:]
    /// When the span begins, nanoseconds since 1970.
    var start: Int64 = 0
    var end: Int64 = .max
    /// Nanoseconds; zero for no bound.
    var minimumDuration: Int64 = 0
    var maximumDuration: Int64 = 0
    var limit = 100

    func isMet(by span: RecordedSpan) -> Bool {
        guard service.isEmpty || span.place.service == service,
            operation.isEmpty || span.name == operation
        else { return false }
        let begin = span.start * 1000
        let duration = (span.end - span.start) * 1000
        guard (start...max(start, end)).contains(begin), duration >= minimumDuration,
            maximumDuration == 0 || duration <= maximumDuration
        else { return false }
        return tags.allSatisfy { isMet(key: $0.key, value: $0.value, by: span) }
    }

    private func isMet(key: String, value: String, by span: RecordedSpan) -> Bool {
        switch key {
        case "error":
            // No span here has the status OK, which is what "false" asks for.
            return ["true", "True", "TRUE", "t", "T", "1"].contains(value) && span.failure != nil
        case "span.kind": return span.kind.text == value.lowercased()
        case "span.status":
            return value.uppercased() == "ERROR"
                ? span.failure != nil
                : value.uppercased() != "OK" && span.failure == nil
        case "scope.name": return value == RecordedSpan.scope.name
        case "scope.version": return value == RecordedSpan.scope.version
        default: break
        }
        func isAmong(_ tags: [SpanTag], _ key: String) -> Bool {
            tags.contains { $0.key == key && $0.value.searchText == value }
        }
        if key.hasPrefix("resource.") {
            return isAmong(span.place.resourceTags, String(key.dropFirst("resource.".count)))
        }
        return isAmong(span.tags, key) || isAmong(span.place.resourceTags, key)
            || span.events.contains { isAmong($0.tags, key) }
    }
}

extension RecordedSpan {
    /// The library that recorded all spans.
    static let scope = (name: "meshsim", version: "1.0")
}

extension SpanPlace {
    /// All that is said of it, in the order of the names.
    var resourceTags: [SpanTag] { tags + [SpanTag("service.name", .text(service))] }
}
