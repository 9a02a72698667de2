import ArgumentParser

struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Prove rules, the engine, the planner and what is kept of answers, in memory.",
        subcommands: [
            TestRulesCommand.self, TestPromQLCommand.self, TestPlannerCommand.self,
            TestCacheCommand.self,
        ])
}

/// How a test command ends: the line that says so, and the status.
struct TestCount {
    var passed = 0
    var failed = 0

    func end() throws {
        StandardOutput.write("\(passed) passed, \(failed) failed\n")
        if failed > 0 { throw ExitCode.failure }
    }
}
