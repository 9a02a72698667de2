import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// `label_replace` and `label_join`.
    mutating func relabelled(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        var texts: [String] = []
        for argument in node.arguments.dropFirst() { texts.append(try text(argument, on: grid)) }
        guard let makeChange = LabelFunctions.table[node.function.name] else {
            throw .unsupported(node.function.name + "()")
        }
        let change = try makeChange(texts)
        var series = try vector(node.arguments[0], on: grid)
        for index in series.indices {
            guard let changed = change(series[index].labels) else { continue }
            // A name that the query itself writes stays.
            if texts[0] == Labels.metricNameLabel { series[index].dropsMetricName = false }
            series[index].labels = changed
        }
        return try series.unified(.atOtherTimes)
    }
}

/// Functions that change labels, by their names; each makes the change from its text arguments.
enum LabelFunctions {
    /// Nil where a label set is to stay as it is.
    typealias Change = (Labels) -> Labels?

    static let table: [String: @Sendable ([String]) throws(EvaluationFailure) -> Change] = [
        "label_join": join,
        "label_replace": replace,
    ]

    /// `label_join(v, destination, separator, sources…)`.
    @Sendable
    private static func join(_ texts: [String]) throws(EvaluationFailure) -> Change {
        let (destination, separator, sources) = (texts[0], texts[1], texts.dropFirst(2))
        if let source = sources.first(where: \.isEmpty) {
            throw .invalidFunctionLabel(role: "source", function: "label_join", name: source)
        }
        guard !destination.isEmpty else {
            throw .invalidFunctionLabel(
                role: "destination", function: "label_join", name: destination)
        }
        return { labels in
            let values = sources.map { labels[$0] ?? "" }
            return labels.setting(destination, to: values.joined(separator: separator))
        }
    }

    /// `label_replace(v, destination, replacement, source, pattern)`.
    @Sendable
    private static func replace(_ texts: [String]) throws(EvaluationFailure) -> Change {
        let (destination, replacement, source) = (texts[0], texts[1], texts[2])
        let pattern: Pattern
        do {
            pattern = try Pattern(texts[3])
        } catch {
            throw .invalidPattern(texts[3])
        }
        guard !destination.isEmpty else {
            throw .invalidFunctionLabel(
                role: "destination", function: "label_replace", name: destination)
        }
        let template = Template(replacement, pattern)
        return { labels in
            guard let groups = pattern.groups(in: labels[source] ?? "") else { return nil }
            return labels.setting(destination, to: template.expanded(groups))
        }
    }
}

/// A replacement text with `$1`, `${1}`, `$name` and `$$`, as Go expands it.
struct Template {
    private enum Piece {
        case text(String)
        /// A group by its number; nil is one that the pattern does not have, and empty.
        case group(Int?)
    }

    private var pieces: [Piece] = []

    init(_ template: String, _ pattern: Pattern) {
        var rest = template.unicodeScalars[...]
        while let dollar = rest.firstIndex(of: "$") {
            pieces.append(.text(String(rest[..<dollar])))
            rest = rest[dollar...].dropFirst()
            if rest.first == "$" {
                pieces.append(.text("$"))
                rest = rest.dropFirst()
                continue
            }
            let isBraced = rest.first == "{"
            let body = isBraced ? rest.dropFirst() : rest
            let name = body.prefix(while: Self.isPartOfName)
            let after = body.dropFirst(name.count)
            guard !name.isEmpty, !isBraced || after.first == "}" else {
                // Malformed: the dollar stands for itself.
                pieces.append(.text("$"))
                continue
            }
            rest = isBraced ? after.dropFirst() : after
            pieces.append(.group(Self.group(String(name), in: pattern)))
        }
        pieces.append(.text(String(rest)))
    }

    private static func isPartOfName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber:
            true
        default: scalar == "_"
        }
    }

    /// The group's number; a number with a leading zero is a name.
    private static func group(_ name: String, in pattern: Pattern) -> Int? {
        let isNumber = name == "0" || !name.hasPrefix("0")
        if isNumber, let number = Int(name) { return number }
        return pattern.group(named: name)
    }

    func expanded(_ groups: [String]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .group(let number):
                number.flatMap { groups.indices.contains($0) ? groups[$0] : nil } ?? ""
            }
        }.joined()
    }
}
