import ArgumentParser
import PrometheusAPI
import Upstream

/// How commands ask about the meshes.
struct MeshQuestionOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Only these clusters: names with commas.", valueName: "names"))
    var cluster: String?

    @Option(help: ArgumentHelp("Only this namespace.", valueName: "name"))
    var namespace: String?

    /// What a route answers with success, to these parameters that have a value.
    func ask(_ path: String, _ parameters: [(String, String?)]) async throws -> ServerAnswer {
        let all = [("cluster", cluster), ("namespace", namespace)] + parameters
        let answer = try await server.ask(
            path,
            all.compactMap { name, value in
                value.map { UpstreamRequest.Parameter(name: name, value: $0) }
            }, method: .get)
        if let failure = answer.failure { throw failure }
        return answer
    }
}

/// An answer about the meshes that is shown rather than handed on.
struct MeshReading {
    var data: JSONValue
    var warnings: [String]

    init(_ answer: ServerAnswer, about subject: String) throws {
        let reading: SmallAnswer
        do {
            reading = try SmallAnswer(decoding: answer.body)
        } catch {
            throw CommandFailure("the server's answer is not about \(subject): \(error)")
        }
        guard case .data(let data) = reading.value else {
            throw CommandFailure("the server's answer is not about \(subject)")
        }
        self.data = data
        warnings = reading.warnings
    }

    /// Says on the standard error stream what the answer lacks, and how it was asked for where
    /// somebody wants to know.
    func printNotes() {
        for warning in warnings {
            StandardError.write("warning: \(TerminalText.safe(warning))\n")
        }
        for query in data["queries"]?.array ?? [] {
            let clusters = (query["clusters"]?.strings ?? []).joined(separator: ",")
            let words = [query["signal"]?.string ?? "", clusters, query["query"]?.string ?? ""]
            StandardError.write(
                "asked: \(TerminalText.safe(words.joined(separator: "  ")))\n")
        }
    }
}
