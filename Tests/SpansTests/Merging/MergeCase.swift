import Spans

/// One case of `conformance/traces/merging`.
struct MergeCase {
    var name: String
    /// The lines of the case as they were read, up to the line `=`.
    var lines: [String] = []
    var expected = ""
    var settings = TraceMerger.Settings(clusters: ["east", "west", "ap"])
    var fragments: [TraceFragment] = []

    /// The cases of a file, and the comment that it begins with.
    static func read(_ text: String) throws -> (comment: String, cases: [MergeCase]) {
        var comment = ""
        var cases: [MergeCase] = []
        var isExpected = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("> ") {
                cases.append(MergeCase(name: String(line.dropFirst(2))))
                isExpected = false
            } else if cases.isEmpty {
                comment += line + "\n"
            } else if line == "=" {
                isExpected = true
            } else if !line.isEmpty {
                if isExpected {
                    cases[cases.count - 1].expected += line + "\n"
                } else {
                    try cases[cases.count - 1].take(line)
                }
            }
        }
        return (comment, cases)
    }

    private mutating func take(_ line: Substring) throws {
        lines.append(String(line))
        guard !line.hasPrefix("#") else { return }
        if line.hasPrefix("settings: ") {
            for word in MergeText.words(line).dropFirst() { try set(word) }
        } else if line.first != " " {
            fragments.append(
                TraceFragment(
                    cluster: String(line), trace: Trace(id: TraceID(high: 0, low: 0xabc))))
        } else {
            guard !fragments.isEmpty else { throw MergeText.Mistake(line: String(line)) }
            let content = line.drop { $0 == " " }
            if content.first == "!" {
                fragments[fragments.count - 1].trace.warnings.append(
                    String(content.dropFirst(2).dropLast()))
            } else {
                fragments[fragments.count - 1].trace.spans.append(try MergeText.span(content))
            }
        }
    }

    private mutating func set(_ word: String) throws {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        switch (parts[0], parts.count) {
        case ("raw", 1): settings.isRaw = true
        case ("skew", 2):
            settings.maximumClockSkewAdjustment = GoDuration.nanoseconds(parts[1]) ?? 0
        case ("missing", 2):
            settings.missing = parts[1].split(separator: ",").map {
                .init(name: String($0), reason: "timeout")
            }
        default: throw MergeText.Mistake(line: word)
        }
    }

    var merged: String { MergeText.tree(TraceMerger(settings).merge(fragments)) }

    var text: String {
        "> \(name)\n" + lines.map { $0 + "\n" }.joined() + "=\n" + merged
    }
}
