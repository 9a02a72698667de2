import ArgumentParser
import Verification

struct BenchMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "How long the parts of traces take to become whole ones.",
        discussion: """
            Makes traces whose spans lie in several clusters, a tenth of them in two, with clocks \
            that differ and ids that calls share, and prints the median time and the memory that \
            merging them takes for each span that clusters sent.
            """)

    @Option(help: ArgumentHelp("How many traces.", valueName: "count"))
    var traces = 1

    @Option(help: ArgumentHelp("Spans of each trace.", valueName: "count"))
    var spans = 100_000

    @Option(help: ArgumentHelp("How many clusters.", valueName: "count"))
    var clusters = 5

    @Option(help: ArgumentHelp("How often it is measured.", valueName: "count"))
    var rounds = 7

    func validate() throws {
        if traces < 1 || spans < 1 || clusters < 1 || rounds < 1 {
            throw ValidationError("numbers above zero, please")
        }
    }

    func run() async throws {
        let benchmark = TraceMergeBenchmark(traces: traces, spans: spans, clusters: clusters)
        let before = Self.peakBytes()
        let time = median(of: rounds) { benchmark.merge() }
        let sent = benchmark.spanCount
        StandardOutput.write(
            "\(traces) traces of \(spans) spans over \(clusters) clusters, medians of \(rounds)\n"
                + "  \(Int(time / .milliseconds(1))) ms for \(sent) spans that clusters sent\n"
                + "  \(Int(time / .nanoseconds(1)) / sent) ns a span\n")
        if let before, let after = Self.peakBytes() {
            StandardOutput.write("  \((after - before) / sent) bytes a span at the peak\n")
        }
    }

    /// The most memory that this process has had so far.
    private static func peakBytes() -> Int? {
        let lines = DiskFile.text(of: "/proc/self/status")?.split(separator: "\n") ?? []
        let words = lines.first { $0.hasPrefix("VmHWM:") }?.split { " \t".contains($0) } ?? []
        return words.count > 1 ? Int(words[1]).map { $0 * 1024 } : nil
    }
}
