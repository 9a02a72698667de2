import ArgumentParser
import Verification

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure pieces of the gateway in this process.",
        shouldDisplay: false,
        subcommands: [
            BenchPlanningCommand.self, BenchCachingCommand.self, BenchStorageCommand.self,
            BenchRemoteWriteCommand.self, BenchMergeCommand.self,
        ])
}

struct BenchPlanningCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "planning",
        abstract: "How long ordinary queries take to plan.",
        discussion: """
            Plans each query many times over as many clusters as said and prints the median time \
            and the number of requests that the plan has.
            """)

    @Option(help: ArgumentHelp("How many clusters.", valueName: "count"))
    var clusters = 1000

    @Option(help: ArgumentHelp("How often each query is planned.", valueName: "count"))
    var rounds = 101

    func validate() throws {
        if clusters < 1 || rounds < 1 { throw ValidationError("numbers above zero, please") }
    }

    func run() async throws {
        let benchmark = PlanningBenchmark(clusterCount: clusters)
        let arranging = median(of: rounds) { benchmark.arrange() }
        StandardOutput.write("\(clusters) clusters, medians of \(rounds)\n")
        StandardOutput.write(line(arranging, "once for an inventory", "clusters arranged"))
        for text in PlanningBenchmark.queries {
            let query = try benchmark.read(text)
            let requests = try benchmark.plan(query)
            let time = median(of: rounds) { (try? benchmark.plan(query)) ?? 0 }
            StandardOutput.write(line(time, "\(requests) requests", text))
        }
    }

    private func line(_ time: Duration, _ what: String, _ text: String) -> String {
        let microseconds = time.components.attoseconds / 1_000_000_000_000
        let figure = "\(microseconds + time.components.seconds * 1_000_000) µs"
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        return "\(padded(figure, 10))  \(padded(what, 22))  \(text)\n"
    }
}

/// The median time that something takes, of so many rounds.
func median(of rounds: Int, _ body: () -> Int) -> Duration {
    let clock = ContinuousClock()
    var times: [Duration] = []
    var sum = 0
    for _ in 0..<rounds {
        let start = clock.now
        sum &+= body()
        times.append(start.duration(to: clock.now))
    }
    precondition(sum >= 0, "the work is done")
    return times.sorted()[rounds / 2]
}
