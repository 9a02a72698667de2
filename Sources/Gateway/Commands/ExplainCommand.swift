import ArgumentParser
import Clusters
import Federation
import PrometheusAPI
import Upstream

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show how a query is split over the clusters, without or with answering it.",
        discussion: """
            Shows what the gateway computes, as a tree, and what each cluster is asked; which \
            clusters are not asked and why; with --analyze also how long each answer took and \
            what it moved. Letters say where a step is computed: K needs no data, L is the \
            clusters' answers side by side, PC is put together from the clusters' partial \
            answers, G is computed by the gateway.

            With --clusters no gateway is needed. What the servers are is not known then: they \
            are taken for the newest Prometheus.

              isthmus explain 'sum by (service) (rate(requests_total[5m]))'
              isthmus explain 'topk(3, up)' --clusters clusters --json
              isthmus explain 'avg(up)' --analyze --start -1h
            """)

    @Argument(help: ArgumentHelp("A PromQL expression.", valueName: "expr"))
    var expression: String

    @OptionGroup var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "Plan for the clusters of this directory, without a gateway.", valueName: "dir"))
    var clusters: String?

    @OptionGroup var times: TimeOptions

    @Flag(help: "Answer the query too, and show how that went.")
    var analyze = false

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Read experimental parts of PromQL too; with --clusters only.")
    var experimentalFunctions = false

    func validate() throws {
        try times.check()
        if experimentalFunctions, clusters == nil {
            throw ValidationError(
                "--experimental-functions needs --clusters: a gateway has it in its configuration")
        }
    }

    func run() async throws {
        let times = try times.times(now: WallClock.now())
        if let clusters {
            try await explain(clustersIn: clusters, times)
        } else {
            try await askGateway(times)
        }
    }

    // MARK: With a gateway

    private func askGateway(_ times: AskedTimes) async throws {
        var parameters = [
            UpstreamRequest.Parameter(name: "query", value: expression),
            .init(name: "format", value: json ? "json" : "text"),
            .init(name: "analyze", value: "\(analyze)"),
        ]
        if let timeout = server.timeout {
            parameters.append(.init(name: "timeout", value: "\(timeout.milliseconds)ms"))
        }
        let answer = try await server.ask(
            "/mesh/v1/explain", parameters + times.parameters, method: .post)
        if answer.status == 404 {
            throw CommandFailure("\(server.server) cannot explain: is it an Isthmus gateway?")
        }
        if let failure = answer.failure { throw failure }
        guard json else {
            StandardOutput.write(
                TerminalText.safeLines(String(decoding: answer.body, as: UTF8.self)))
            return
        }
        guard case .data(let data)? = try? SmallAnswer(decoding: answer.body).value else {
            throw CommandFailure("the server's answer is no explanation")
        }
        StandardOutput.write("\(data)\n")
    }

    // MARK: Without

    private func explain(clustersIn directory: String, _ times: AskedTimes) async throws {
        let path = ServeCommand.withoutSlash(directory)
        let reading = InventoryDirectory(path: path).read()
        guard reading.mistakes.isEmpty else {
            MistakeList.print(reading.mistakes)
            throw ExitCode.failure
        }
        var settings = QuerySettings()
        settings.experimentalFunctions = experimentalFunctions
        if let timeout = server.timeout { settings.timeout = .milliseconds(timeout.milliseconds) }
        let upstream = UpstreamClient(UpstreamSettings(version: Version.isthmus))
        let service = QueryService(
            fleet: Fleet(clusters: reading.clusters), upstream: upstream, settings: settings,
            now: WallClock.now)
        let explanation: Explanation
        do {
            explanation = try await service.explain(
                ExplainRequest(
                    query: QueryRequest(expression: expression, times: times), analyzes: analyze))
        } catch {
            await upstream.stop()
            throw CommandFailure(TerminalText.safe("\(error.kind): \(error.message)"))
        }
        await upstream.stop()
        StandardOutput.write(
            json ? "\(explanation.json)\n" : TerminalText.safeLines(explanation.description))
    }
}

extension TerminalText {
    /// The same line by line: line breaks stay.
    static func safeLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { safe(String($0)) }.joined(separator: "\n")
    }
}
