import ArgumentParser
import JaegerAPI
import PrometheusAPI
import Spans
import Upstream

/// How commands ask for traces.
struct TraceQuestionOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "Where the server has Jaeger's API; empty for a Jaeger's own address.",
            valueName: "path"))
    var jaegerPath = "/jaeger"

    @Option(help: ArgumentHelp("Ask these clusters only: names with commas.", valueName: "names"))
    var clusters: String?

    @Flag(help: "Print the answer as the server sent it.")
    var json = false

    /// The traces that a route of Jaeger's API answers, and its bytes.
    func traces(
        _ path: String, _ parameters: [UpstreamRequest.Parameter]
    ) async throws -> (traces: [Trace], body: [UInt8]) {
        var base = jaegerPath
        while base.last == "/" { base.removeLast() }
        let answer = try await ask(base + path, parameters)
        do {
            return (try V1Answer.traces(answer.body), answer.body)
        } catch {
            throw CommandFailure("the server's answer is no list of traces: \(error)")
        }
    }

    /// What a route answers with success.
    func ask(
        _ path: String, _ parameters: [UpstreamRequest.Parameter]
    ) async throws -> ServerAnswer {
        let chosen = clusters.map { [UpstreamRequest.Parameter(name: "clusters", value: $0)] } ?? []
        let answer = try await server.ask(path, parameters + chosen, method: .get)
        guard answer.status != 200 else { return answer }
        if let message = ErrorAnswer.message(answer.body), !message.isEmpty {
            throw CommandFailure(TerminalText.safe(message))
        }
        throw answer.failure
            ?? CommandFailure("the server answered with HTTP status \(answer.status)")
    }
}

/// An attribute and its value: `key=value`, or `key:value` as Jaeger's API has it.
struct TagArgument: ExpressibleByArgument, Sendable {
    let key: String
    let value: String

    init?(argument: String) {
        guard let place = argument.firstIndex(where: { "=:".contains($0) }),
            place > argument.startIndex
        else { return nil }
        key = String(argument[..<place])
        value = String(argument[argument.index(after: place)...])
    }
}
