import ArgumentParser
import Verification

struct TestCacheCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Hold answers of gateways that keep answers against the server's own.",
        discussion: """
            Makes sequences of overlapping questions to a server, with late samples, clocks that \
            differ, failures, lost and spoiled entries, deleted data and new configurations in \
            between, and compares each answer of a gateway that keeps answers with that of the \
            server: labels, order, values and remarks, bit by bit. The same seed makes the same \
            sequences. Prints each difference with the fewest operations that still show it, then \
            a line 'N passed, M failed'; ends with status 1 where something differs.
            """)

    @Option(help: ArgumentHelp("How many sequences.", valueName: "count"))
    var trials = 20_000

    @Option(help: ArgumentHelp("Where the sequences begin.", valueName: "number"))
    var seed: UInt64 = 1

    func validate() throws {
        if trials < 1 { throw ValidationError("--trials takes a number above zero") }
    }

    /// The command says how far it is after so many sequences.
    private static let trialsOfReport = 5000

    func run() async throws {
        StandardOutput.write("seed \(seed)\n")
        var count = TestCount()
        var comparedAnswers = 0
        var trial = CacheTrial(CacheTrial.Settings(trials: trials, seed: seed))
        while let one = trial.next() {
            comparedAnswers += one.comparedAnswers
            if let failure = one.failure {
                count.failed += 1
                StandardOutput.write(failure.report + "\n")
            } else {
                count.passed += 1
            }
            if one.number.isMultiple(of: Self.trialsOfReport), one.number < trials {
                StandardOutput.write("\(one.number) sequences, \(count.failed) failed\n")
            }
        }
        StandardOutput.write("\(comparedAnswers) answers compared\n")
        try count.end()
    }
}
