import ArgumentParser
import Rules

struct CheckRulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Check files of alert and recording rules.",
        discussion: """
            Reads the files as Prometheus 3 does, and prints all mistakes of all files with line \
            and column. Ends with status 1 where there is one, and with --lint-fatal with status \
            3 where rules are there twice.
            """)

    @Argument(help: ArgumentHelp("Rule files.", valueName: "file"))
    var files: [String]

    @Flag(help: "End with status 3 where two rules of a file have the same name and labels.")
    var lintFatal = false

    func validate() throws {
        if files.isEmpty { throw ValidationError("no files are named") }
    }

    func run() throws {
        var hasMistakes = false
        var hasDuplicates = false
        for file in files {
            StandardOutput.write("Checking \(TerminalText.safe(file))\n")
            let reading = RuleFiles().read(file)
            let duplicates = DuplicateRule.all(in: reading.groups)
            if !reading.mistakes.isEmpty {
                hasMistakes = true
                StandardError.write("  FAILED:\n")
                for mistake in reading.mistakes {
                    StandardError.write(TerminalText.safe("\(mistake)") + "\n")
                }
            } else if !duplicates.isEmpty {
                hasDuplicates = true
                StandardError.write("  FAILED:\n")
                StandardError.write(lines("lint error \(DuplicateRule.words(duplicates))"))
            } else {
                let count = reading.groups.reduce(0) { $0 + $1.rules.count }
                StandardOutput.write("  SUCCESS: \(count) rules found\n")
            }
            StandardOutput.write("\n")
        }
        if hasMistakes { throw ExitCode.failure }
        if hasDuplicates, lintFatal { throw ExitCode(3) }
    }

    private func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix("\t")
                ? "\t" + TerminalText.safe(String($0.dropFirst())) : TerminalText.safe(String($0))
        }.joined(separator: "\n") + "\n"
    }
}
