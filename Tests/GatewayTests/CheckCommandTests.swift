import Foundation
import TestSupport
import Testing

/// `isthmus check`, on the cases of conformance/configuration.
@Suite struct CheckCommandTests {
    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("conformance/configuration")

    private static let directories = names(in: "clusters")
    private static let files = names(in: "gateway").filter { $0.hasSuffix(".yaml") }

    private static func names(in folder: String) -> [String] {
        let path = corpus.appendingPathComponent(folder).path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    @Test func theCorpusIsThere() {
        #expect(!Self.directories.isEmpty)
        #expect(!Self.files.isEmpty)
    }

    @Test(arguments: directories)
    func theClustersFilesAreJudgedAsTheCorpusSays(_ name: String) async throws {
        let folder = Self.corpus.appendingPathComponent("clusters/\(name)")
        let said = try await said(by: ["check", "clusters", folder.path], in: folder)
        try compare(said, folder.appendingPathComponent("said.txt"))
    }

    @Test(arguments: files)
    func theGatewaysFileIsJudgedAsTheCorpusSays(_ name: String) async throws {
        let folder = Self.corpus.appendingPathComponent("gateway")
        let file = folder.appendingPathComponent(name)
        let said = try await said(by: ["check", "config", file.path], in: folder)
        try compare(said, file.deletingPathExtension().appendingPathExtension("txt"))
    }

    @Test func noSecretIsEverSaid() throws {
        for name in Self.directories {
            let file = Self.corpus.appendingPathComponent("clusters/\(name)/said.txt")
            let said = try String(contentsOf: file, encoding: .utf8)
            #expect(!said.contains("never"), "\(name)")
            #expect(!said.contains("\u{1b}"), "\(name)")
        }
    }

    @Test func aDirectoryThatIsNotThereIsAMistake() async throws {
        let result = try await IsthmusCommand.run(["check", "clusters", "/nowhere/at/all/"])
        #expect(result.status == 1)
        #expect(
            result.errors
                == "/nowhere/at/all: the directory cannot be read: no such file or directory\n"
                + "1 mistake in 1 file\n")
    }

    @Test func aFileThatIsNotThereIsAMistake() async throws {
        let result = try await IsthmusCommand.run(["check", "config", "/nowhere.yaml"])
        #expect(result.status == 1)
        #expect(
            result.errors
                == "/nowhere.yaml: cannot be read: no such file or directory\n"
                + "1 mistake in 1 file\n")
    }

    @Test func everyKeyOfTheFilesIsListed() async throws {
        let result = try await IsthmusCommand.run(["check", "keys"])
        #expect(result.status == 0)
        for key in ["prometheus.tls_config.ca_file", "retention", "query.limits.max_samples"] {
            #expect(result.output.contains("\n\(key) "), "\(key)")
        }
        let markdown = try await IsthmusCommand.run(["check", "keys", "--markdown", "config"])
        #expect(markdown.output.contains("| server.listen | HOST:PORT | 127.0.0.1:9780 |"))
        #expect(!markdown.output.contains("prometheus.urls"))
    }

    // MARK: Pieces

    /// What the command prints, with paths from the folder on. Its status must be as it says.
    private func said(by arguments: [String], in folder: URL) async throws -> String {
        let result = try await IsthmusCommand.run(arguments)
        #expect(result.status == (result.output.hasPrefix("OK") ? 0 : 1))
        #expect(result.output.isEmpty != result.errors.isEmpty)
        return (result.output + result.errors)
            .replacingOccurrences(of: folder.path + "/", with: "")
            .replacingOccurrences(of: folder.path, with: ".")
    }

    private func compare(_ said: String, _ file: URL) throws {
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] == "1" {
            try said.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try said == String(contentsOf: file, encoding: .utf8))
    }
}
