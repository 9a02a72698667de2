import ArgumentParser
import JaegerAPI
import Spans
import Upstream

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show a trace of all clusters, as a running gateway or a Jaeger has it.",
        discussion: """
            A line for each span with its cluster and duration; ! marks errors. A bar is a thin \
            line as long as the span was, and thick while the trace waited for this span alone: \
            its part of the critical path. Long traces are shown in part, which is said.
            """)

    @Argument(help: ArgumentHelp("The trace's id.", valueName: "id"))
    var id: String

    @OptionGroup var question: TraceQuestionOptions

    @Flag(help: "The spans as they were recorded: no clocks corrected, no ids changed.")
    var raw = false

    @Flag(help: "Show all spans, however many there are.")
    var all = false

    /// More are not read by anybody.
    private static let most = 200

    func validate() throws {
        do {
            _ = try TraceID(text: id)
        } catch {
            throw ValidationError("\(TerminalText.safe(id)) is no trace's id")
        }
    }

    func run() async throws {
        let id = try TraceID(text: id)
        let answer = try await question.traces(
            "/api/traces/\(id.hexadecimal)", raw ? [.init(name: "raw", value: "true")] : [])
        if question.json { return StandardOutput.handOn(answer.body) }
        guard let trace = answer.traces.first else {
            throw CommandFailure("the server's answer has no trace")
        }
        let waterfall = Waterfall(
            trace: trace, terminal: .standardOutput(), most: all ? .max : Self.most)
        StandardOutput.write(waterfall.text)
    }
}
