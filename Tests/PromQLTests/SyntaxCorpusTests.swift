import Foundation
import PromQL
import Testing

/// One line of a syntax corpus.
private struct Line {
    var query: String
    var format: String?
    var tree: NSObject?
    var error: String?
}

/// The recorded corpus beside the repository, and the project's own inside it.
private enum Corpus {
    static let own = root.appending(path: "conformance/promql-syntax")

    static let recorded: URL? = {
        let candidate =
            ProcessInfo.processInfo.environment["ISTHMUS_CORPORA"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared/corpora")
        let folder = candidate.appending(path: "promql-syntax")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func lines(_ folder: URL?, _ name: String) throws -> [Line] {
        guard let folder else { return [] }
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let query = try #require(object["query"] as? String)
            let error = (object["error"] as? String)?.replacingOccurrences(
                of: "invalid parameter \"query\": ", with: "")
            return Line(
                query: query, format: object["format"] as? String,
                tree: object["ast"] as? NSObject, error: error)
        }
    }
}

/// As the recorded server had it: experimental functions, but no extended range selectors.
private let recordedOptions = ParseOptions(
    experimentalFunctions: true, extendedRangeSelectors: false)

/// What is wrong with the reading of an accepted query.
private func faults(_ line: Line) -> [String] {
    do {
        let expression = try parse(line.query, options: ParseOptions(experimentalFunctions: true))
        var faults: [String] = []
        if let format = line.format, expression.prettyPrinted != format {
            faults.append("\(line.query)\n  printed \(expression.prettyPrinted)")
        }
        let tree =
            try JSONSerialization.jsonObject(
                with: Data(expression.treeJSON.utf8), options: .fragmentsAllowed) as? NSObject
        if let expected = line.tree, expected != tree {
            faults.append("\(line.query)\n  tree \(expression.treeJSON)")
        }
        let again = try parse(
            expression.text(), options: ParseOptions(experimentalFunctions: true))
        if again != expression {
            faults.append("\(line.query)\n  reads differently as \(expression.text())")
        }
        return faults
    } catch {
        return ["\(line.query)\n  rejected: \(error)"]
    }
}

private func rejection(of query: String) -> String? {
    do {
        _ = try parse(query, options: recordedOptions)
        return nil
    } catch {
        return error.description
    }
}

@Suite struct SyntaxCorpusTests {
    @Test(.enabled(if: Corpus.recorded != nil, "the recorded corpus is not here"))
    func recordedQueriesAreReadAndPrintedAsPrometheusDoes() throws {
        let lines = try Corpus.lines(Corpus.recorded, "accepted.jsonl")
        #expect(lines.count > 1000)
        #expect(lines.flatMap(faults) == [])
    }

    @Test(.enabled(if: Corpus.recorded != nil, "the recorded corpus is not here"))
    func recordedMistakesAreRejectedInPrometheussWords() throws {
        let lines = try Corpus.lines(Corpus.recorded, "rejected.jsonl")
        #expect(lines.count > 1300)
        let accepted = lines.filter { rejection(of: $0.query) == nil }
        // These functions came with 3.13, after the recording.
        #expect(accepted.allSatisfy { $0.query.contains(/(min|max)_of\(/) })
        #expect(accepted.count == 10)
        let inOtherWords = lines.filter { line in
            rejection(of: line.query).map { $0 != line.error } ?? false
        }
        #expect(inOtherWords.map(\.query) == [])
    }

    @Test func ownQueriesAreReadAndPrinted() throws {
        let lines = try Corpus.lines(Corpus.own, "accepted.jsonl")
        #expect(lines.count >= 30)
        #expect(lines.flatMap(faults) == [])
    }

    @Test func ownMistakesAreRejected() throws {
        let lines = try Corpus.lines(Corpus.own, "rejected.jsonl")
        #expect(lines.count >= 20)
        for line in lines { #expect(rejection(of: line.query) == line.error, "\(line.query)") }
    }

    @Test func everyCutOfAQueryIsReadOrRejectedAndNeverTraps() throws {
        let queries = try Corpus.lines(Corpus.own, "accepted.jsonl").map(\.query)
        for query in queries {
            for length in 0...query.count { _ = rejection(of: String(query.prefix(length))) }
        }
    }

    @Test func columnsCountFromTheLastLineBreak() {
        #expect(
            rejection(of: "sum(\n  up\n) by !")
                == "3:6: parse error: unexpected character after '!': '\u{fffd}'")
    }
}
