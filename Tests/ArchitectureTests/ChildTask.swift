import Foundation

/// A closure that is added to a task group.
struct ChildTask {
    var line: Int
    /// What stands between the braces.
    var body: String

    static func all(in file: SourceTree.File) throws -> [ChildTask] {
        let text = file.code as NSString
        return try file.places(of: #"\baddTask(?:UnlessCancelled)?\s*(?:\([^{}]*\))?\s*\{"#).map {
            place in
            let start = place.range.location + place.range.length
            let rest = text.substring(from: start)
            return ChildTask(
                line: file.line(of: place.range),
                body: String(rest.prefix(inner(rest, closing: "}"))))
        }
    }

    /// Whether it is a single call: `await`, a name, arguments, and nothing around it.
    var isOneCall: Bool {
        var rest = body.trimmingCharacters(in: .whitespacesAndNewlines)[...]
        if rest.first == "[", let end = rest.firstIndex(of: "]") {
            rest = rest[rest.index(after: end)...]
        }
        rest = Self.without(["in", "return", "try", "await"], rest)
        let name = rest.prefix { $0.isLetter || $0.isNumber || "_.?`".contains($0) }
        guard let first = name.first, first.isLetter || first == "_" || first == "`" else {
            return false
        }
        let call = rest.dropFirst(name.count)
        guard call.first == "(" else { return false }
        let end = Self.inner(String(call.dropFirst()), closing: ")")
        return call.dropFirst(end + 2).allSatisfy(\.isWhitespace)
    }

    /// How many characters stand before the bracket that closes what is open.
    private static func inner(_ text: String, closing: Character) -> Int {
        var open: [Character] = [closing]
        for (count, character) in text.enumerated() {
            switch character {
            case "(": open.append(")")
            case "[": open.append("]")
            case "{": open.append("}")
            case open.last:
                open.removeLast()
                if open.isEmpty { return count }
            default: break
            }
        }
        return text.count
    }

    /// What follows these words, each of which may be there.
    private static func without(_ words: [String], _ text: Substring) -> Substring {
        var rest = text
        for word in words {
            rest = rest.drop(while: \.isWhitespace)
            let after = rest.dropFirst(word.count)
            if rest.hasPrefix(word), after.first?.isWhitespace == true { rest = after }
        }
        return rest.drop(while: \.isWhitespace)
    }
}
