import ArgumentParser
import PrometheusAPI
import TimeSeries
import Upstream

struct ClustersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusters",
        abstract:
            "Show the clusters of a running gateway: whether they answer, and what they hold.",
        discussion: """
            The state of a cluster's control planes is that of its worst component, with how many \
            issues of configuration there are and how many certificates end soon or have ended: \
            isthmus control-plane and isthmus certificates tell which. Ends with status 0 whatever \
            the clusters do.
            """)

    enum Output: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("table or json.", valueName: "form"))
    var output = Output.table

    func run() async throws {
        let answer = try await server.ask("/mesh/v1/clusters", [], method: .get)
        if answer.status == 404 {
            throw CommandFailure("\(server.server) knows no clusters: is it an Isthmus gateway?")
        }
        if let failure = answer.failure { throw failure }
        let clusters: [JSONValue]
        do {
            guard case .data(let data) = try SmallAnswer(decoding: answer.body).value,
                let array = data.array
            else { throw CommandFailure("the server's answer is not a list of clusters") }
            clusters = array
        } catch let failure as DecodingFailure {
            throw CommandFailure("\(failure)")
        }
        switch output {
        case .json: StandardOutput.handOn(answer.body)
        case .table:
            // Addresses at the lines' ends are worth more than short lines.
            let terminal = Terminal(
                width: nil, height: nil, hasColours: Terminal.standardOutput().hasColours)
            StandardOutput.write(
                Self.table(clusters).text(terminal, colours: clusters.map(Self.colour)))
        }
    }

    private static func table(_ clusters: [JSONValue]) -> TextTable {
        var columns: [TextTable.Column] = [
            .init("cluster"), .init("reachable"), .init("version"),
            .init("latency", isRightAligned: true), .init("series", isRightAligned: true),
            .init("external labels"), .init("data"), .init("error"),
        ]
        var rows = clusters.map(row)
        if clusters.contains(where: { $0["jaeger"] != nil }) {
            columns.append(.init("jaeger"))
            for (index, cluster) in clusters.enumerated() { rows[index].append(jaeger(cluster)) }
        }
        // Older gateways do not tell of them.
        if clusters.contains(where: { $0["controlPlane"] != nil }) {
            columns.insert(.init("control plane"), at: 2)
            for (index, cluster) in clusters.enumerated() {
                rows[index].insert(controlPlane(cluster["controlPlane"]), at: 2)
            }
        }
        if clusters.contains(where: { !leftAlone($0).isEmpty }) {
            columns.append(.init("left alone"))
            for (index, cluster) in clusters.enumerated() { rows[index].append(leftAlone(cluster)) }
        }
        return TextTable(columns: columns, rows: rows)
    }

    private static func colour(_ cluster: JSONValue) -> Int? {
        if cluster["maintenance"]?.bool == true { return LineColour.unknown }
        if cluster["reachable"]?.bool == false { return LineColour.bad }
        let told = cluster["controlPlane"]
        // Many clusters have no mesh.
        guard let count = told?["components"]?.double, count > 0 else { return nil }
        return LineColour.of(state: told?["state"]?.string ?? "")
    }

    /// `degraded, 2 issues, 1 certificate`; a hyphen where there is nothing to watch.
    private static func controlPlane(_ told: JSONValue?) -> String {
        func count(_ name: String) -> Int { Int(told?[name]?.double ?? 0) }
        var words: [String] = []
        if count("components") > 0 { words.append(told?["state"]?.string ?? "") }
        for (name, word) in [("issues", "issue"), ("expiring", "certificate")]
        where count(name) > 0 {
            words.append("\(count(name)) \(word)\(count(name) == 1 ? "" : "s")")
        }
        return words.isEmpty ? "-" : TerminalText.safe(words.joined(separator: ", "))
    }

    /// Replicas whose breakers are not closed, and since when they have been failing.
    private static func leftAlone(_ cluster: JSONValue) -> String {
        let replicas =
            (cluster["replicas"]?.array ?? []) + (cluster["jaeger"]?["replica"].map { [$0] } ?? [])
        let words = replicas.compactMap { replica -> String? in
            guard let breaker = replica["breaker"]?.string, breaker != "closed" else { return nil }
            let since = replica["failingSince"]?.string.map { " since \($0)" } ?? ""
            return "\(replica["url"]?.string ?? "") (\(breaker))\(since)"
        }
        return TerminalText.safe(words.joined(separator: ", "))
    }

    /// The address of the cluster's Jaeger, and the generation of the API that it speaks.
    private static func jaeger(_ cluster: JSONValue) -> String {
        guard let jaeger = cluster["jaeger"], let url = jaeger["url"]?.string else { return "" }
        return TerminalText.safe("\(url) \(jaeger["generation"]?.string ?? "(not asked yet)")")
    }

    private static func row(_ cluster: JSONValue) -> [String] {
        let name = cluster["name"]?.string ?? ""
        let labels = (cluster["externalLabels"]?.members ?? [])
            .filter { $0.name != "cluster" || $0.value.string != name }
            .map { "\($0.name)=\($0.value.string ?? "")" }
        let reachable = cluster["reachable"]?.bool
        let cells = [
            name, Self.words(reachable, isInMaintenance: cluster["maintenance"]?.bool ?? false),
            cluster["version"]?.string ?? "",
            cluster["latencySeconds"]?.double.map(latency) ?? "",
            cluster["series"]?.double.map(NumberText.sample) ?? "",
            labels.joined(separator: " "), dataRange(cluster),
            cluster["lastError"]?.string ?? "",
        ]
        return cells.map(TerminalText.safe)
    }

    private static func words(_ reachable: Bool?, isInMaintenance: Bool) -> String {
        if isInMaintenance { return "maintenance" }
        return reachable.map { $0 ? "yes" : "no" } ?? "not asked yet"
    }

    private static func latency(_ seconds: Double) -> String {
        "\(NumberText.decimals(seconds * 1000, seconds < 0.1 ? 1 : 0)) ms"
    }

    private static func dataRange(_ cluster: JSONValue) -> String {
        // Whole seconds are enough here.
        func shown(_ text: String?) -> String? {
            text.flatMap(APITime.parse).map { APITime.text($0 / 1000 * 1000) }
        }
        let start = shown(cluster["dataStart"]?.string)
        let end = shown(cluster["dataEnd"]?.string)
        return switch (start, end) {
        case (nil, nil): ""
        case (let start?, nil): "since \(start)"
        case (nil, let end?): "until \(end)"
        case (let start?, let end?): "\(start) to \(end)"
        }
    }
}
