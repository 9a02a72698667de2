import ArgumentParser
import PrometheusAPI
import TimeSeries
import Upstream

struct GraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Show who calls whom in all clusters: how much, and how well.",
        discussion: """
            A line for each edge, what fails first. An edge that only one side could report because \
            the other's cluster did not answer says so. The other forms are for programs: dot for \
            Graphviz, mermaid for documents, svg a drawing.

              isthmus graph
              isthmus graph --service shop/cart --depth 2
              isthmus graph --compare 1h
              isthmus graph --view app --box namespace --format svg > mesh.svg

            isthmus path tells how calls get from one of its nodes to another.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text
        case json
        case dot
        case mermaid
        case svg
    }

    enum View: String, CaseIterable, ExpressibleByArgument {
        case service
        case workload
        case app
        case versionedApp = "versioned-app"
    }

    enum Box: String, CaseIterable, ExpressibleByArgument {
        case cluster
        case namespace
        case none
    }

    enum Evidence: String, CaseIterable, ExpressibleByArgument {
        case metrics
        case traces
        case both
    }

    enum Percentiles: String, CaseIterable, ExpressibleByArgument {
        case shown
        case all
        case none
    }

    enum Collapse: String, CaseIterable, ExpressibleByArgument {
        case none
        case namespace
        case cluster
    }

    @OptionGroup var question: MeshQuestionOptions

    @Option(
        help: ArgumentHelp(
            "Only what is around this service: name, or namespace/name.", valueName: "service"))
    var service: String?

    @Option(help: ArgumentHelp("How many calls away from it.", valueName: "number"))
    var depth: Int?

    @Option(help: ArgumentHelp("service, workload, app or versioned-app.", valueName: "what"))
    var view: View?

    @Option(
        help: ArgumentHelp(
            "What nodes are grouped by: cluster, namespace or none.", valueName: "what"))
    var box: Box?

    @Option(
        help: ArgumentHelp("What it is made from: metrics, traces or both.", valueName: "evidence"))
    var from: Evidence?

    @Option(help: ArgumentHelp("One node for each namespace or cluster.", valueName: "what"))
    var collapse: Collapse?

    @Option(
        help: ArgumentHelp(
            "Whose percentiles: shown, all or none of the edges.", valueName: "which"))
    var percentiles: Percentiles?

    @Option(
        help: ArgumentHelp(
            "How many nodes stand for themselves, the busiest; 0 for all.", valueName: "number"))
    var top: Int?

    @Option(help: ArgumentHelp("What rates are averaged over.", valueName: "duration"))
    var range: DurationArgument?

    // Times may begin with a hyphen.
    @Option(
        parsing: .unconditional, help: ArgumentHelp("When. (default: now)", valueName: "time"))
    var time: TimeArgument?

    @Option(help: ArgumentHelp("What has changed since so long ago.", valueName: "duration"))
    var compare: DurationArgument?

    @Flag(help: "Edges without traffic too.")
    var idle = false

    @Option(help: ArgumentHelp("text, json, dot, mermaid or svg.", valueName: "form"))
    var format = Format.text

    @Flag(help: "Say what the clusters were asked.")
    var explain = false

    func validate() throws {
        guard depth == nil || service != nil else {
            throw ValidationError("--depth is counted from a service: give --service too")
        }
    }

    func run() async throws {
        let now = WallClock.now()
        let time = time?.milliseconds(now: now)
        let answer = try await question.ask(
            "/mesh/v1/graph",
            [
                ("service", service), ("depth", depth.map(String.init)), ("view", view?.rawValue),
                ("box", box?.rawValue), ("from", from?.rawValue), ("collapse", collapse?.rawValue),
                ("percentiles", percentiles?.rawValue), ("top", top.map(String.init)),
                ("range", range?.text), ("time", time.map(NumberText.timestamp)),
                ("compare", compare?.text), ("idle", idle ? "true" : nil),
                ("format", format == .text ? "json" : format.rawValue),
                ("explain", explain ? "true" : nil),
            ])
        guard format == .text else { return StandardOutput.handOn(answer.body) }
        let told = try MeshReading(answer, about: "the service graph")
        guard let table = GraphTable(told.data, .standardOutput()) else {
            throw CommandFailure("the server's answer is not about the service graph")
        }
        StandardOutput.write(table.text)
        told.printNotes()
    }
}
