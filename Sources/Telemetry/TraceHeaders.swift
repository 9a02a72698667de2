import Spans

/// The headers in which programs tell each other where in a trace they are: W3C Trace Context, read
/// and written, and Zipkin's B3 in its two forms, read.
enum TraceHeaders {
    static let parent = "traceparent"
    static let state = "tracestate"

    /// Finds a header by its name in lower case.
    typealias Lookup = (String) -> String?

    /// What the headers of a request say; nil where they say nothing that can be used. W3C goes
    /// before B3, and of B3 the single header before the several.
    static func entry(_ header: Lookup) -> ContextEntry? {
        if let text = header(parent), let trace = w3c(text, state: header(state)) {
            return ContextEntry(trace: trace, decision: trace.isSampled, isCallers: true)
        }
        if let text = header("b3"), let entry = singleB3(text) { return entry }
        return severalB3(header)
    }

    /// `traceparent` as it is sent on.
    static func parentText(_ trace: TraceContext) -> String {
        let flags = trace.isSampled ? "01" : "00"
        return "00-\(trace.traceText)-\(trace.spanText)-\(flags)"
    }

    // MARK: W3C

    /// Later versions begin as version 00 does, and may go on after it.
    private static func w3c(_ text: String, state: String?) -> TraceContext? {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Hexadecimal.number(bytes[0..<2], lowerCaseOnly: true), version != 0xff,
            bytes.count == 55 || (version > 0 && bytes[55] == dash),
            let high = Hexadecimal.number(bytes[3..<19], lowerCaseOnly: true),
            let low = Hexadecimal.number(bytes[19..<35], lowerCaseOnly: true),
            let span = Hexadecimal.number(bytes[36..<52], lowerCaseOnly: true),
            let flags = Hexadecimal.number(bytes[53..<55], lowerCaseOnly: true)
        else { return nil }
        let id = TraceID(high: high, low: low)
        guard id != .none, span != 0 else { return nil }
        return TraceContext(
            traceID: id, spanID: SpanID(span), isSampled: flags & 1 == 1,
            traceState: state.flatMap(checkedState) ?? "")
    }

    /// The most members and bytes of a `tracestate` that is handed on.
    private static let maximumMembers = 32
    private static let maximumStateBytes = 512

    /// The state without empty members; nil where it is to be dropped whole, as W3C wants it of one
    /// that cannot be read.
    private static func checkedState(_ text: String) -> String? {
        let members = text.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty }
        guard members.count <= maximumMembers, members.allSatisfy(isMember) else { return nil }
        let state = members.joined(separator: ",")
        return state.utf8.count <= maximumStateBytes ? state : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text.drop { $0 == " " || $0 == "\t" }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return rest
    }

    private static func isMember(_ text: Substring) -> Bool {
        guard let mark = text.utf8.firstIndex(of: UInt8(ascii: "=")), mark > text.startIndex else {
            return false
        }
        let key = text.utf8[..<mark]
        let value = text.utf8[text.utf8.index(after: mark)...]
        let isKey = key.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "_-*/@".utf8.contains(byte)
        }
        return isKey && !value.isEmpty
            && value.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") }
    }

    // MARK: B3

    /// `{trace}-{span}-{decision}-{parent}`, the last two optional, or a decision alone.
    private static func singleB3(_ text: String) -> ContextEntry? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count == 1 { return decision(parts[0]).map { ContextEntry(decision: $0) } }
        guard (2...4).contains(parts.count), let ids = identifiers(parts[0], parts[1]) else {
            return nil
        }
        if parts.count == 2 { return entry(ids, decision: nil) }
        guard let said = decision(parts[2]) else { return nil }
        if parts.count == 4, Hexadecimal.number(parts[3].utf8) == nil { return nil }
        return entry(ids, decision: said)
    }

    private static func severalB3(_ header: Lookup) -> ContextEntry? {
        let isDebug = header("x-b3-flags") == "1"
        let said = isDebug ? true : header("x-b3-sampled").flatMap { decision(Substring($0)) }
        if let trace = header("x-b3-traceid"), let span = header("x-b3-spanid"),
            let ids = identifiers(Substring(trace), Substring(span))
        {
            return entry(ids, decision: said)
        }
        return said.map { ContextEntry(decision: $0) }
    }

    private static func entry(
        _ ids: (trace: TraceID, span: SpanID), decision: Bool?
    ) -> ContextEntry {
        ContextEntry(
            trace: TraceContext(
                traceID: ids.trace, spanID: ids.span, isSampled: decision ?? false),
            decision: decision, isCallers: true)
    }

    /// `d` is Zipkin's word for a trace that somebody looks for.
    private static func decision(_ text: Substring) -> Bool? {
        switch text {
        case "1", "d", "true", "True": true
        case "0", "false", "False": false
        default: nil
        }
    }

    /// Trace ids of 64 bits are those of 128 with zeros before them.
    private static func identifiers(
        _ trace: Substring, _ span: Substring
    ) -> (trace: TraceID, span: SpanID)? {
        guard trace.utf8.count == 16 || trace.utf8.count == 32, span.utf8.count == 16,
            let low = Hexadecimal.number(trace.utf8.suffix(16)),
            let high = trace.utf8.count == 16 ? 0 : Hexadecimal.number(trace.utf8.prefix(16)),
            let number = Hexadecimal.number(span.utf8)
        else { return nil }
        let id = TraceID(high: high, low: low)
        return id == .none || number == 0 ? nil : (id, SpanID(number))
    }
}

/// Numbers of at most 64 bits in hexadecimal digits.
private enum Hexadecimal {
    /// Nil where there is none, or where anything else than digits is among them.
    static func number(
        _ digits: some Collection<UInt8>, lowerCaseOnly: Bool = false
    ) -> UInt64? {
        guard (1...16).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F") where !lowerCaseOnly:
                digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            number = number << 4 | UInt64(digit)
        }
        return number
    }
}
