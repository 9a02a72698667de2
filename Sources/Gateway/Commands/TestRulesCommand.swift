import ArgumentParser
import Clusters
import Rules
import Verification

struct TestRulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Run unit tests of rules, in promtool's format.",
        discussion: """
            Series with a label 'cluster' belong to that cluster. Two keys of a test are not \
            promtool's: 'unreachable_clusters' is a list of {cluster, from, to} of times in which a \
            cluster does not answer, and 'policies' is what the gateway's configuration says under \
            alerting about such times. Alerts then carry the annotations federation_held or \
            federation_partial.

            Prints what differs; ends with status 1 where something does.
            """)

    @Argument(help: ArgumentHelp("Files of tests.", valueName: "file"))
    var files: [String]

    func validate() throws {
        if files.isEmpty { throw ValidationError("no files are named") }
    }

    func run() throws {
        var hasFailed = false
        for file in files {
            StandardOutput.write("Unit Testing:  \(TerminalText.safe(file))\n")
            let failures = failures(of: file)
            if failures.isEmpty {
                StandardOutput.write("  SUCCESS\n")
            } else {
                hasFailed = true
                StandardError.write("  FAILED:\n")
                for failure in failures { StandardError.write(lines(failure) + "\n") }
            }
            StandardOutput.write("\n")
        }
        if hasFailed { throw ExitCode.failure }
    }

    private func failures(of path: String) -> [String] {
        let tree: ConfigurationNode
        switch RuleFiles.tree(of: path) {
        case .success(let node): tree = node
        case .failure(let mistake): return ["\(mistake)"]
        }
        let (file, mistakes) = RuleTestReader.read(tree, file: path)
        guard mistakes.isEmpty else { return mistakes.map(\.description) }
        var groups: [RuleGroup] = []
        var refused: [String] = []
        for pattern in file.ruleFiles {
            let paths = RuleFiles.matching(resolved(pattern, besides: path))
            if paths.isEmpty {
                let shown = TerminalText.safe(pattern)
                StandardError.write("  WARNING: no file match pattern \(shown)\n")
            }
            for path in paths {
                let reading = RuleFiles().read(path)
                groups += reading.groups
                refused += reading.mistakes.map(\.description)
            }
        }
        guard refused.isEmpty else { return refused }
        return file.tests.flatMap { RuleTestRun.failures(of: $0, in: file, rules: groups) }
    }

    /// A path in the file is meant from the file's own directory.
    private func resolved(_ path: String, besides file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    private func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { TerminalText.safe(String($0)) }.joined(separator: "\n")
    }
}
