import JaegerAPI
import PrometheusAPI
import Spans

/// The body of an answer that is traces, in pieces: each trace is written when it is its turn, so
/// that what many traces weigh as text is never held at once.
struct TraceResponseChunks: Sendable {
    private let form: Form
    /// The traces that are still to be written, the next one last.
    private var rest: [Trace]
    private var state = State.start
    /// What stands behind the traces in the older API.
    private let errors: JSONValue
    /// Set where the text is to be spread over lines.
    var indentation: JSONIndentation?

    enum Form: Sendable {
        case v1
        case v3
    }

    private enum State {
        case start
        case first
        case further
        case end
    }

    init(_ form: Form, _ traces: [Trace], errors: JSONValue = .null) {
        self.form = form
        self.errors = errors
        // A trace without spans breaks its readers.
        rest = traces.filter { !$0.spans.isEmpty }.reversed()
    }

    /// The next piece; nil after the last.
    mutating func next() -> [UInt8]? {
        guard let piece = plain() else { return nil }
        return indentation?.spread(piece) ?? piece
    }

    private mutating func plain() -> [UInt8]? {
        var piece: [UInt8] = []
        switch state {
        case .end: return nil
        case .start:
            piece += form == .v1 ? #"{"data":["#.utf8 : #"{"result":{"resourceSpans":["#.utf8
            state = .first
        case .first, .further: break
        }
        if let trace = rest.popLast() {
            if state == .further { piece.append(UInt8(ascii: ",")) }
            state = .further
            piece += form == .v1 ? V1TraceText.bytes(of: trace) : OTLPTraceText.bytes(of: trace)
        }
        if rest.isEmpty {
            state = .end
            piece += end
        }
        return piece
    }

    private var end: [UInt8] {
        guard form == .v1 else { return Array("]}}".utf8) }
        var bytes = Array(#"],"total":0,"limit":0,"offset":0,"errors":"#.utf8)
        errors.append(to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
