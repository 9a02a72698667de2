import ArgumentParser
import PrometheusAPI
import Upstream

struct ControlPlaneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control-plane",
        abstract: "Show how the meshes' control planes do, and what is wrong with configuration.",
        discussion: """
            A line for each component of each cluster, what is worst first. States are healthy, \
            degraded (it works, with something amiss), unhealthy (it says that it does not work), \
            unreachable (it does not answer), unauthorized (it does not answer us) and unknown. \
            What is told is the gateway's last look; clusters whose metrics it lacks are named.

              isthmus control-plane
              isthmus control-plane --cluster eu-1,us-1 --mesh istio
              isthmus control-plane --state unhealthy,unreachable --instances
              isthmus control-plane --issues

            Ends with status 0 whatever the states are; with --check with status 3 where a \
            component that is shown is unhealthy or unreachable, or with --issues where an issue \
            is critical.
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    @OptionGroup var question: HealthQuestionOptions

    @Option(
        help: ArgumentHelp(
            "Only components in these states: names with commas.", valueName: "states"))
    var state: String?

    @Flag(help: "A line for each replica.")
    var instances = false

    @Flag(help: "What is wrong with the meshes' configuration, and what to do.")
    var issues = false

    @Flag(help: "End with status 3 where something is down, or an issue critical.")
    var check = false

    @Option(
        help: ArgumentHelp("table, or json (as the server sent it).", valueName: "form"))
    var output = Output.table

    func validate() throws {
        if issues, instances {
            throw ValidationError("--issues are of clusters: leave --instances out")
        }
        if issues, state != nil {
            throw ValidationError("--state is of components: leave --issues out")
        }
    }

    func run() async throws {
        let answer = try await question.ask("/mesh/v1/control-plane", [("state", state)])
        let told = try MeshReading(answer, about: "control planes")
        guard let table = ControlPlaneTable(told.data, .standardOutput()) else {
            throw CommandFailure("the server's answer is not about control planes")
        }
        if output == .json {
            StandardOutput.handOn(answer.body)
        } else {
            StandardOutput.write(issues ? table.issues : table.components(areSplit: instances))
            told.printNotes()
        }
        if check, issues ? table.hasCriticalIssue : table.isDown { throw ExitCode(3) }
    }
}

/// How commands ask what is known of the meshes' health.
struct HealthQuestionOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Only these clusters: names with commas.", valueName: "names"))
    var cluster: String?

    @Option(
        help: ArgumentHelp(
            "Only these meshes: istio, linkerd, consul, envoy or other, with commas.",
            valueName: "names"))
    var mesh: String?

    /// What a route answers with success, to these parameters that have a value.
    func ask(_ path: String, _ parameters: [(String, String?)]) async throws -> ServerAnswer {
        let all = [("cluster", cluster), ("mesh", mesh)] + parameters
        let answer = try await server.ask(
            path,
            all.compactMap { name, value in
                value.map { UpstreamRequest.Parameter(name: name, value: $0) }
            }, method: .get)
        if let failure = answer.failure { throw failure }
        return answer
    }
}
