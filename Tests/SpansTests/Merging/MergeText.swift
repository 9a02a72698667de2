import Spans

/// Spans as text, which the cases of `conformance/traces` are written in; its README says how.
enum MergeText {
    struct Mistake: Error { var line: String }

    // MARK: Reading

    /// `ID[<PARENT] KIND SERVICE NAME START DURATION` and further words.
    static func span(_ line: some StringProtocol) throws -> Span {
        let words = words(line)
        let kinds: [String: SpanKind] = [
            "-": .unspecified, "internal": .internal, "server": .server, "client": .client,
            "producer": .producer, "consumer": .consumer,
        ]
        guard words.count >= 6, let kind = kinds[words[1]],
            let start = GoDuration.nanoseconds(words[4]),
            let duration = GoDuration.nanoseconds(words[5])
        else { throw Mistake(line: String(line)) }
        let ids = words[0].split(separator: "<").compactMap { UInt64($0, radix: 16) }
        guard let id = ids.first else { throw Mistake(line: String(line)) }
        var span = Span(
            traceID: TraceID(high: 0, low: 0xabc), spanID: SpanID(id),
            parentSpanID: ids.count > 1 ? SpanID(ids[1]) : .none, name: unquoted(words[3]),
            kind: kind, startTime: start, endTime: start + duration)
        if words[2] != "-" {
            span.resource.attributes.append(
                Attribute("service.name", .string(unquoted(words[2]))))
        }
        for word in words.dropFirst(6) { try add(word, to: &span) }
        return span
    }

    private static func add(_ word: String, to span: inout Span) throws {
        let rest = String(word.dropFirst())
        switch word.first {
        case "!": span.warnings.append(unquoted(rest))
        case "@": span.resource.attributes.append(try attribute(rest))
        case "+":
            let parts = rest.split(separator: ";")
            let place = parts[0].split(separator: ":", maxSplits: 1)
            guard place.count == 2, let time = GoDuration.nanoseconds(place[0]) else {
                throw Mistake(line: word)
            }
            span.events.append(
                Event(
                    time: time, name: unquoted(String(place[1])),
                    attributes: try parts.dropFirst().map { try attribute(String($0)) }))
        case "~":
            let parts = rest.split(separator: ";")
            let place = parts[0].split(separator: "/").compactMap { UInt64($0, radix: 16) }
            guard place.count == 2 else { throw Mistake(line: word) }
            span.links.append(
                Link(
                    traceID: TraceID(high: 0, low: place[0]), spanID: SpanID(place[1]),
                    attributes: try parts.dropFirst().map { try attribute(String($0)) }))
        case "?": span.status = Status(code: .error, message: unquoted(rest))
        default: span.attributes.append(try attribute(word))
        }
    }

    private static func attribute(_ word: String) throws -> Attribute {
        guard let equals = word.firstIndex(of: "=") else { throw Mistake(line: word) }
        let text = String(word[word.index(after: equals)...])
        return Attribute(String(word[..<equals]), value(text))
    }

    private static func value(_ text: String) -> AttributeValue {
        if text.first == "\"" { return .string(unquoted(text)) }
        if text.first == "[", text.last == "]" {
            return .array(
                text.dropFirst().dropLast().split(separator: ",").map { value(String($0)) })
        }
        if let number = Int64(text) { return .int(number) }
        if text == "true" || text == "false" { return .bool(text == "true") }
        if let number = Double(text) { return .double(number) }
        return .string(text)
    }

    /// What stands between spaces that are outside quotes.
    static func words(_ line: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in line {
            if character == "\"" { isQuoted.toggle() }
            if character == " ", !isQuoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    private static func unquoted(_ text: String) -> String {
        text.count > 1 && text.first == "\"" && text.last == "\""
            ? String(text.dropFirst().dropLast()) : text
    }

    // MARK: Writing

    /// The trace as a tree: each span under its parent, siblings in the trace's order.
    static func tree(_ trace: Trace) -> String {
        var text = trace.warnings.map { "  !" + quoted($0) + "\n" }.joined()
        var places: [SpanID: Int] = [:]
        for (place, span) in trace.spans.enumerated() where places[span.spanID] == nil {
            places[span.spanID] = place
        }
        var children: [Int: [Int]] = [:]
        var waiting: [(place: Int, depth: Int)] = []
        for (place, span) in trace.spans.enumerated() {
            if span.parentSpanID != .none, let parent = places[span.parentSpanID] {
                children[parent, default: []].append(place)
            } else {
                waiting.insert((place, 0), at: 0)
            }
        }
        var isWritten = Array(repeating: false, count: trace.spans.count)
        func write() {
            while let (place, depth) = waiting.popLast() {
                guard !isWritten[place] else { continue }
                isWritten[place] = true
                text += String(repeating: "  ", count: depth + 1) + line(trace.spans[place]) + "\n"
                for child in (children[place] ?? []).reversed() {
                    waiting.append((child, depth + 1))
                }
            }
        }
        write()
        // What is in a circle has no root.
        for place in trace.spans.indices where !isWritten[place] {
            waiting.append((place, 0))
            write()
        }
        return text
    }

    static func line(_ span: Span) -> String {
        let parent = span.parentSpanID == .none ? "" : "<" + hex(span.parentSpanID)
        let kind = span.kind == .unspecified ? "-" : "\(span.kind)"
        let service = span.resource.serviceName
        var words = [
            hex(span.spanID) + parent, kind, service.isEmpty ? "-" : quoted(service),
            quoted(span.name), GoDuration.text(span.startTime), GoDuration.text(span.duration),
        ]
        if span.status.code == .error { words.append("?" + quoted(span.status.message)) }
        words += span.attributes.map(written)
        words += span.events.map { event in
            "+" + GoDuration.text(event.time) + ":" + quoted(event.name)
                + event.attributes.map { ";" + written($0) }.joined()
        }
        words += span.links.map { link in
            "~" + String(link.traceID.low, radix: 16) + "/" + hex(link.spanID)
                + link.attributes.map { ";" + written($0) }.joined()
        }
        words += span.resource.attributes.filter { $0.key != "service.name" }
            .map { "@" + written($0) }
        words += span.warnings.map { "!" + quoted($0) }
        return words.joined(separator: " ")
    }

    private static func hex(_ id: SpanID) -> String { String(id.rawValue, radix: 16) }

    private static func written(_ attribute: Attribute) -> String {
        attribute.key + "=" + written(attribute.value)
    }

    private static func written(_ value: AttributeValue) -> String {
        switch value {
        case .string(let text): self.value(text) == value ? quoted(text) : "\"\(text)\""
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .array(let elements): "[" + elements.map(written).joined(separator: ",") + "]"
        case .map(let attributes): "{" + attributes.map(written).joined(separator: ",") + "}"
        case .bytes(let bytes): "\(bytes)"
        case .empty: ""
        }
    }

    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.allSatisfy { !$0.isWhitespace && $0 != "\"" && $0 != ";" }
        return isPlain ? text : "\"\(text)\""
    }
}
