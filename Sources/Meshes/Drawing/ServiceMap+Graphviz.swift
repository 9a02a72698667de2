extension ServiceMap {
    /// The map in the language of Graphviz.
    ///
    /// Clusters and namespaces are its clusters. What is missing is drawn dashed. The same map gives
    /// the same text; names are quoted, so that none is read as anything else.
    public var graphviz: String { drawn(in: GraphvizSyntax()) }
}

private struct GraphvizSyntax: MapSyntax {
    var head: [String] {
        [
            "digraph mesh {", "rankdir=LR;",
            "graph [fontname=\"sans-serif\", style=\"rounded\"];",
            "node [fontname=\"sans-serif\", shape=box, style=\"rounded\"];",
            "edge [fontname=\"sans-serif\", fontsize=10];",
        ]
    }
    var closing: String { "}" }
    var end: String? { "}" }

    func opening(_ box: ServiceMap.Box, _ place: Int, isEmpty: Bool) -> [String] {
        let style = box.missing == nil ? "rounded" : "rounded,dashed"
        let remark = box.missing.map {
            "\\n" + "missing: ".quotedForGraphviz + $0.quotedForGraphviz
        }
        var lines = [
            "subgraph cluster_\(place) {",
            "label=\"\(box.name.quotedForGraphviz)\(remark ?? "")\";", "style=\"\(style)\";",
        ]
        if box.missing != nil, isEmpty {
            // Graphviz leaves out empty clusters.
            lines.append("missing_\(place) [label=\"?\", style=\"rounded,dashed\"];")
        }
        return lines
    }

    func node(_ node: ServiceMap.Node, _ place: Int, boxed: GraphBox) -> String {
        let label = DrawnText.lines(of: node, boxed: boxed).map(\.quotedForGraphviz)
            .joined(separator: "\\n")
        let style = node.isMissing ? "rounded,dashed" : "rounded"
        return "n\(place) [label=\"\(label)\", shape=\(node.kind.graphvizShape), "
            + "style=\"\(style)\", color=\"\(DrawnText.colour(node.health.status))\"];"
    }

    func edge(_ edge: ServiceMap.Edge) -> String {
        let label = DrawnText.lines(of: edge).map(\.quotedForGraphviz).joined(separator: "\\n")
        let style = DrawnText.isDashed(edge) ? "dashed" : "solid"
        let width = edge.crossesClusters ? ", penwidth=2" : ""
        return "n\(edge.source) -> n\(edge.destination) [label=\"\(label)\", style=\(style), "
            + "color=\"\(DrawnText.colour(edge.health.status))\"\(width)];"
    }

    func remarks(on map: ServiceMap) -> [String] { [] }
}

extension ServiceMap.Node.Kind {
    fileprivate var graphvizShape: String {
        switch self {
        case .service: "box"
        case .workload, .app, .versionedApp: "ellipse"
        case .gateway, .waypoint: "diamond"
        case .passthrough, .blackHole, .unknown: "octagon"
        case .external: "house"
        case .collapsed: "box3d"
        }
    }
}

extension String {
    /// Between the quotes of Graphviz, where a backslash begins an escape.
    fileprivate var quotedForGraphviz: String {
        var quoted = ""
        for character in DrawnText.name(self).unicodeScalars {
            switch character {
            case "\"", "\\":
                quoted.unicodeScalars.append("\\")
                quoted.unicodeScalars.append(character)
            default: quoted.unicodeScalars.append(character)
            }
        }
        return quoted
    }
}
