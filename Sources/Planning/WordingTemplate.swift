import Clusters
import PromQL
import TimeSeries

/// A question that holds values of external labels, which differ from cluster to cluster.
struct WordingTemplate {
    /// One more than there are names.
    private var pieces: [String] = []
    private var names: [String] = []

    /// How marks begin. No query that holds it is made a template.
    static let markStart = "__isthmus_label_"

    /// What stands for the value of each external label.
    static func marks(for labels: Labels) -> [String: String] {
        var result: [String: String] = [:]
        for (index, pair) in labels.pairs.enumerated() {
            result[pair.name] = "\(markStart)\(index)"
        }
        return result
    }

    /// Finds the marks, in quotes, in a question to a cluster with `labels`.
    init(_ text: String, labels: Labels) {
        let marks = Self.marks(for: labels).map {
            (name: $0.key, bytes: Array("\"\($0.value)\"".utf8))
        }
        let bytes = Array(text.utf8)
        var start = 0
        var place = 0
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "\""),
                let mark = marks.first(where: { bytes[place...].starts(with: $0.bytes) })
            else {
                place += 1
                continue
            }
            pieces.append(String(decoding: bytes[start..<place], as: UTF8.self))
            names.append(mark.name)
            place += mark.bytes.count
            start = place
        }
        pieces.append(String(decoding: bytes[start...], as: UTF8.self))
    }

    /// A value as `label_replace` has to be given it to write it.
    private static func quoted(_ value: String) -> String {
        // Most are words that mean themselves.
        let isPlain = value.utf8.allSatisfy { byte in
            byte > UInt8(ascii: " ") && byte < 0x7f && byte != UInt8(ascii: "\"")
                && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "$")
        }
        return isPlain
            ? "\"" + value + "\"" : Expression.string(StringLiteral(value.replacementText)).text()
    }

    /// The question to a cluster with these labels.
    func filled(_ labels: Labels) -> String {
        guard !names.isEmpty else { return pieces[0] }
        var values: [String: String] = [:]
        for (name, value) in labels.pairs {
            values[name] = Self.quoted(value)
        }
        var result = pieces[0]
        for (name, piece) in zip(names, pieces.dropFirst()) {
            result += values[name] ?? "\"\""
            result += piece
        }
        return result
    }
}
