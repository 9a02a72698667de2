import ArgumentParser
import PrometheusAPI
import TimeSeries

struct GraphPathCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Show how calls get from one node of the service graph to another.",
        discussion: """
            Two paths: that of the fewest calls, and the busiest, whose least call is made most. A line \
            for each call. What a missing cluster alone could tell is not known, and is said.

              isthmus path shop/frontend money/payments
              isthmus path eu-1/shop/frontend us-1/money/payments --range 1h
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text
        case json
    }

    @OptionGroup var question: MeshQuestionOptions

    @Argument(help: "Where it begins: name, namespace/name or cluster/namespace/name.")
    var from: String

    @Argument(help: "Where it ends, in the same way.")
    var to: String

    @Option(help: ArgumentHelp("service, workload, app or versioned-app.", valueName: "what"))
    var view: GraphCommand.View?

    @Option(help: ArgumentHelp("What rates are averaged over.", valueName: "duration"))
    var range: DurationArgument?

    // Times may begin with a hyphen.
    @Option(
        parsing: .unconditional, help: ArgumentHelp("When. (default: now)", valueName: "time"))
    var time: TimeArgument?

    @Option(help: ArgumentHelp("text or json.", valueName: "form"))
    var format = Format.text

    func run() async throws {
        let time = time?.milliseconds(now: WallClock.now())
        let answer = try await question.ask(
            "/mesh/v1/graph/path",
            [
                ("from", from), ("to", to), ("view", view?.rawValue),
                ("range", range?.text), ("time", time.map(NumberText.timestamp)),
            ])
        guard format == .text else { return StandardOutput.handOn(answer.body) }
        let told = try MeshReading(answer, about: "paths")
        guard let table = GraphPathTable(told.data, .standardOutput()) else {
            throw CommandFailure("the server's answer is not about paths")
        }
        StandardOutput.write(table.text)
        told.printNotes()
    }
}
