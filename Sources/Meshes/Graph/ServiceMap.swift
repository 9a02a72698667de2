/// A service graph as it is shown: who calls whom, how much and how well.
///
/// Nodes come in the order of their clusters in the inventory, then by namespace, name and version;
/// edges in the order of their sources, then of their destinations.
public struct ServiceMap: Hashable, Sendable {
    public var view: GraphView
    public var box: GraphBox
    public var nodes: [Node]
    public var edges: [Edge]
    public var boxes: [Box]
    public var totals: Totals
    /// Places in `edges`, the worst to lose first. See `criticalEdges(atMost:)`.
    public var criticalEdges: [Int]

    public init(
        view: GraphView, box: GraphBox, nodes: [Node] = [], edges: [Edge] = [], boxes: [Box] = [],
        totals: Totals = Totals(), criticalEdges: [Int] = []
    ) {
        self.view = view
        self.box = box
        self.nodes = nodes
        self.edges = edges
        self.boxes = boxes
        self.totals = totals
        self.criticalEdges = criticalEdges
    }

    /// What an edge is called: its ends' names with `>` between. Names have no `>` of their own.
    public func id(of edge: Edge) -> String {
        nodes[edge.source].id + ">" + nodes[edge.destination].id
    }

    /// A frame around nodes.
    public struct Box: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable {
            case cluster, namespace
        }

        public var id: String
        public var kind: Kind
        public var name: String
        /// The box around it.
        public var parent: String?
        /// Why the cluster did not answer, if it did not: its box may lack nodes and edges.
        public var missing: String?

        public init(
            id: String, kind: Kind, name: String, parent: String? = nil, missing: String? = nil
        ) {
            self.id = id
            self.kind = kind
            self.name = name
            self.parent = parent
            self.missing = missing
        }
    }

    /// Sums over everything that the filters let through, shown or collapsed.
    public struct Totals: Hashable, Sendable {
        public var nodes = 0
        public var edges = 0
        public var shownNodes = 0
        public var shownEdges = 0
        /// Requests a second over all edges: one that passes three services counts three times.
        public var requestRate = 0.0
        /// Of all requests; nil without any.
        public var errorRatio: Double?

        public init() {}
    }
}
