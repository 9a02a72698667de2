import Foundation
import TestSupport

/// A query of conformance/differential and what is said of it there.
struct CorpusQuery: Sendable, CustomStringConvertible {
    var file: String
    var line: Int
    var text: String
    var isInstant = true
    var isRange = true
    var isEmpty = false
    /// The error type with which both refuse it.
    var failure: String?
    var comparison = AnswerComparison()

    var description: String { "\(file):\(line): \(text)" }

    static func all() throws -> [CorpusQuery] {
        let folder = Conformance.folder.appendingPathComponent("differential").path
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".queries.txt") }.sorted()
            .flatMap { try read($0, Conformance.text(of: "differential/\($0)")) }
    }

    static func read(_ file: String, _ text: String) throws -> [CorpusQuery] {
        var queries: [CorpusQuery] = []
        var next = CorpusQuery(file: file, line: 0, text: "")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("#!") {
                try next.note(line.dropFirst(2).split(separator: " ").map(String.init), index + 1)
            } else if !line.isEmpty, !line.hasPrefix("#") {
                next.line = index + 1
                next.text = String(line)
                queries.append(next)
                next = CorpusQuery(file: file, line: 0, text: "")
            }
        }
        return queries
    }

    private mutating func note(_ words: [String], _ line: Int) throws {
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "instant": isRange = false
            case "range": isInstant = false
            case "ordered": comparison.isOrdered = true
            case "bytes": comparison.isExact = true
            case "empty": isEmpty = true
            case "cancels": comparison.absoluteTolerance = 1e-6
            case "fails": failure = words.popFirst()
            default: throw ProcessFailure("\(file):\(line): what is \(word)?")
            }
        }
    }
}

/// When a query is asked.
enum QueryTime: Sendable, CustomStringConvertible {
    /// Seconds since the Unix epoch, as text.
    case instant(String)
    case range(start: String, end: String, step: String)

    // No time is a multiple of a subquery's step, and none is 5 minutes after a sample: there the
    // servers' closed windows would hold one sample more.
    static let instants: [QueryTime] = [
        // In the middle, and between whole seconds.
        .instant(at(1807)), .instant(at(1823) + ".25"),
        // Where windows reach to before the first sample.
        .instant(at(247)),
        // After the last sample, when some still count; and long after.
        .instant(at(3787)), .instant(at(7207)),
    ]
    static let ranges: [QueryTime] = [
        .range(start: at(607), end: at(2407), step: "60"),
        // From before the data on, out of phase with seconds.
        .range(start: at(-293) + ".25", end: at(607), step: "7.5"),
        // Steps shorter than a second.
        .range(start: at(1987) + ".05", end: at(2001), step: "0.7"),
        // Beyond the end of the data, with an end that is not on the grid.
        .range(start: at(3007), end: at(4209), step: "35"),
    ]

    private static func at(_ seconds: Int) -> String { String(UnionData.start + seconds) }

    /// The endpoint and its parameters.
    func call(_ query: String) -> (endpoint: String, parameters: [HTTPCall.Parameter]) {
        switch self {
        case .instant(let time):
            return ("query", [.init("query", query), .init("time", time)])
        case .range(let start, let end, let step):
            return (
                "query_range",
                [
                    .init("query", query), .init("start", start), .init("end", end),
                    .init("step", step),
                ]
            )
        }
    }

    var description: String {
        switch self {
        case .instant(let time): "at \(time)"
        case .range(let start, let end, let step): "from \(start) to \(end) by \(step)"
        }
    }
}

extension CorpusQuery {
    var times: [QueryTime] {
        (isInstant ? QueryTime.instants : []) + (isRange ? QueryTime.ranges : [])
    }
}
