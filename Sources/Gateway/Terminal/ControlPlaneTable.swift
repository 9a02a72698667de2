import PrometheusAPI

/// An answer of `/mesh/v1/control-plane`, for people.
struct ControlPlaneTable {
    private let data: JSONValue
    private let clusters: [JSONValue]
    private let terminal: Terminal

    /// Nil where the data is about something else.
    init?(_ data: JSONValue, _ terminal: Terminal) {
        guard let clusters = data["clusters"]?.array, data["issues"]?.array != nil else {
            return nil
        }
        self.data = data
        self.clusters = clusters
        // What details say is worth more than short lines.
        self.terminal = Terminal(width: nil, height: nil, hasColours: terminal.hasColours)
    }

    /// Whether a component that is shown does not do its work.
    var isDown: Bool {
        clusters.flatMap { $0["components"]?.array ?? [] }.contains { component in
            ["unhealthy", "unreachable"].contains(component["state"]?.string)
        }
    }

    var hasCriticalIssue: Bool {
        (data["issues"]?.array ?? []).contains { $0["severity"]?.string == "critical" }
    }

    // MARK: Components

    /// A line for each component, or for each replica.
    func components(areSplit: Bool) -> String {
        guard !clusters.isEmpty else { return "nothing found\n" + summary }
        var rows: [[String]] = []
        var colours: [Int?] = []
        func add(_ cells: [String], _ state: String) {
            rows.append(cells.map(TerminalText.safe))
            colours.append(LineColour.of(state: state))
        }
        for cluster in clusters {
            let name = cluster["cluster"]?.string ?? ""
            let components = cluster["components"]?.array ?? []
            if components.isEmpty {
                let state = cluster["state"]?.string ?? ""
                add([name, "-", "-", state, "-", "", "nothing is known"], state)
            }
            for component in components {
                let instances = component["instances"]?.array ?? []
                if areSplit, !instances.isEmpty {
                    for instance in instances {
                        add(
                            row(instance, of: component, in: name),
                            instance["state"]?.string ?? "")
                    }
                } else {
                    add(row(component, in: name), component["state"]?.string ?? "")
                }
            }
        }
        let columns: [TextTable.Column] = [
            .init("cluster"), .init("mesh"), .init("component"), .init("state"),
            .init(areSplit ? "replica" : "replicas"), .init("version"), .init("details"),
        ]
        return TextTable(columns: columns, rows: rows).text(terminal, colours: colours) + summary
    }

    private func row(_ component: JSONValue, in cluster: String) -> [String] {
        let instances = component["instances"]?.array ?? []
        let working = instances.count { instance in
            ["healthy", "degraded"].contains(instance["state"]?.string)
        }
        let versions = Set(instances.compactMap { $0["version"]?.string })
        let details = [component["details"]?.strings?.first, proxies(of: component, in: cluster)]
        return [
            cluster, component["mesh"]?.string ?? "", component["component"]?.string ?? "",
            component["state"]?.string ?? "",
            // Where metrics alone tell of it, nobody has counted.
            instances.isEmpty ? "-" : "\(working)/\(instances.count)",
            versions.sorted().joined(separator: ", "),
            details.compactMap(\.self).joined(separator: "; "),
        ]
    }

    private func row(
        _ instance: JSONValue, of component: JSONValue, in cluster: String
    ) -> [String] {
        var details = instance["details"]?.strings ?? []
        let (state, latest) = (instance["state"]?.string, instance["latestState"]?.string)
        if let latest, latest != state { details.insert("last seen \(latest)", at: 0) }
        return [
            cluster, component["mesh"]?.string ?? "", component["component"]?.string ?? "",
            state ?? "", instance["instance"]?.string ?? "", instance["version"]?.string ?? "",
            details.joined(separator: "; "),
        ]
    }

    /// `12 proxies, 1 stale`; nil where none are told of.
    private func proxies(of component: JSONValue, in cluster: String) -> String? {
        let told = (data["proxies"]?.array ?? []).first { one in
            one["cluster"]?.string == cluster
                && one["component"]?.string == component["component"]?.string
                && one["mesh"]?.string == component["mesh"]?.string
        }
        guard let told, let connected = told["connected"]?.double else { return nil }
        var words = ["\(Int(connected)) \(connected == 1 ? "proxy" : "proxies")"]
        for name in ["stale", "rejecting"] {
            if let count = told[name]?.double, count > 0 { words.append("\(Int(count)) \(name)") }
        }
        let missing = told["missingReplicas"]?.strings?.count ?? 0
        if told["slice"]?.bool == true || missing > 0 { words.append("not all are seen") }
        return words.joined(separator: ", ")
    }

    private static let order = [
        "unhealthy", "unreachable", "degraded", "unauthorized", "unknown", "healthy",
    ]

    /// `3 clusters: 1 unhealthy, 2 healthy; 4 issues (see --issues); as of 2026-01-02T03:04:05Z`.
    private var summary: String {
        let counts = data["totals"]?["clusters"]
        let states = Self.order.compactMap { state -> (String, Int)? in
            guard let count = counts?[state]?.double, count > 0 else { return nil }
            return (state, Int(count))
        }
        let sum = states.reduce(0) { $0 + $1.1 }
        let words = states.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        var text = sum == 1 ? "1 cluster" : "\(sum) clusters"
        if !words.isEmpty { text += ": \(words)" }
        let issues = data["issues"]?.array?.count ?? 0
        if issues > 0 { text += "; \(issues) \(issues == 1 ? "issue" : "issues") (see --issues)" }
        return "\n" + TerminalText.safe(text) + Self.time(data) + "\n"
    }

    /// When the look was that the data is about.
    static func time(_ data: JSONValue) -> String {
        guard let seconds = data["observedAt"]?.double,
            let milliseconds = Int64(exactly: (seconds * 1000).rounded())
        else { return "; nothing has been looked at yet" }
        // Whole seconds are enough here.
        return "; as of \(APITime.text(milliseconds / 1000 * 1000))"
    }

    // MARK: Issues

    /// A line for each issue, and what each kind means.
    var issues: String {
        let issues = data["issues"]?.array ?? []
        let end = String(Self.time(data).dropFirst(2))
        guard !issues.isEmpty else { return "no issue is known\n\n\(end)\n" }
        let rows = issues.map { issue in
            let cells = [
                issue["severity"]?.string, issue["cluster"]?.string, issue["component"]?.string,
                issue["kind"]?.string, issue["subject"]?.string, issue["detail"]?.string,
            ]
            return cells.map { TerminalText.safe($0 ?? "") }
        }
        let columns: [TextTable.Column] = [
            .init("severity"), .init("cluster"), .init("component"), .init("issue"),
            .init("subject"), .init("what is told"),
        ]
        let colours = issues.map { LineColour.of(state: $0["severity"]?.string ?? "") }
        let table = TextTable(columns: columns, rows: rows).text(terminal, colours: colours)
        var told: Set<String> = []
        let meanings = issues.compactMap { issue -> String? in
            guard let kind = issue["kind"]?.string, told.insert(kind).inserted else { return nil }
            let words = [issue["meaning"]?.string, issue["action"]?.string].compactMap(\.self)
            return TerminalText.safe("\(kind): \(words.joined(separator: " "))") + "\n"
        }
        return "\(table)\n\(meanings.joined())\n\(end)\n"
    }
}
