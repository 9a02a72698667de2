import ArgumentParser
import Verification

struct BenchCachingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caching",
        abstract: "How long a dashboard whose answers are kept takes.",
        discussion: """
            Keeps six hours at 15 s of all panels for all clusters, and prints for several kinds of \
            values how small they become and the median times of a refresh: naming the entries, \
            reading what is kept, reading and putting the answers together; and of making the \
            bytes of one panel's hours at one cluster.
            """)

    @Option(help: ArgumentHelp("How many panels.", valueName: "count"))
    var panels = 24

    @Option(help: ArgumentHelp("How many clusters.", valueName: "count"))
    var clusters = 4

    @Option(help: ArgumentHelp("Series in each answer.", valueName: "count"))
    var series = 50

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "count"))
    var rounds = 11

    func validate() throws {
        if panels < 1 || clusters < 1 || series < 1 || rounds < 1 {
            throw ValidationError("numbers above zero, please")
        }
    }

    func run() async throws {
        StandardOutput.write(
            "\(panels) panels, \(clusters) clusters, \(series) series, medians of \(rounds)\n")
        let all = CachingBenchmark.Values.allCases
        for kinds in all.map({ [$0] }) + [all] {
            var filled = try CachingBenchmark(
                panels: panels, of: kinds, clusters: clusters, series: series)
            let (stored, values) = filled.fill()
            let benchmark = filled
            let tails = benchmark.tails()
            let name = kinds.map(\.rawValue).joined(separator: ", ")
            StandardOutput.write("\(name): \(stored) bytes kept of \(values) of values\n")
            let pieces: [(what: String, body: () -> Int)] = [
                ("name", { benchmark.name() }), ("read", { benchmark.read() }),
                ("read and put together", { benchmark.refresh(with: tails) }),
                ("encode, with the answer", { benchmark.encode() }),
                ("the answer alone", { benchmark.prepareToEncode() }),
            ]
            for (what, body) in pieces {
                let microseconds = median(of: rounds, body) / .microseconds(1)
                StandardOutput.write("  \(Int(microseconds)) µs  \(what)\n")
            }
        }
    }
}
