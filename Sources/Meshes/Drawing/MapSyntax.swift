/// A language that maps are drawn in: what it writes for each thing that the walk (`MapDrawing`) comes
/// to. Lines are without their indentation.
protocol MapSyntax {
    /// The first line, and those below it that stand before everything else.
    var head: [String] { get }

    /// Begins a box: the line that opens it, and those inside that stand before what is in it.
    ///
    /// - Parameter isEmpty: whether nothing is in it.
    func opening(_ box: ServiceMap.Box, _ place: Int, isEmpty: Bool) -> [String]
    /// The line that ends a box.
    var closing: String { get }

    func node(_ node: ServiceMap.Node, _ place: Int, boxed: GraphBox) -> String
    func edge(_ edge: ServiceMap.Edge) -> String

    /// What stands after everything else, below the first line.
    func remarks(on map: ServiceMap) -> [String]
    /// The last line; nil where there is none.
    var end: String? { get }
}

extension ServiceMap {
    /// The map in a language: boxes with their nodes in them, then the nodes in no box, then the edges.
    /// The same map gives the same text.
    func drawn(in syntax: some MapSyntax) -> String {
        var drawing = MapDrawing(self, syntax)
        return drawing.text()
    }
}

/// The walk over a map that is being drawn.
private struct MapDrawing<Syntax: MapSyntax> {
    let map: ServiceMap
    let syntax: Syntax
    /// The places of the nodes in each box, and in none.
    let nodes: [String?: [Int]]
    /// The places of the boxes in each box, and in none.
    let boxes: [String?: [Int]]
    private var written = ""

    /// Boxes are two deep: clusters, and namespaces in them.
    private static var deepest: Int { 8 }

    init(_ map: ServiceMap, _ syntax: Syntax) {
        self.map = map
        self.syntax = syntax
        nodes = Dictionary(grouping: map.nodes.indices) { map.nodes[$0].box }
        boxes = Dictionary(grouping: map.boxes.indices) { map.boxes[$0].parent }
    }

    mutating func text() -> String {
        write(syntax.head, depth: 0)
        for place in boxes[nil] ?? [] { box(place, depth: 1) }
        for place in nodes[nil] ?? [] { node(place, depth: 1) }
        for edge in map.edges { line(syntax.edge(edge), depth: 1) }
        for remark in syntax.remarks(on: map) { line(remark, depth: 1) }
        if let end = syntax.end { line(end, depth: 0) }
        return written
    }

    private mutating func box(_ place: Int, depth: Int) {
        let box = map.boxes[place]
        let inner = depth <= Self.deepest ? boxes[box.id] ?? [] : []
        let inside = nodes[box.id] ?? []
        write(
            syntax.opening(box, place, isEmpty: inner.isEmpty && inside.isEmpty), depth: depth)
        for place in inner { self.box(place, depth: depth + 1) }
        for place in inside { node(place, depth: depth + 1) }
        line(syntax.closing, depth: depth)
    }

    private mutating func node(_ place: Int, depth: Int) {
        line(syntax.node(map.nodes[place], place, boxed: map.box), depth: depth)
    }

    /// The first of the lines, and the others below it.
    private mutating func write(_ lines: [String], depth: Int) {
        for (place, text) in lines.enumerated() {
            line(text, depth: place == 0 ? depth : depth + 1)
        }
    }

    private mutating func line(_ text: String, depth: Int) {
        for _ in 0..<depth { written += "  " }
        written += text
        written += "\n"
    }
}
