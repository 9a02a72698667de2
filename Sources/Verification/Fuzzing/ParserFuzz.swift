import PromQL

/// What must hold for any text that is read as a query, right or wrong.
public enum ParserFuzz {
    private static let everything = ParseOptions(experimentalFunctions: true)

    /// Some times at which a query is resolved; also those of an instant query.
    private static let times = [
        QueryTimes(start: 1_000_000, end: 1_600_000, step: 15_000, defaultSubqueryStep: 60_000),
        QueryTimes(start: -1500, end: -1500, step: 0, defaultSubqueryStep: 60_000),
    ]

    /// What does not hold; nil where all does. It traps where the reader does.
    public static func fault(of bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? parseSelector(text)
        let expression: Expression
        do {
            expression = try parse(text, options: everything)
        } catch {
            return fault(of: error, in: text)
        }
        return fault(ofReading: expression, text) ?? fault(ofResolving: expression)
    }

    /// A mistake is told inside the text, in words.
    private static func fault(of error: ParseError, in text: String) -> String? {
        let length = text.utf8.count
        if error.message.isEmpty { return "a mistake without words" }
        if error.source.lowerBound < 0 || error.source.upperBound > length {
            return "\(error) is told of \(error.source) in \(length) bytes"
        }
        guard let place = error.place else { return nil }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard place.line >= 1, place.line <= lines.count, place.column >= 1,
            place.column <= lines[place.line - 1].count + 1
        else { return "\(error) is told of a place outside the text" }
        return nil
    }

    /// What is printed is read as the same; without the switch a query is the same or refused.
    private static func fault(ofReading expression: Expression, _ text: String) -> String? {
        for printed in [expression.text(), expression.prettyPrinted] {
            do {
                guard try parse(printed, options: everything) == expression else {
                    return "it is printed as \(printed), which is another query"
                }
            } catch {
                return "it is printed as \(printed), which is none: \(error)"
            }
        }
        if expression.treeJSON.isEmpty { return "it has no tree" }
        if let plain = try? parse(text), plain != expression {
            return "it is another query without the experimental parts"
        }
        return nil
    }

    /// What is resolved can be sent as text.
    private static func fault(ofResolving expression: Expression) -> String? {
        for times in times {
            guard let resolved = try? expression.resolved(in: times) else { continue }
            let printed = resolved.text()
            do {
                guard try parse(printed, options: everything) == resolved else {
                    return "it is resolved to \(printed), which is read as another query"
                }
            } catch {
                return "it is resolved to \(printed), which is none: \(error)"
            }
        }
        return nil
    }
}
