import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// `label_replace` and `label_join`.
    mutating func relabelled(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let input = try vector(node.arguments[0], on: grid)
        var texts: [String] = []
        for argument in node.arguments.dropFirst() {
            guard case .string(let text) = try value(of: argument, on: grid) else { return [] }
            texts.append(text)
        }
        guard let destination = texts.first, !destination.isEmpty else {
            throw .unsupported(
                "invalid destination label name in \(node.function.name)(): "
                    + (texts.first ?? ""))
        }
        let change: (Labels) -> Labels
        if node.function.name == "label_join" {
            let separator = texts[1]
            let sources = texts.dropFirst(2)
            change = { labels in
                let parts = sources.map { labels[$0] ?? "" }
                return labels.setting(destination, to: parts.joined(separator: separator))
            }
        } else {
            let pattern: Pattern
            do {
                pattern = try Pattern(texts[3])
            } catch {
                throw .invalidPattern(texts[3])
            }
            let template = Template(texts[1], pattern)
            let source = texts[2]
            change = { labels in
                guard let groups = pattern.groups(in: labels[source] ?? "") else { return labels }
                return labels.setting(destination, to: template.expanded(groups))
            }
        }
        return input.map {
            GridSeries(labels: change($0.labels), values: $0.values, histograms: $0.histograms)
        }
    }
}

/// A replacement text with `$1`, `${1}`, `$name` and `$$`, as Go expands it.
struct Template {
    private enum Piece {
        case text(String)
        /// A group by its number; one that the pattern does not have is empty.
        case group(Int?)
    }

    private var pieces: [Piece] = []

    init(_ template: String, _ pattern: Pattern) {
        var rest = Substring(template)
        while let dollar = rest.firstIndex(of: "$") {
            pieces.append(.text(String(rest[..<dollar])))
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                pieces.append(.text("$"))
                rest = rest.dropFirst()
                continue
            }
            let isBraced = rest.first == "{"
            let body = isBraced ? rest.dropFirst() : rest
            let name = body.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let after = body.dropFirst(name.count)
            guard !name.isEmpty, !isBraced || after.first == "}" else {
                // Malformed: the dollar stands for itself.
                pieces.append(.text("$"))
                continue
            }
            rest = isBraced ? after.dropFirst() : after
            let number = Int(name) ?? pattern.group(named: String(name))
            pieces.append(.group(number))
        }
        pieces.append(.text(String(rest)))
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
