import TimeSeries

/// `eval instant at 5m up` or `eval range from 0 to 1h step 5m up`, and what is expected of it.
public struct ScriptEvaluation: Sendable {
    public enum Times: Hashable, Sendable {
        /// Milliseconds.
        case instant(Int64)
        case range(start: Int64, end: Int64, step: Int64)
    }

    /// The line of the command, from 1.
    public var line: Int
    public var query: String
    public var times: Times
    public var expectation = ScriptExpectation()
}

/// What a query must answer.
public struct ScriptExpectation: Sendable {
    public var fails = false
    /// What the failure must say; all of them.
    public var failures: [TextRule] = []
    public var warnings = Remarks()
    public var infos = Remarks()
    /// Whether the series must come in the order of the script.
    public var isOrdered = false
    public var value = Value.series([])
    /// `expect range vector from … to … step …`: the times of the points of an instant query whose
    /// answer is windows of samples. Milliseconds.
    public var window: Window?

    public enum Value: Sendable {
        case scalar(Double)
        case string(String)
        case series([Series])
    }

    public struct Series: Sendable {
        public var labels: Labels
        public var points: [SequencePoint]
    }

    public struct Window: Hashable, Sendable {
        public var start: Int64
        public var end: Int64
        public var step: Int64
    }

    /// What is expected of warnings, or of infos.
    public struct Remarks: Sendable {
        /// `expect no_warn`.
        public var mustBeAbsent = false
        /// `eval_warn`: there must be one, whatever it says.
        public var mustBePresent = false
        /// Each must be met by a remark, and each remark must meet one; anything goes where there
        /// are none.
        public var rules: [TextRule] = []
    }
}

/// What a text must be.
public enum TextRule: Sendable {
    case any
    /// `msg: text`.
    case exactly(String)
    /// `regex: pattern`, to be found anywhere in the text.
    case matching(Pattern, text: String)

    func accepts(_ text: String) -> Bool {
        switch self {
        case .any: true
        case .exactly(let wanted): text == wanted
        case .matching(let pattern, _): pattern.matches(text)
        }
    }

    var words: String {
        switch self {
        case .any: "anything"
        case .exactly(let wanted): GoText.quoted(wanted)
        case .matching(_, let text): "/\(text)/"
        }
    }

    /// A pattern that may stand anywhere in a text.
    static func matching(_ text: String) throws(ScriptMistake) -> TextRule {
        do {
            return .matching(try Pattern("(?s:.*)(?:\(text))(?s:.*)"), text: text)
        } catch {
            throw ScriptMistake("invalid regex \(text): \(error.reason)")
        }
    }
}
