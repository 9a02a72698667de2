import ArgumentParser
import Verification

struct TestPlannerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "planner",
        abstract: "Hold generated queries over many clusters against all samples together.",
        discussion: """
            Makes samples of some clusters and queries about them, and compares the gateway's \
            answer with that of one server that has all samples: labels, times and the number of \
            points exactly, values within rounding. The same seed makes the same queries. Prints \
            each difference with the smallest query and samples that still show it, then a line \
            'N passed, M failed'; ends with status 1 where something differs.
            """)

    @Option(help: ArgumentHelp("How many queries.", valueName: "count"))
    var queries = 20_000

    @Option(help: ArgumentHelp("Where the samples and queries begin.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "How many clusters. (default: 2, 3 or 5 in turn)", valueName: "count"))
    var clusters: Int?

    @Flag(help: "Some of the series are in no cluster but the gateway's own.")
    var observed = false

    func validate() throws {
        if queries < 1 { throw ValidationError("--queries takes a number above zero") }
        if let clusters, !(1...100).contains(clusters) {
            throw ValidationError("--clusters takes a number from 1 to 100")
        }
    }

    /// The command says how far it is after so many queries.
    private static let queriesOfReport = 5000

    func run() async throws {
        StandardOutput.write("seed \(seed)\n")
        var count = TestCount()
        var trial = PlannerTrial(
            PlannerTrial.Settings(
                queries: queries, seed: seed, clusters: clusters, observing: observed))
        while let one = trial.next() {
            if let failure = one.failure {
                count.failed += 1
                StandardOutput.write(failure.report + "\n")
            } else {
                count.passed += 1
            }
            if one.number.isMultiple(of: Self.queriesOfReport), one.number < queries {
                StandardOutput.write("\(one.number) queries, \(count.failed) failed\n")
            }
        }
        try count.end()
    }
}
