/// Which part of the graph is shown, and how.
public struct GraphShape: Hashable, Sendable {
    public var view: GraphView
    public var box: GraphBox
    public var collapse: GraphCollapse
    /// How many nodes are shown by themselves, those with the most traffic; the others of a namespace
    /// in a cluster are one node. All where it is nil.
    public var top: Int?
    /// Only what is near this service.
    public var focus: Focus?
    /// Only edges with an end in one of these; all where it is empty.
    public var clusters: [String]
    /// Only edges with an end in one of these, the same end where `clusters` are given too.
    public var namespaces: [String]
    /// Whether edges and nodes without traffic are shown.
    public var includesIdle: Bool

    /// A service, workload or app, and how many calls away from it others are still shown: those that
    /// it calls, directly or not, and those that call it.
    public struct Focus: Hashable, Sendable {
        /// Any where it is nil.
        public var namespace: String?
        public var name: String
        public var depth: Int

        public init(namespace: String? = nil, name: String, depth: Int = 1) {
            self.namespace = namespace
            self.name = name
            self.depth = depth
        }
    }

    public init(
        view: GraphView = .service, box: GraphBox = .cluster, collapse: GraphCollapse = .none,
        top: Int? = nil, focus: Focus? = nil, clusters: [String] = [], namespaces: [String] = [],
        includesIdle: Bool = false
    ) {
        self.view = view
        self.box = box
        self.collapse = collapse
        self.top = top
        self.focus = focus
        self.clusters = clusters
        self.namespaces = namespaces
        self.includesIdle = includesIdle
    }
}
