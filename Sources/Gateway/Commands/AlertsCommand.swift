import ArgumentParser
import PrometheusAPI
import TimeSeries
import Upstream

struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Show the alerts of a running gateway: since when, and which clusters hold them.",
        discussion: """
            An alert is held while clusters are missing that could end it; it is partial where \
            it is judged without them. With --clusters the alerts of the clusters' own Prometheus \
            servers are there too. Ends with status 0 whatever fires.
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    enum State: String, CaseIterable, ExpressibleByArgument {
        case pending
        case firing
    }

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("Only alerts that are pending, or firing.", valueName: "state"))
    var state: State?

    @Option(
        help: ArgumentHelp(
            "Whose own alerts are shown too: all, or names with commas.", valueName: "names"))
    var clusters: String?

    @Option(help: ArgumentHelp("table or json.", valueName: "form"))
    var output = Output.table

    func run() async throws {
        let parameters = clusters.map {
            [UpstreamRequest.Parameter(name: "clusters", value: $0)]
        }
        let answer = try await server.ask("/api/v1/alerts", parameters ?? [], method: .get)
        if let failure = answer.failure { throw failure }
        let reading: SmallAnswer
        do {
            reading = try SmallAnswer(decoding: answer.body)
        } catch {
            throw CommandFailure("\(error)")
        }
        guard case .data(let data) = reading.value, let all = data["alerts"]?.array else {
            throw CommandFailure("the server's answer is not a list of alerts")
        }
        let alerts = all.filter { state == nil || $0["state"]?.string == state?.rawValue }
        switch output {
        case .json:
            var bytes: [UInt8] = []
            JSONValue.array(alerts).append(to: &bytes)
            StandardOutput.handOn(bytes)
        case .table:
            StandardOutput.write(Self.table(alerts).text(width: nil))
        }
        for warning in reading.warnings {
            StandardError.write("warning: \(TerminalText.safe(warning))\n")
        }
    }

    // MARK: The table

    private static func table(_ alerts: [JSONValue]) -> TextTable {
        TextTable(
            columns: [
                .init("alert"), .init("state"), .init("since"),
                .init("value", isRightAligned: true), .init("labels"), .init("missing clusters"),
            ],
            rows: alerts.sorted { rank($0) < rank($1) }.map(row))
    }

    /// Firing before pending, then by name; what is equal in both stays in the server's order.
    private static func rank(_ alert: JSONValue) -> (Int, String) {
        (alert["state"]?.string == State.firing.rawValue ? 0 : 1, name(alert))
    }

    private static func name(_ alert: JSONValue) -> String {
        alert["labels"]?["alertname"]?.string ?? ""
    }

    private static func row(_ alert: JSONValue) -> [String] {
        let labels = (alert["labels"]?.members ?? []).filter { $0.name != "alertname" }
            .map { "\($0.name)=\($0.value.string ?? "")" }
        // Whole seconds are enough here.
        let since = alert["activeAt"]?.string.flatMap(APITime.parse).map {
            APITime.text($0 / 1000 * 1000)
        }
        let cells = [
            name(alert), alert["state"]?.string ?? "", since ?? "", value(alert),
            labels.joined(separator: " "), missing(alert),
        ]
        return cells.map(TerminalText.safe)
    }

    /// With an exponent only where it is needed.
    private static func value(_ alert: JSONValue) -> String {
        let text = alert["value"]?.string ?? ""
        return NumberText.read(text).map(NumberText.general) ?? text
    }

    /// `held by eu-1 since 2026-01-02T03:04:05Z`, `judged without eu-1`; empty where nothing is
    /// missing.
    private static func missing(_ alert: JSONValue) -> String {
        guard let federation = alert["federation"], federation.members != nil else { return "" }
        let names = (federation["missing"]?.array ?? []).compactMap { $0["cluster"]?.string }
        if names.isEmpty { return "" }
        let list = names.joined(separator: ", ")
        guard federation["certainty"]?.string == "held" else { return "judged without \(list)" }
        let since = federation["heldSince"]?.string.flatMap(APITime.parse).map {
            " since \(APITime.text($0 / 1000 * 1000))"
        }
        return "held by \(list)\(since ?? "")"
    }
}
