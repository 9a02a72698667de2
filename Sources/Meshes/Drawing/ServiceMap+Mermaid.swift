extension ServiceMap {
    /// The map in the language of Mermaid, which Markdown shows as a picture.
    ///
    /// Clusters and namespaces are subgraphs. What is missing is drawn dashed. The same map gives the
    /// same text; of names everything is escaped that is not a letter, a digit or plain.
    public var mermaid: String { drawn(in: MermaidSyntax()) }
}

private struct MermaidSyntax: MapSyntax {
    var head: [String] { ["flowchart LR"] }
    var closing: String { "end" }
    var end: String? { nil }

    func opening(_ box: ServiceMap.Box, _ place: Int, isEmpty: Bool) -> [String] {
        let remark = box.missing.map { "<br/>missing: \($0.escapedForMermaid)" } ?? ""
        return ["subgraph b\(place)[\"\(box.name.escapedForMermaid)\(remark)\"]"]
    }

    func node(_ node: ServiceMap.Node, _ place: Int, boxed: GraphBox) -> String {
        let label = DrawnText.lines(of: node, boxed: boxed).map(\.escapedForMermaid)
            .joined(separator: "<br/>")
        let (open, close) = node.kind.mermaidBrackets
        let style = node.isMissing ? "missing" : node.health.status.rawValue
        return "n\(place)\(open)\"\(label)\"\(close):::\(style)"
    }

    func edge(_ edge: ServiceMap.Edge) -> String {
        let label = DrawnText.lines(of: edge).map(\.escapedForMermaid).joined(separator: "<br/>")
        let arrow =
            DrawnText.isDashed(edge) ? "-.->" : edge.crossesClusters ? "==>" : "-->"
        let shown = label.isEmpty ? "" : "|\"\(label)\"|"
        return "n\(edge.source) \(arrow)\(shown) n\(edge.destination)"
    }

    func remarks(on map: ServiceMap) -> [String] {
        var lines = ["classDef missing stroke-dasharray: 5 5"]
        for status in ServiceMap.Health.Status.allCases {
            lines.append("classDef \(status.rawValue) stroke:\(DrawnText.colour(status))")
        }
        for (place, box) in map.boxes.enumerated() where box.missing != nil {
            lines.append("class b\(place) missing")
        }
        return lines
    }
}

extension ServiceMap.Node.Kind {
    fileprivate var mermaidBrackets: (String, String) {
        switch self {
        case .service: ("[", "]")
        case .workload, .app, .versionedApp: ("(", ")")
        case .gateway, .waypoint: ("{{", "}}")
        case .passthrough, .blackHole, .unknown: ("[/", "/]")
        case .external: (">", "]")
        case .collapsed: ("[[", "]]")
        }
    }
}

extension String {
    /// Within Mermaid's quotes, where HTML and its own entities are read: `#` begins one of them.
    fileprivate var escapedForMermaid: String {
        var escaped = ""
        for scalar in DrawnText.name(self).unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", " ", "-", "_", ".", ",", "/", ":", "%", "…", "(",
                ")", "?":
                escaped.unicodeScalars.append(scalar)
            case _ where scalar.value >= 0x80: escaped.unicodeScalars.append(scalar)
            default: escaped += "#\(scalar.value);"
            }
        }
        return escaped
    }
}
