import Alerting
import Clusters
import PrometheusAPI
import Rules
import TimeSeries
import Upstream

/// Asks a running gateway which of its clusters have what rules ask for.
struct LiveQuestions: Sendable {
    var server: ServerOptions

    func findings(in groups: [RuleGroup]) async throws -> [[[LintFinding]]] {
        let clusters = try await clusters()
        let start = NumberText.timestamp(WallClock.now() - LiveLint.reach)
        let server = server
        let lint = LiveLint(clusters: clusters) { label, selector in
            try await Self.values(of: label, selector, since: start, server)
        }
        return try await lint.findings(in: groups)
    }

    /// The clusters that answer; a warning names the others.
    private func clusters() async throws -> [LintKnowledge.Cluster] {
        let answer = try await server.ask("/mesh/v1/clusters", [], method: .get)
        if answer.status == 404 {
            throw CommandFailure("\(server.server) knows no clusters: is it an Isthmus gateway?")
        }
        guard let list = try Self.data(answer).array else {
            throw CommandFailure("the server's answer is not a list of clusters")
        }
        var clusters: [LintKnowledge.Cluster] = []
        for entry in list {
            guard let name = entry["name"]?.string else { continue }
            let labels = entry["externalLabels"]?.stringMembers ?? [:]
            if entry["reachable"]?.bool == true {
                clusters.append(
                    LintKnowledge.Cluster(
                        name: name, externalLabels: Labels(labels.map { ($0.key, $0.value) })))
            } else {
                StandardError.write(
                    "warning: cluster \(TerminalText.safe(name)) does not answer and is left out\n")
            }
        }
        if clusters.isEmpty { throw CommandFailure("no cluster answers") }
        return clusters
    }

    private static func values(
        of label: String, _ selector: String, since start: String, _ server: ServerOptions
    ) async throws -> Set<String> {
        let answer = try await server.ask(
            "/api/v1/label/\(label)/values",
            [
                .init(name: "match[]", value: selector), .init(name: "start", value: start),
                .init(name: "partial_response", value: "false"),
            ], method: .get)
        guard let values = try data(answer).strings else {
            throw CommandFailure("the server's answer is not a list of values")
        }
        return Set(values)
    }

    private static func data(_ answer: ServerAnswer) throws -> JSONValue {
        if let failure = answer.failure { throw failure }
        let reading: SmallAnswer
        do {
            reading = try SmallAnswer(decoding: answer.body)
        } catch {
            throw CommandFailure("\(error)")
        }
        guard case .data(let data) = reading.value else {
            throw CommandFailure("the server's answer has no data")
        }
        return data
    }
}
