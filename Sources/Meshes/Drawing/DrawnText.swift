/// Texts in drawings: names of services come from the clusters, and may hold anything.
enum DrawnText {
    /// Scalars of a name that are shown; a label of a megabyte is nobody's name.
    static let limit = 120

    /// A name without what would end a line or is not seen, and not too long.
    static func name(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else {
                shown.append("…")
                break
            }
            shown.append(isPlain(scalar) ? scalar : "\u{FFFD}")
            count += 1
        }
        return String(shown)
    }

    /// Not a control character, nor one that turns the direction of what follows or is not seen.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }

    /// What stands beside an edge, one line each: rate, errors, the 95th percentile.
    static func lines(of edge: ServiceMap.Edge) -> [String] {
        var lines: [String] = []
        if let rate = edge.traffic.requestRate {
            lines.append("\(ShownNumber.short(rate)) req/s")
            if let ratio = edge.traffic.errorRatio, ratio > 0 {
                lines.append("\(ShownNumber.percent(ratio)) errors")
            }
        } else if let tcp = edge.traffic.tcp {
            lines.append("\(ShownNumber.short(tcp.sentRate + tcp.receivedRate)) B/s")
        }
        if let p95 = edge.latency?.p95 { lines.append("p95 \(ShownNumber.short(p95)) ms") }
        if let change = edge.change { lines.append(change.kind.rawValue) }
        if lines.isEmpty, let calls = edge.calls { lines.append("\(calls) calls in traces") }
        return lines
    }

    /// What stands in a node, one line each.
    static func lines(of node: ServiceMap.Node, boxed: GraphBox) -> [String] {
        var lines = [name(node.name) + (node.version.map { " " + name($0) } ?? "")]
        var place: [String] = []
        if boxed == .none, let cluster = node.cluster { place.append(name(cluster)) }
        if boxed != .namespace, !node.namespace.isEmpty, node.kind != .collapsed {
            place.append(name(node.namespace))
        }
        if !place.isEmpty { lines.append(place.joined(separator: "/")) }
        switch node.kind {
        case .collapsed: lines.append("\(node.collapsed) nodes")
        case .gateway, .waypoint, .external: lines.append(node.kind.rawValue)
        default: break
        }
        return lines
    }

    /// Whether it is drawn dashed: because something is missing of it, or it is no more.
    static func isDashed(_ edge: ServiceMap.Edge) -> Bool {
        edge.incomplete != nil || edge.change?.kind == .vanished
            || edge.evidence == [.traces]
    }

    static func colour(_ status: ServiceMap.Health.Status) -> String {
        switch status {
        case .healthy: "#2e7d32"
        case .degraded: "#b26a00"
        case .failing: "#c62828"
        case .idle: "#9e9e9e"
        case .unknown: "#546e7a"
        }
    }
}
