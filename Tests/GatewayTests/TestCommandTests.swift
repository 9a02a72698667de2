import Foundation
import TestSupport
import Testing

/// `isthmus test`, as it is run.
@Suite struct TestCommandTests {
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("conformance/promqltest").path

    private func lastLine(_ text: String) -> String {
        text.split(separator: "\n").last.map(String.init) ?? ""
    }

    @Test func aDirectoryOfScriptsIsRunToASummary() async throws {
        let result = try await IsthmusCommand.run(["test", "promql", Self.scripts])
        #expect(result.status == 0)
        #expect(lastLine(result.output).hasSuffix(" passed, 0 failed"))
        #expect(!lastLine(result.output).hasPrefix("0 "))
        #expect(result.output.contains("\(Self.scripts)/aggregations.test: "))
    }

    @Test func scriptsAreRunOverClustersToo() async throws {
        let result = try await IsthmusCommand.run([
            "test", "promql", "--clusters", "3", "\(Self.scripts)/known-failures.test",
        ])
        #expect(result.status == 0)
        #expect(lastLine(result.output).hasSuffix(" passed, 0 failed"))
    }

    @Test func whatDiffersIsToldWithItsPlaceAndFails() async throws {
        let folder = try TemporaryDirectory("scripts")
        defer { folder.remove() }
        let file = folder.file("one.test")
        try """
        load 1m
          x 1

        eval instant at 0 x
          x 2

        eval instant at 0 x + 1
          {} 2
        """.write(toFile: file, atomically: true, encoding: .utf8)
        let all = try await IsthmusCommand.run(["test", "promql", file])
        #expect(all.status == 1)
        #expect(
            all.output == """
                \(file):4: x
                    gives x 1, expected 2
                \(file): 1 passed, 1 failed
                1 passed, 1 failed

                """)
        let some = try await IsthmusCommand.run(["test", "promql", "--filter", "+", file])
        #expect(some.status == 0)
        #expect(lastLine(some.output) == "1 passed, 0 failed")
    }

    @Test func whatIsNoScriptFailsAtItsLine() async throws {
        let folder = try TemporaryDirectory("scripts")
        defer { folder.remove() }
        let file = folder.file("broken.test")
        try "load 1m\n  x one\n".write(toFile: file, atomically: true, encoding: .utf8)
        let result = try await IsthmusCommand.run(["test", "promql", file, "/nowhere.test"])
        #expect(result.status == 1)
        #expect(result.output.hasPrefix("\(file):2: "))
        #expect(result.output.contains("/nowhere.test: cannot be read: "))
        #expect(lastLine(result.output) == "0 passed, 2 failed")
    }

    @Test func generatedQueriesAreTheSameForASeed() async throws {
        let arguments = ["test", "planner", "--queries", "200", "--seed", "11"]
        let first = try await IsthmusCommand.run(arguments)
        let second = try await IsthmusCommand.run(arguments)
        #expect(first.status == 0)
        #expect(first.output == second.output)
        #expect(first.output.hasPrefix("seed 11\n"))
        #expect(lastLine(first.output) == "200 passed, 0 failed")
    }
}
