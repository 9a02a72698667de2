import TimeSeries

/// What a template's text says: its parts, and the templates that it defines by name.
struct ParsedTemplate: Sendable {
    var name: String
    /// The text that positions count in.
    var text: String
    var definitions: [String: [TemplateNode]]
    var body: [TemplateNode]
}

/// Reads a template as Go's `text/template/parse` does, with its messages.
struct TemplateParser {
    /// Deeper than any template that people write.
    private static let maximumDepth = 100

    private let name: String
    private let tokens: [TemplateToken]
    let isFunction: (String) -> Bool
    var index = 0
    /// The names of the variables that are known here.
    var variables = ["$"]
    private var rangeDepth = 0
    private var depth = 0
    /// The line at which the action began that is being read.
    private var actionLine = 0
    private var definitions: [String: [TemplateNode]] = [:]

    /// How a list of parts ended.
    fileprivate enum Ending {
        case end
        case otherwise
    }

    static func parse(
        _ text: String, name: String, isFunction: @escaping (String) -> Bool
    ) throws(TemplateError) -> ParsedTemplate {
        var parser = TemplateParser(text, name, isFunction)
        let body = try parser.whole()
        return ParsedTemplate(
            name: name, text: text, definitions: parser.definitions, body: body)
    }

    private init(_ text: String, _ name: String, _ isFunction: @escaping (String) -> Bool) {
        self.name = name
        self.isFunction = isFunction
        tokens = TemplateLexer(text).tokens
    }

    // MARK: Words

    var next: TemplateToken {
        guard index < tokens.count else {
            guard let last = tokens.last else { preconditionFailure("a text ends with a word") }
            return last
        }
        return tokens[index]
    }

    var nextNonSpace: TemplateToken {
        var place = index
        while place + 1 < tokens.count, tokens[place].kind == .space { place += 1 }
        return place < tokens.count ? tokens[place] : next
    }

    mutating func take() -> TemplateToken {
        let token = next
        if index < tokens.count { index += 1 }
        return token
    }

    mutating func takeNonSpace() -> TemplateToken {
        skipSpace()
        return take()
    }

    mutating func skipSpace() {
        while index < tokens.count, tokens[index].kind == .space { index += 1 }
    }

    func refused(_ message: String, line: Int? = nil) -> TemplateError {
        let line = line ?? tokens[max(0, min(index, tokens.count) - 1)].line
        return TemplateError(
            kind: .parsing, template: name, message: "template: \(name):\(line): \(message)")
    }

    func unexpected(_ token: TemplateToken, _ context: String) -> TemplateError {
        guard token.kind == .mistake else {
            return refused("unexpected \(token.shown) in \(context)", line: token.line)
        }
        var extra = ""
        if actionLine != 0, actionLine != token.line {
            extra =
                (token.text.hasSuffix(" action") ? "" : " in action")
                + " started at \(name):\(actionLine)"
        }
        return refused(token.text + extra, line: token.line)
    }

    private mutating func expect(
        _ kind: TemplateToken.Kind, _ context: String
    ) throws(TemplateError) {
        let token = takeNonSpace()
        guard token.kind == kind else { throw unexpected(token, context) }
    }

    mutating func deeper<Result>(
        _ read: (inout TemplateParser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        depth += 1
        guard depth <= Self.maximumDepth else {
            throw refused("a template nests at most \(Self.maximumDepth) levels deep")
        }
        let result = try read(&self)
        depth -= 1
        return result
    }

    // MARK: Parts

    private mutating func whole() throws(TemplateError) -> [TemplateNode] {
        var body: [TemplateNode] = []
        while next.kind != .end {
            if next.kind == .leftDelimiter, isDefinition {
                try definition()
                continue
            }
            switch try part() {
            case .node(let node): body.append(node)
            case .ending(let ending, _): throw refused("unexpected {{\(ending.word)}}")
            }
        }
        return body
    }

    private var isDefinition: Bool {
        var place = index + 1
        while place < tokens.count, tokens[place].kind == .space { place += 1 }
        return place < tokens.count && tokens[place].kind == .keyword
            && tokens[place].text == "define"
    }

    private mutating func definition() throws(TemplateError) {
        _ = take()
        _ = takeNonSpace()
        let context = "define clause"
        let name = try templateName(context)
        try expect(.rightDelimiter, context)
        let body = try separately { parser throws(TemplateError) in
            let (body, ending) = try parser.list()
            guard ending == .end else {
                throw parser.refused("unexpected {{else}} in \(context)")
            }
            return body
        }
        definitions[name] = body
    }

    /// Reads a template inside another one: none of the variables outside is known there.
    private mutating func separately(
        _ read: (inout TemplateParser) throws(TemplateError) -> [TemplateNode]
    ) throws(TemplateError) -> [TemplateNode] {
        let outer = (variables, rangeDepth)
        variables = ["$"]
        rangeDepth = 0
        let body = try deeper(read)
        (variables, rangeDepth) = outer
        return body
    }

    private mutating func templateName(_ context: String) throws(TemplateError) -> String {
        let token = takeNonSpace()
        guard token.kind == .string || token.kind == .rawString else {
            throw unexpected(token, context)
        }
        return try unquoted(token)
    }

    func unquoted(_ token: TemplateToken) throws(TemplateError) -> String {
        guard let text = TemplateNumberReader.unquoted(token.text) else {
            throw refused("invalid syntax", line: token.line)
        }
        return text
    }

    private enum Part {
        case node(TemplateNode)
        case ending(Ending, followedBy: String?)
    }

    private mutating func list() throws(TemplateError) -> ([TemplateNode], Ending) {
        var nodes: [TemplateNode] = []
        while nextNonSpace.kind != .end {
            switch try part() {
            case .node(let node): nodes.append(node)
            case .ending(let ending, _): return (nodes, ending)
            }
        }
        throw refused("unexpected EOF", line: next.line)
    }

    private mutating func part() throws(TemplateError) -> Part {
        let token = takeNonSpace()
        switch token.kind {
        case .text: return .node(.text(token.text))
        case .leftDelimiter:
            actionLine = token.line
            let part = try action()
            actionLine = 0
            return part
        default: throw unexpected(token, "input")
        }
    }

    private mutating func action() throws(TemplateError) -> Part {
        let token = nextNonSpace
        guard token.kind == .keyword, token.text != "nil" else {
            return .node(.action(try pipeline("command", end: .rightDelimiter)))
        }
        _ = takeNonSpace()
        switch token.text {
        case "if": return .node(.branch(try control(.if)))
        case "with": return .node(.branch(try control(.with)))
        case "range": return .node(.range(try control(.range)))
        case "end":
            try expect(.rightDelimiter, "end")
            return .ending(.end, followedBy: nil)
        case "else":
            let follower = nextNonSpace
            // `{{else if …}}` reads like `{{else}}{{if …}}` with one end for both.
            if follower.kind == .keyword, follower.text == "if" || follower.text == "with" {
                return .ending(.otherwise, followedBy: follower.text)
            }
            try expect(.rightDelimiter, "else")
            return .ending(.otherwise, followedBy: nil)
        case "template": return .node(try templateCall())
        case "block": return .node(try block())
        case "break", "continue": return .node(try jump(token))
        default: throw unexpected(token, "command")
        }
    }

    private mutating func jump(_ token: TemplateToken) throws(TemplateError) -> TemplateNode {
        let end = takeNonSpace()
        guard end.kind == .rightDelimiter else { throw unexpected(end, "{{\(token.text)}}") }
        guard rangeDepth > 0 else {
            throw refused("{{\(token.text)}} outside {{range}}", line: token.line)
        }
        return token.text == "break" ? .leave : .next
    }

    private mutating func templateCall() throws(TemplateError) -> TemplateNode {
        let context = "template clause"
        let position = nextNonSpace.position
        let name = try templateName(context)
        if nextNonSpace.kind == .rightDelimiter {
            _ = takeNonSpace()
            return .template(name: name, pipeline: nil, position: position)
        }
        let pipeline = try pipeline(context, end: .rightDelimiter)
        return .template(name: name, pipeline: pipeline, position: position)
    }

    private mutating func block() throws(TemplateError) -> TemplateNode {
        let context = "block clause"
        let position = nextNonSpace.position
        let name = try templateName(context)
        let pipeline = try pipeline(context, end: .rightDelimiter)
        definitions[name] = try separately { parser throws(TemplateError) in
            let (body, ending) = try parser.list()
            guard ending == .end else {
                throw parser.refused("unexpected {{else}} in \(context)")
            }
            return body
        }
        return .template(name: name, pipeline: pipeline, position: position)
    }

    private mutating func control(
        _ kind: TemplateBranch.Kind
    ) throws(TemplateError) -> TemplateBranch {
        try deeper { parser throws(TemplateError) in
            let known = parser.variables.count
            let pipeline = try parser.pipeline(kind.rawValue, end: .rightDelimiter)
            if kind == .range { parser.rangeDepth += 1 }
            var branch = TemplateBranch(
                kind: kind, pipeline: pipeline, body: [], otherwise: [])
            let follower: String?
            (branch.body, follower) = try parser.body()
            if kind == .range { parser.rangeDepth -= 1 }
            if let follower { branch.otherwise = try parser.otherwise(kind, follower) }
            parser.variables.removeLast(parser.variables.count - known)
            return branch
        }
    }

    /// The parts up to an end (nil) or an else and what stands behind it (empty for nothing).
    private mutating func body() throws(TemplateError) -> ([TemplateNode], String?) {
        var nodes: [TemplateNode] = []
        while nextNonSpace.kind != .end {
            switch try part() {
            case .node(let node): nodes.append(node)
            case .ending(.end, _): return (nodes, nil)
            case .ending(.otherwise, let follower): return (nodes, follower ?? "")
            }
        }
        throw refused("unexpected EOF", line: next.line)
    }

    private mutating func otherwise(
        _ kind: TemplateBranch.Kind, _ follower: String
    ) throws(TemplateError) -> [TemplateNode] {
        if !follower.isEmpty {
            let token = takeNonSpace()
            guard kind.rawValue == follower else { throw unexpected(token, "else") }
            return [.branch(try control(kind))]
        }
        let (nodes, ending) = try list()
        guard ending == .end else { throw refused("expected end; found {{else}}") }
        return nodes
    }
}

extension TemplateToken {
    /// As Go's messages show a word.
    fileprivate var shown: String {
        switch kind {
        case .end: "EOF"
        case .mistake: text
        case .keyword: "<\(text)>"
        default:
            text.unicodeScalars.count > 10
                ? GoText.quoted(String(String.UnicodeScalarView(text.unicodeScalars.prefix(10))))
                    + "..."
                : GoText.quoted(text)
        }
    }
}

extension TemplateParser.Ending {
    fileprivate var word: String { self == .end ? "end" : "else" }
}
