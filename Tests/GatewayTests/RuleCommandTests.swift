import Foundation
import TestSupport
import Testing

/// `isthmus check rules` and `isthmus test rules` on the files of conformance/rules, beside
/// promtool's verdict on the same files.
@Suite struct RuleCommandTests {
    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("conformance/rules")

    private static let checked = files(in: "check", ending: ".yaml")
    private static let tested = files(in: "test", ending: ".test.yaml")
    private static let clusterTests = files(in: "test/clusters", ending: ".test.yaml")

    private static func files(in folder: String, ending: String) -> [String] {
        let path = corpus.appendingPathComponent(folder).path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
            .filter { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" }.sorted()
    }

    /// Whether promtool, which is older, knows what the file is about.
    private static func isKnownToPromtool(_ file: String) throws -> Bool {
        let path = corpus.appendingPathComponent(file)
        return !(try String(contentsOf: path, encoding: .utf8)).hasPrefix("# since 3\n")
    }

    @Test func theCorpusIsThere() {
        #expect(Self.checked.count > 10)
        #expect(Self.tested.count > 5)
        #expect(!Self.clusterTests.isEmpty)
    }

    @Test(arguments: checked)
    func ruleFilesAreJudgedAsTheCorpusSaysAndAsPromtoolDoes(_ file: String) async throws {
        let result = try await run(["check", "rules"], file)
        try compare(result, file)
        guard try Self.isKnownToPromtool(file) else { return }
        let path = Self.corpus.appendingPathComponent(file).path
        let promtool = try await Command.run("promtool", ["check", "rules", path])
        #expect(result.status == promtool.status, "\(promtool.errors)")
        #expect(
            result.output.contains("SUCCESS") == promtool.output.contains("SUCCESS"),
            "\(promtool.output)")
        if result.status == 0 { #expect(plain(result.output) == plain(promtool.output)) }
    }

    @Test(arguments: tested)
    func unitTestsEndAsTheCorpusSaysAndAsInPromtool(_ file: String) async throws {
        let result = try await run(["test", "rules"], file)
        try compare(result, file)
        guard try Self.isKnownToPromtool(file) else { return }
        let path = Self.corpus.appendingPathComponent(file).path
        let promtool = try await Command.run("promtool", ["test", "rules", path])
        #expect(result.status == promtool.status, "\(promtool.errors)")
        // What is wrong with a file has another place there; what is wrong with rules is told in
        // the same words.
        guard !promtool.errors.contains("yaml:"), !promtool.errors.contains("alertname at") else {
            return
        }
        #expect(result.errors == promtool.errors)
    }

    @Test(arguments: clusterTests)
    func testsWithMissingClustersEndAsTheCorpusSays(_ file: String) async throws {
        let result = try await run(["test", "rules"], file)
        #expect(result.status == 0)
        try compare(result, file)
    }

    @Test func duplicatesEndWithTheirOwnStatusWhereThatIsWanted() async throws {
        let file = Self.corpus.appendingPathComponent("check/duplicates.yaml").path
        let result = try await IsthmusCommand.run(["check", "rules", "--lint-fatal", file])
        #expect(result.status == 3)
        let promtool = try await Command.run(
            "promtool", ["check", "rules", "--lint-fatal", file])
        #expect(promtool.status == 3)
    }

    @Test func aFileThatIsNotThereIsAMistake() async throws {
        let result = try await IsthmusCommand.run(["check", "rules", "/nowhere.yaml"])
        #expect(result.status == 1)
        #expect(result.errors == "  FAILED:\n/nowhere.yaml: no such file or directory\n")
    }

    // MARK: Pieces

    private func run(
        _ words: [String], _ file: String
    ) async throws -> IsthmusCommand.Result {
        try await IsthmusCommand.run(words + [Self.corpus.appendingPathComponent(file).path])
    }

    /// Without blank lines, of which promtool writes one more between files.
    private func plain(_ text: String) -> [Substring] { text.split(separator: "\n") }

    private func compare(_ result: IsthmusCommand.Result, _ file: String) throws {
        let said = ("status \(result.status)\n" + result.output + result.errors)
            .replacingOccurrences(of: Self.corpus.path + "/", with: "")
        let path = Self.corpus.appendingPathComponent(file).deletingPathExtension()
            .appendingPathExtension("txt")
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] == "1" {
            try said.write(to: path, atomically: true, encoding: .utf8)
        }
        #expect(try said == String(contentsOf: path, encoding: .utf8))
    }
}
