import PrometheusAPI

/// An answer of `/mesh/v1/graph`, for people: its edges, one a line.
struct GraphTable {
    private let data: JSONValue
    private let nodes: [String: JSONValue]
    private let edges: [JSONValue]
    private let terminal: Terminal

    /// Nil where the data is about something else.
    init?(_ data: JSONValue, _ terminal: Terminal) {
        guard let nodes = data["nodes"]?.array, let edges = data["edges"]?.array else { return nil }
        self.data = data
        self.terminal = terminal
        self.edges = edges
        var nodesByID: [String: JSONValue] = [:]
        for node in nodes { nodesByID[node["id"]?.string ?? ""] = node }
        self.nodes = nodesByID
    }

    var text: String { table + summary }

    // MARK: The edges

    /// Worse ones first, the busier first among those that do alike.
    private static let order = ["failing", "degraded", "unknown", "healthy", "idle"]
    private static let colours = [
        "failing": LineColour.bad, "degraded": LineColour.warning, "idle": LineColour.unknown,
    ]

    private var table: String {
        guard !edges.isEmpty else { return "nobody calls anybody\n" }
        let critical = Set(data["criticalEdges"]?.strings ?? [])
        let sorted = edges.enumerated().sorted { left, right in
            rank(left.element, left.offset) < rank(right.element, right.offset)
        }.map(\.element)
        let rows = sorted.map { edge in
            row(edge, isCritical: critical.contains(edge["id"]?.string ?? ""))
        }
        let columns: [TextTable.Column] = [
            .init("source"), .init("destination"), .init("traffic", isRightAligned: true),
            .init("errors", isRightAligned: true), .init("p95", isRightAligned: true),
            .init("mTLS", isRightAligned: true), .init("health"), .init("remarks"),
        ]
        return TextTable(columns: columns, rows: rows)
            .text(terminal, colours: sorted.map { Self.colours[health($0)] })
    }

    private func rank(_ edge: JSONValue, _ place: Int) -> (Int, Double, Int) {
        let health = Self.order.firstIndex(of: health(edge)) ?? Self.order.count
        return (health, -(edge["traffic"]?["requestRate"]?.double ?? 0), place)
    }

    private func health(_ edge: JSONValue) -> String { edge["health"]?["status"]?.string ?? "" }

    private func row(_ edge: JSONValue, isCritical: Bool) -> [String] {
        let cells = [
            name(edge["source"]?.string ?? ""), name(edge["destination"]?.string ?? ""),
            traffic(edge["traffic"]),
            SignalText.text(edge["traffic"]?["errorRatio"], unit: "ratio"),
            SignalText.text(edge["latency"]?["p95"], unit: "ms"),
            SignalText.text(edge["mutualTLS"]?["ratio"], unit: "ratio"), health(edge),
            remarks(edge, isCritical: isCritical).joined(separator: "; "),
        ]
        return cells.map(TerminalText.safe)
    }

    /// `eu-1/shop/cart`, with its version, or what it is where it is nothing that has a name.
    private func name(_ id: String) -> String {
        guard let node = nodes[id] else { return id }
        let parts = ["cluster", "namespace", "name"].compactMap { node[$0]?.string }
            .filter { !$0.isEmpty }
        var name = parts.isEmpty ? node["kind"]?.string ?? id : parts.joined(separator: "/")
        if let version = node["version"]?.string, !version.isEmpty { name += " \(version)" }
        if let collapsed = node["collapsed"]?.double, collapsed > 0 {
            name += " (\(Int(collapsed)) nodes)"
        }
        return name
    }

    private func traffic(_ traffic: JSONValue?) -> String {
        if let rate = traffic?["requestRate"]?.double, rate > 0 || traffic?["tcp"]?.members == nil {
            return SignalText.text(.number(rate), unit: "") + "/s"
        }
        if let tcp = traffic?["tcp"], tcp.members != nil {
            let rates = [tcp["sentRate"]?.double, tcp["receivedRate"]?.double].compactMap(\.self)
            return SignalText.text(.number(rates.reduce(0, +)), unit: "bytes/s") + "/s"
        }
        return SignalText.unknown
    }

    private func remarks(_ edge: JSONValue, isCritical: Bool) -> [String] {
        var remarks: [String] = []
        if let incomplete = edge["incomplete"]?.string { remarks.append(incomplete) }
        if let kind = edge["change"]?["kind"]?.string {
            let before = edge["change"]?["errorRatioBefore"]
            let isRatio = kind == "changed" && before?.double != nil
            remarks.append(
                isRatio ? "errors were \(SignalText.text(before, unit: "ratio"))" : kind)
        }
        if isCritical { remarks.append("critical") }
        if let loss = edge["loss"]?["ratio"], (loss.double ?? 0) > 0 {
            remarks.append("\(SignalText.text(loss, unit: "ratio")) lost between clusters")
        }
        if edge["mutualTLS"]?["plaintext"]?.bool == true { remarks.append("plaintext") }
        if ["failing", "degraded"].contains(health(edge)),
            let reason = edge["health"]?["because"]?.string
        {
            remarks.append(reason)
        }
        return remarks
    }

    // MARK: The sum

    private var summary: String {
        let totals = data["totals"]
        func count(_ name: String) -> Int { Int(totals?[name]?.double ?? 0) }
        var words = [
            "\(count("nodes")) nodes", "\(count("edges")) edges",
            SignalText.text(totals?["requestRate"], unit: "") + " requests/s",
            SignalText.text(totals?["errorRatio"], unit: "ratio") + " errors",
        ]
        if count("shownEdges") < count("edges") {
            words.append("\(count("shownEdges")) shown (see --top)")
        }
        let clusters = data["clusters"]?.array ?? []
        let missing = clusters.filter { $0["missing"]?.string != nil }
            .compactMap { $0["cluster"]?.string }
        if !missing.isEmpty { words.append("without " + missing.joined(separator: ", ")) }
        return "\n" + TerminalText.safe(words.joined(separator: ", ")) + "\n"
    }
}
