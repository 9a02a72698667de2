import Foundation
import PromQL
import TestSupport
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

    static let recorded = Corpora.folder("promql-syntax")

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

/// As the recorded server had it: experimental functions, but none of the other switches.
private let recordedOptions = ParseOptions(
    experimentalFunctions: true, extendedRangeSelectors: false, fillModifiers: false)

/// The release that the corpus was recorded from.
private let recordedRelease = PrometheusVersion(3, 12)

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

private func rejection(
    of query: String, options: ParseOptions = ParseOptions(experimentalFunctions: true)
) -> String? {
    do {
        _ = try parse(query, options: options)
        return nil
    } catch {
        return error.description
    }
}

/// The first call, in the order of the text, of a function that came after the recorded release.
private func laterCall(in expression: PromQL.Expression) -> Call? {
    if case .call(let call) = expression, let since = call.function.since,
        since > recordedRelease
    {
        return call
    }
    return expression.children.lazy.compactMap(laterCall).first
}

/// The rejection as the recorded release has it: what came later is unknown there. Queries of one
/// line only.
private func recordedRejection(of query: String) -> String? {
    if let rejection = rejection(of: query, options: recordedOptions) { return rejection }
    guard let expression = try? parse(query, options: recordedOptions),
        let call = laterCall(in: expression)
    else { return nil }
    return "1:\(call.source.lower + 1): parse error: "
        + "unknown function with name \"\(call.function.name)\""
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
        let inOtherWords = lines.filter { recordedRejection(of: $0.query) != $0.error }
        #expect(inOtherWords.map(\.query) == [])
        // All that differs by default is what came with 3.13.
        let accepted = lines.filter { rejection(of: $0.query, options: recordedOptions) == nil }
        #expect(accepted.allSatisfy { $0.query.contains(/(min|max)_of\(/) })
    }

    @Test func ownQueriesAreReadAndPrinted() throws {
        let lines = try Corpus.lines(Corpus.own, "accepted.jsonl")
        #expect(lines.count >= 150)
        #expect(lines.flatMap(faults) == [])
    }

    @Test func ownMistakesAreRejected() throws {
        let lines = try Corpus.lines(Corpus.own, "rejected.jsonl")
        #expect(lines.count >= 80)
        for line in lines { #expect(rejection(of: line.query) == line.error, "\(line.query)") }
    }

    @Test func experimentalPartsAreRefusedInPrometheussWordsUntilSwitchedOn() throws {
        let lines = try Corpus.lines(Corpus.own, "experimental.jsonl")
        #expect(lines.count > 20)
        for line in lines {
            let error = #expect(throws: ParseError.self) { try parse(line.query) }
            #expect(error?.description == line.error, "\(line.query)")
            #expect(throws: Never.self) {
                try parse(line.query, options: ParseOptions(experimentalFunctions: true))
            }
        }
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
