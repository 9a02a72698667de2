import Alerting
import ArgumentParser
import Clusters
import Rules

struct CheckRulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Check files of alert and recording rules.",
        discussion: """
            Reads the files as Prometheus 3 does, and prints all mistakes of all files with line \
            and column. Ends with status 1 where there is one, and with --lint-fatal with status \
            3 where rules are there twice.

            With --lint it looks for what is most likely not meant too: metrics that Istio no \
            longer has, units that do not fit, counters without rate, alerts that can never fire. \
            With --live it asks a running gateway besides which metrics, labels and values the \
            clusters have. Ends with status 3 where something is found.
            """)

    @Argument(help: ArgumentHelp("Rule files.", valueName: "file"))
    var files: [String]

    @Flag(help: "End with status 3 where two rules of a file have the same name and labels.")
    var lintFatal = false

    @Flag(help: "Look for what is most likely not meant.")
    var lint = false

    @Flag(help: "The same, beside the series that the clusters of a gateway have.")
    var live = false

    @OptionGroup var server: ServerOptions

    func validate() throws {
        if files.isEmpty { throw ValidationError("no files are named") }
    }

    func run() async throws {
        let readings = files.map { RuleFiles().read($0) }
        // A rule may read what another file's rules record.
        let groups = readings.filter(\.mistakes.isEmpty).flatMap(\.groups)
        var findings = try await findings(in: groups)[...]
        var summary = Summary()
        for (file, reading) in zip(files, readings) {
            StandardOutput.write("Checking \(TerminalText.safe(file))\n")
            summary.report(reading)
            if reading.mistakes.isEmpty {
                let own = findings.prefix(reading.groups.count)
                findings = findings.dropFirst(reading.groups.count)
                summary.report(Array(own), of: reading)
            }
            StandardOutput.write("\n")
        }
        if summary.hasMistakes { throw ExitCode.failure }
        if summary.hasDuplicates, lintFatal { throw ExitCode(3) }
        if summary.hasFindings { throw ExitCode(3) }
    }

    /// Of each group's rules; none where none are wanted.
    private func findings(in groups: [RuleGroup]) async throws -> [[[LintFinding]]] {
        if live { return try await LiveQuestions(server: server).findings(in: groups) }
        guard lint else { return groups.map { $0.rules.map { _ in [] } } }
        let linter = RuleLinter(groups)
        return groups.map { $0.rules.map(linter.findings(of:)) }
    }

    /// What is told of the files, and how that ends the command.
    private struct Summary {
        var hasMistakes = false
        var hasDuplicates = false
        var hasFindings = false

        mutating func report(_ reading: RuleFileReading) {
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
                StandardError.write(
                    Self.lines("lint error \(DuplicateRule.words(duplicates))"))
            } else {
                let count = reading.groups.reduce(0) { $0 + $1.rules.count }
                StandardOutput.write("  SUCCESS: \(count) rules found\n")
            }
        }

        mutating func report(_ findings: [[[LintFinding]]], of reading: RuleFileReading) {
            for (place, group) in reading.groups.enumerated() {
                for (number, rule) in group.rules.enumerated() {
                    for finding in findings[place][number] {
                        hasFindings = true
                        let told = RuleMistake(
                            file: group.file, place: reading.places[place][number],
                            rule: .init(group: group.name, number: number + 1, name: rule.name),
                            problem: "\(finding.kind.rawValue): \(finding.message)")
                        StandardError.write(TerminalText.safe("\(told)") + "\n")
                    }
                }
            }
        }

        private static func lines(_ text: String) -> String {
            text.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.hasPrefix("\t")
                    ? "\t" + TerminalText.safe(String($0.dropFirst()))
                    : TerminalText.safe(String($0))
            }.joined(separator: "\n") + "\n"
        }
    }
}
