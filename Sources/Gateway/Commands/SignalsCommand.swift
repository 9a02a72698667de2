import ArgumentParser
import PrometheusAPI
import TimeSeries
import Upstream

struct SignalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signals",
        abstract: "Show how services do: requests, errors, latency, saturation, in all clusters.",
        discussion: """
            Without a service a line for each, over all clusters and in each one; of one service all \
            that is known: retries, timeouts, circuit breakers, mutual TLS too. What is not known is \
            "-", and clusters that did not answer are named. With --range one signal over time.

              isthmus signals
              isthmus signals shop/checkout
              isthmus signals --by edge --destination shop/cart
              isthmus signals shop/checkout --range 1h --signal latencyP95
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
        case graph
    }

    enum Subject: String, CaseIterable, ExpressibleByArgument {
        case service
        case edge
        case cluster
        case mesh
    }

    @Argument(help: ArgumentHelp("A service: name, or namespace/name.", valueName: "service"))
    var service: String?

    @OptionGroup var question: MeshQuestionOptions

    @Option(help: ArgumentHelp("service, edge, cluster or mesh.", valueName: "what"))
    var by = Subject.service

    @Option(help: ArgumentHelp("Only edges from this service.", valueName: "service"))
    var source: String?

    @Option(help: ArgumentHelp("Only edges to this service.", valueName: "service"))
    var destination: String?

    @Option(
        help: ArgumentHelp("Over the time that ends at --end, as a plot.", valueName: "duration"))
    var range: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "The distance of values. (default: about 240 in the range)", valueName: "duration"))
    var step: DurationArgument?

    // Times may begin with a hyphen.
    @Option(
        parsing: .unconditional, help: ArgumentHelp("When. (default: now)", valueName: "time"))
    var end: TimeArgument?

    @Option(help: ArgumentHelp("What rates are averaged over.", valueName: "duration"))
    var window: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Which signal is shown over time: requestRate, errorRatio, latencyP95, …",
            valueName: "name"))
    var signal = "requestRate"

    @Option(
        help: ArgumentHelp(
            "table, json (as the server sent it) or graph. (default: table, over time graph)",
            valueName: "form"))
    var output: Output?

    @Option(
        help: ArgumentHelp(
            "So many services or edges, those with the most requests. (default: as the server is set)",
            valueName: "count"))
    var top: Int?

    @Flag(help: "Say what the clusters were asked.")
    var explain = false

    func validate() throws {
        guard range != nil || step == nil else {
            throw ValidationError("--step belongs to a range: give --range too")
        }
        if let top, top < 1 { throw ValidationError("--top is a number from 1") }
        guard top == nil || by == .service || by == .edge else {
            throw ValidationError("--top is of services and edges")
        }
        guard range != nil || output != .graph else {
            throw ValidationError("--output graph is of values over time: give --range too")
        }
    }

    func run() async throws {
        let now = WallClock.now()
        let end = end?.milliseconds(now: now)
        let answer = try await question.ask(
            "/mesh/v1/signals",
            [
                ("service", service), ("by", by.rawValue), ("source", source),
                ("destination", destination), ("end", end.map(NumberText.timestamp)),
                ("range", range?.text), ("step", (step ?? standardStep)?.text),
                ("window", window?.text), ("top", top.map { "\($0)" }),
                ("explain", explain ? "true" : nil),
            ])
        if output == .json { return StandardOutput.handOn(answer.body) }
        let told = try MeshReading(answer, about: "signals")
        guard let table = SignalsTable(told.data) else {
            throw CommandFailure("the server's answer is not about signals")
        }
        try show(table, .standardOutput())
        if let note = table.cutNote { StandardError.write(note) }
        told.printNotes()
    }

    private func show(_ table: SignalsTable, _ terminal: Terminal) throws {
        guard range != nil else {
            let isOne = service != nil && (by == .service)
            StandardOutput.write(isOne ? table.details(terminal) : table.overview)
            return
        }
        guard table.knows(signal) else {
            throw CommandFailure(
                TerminalText.safe("there is no signal \(signal); there are ")
                    + table.names.joined(separator: ", "))
        }
        guard let (series, grid) = table.series(of: signal) else {
            throw CommandFailure("the server's answer has no values over time")
        }
        if output == .table {
            StandardOutput.write(
                AnswerTable(terminal: terminal).text(of: .vector(series), on: grid))
        } else {
            StandardOutput.write(TerminalText.safe("\(signal), \(table.unit(of: signal))") + "\n")
            StandardOutput.write(Plot(series: series, grid: grid, terminal: terminal).text)
        }
    }

    /// Whole seconds, about 240 in the range.
    private var standardStep: DurationArgument? {
        range.flatMap {
            DurationArgument(argument: "\(max(1, ($0.milliseconds / 240 + 999) / 1000))s")
        }
    }
}
