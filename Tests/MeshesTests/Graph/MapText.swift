import Meshes

/// A map as lines to be read.
enum MapText {
    static func text(_ map: ServiceMap) -> String {
        let lines =
            map.nodes.map { node($0, map.view) } + map.edges.map { edge($0, map) }
            + map.boxes.map(box) + [totals(map.totals)] + critical(map)
        return lines.map { $0 + "\n" }.joined()
    }

    private static func node(_ node: ServiceMap.Node, _ view: GraphView) -> String {
        var words = ["node", node.id]
        if node.kind.rawValue != view.rawValue { words.append("(\(node.kind.rawValue))") }
        if node.collapsed > 0 { words.append("of \(node.collapsed)") }
        if !node.workloads.isEmpty { words.append("is \(node.workloads.joined(separator: ","))") }
        words += ["receives \(traffic(node.incoming)),", "sends \(traffic(node.outgoing)):"]
        words.append(node.health.status.rawValue)
        if node.isMissing { words.append("MISSING") }
        if let incomplete = node.incomplete { words.append("[\(incomplete)]") }
        return words.joined(separator: " ")
    }

    private static func edge(_ edge: ServiceMap.Edge, _ map: ServiceMap) -> String {
        var words = [
            "edge", map.nodes[edge.source].id, edge.crossesClusters ? "=>" : "->",
            map.nodes[edge.destination].id, traffic(edge.traffic),
        ]
        if !edge.witnesses.isEmpty {
            words.append("by " + edge.witnesses.map(\.rawValue).joined(separator: ","))
        }
        if let loss = edge.loss { words.append("loss \(loss.rate) (\(loss.ratio))") }
        if let ratio = edge.mutualTLS.ratio { words.append("mutual TLS \(ratio)") }
        if edge.mutualTLS.isPlaintext { words.append("plaintext") }
        words += shaping(edge.shaping)
        if edge.evidence != [.metrics] {
            words.append("from " + edge.evidence.map(\.rawValue).joined(separator: ","))
        }
        if let calls = edge.calls { words.append("\(calls) calls") }
        if edge.members > 1 { words.append("of \(edge.members)") }
        if let change = edge.change {
            let before = change.requestRateBefore.map { "\($0)" } ?? "-"
            let ratio = change.errorRatioBefore.map { "\($0)" } ?? "-"
            words.append("\(change.kind.rawValue), before \(before) errors \(ratio)")
        }
        words.append(": \(edge.health.status.rawValue), \(edge.health.because)")
        if let incomplete = edge.incomplete { words.append("[\(incomplete)]") }
        return words.joined(separator: " ")
    }

    /// Flags are always there, so of those only what is not zero.
    private static func shaping(_ shaping: ServiceMap.Edge.Shaping?) -> [String] {
        let told = shaping?.told ?? []
        func word(_ signal: Signal, _ value: Double) -> String {
            switch signal {
            case .timeoutRate: "timeouts \(value)"
            case .circuitBreakerTripRate: "trips \(value)"
            default: "\(signal.rawValue) \(value)"
            }
        }
        let flags = told.filter { $0.measured.origin == .flags && $0.measured.value > 0 }
        let envoy = told.filter { $0.measured.origin == .envoy }
        var words = flags.map { word($0.signal, $0.measured.value) }
        if !envoy.isEmpty {
            let all = envoy.map { word($0.signal, $0.measured.value) }.joined(separator: " ")
            words.append("Envoy (\(all))")
        }
        return words
    }

    private static func traffic(_ traffic: ServiceMap.Traffic) -> String {
        var parts: [String] = []
        if let http = traffic.http {
            let kinds = [
                ("3xx", http.redirections), ("4xx", http.clientErrors), ("5xx", http.serverErrors),
                ("unanswered", http.noResponse),
            ]
            parts.append("http \(http.rate)" + shown(kinds))
        }
        if let grpc = traffic.grpc {
            let kinds = [("errors", grpc.errors), ("unanswered", grpc.noResponse)]
            parts.append("grpc \(grpc.rate)" + shown(kinds))
        }
        if let tcp = traffic.tcp {
            let kinds = [
                ("sent", tcp.sentRate), ("received", tcp.receivedRate),
                ("connections", tcp.connectionRate),
            ]
            parts.append("tcp" + shown(kinds))
        }
        return parts.isEmpty ? "nothing" : parts.joined(separator: " + ")
    }

    private static func shown(_ kinds: [(String, Double)]) -> String {
        kinds.filter { $0.1 > 0 }.map { " \($0.0) \($0.1)" }.joined()
    }

    private static func box(_ box: ServiceMap.Box) -> String {
        let parent = box.parent.map { " in \($0)" } ?? ""
        let missing = box.missing.map { " MISSING: \($0)" } ?? ""
        return "box \(box.id) (\(box.kind.rawValue))\(parent)\(missing)"
    }

    private static func totals(_ totals: ServiceMap.Totals) -> String {
        let ratio = totals.errorRatio.map { "\($0)" } ?? "-"
        return "totals \(totals.nodes) nodes, \(totals.edges) edges, shown \(totals.shownNodes), "
            + "\(totals.shownEdges), \(totals.requestRate) requests, errors \(ratio)"
    }

    private static func critical(_ map: ServiceMap) -> [String] {
        map.criticalEdges(atMost: 10).map { critical in
            "critical \(map.id(of: map.edges[critical.edge])) cuts off \(critical.requestRate)"
        }
    }
}
