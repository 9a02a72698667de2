import TestSupport

/// Writes queries of the whole grammar, right in most of their types, in careless spelling.
struct QueryGenerator {
    private var random: SeededGenerator
    private var depth = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A query that gives an instant vector.
    mutating func vector() -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth < 5 else { return instantSelector() }
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: return instantSelector()
        case 2: return one(of: ["rate", "max_over_time", "absent_over_time"]) + "(\(matrix()))"
        case 3: return "quantile_over_time(\(scalar()), \(matrix()))"
        case 4: return one(of: ["abs", "sort", "timestamp", "HOUR".lowercased()]) + "(\(vector()))"
        case 5: return "label_replace(\(vector()), \(string()), \(string()), 'x', \"(.*)\")"
        case 6, 7: return aggregation()
        case 8, 9: return vectorOperation()
        case 10: return one(of: ["-", "+", "- -"]) + vector()
        default: return "(\(vector()))"
        }
    }

    /// Bytes that are hardly ever a query.
    mutating func noise() -> String {
        let pieces = [
            "sum", "by", "(", ")", "[", "]", "{", "}", "5m", "1e", "0x", "offset", "@", "\"", "'",
            "`",
            "\\", "#", "\n", "\0", "é", "\u{fffd}", "\u{202e}", "=~", "!", ":", ",", "rate",
            "step()",
            "fill(", "9223372036854775808", "1e999", "9999999y", " ", "x", "-", "^", "</", "bool",
        ]
        return (0..<Int.random(in: 0..<20, using: &random)).map { _ in one(of: pieces) }.joined()
    }

    // MARK: Pieces

    private mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    private mutating func names() -> String {
        let all = ["job", "le", "by", "on", "\"my.label\"", "a:b", "start"]
        let count = Int.random(in: 0..<4, using: &random)
        let names = (0..<count).map { _ in one(of: all) }.joined(separator: ",")
        return "(" + names + (count > 0 && Bool.random(using: &random) ? "," : "") + ")"
    }

    private mutating func string() -> String {
        one(of: ["\"a\"", "'b\\n'", "`c\\d`", "\"\\u00e9\\x41\\377\"", "\"\"", "'\\''"])
    }

    private mutating func scalar() -> String {
        one(of: [
            "1", "0.5", "-3", "0x1F", "1_000", "Inf", "5m", "time()", "2 ^ -1", "1 > bool 2", "08",
        ])
    }

    private mutating func selector() -> String {
        let conditions = [
            "a=\"1\"", "b!='2'", "c=~`3.*`", "d!~\"4\"", "\"e.f\"=\"5\"", "g=\"\"", "a=\"1\"",
        ]
        let some = (0..<Int.random(in: 0..<4, using: &random)).map { _ in one(of: conditions) }
        let name = one(of: ["up", "foo:bar", "sum", "offset", "by", ""])
        if name.isEmpty {
            return "{" + (["h=\"6\""] + some + one(of: [[], ["\"i.j\""]])).joined(separator: ", ")
                + "}"
        }
        return some.isEmpty ? name : name + " {" + some.joined(separator: ",") + "}"
    }

    private mutating func time() -> String {
        let at = one(of: ["", "", " @ 1.5", " @ -1", " @ start()", " @ end ()"])
        let offset = one(of: [
            "", "", " offset 5m", " OFFSET -\(number())", " offset \(parenthesized())",
        ])
        return Bool.random(using: &random) ? at + offset : offset + at
    }

    private mutating func instantSelector() -> String {
        selector() + one(of: ["", "", "", " smoothed", " anchored"]) + time()
    }

    private mutating func matrix() -> String {
        Bool.random(using: &random)
            ? selector() + "[\(duration())]" + time()
            : "(\(vector()))[\(duration()):\(one(of: ["", "1m", "step()"]))]" + time()
    }

    private mutating func number() -> String { one(of: ["5m", "30", "1h30m", "0.5", "1y1ms"]) }

    private mutating func duration() -> String {
        Bool.random(using: &random) ? number() : number() + " + " + arithmetic(3)
    }

    private mutating func parenthesized() -> String {
        "(\(arithmetic(2)))" + one(of: ["", " * 2", " ^ 2 - 1m"])
    }

    private mutating func arithmetic(_ levels: Int) -> String {
        guard levels > 0 else { return one(of: [number(), "step()", "range()"]) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return number()
        case 1: return "-" + arithmetic(levels - 1)
        case 2: return "(" + arithmetic(levels - 1) + ")"
        case 3: return "max_of(\(arithmetic(levels - 1)), \(arithmetic(levels - 1)))"
        default:
            let operation = one(of: ["+", "-", "*", "/", "%", "^"])
            return arithmetic(levels - 1) + operation + "1"
                + arithmetic(0)
                .replacing(/^[a-z].*/, with: "")
        }
    }

    private mutating func aggregation() -> String {
        let grouping = one(of: ["", " by " + names(), " without " + names()])
        let (name, parameter) = one(of: [
            ("sum", ""), ("MAX", ""), ("group", ""), ("topk", "3, "), ("quantile", "0.9, "),
            ("count_values", "\"v\", "), ("limit_ratio", "-0.5, "),
        ])
        let arguments = "(\(parameter)\(vector()))"
        return Bool.random(using: &random)
            ? name + grouping + " " + arguments : name + arguments + grouping
    }

    private mutating func vectorOperation() -> String {
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            return vector() + one(of: [" and ", " or on () ", " unless ignoring (a) "]) + vector()
        case 1:
            let fill = one(of: [
                "", "", " fill (0)", " fill_left(-1)", " fill_right(1) fill_left(2)",
            ])
            let matching = one(of: [
                "", " on " + names(), " ignoring " + names(), " on (x) group_left (y)",
                " ignoring (x) group_right",
            ])
            let operation = one(of: ["+", "*", "atan2", "^", "== bool", "<", "</", "%"])
            return "\(vector()) \(operation)\(matching)\(fill) \(vector())"
        default:
            let operation = one(of: [" + ", "*", " > ", " >= bool ", " ^ "])
            return Bool.random(using: &random)
                ? vector() + operation + scalar() : scalar() + operation + vector()
        }
    }
}
