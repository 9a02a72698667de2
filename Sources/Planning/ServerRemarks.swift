import PromQL
import TimeSeries

/// What a server remarked on its answer, as it was sent. Places in it are about the text that the
/// server was sent.
public struct ServerRemarks: Hashable, Sendable {
    public var warnings: [String]
    public var infos: [String]

    public init(warnings: [String] = [], infos: [String] = []) {
        self.warnings = warnings
        self.infos = infos
    }

    public var isEmpty: Bool { warnings.isEmpty && infos.isEmpty }

    /// Takes what was remarked on a further piece of the same answer.
    public mutating func add(_ other: ServerRemarks) {
        for text in other.warnings where !warnings.contains(text) { warnings.append(text) }
        for text in other.infos where !infos.contains(text) { infos.append(text) }
    }
}

extension Fragment {
    /// What servers remarked, about the query. PromQL's own remarks get their places in it; all
    /// others are about a cluster, and name it.
    public func annotations(
        of answers: [(request: Request, remarks: ServerRemarks)]
    ) -> Annotations {
        var result = Annotations()
        // Most clusters are asked in the same words.
        var known: [String: QueryPlaces] = [:]
        for (request, remarks) in answers where !remarks.isEmpty {
            func read(_ text: String, _ note: (String, Range<Int>?) -> Void) {
                guard text.hasPrefix("PromQL ") else {
                    return note("cluster \(request.cluster): \(text)", nil)
                }
                let remark = LocatedRemark(text)
                guard let position = remark.position, wordings.indices.contains(request.wording)
                else { return note(remark.text, nil) }
                let places =
                    known[request.query]
                    ?? QueryPlaces(of: wordings[request.wording], sentAs: request.query)
                known[request.query] = places
                note(remark.text, places.place(of: position))
            }
            for text in remarks.warnings { read(text) { result.warn($0, at: $1) } }
            for text in remarks.infos {
                read(text) { text, place in
                    guard let (text, repairs) = BucketRepairs.split(text) else {
                        return result.inform(text, at: place)
                    }
                    // Of packed pieces, each is computed from the same.
                    result.inform(
                        text, about: repairs.counted(onceIn: max(1, questions.count)), at: place)
                }
            }
        }
        return result
    }
}

/// A remark of PromQL without the position behind it.
private struct LocatedRemark {
    var text: String
    var position: Position?

    /// From 1; columns are bytes.
    struct Position {
        var line: Int
        var column: Int
    }

    /// Reads `… (1:7)`; Prometheus may also say that it does not know the position.
    init(_ text: String) {
        self.text = text
        guard text.hasSuffix(")"), let open = text.lastIndex(of: "("), open > text.startIndex,
            text[text.index(before: open)] == " "
        else { return }
        let inner = text[text.index(after: open)...].dropLast()
        let numbers = inner.split(separator: ":", omittingEmptySubsequences: false)
        if numbers.count == 2, let line = Int(numbers[0]), let column = Int(numbers[1]) {
            position = Position(line: line, column: column)
        } else if inner != "unknown position", inner != "invalid position" {
            return
        }
        self.text = String(text[..<open].dropLast())
    }
}

/// Where in the query the parts of a text stand that a server was sent.
private struct QueryPlaces {
    private let sent: [UInt8]
    /// By the first byte of the part in the text; nil where parts that begin there stand at
    /// different places of the query.
    private var places: [Int: Range<Int>?] = [:]

    /// `wording` is what `text` says. Read again, the text is the same tree, so that each part is
    /// found beside what it was written from; where it is not, no place is known.
    init(of wording: Expression, sentAs text: String) {
        sent = Array(text.utf8)
        guard let read = try? parse(text, options: .ofServers), note(read, beside: wording) else {
            places = [:]
            return
        }
    }

    private mutating func note(_ read: Expression, beside wording: Expression) -> Bool {
        let children = read.children
        let others = wording.children
        guard read.isAlike(wording), children.count == others.count else { return false }
        if let place = wording.placeInQuery {
            let start = read.source.lower
            if let other = places[start] {
                if other?.lowerBound != place.lowerBound { places[start] = .some(nil) }
            } else {
                places[start] = place
            }
        }
        return zip(children, others).allSatisfy { note($0, beside: $1) }
    }

    func place(of position: LocatedRemark.Position) -> Range<Int>? {
        guard position.line > 0, (1...sent.count + 1).contains(position.column) else { return nil }
        var line = 1
        var start = 0
        while line < position.line {
            guard let end = sent[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            start = end + 1
            line += 1
        }
        return places[start + position.column - 1] ?? nil
    }
}

extension Expression {
    /// The same in place of something that stands there, of which the rest is not sent. What is
    /// remarked on it as an argument is then about the whole. An operation's own remarks get no place
    /// any more, as its first operand begins where it does and stands elsewhere.
    func standing(at source: SourceRange) -> Expression {
        switch self {
        case .number(var node):
            node.source = source
            return .number(node)
        case .string(var node):
            node.source = source
            return .string(node)
        case .selector(var node):
            node.source = source
            return .selector(node)
        case .range(var node):
            node.source = source
            return .range(node)
        case .subquery(var node):
            node.source = source
            return .subquery(node)
        case .call(var node):
            node.source = source
            return .call(node)
        case .aggregation(var node):
            node.source = source
            return .aggregation(node)
        case .binary(var node):
            node.source = source
            return .binary(node)
        case .unary(var node):
            node.source = source
            return .unary(node)
        case .parenthesized(var node):
            // Parentheses around an argument do not count.
            node.source = source
            node.expression = node.expression.standing(at: source)
            return .parenthesized(node)
        }
    }

    /// Where the part stands in the query. What was written around a part for a server stands where
    /// the part does.
    var placeInQuery: Range<Int>? {
        source.bytes ?? children.first?.placeInQuery
    }

    /// Whether it is the same kind of node.
    fileprivate func isAlike(_ other: Expression) -> Bool {
        switch (self, other) {
        case (.number, .number), (.string, .string), (.selector, .selector), (.range, .range),
            (.subquery, .subquery), (.parenthesized, .parenthesized):
            true
        case (.unary(let one), .unary(let other)): one.operator == other.operator
        case (.binary(let one), .binary(let other)): one.operator == other.operator
        case (.aggregation(let one), .aggregation(let other)): one.operator == other.operator
        case (.call(let one), .call(let other)): one.function.name == other.function.name
        default: false
        }
    }
}

extension ParseOptions {
    /// What a cluster's server reads: the gateway's words for a query nest deeper than the query,
    /// and servers have no limit of their own.
    public static let ofServers = ParseOptions(
        experimentalFunctions: true, extendedRangeSelectors: true, maximumDepth: 300,
        maximumHeight: 1500)
}
