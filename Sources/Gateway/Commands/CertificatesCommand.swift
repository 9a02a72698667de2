import ArgumentParser
import PrometheusAPI

struct CertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates",
        abstract: "Show the meshes' certificates of all clusters, what ends first at the top.",
        discussion: """
            Severities are ok, warning, critical, expired, and unknown where the end, or what \
            would be near for such a certificate, is not known well enough. Of workloads they \
            follow the lifetime, of CAs and servers days.

              isthmus certificates
              isthmus certificates --severity warning,critical,expired
              isthmus certificates --kind root,intermediate,issuer --cluster eu-1

            Ends with status 0 whatever has ended; with --check with status 3 where one that is \
            shown or left out by --top is critical or has expired.
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    @OptionGroup var question: HealthQuestionOptions

    @Option(
        help: ArgumentHelp(
            "Only these kinds: workload, intermediate, root, issuer or server, with commas.",
            valueName: "kinds"))
    var kind: String?

    @Option(
        help: ArgumentHelp(
            "Only these: ok, warning, critical, expired or unknown, with commas.",
            valueName: "severities"))
    var severity: String?

    @Option(
        help: ArgumentHelp("So many, those that end first; 0 for all.", valueName: "count"))
    var top = 100

    @Flag(help: "End with status 3 where one is critical or has expired.")
    var check = false

    @Option(
        help: ArgumentHelp("table, or json (as the server sent it).", valueName: "form"))
    var output = Output.table

    func validate() throws {
        if top < 0 { throw ValidationError("--top is a number from 0") }
    }

    func run() async throws {
        let answer = try await question.ask(
            "/mesh/v1/certificates",
            [("kind", kind), ("severity", severity), ("top", top == 0 ? nil : "\(top)")])
        let told = try MeshReading(answer, about: "certificates")
        guard let table = CertificatesTable(told.data, .standardOutput()) else {
            throw CommandFailure("the server's answer is not about certificates")
        }
        if output == .json {
            StandardOutput.handOn(answer.body)
        } else {
            StandardOutput.write(table.text)
            told.printNotes()
        }
        if check, table.isLate { throw ExitCode(3) }
    }
}
