import PrometheusAPI

/// An answer of `/mesh/v1/graph/path`, for people: the calls of each path, one a line.
struct GraphPathTable {
    private let shortest: Path
    private let busiest: Path
    private let terminal: Terminal

    private struct Path {
        var nodes: [String]
        var calls: [JSONValue]
        /// Requests a second over the call that is made least.
        var leastRate: JSONValue?

        init?(_ data: JSONValue?) {
            guard let data, let nodes = data["nodes"]?.strings, let calls = data["edges"]?.array
            else { return nil }
            self.nodes = nodes
            self.calls = calls
            leastRate = data["leastRequestRate"]
        }
    }

    /// Nil where the data is about something else.
    init?(_ data: JSONValue, _ terminal: Terminal) {
        guard let shortest = Path(data["shortest"]), let busiest = Path(data["busiest"]) else {
            return nil
        }
        self.shortest = shortest
        self.busiest = busiest
        self.terminal = terminal
    }

    var text: String {
        if shortest.nodes == busiest.nodes { return text(of: shortest, "the shortest and busiest") }
        return text(of: shortest, "the shortest") + "\n" + text(of: busiest, "the busiest")
    }

    private func text(of path: Path, _ words: String) -> String {
        guard !path.calls.isEmpty else {
            return TerminalText.safe("no call is needed: it begins at \(path.nodes.joined())")
                + "\n"
        }
        let count = path.calls.count == 1 ? "one call" : "\(path.calls.count) calls"
        let least = SignalText.text(path.leastRate, unit: "")
        let head = "\(words) path: \(count), each made \(least) times a second or more\n"
        let columns: [TextTable.Column] = [
            .init("source"), .init("destination"), .init("traffic", isRightAligned: true),
            .init("errors", isRightAligned: true), .init("p50", isRightAligned: true),
            .init("p95", isRightAligned: true), .init("p99", isRightAligned: true),
            .init("health"), .init("remarks"),
        ]
        return head
            + TextTable(columns: columns, rows: path.calls.map(row)).text(width: terminal.width)
    }

    private func row(_ call: JSONValue) -> [String] {
        var remarks: [String] = []
        if call["crossesClusters"]?.bool == true { remarks.append("across clusters") }
        if let incomplete = call["incomplete"]?.string { remarks.append(incomplete) }
        let health = call["health"]?["status"]?.string ?? ""
        if ["failing", "degraded"].contains(health), let reason = call["health"]?["because"]?.string
        {
            remarks.append(reason)
        }
        let cells =
            [
                call["source"]?.string ?? "", call["destination"]?.string ?? "",
                SignalText.text(call["requestRate"], unit: "") + "/s",
                SignalText.text(call["errorRatio"], unit: "ratio"),
            ]
            + ["p50", "p95", "p99"].map { SignalText.text(call["latency"]?[$0], unit: "ms") }
            + [health, remarks.joined(separator: "; ")]
        return cells.map(TerminalText.safe)
    }
}
