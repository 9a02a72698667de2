extension ServiceMap {
    /// One end of edges.
    public struct Node: Hashable, Sendable {
        /// Unique and stable: cluster, namespace and name with `/` between, after a word and a colon
        /// where the kind is not the one that the view is of. In names `%`, `/`, `>`, `@` and `:` are
        /// escaped as in addresses.
        public var id: String
        public var kind: Kind
        /// Nil for what is in none, or where it is not known which.
        public var cluster: String?
        /// Empty where there is none, or it is not known.
        public var namespace: String
        public var name: String
        public var version: String?
        /// The workloads that were seen to be it, ordered.
        public var workloads: [String]
        public var dialects: [Dialect]
        /// The box that it is in.
        public var box: String?
        /// Of all its calls, also of those that are filtered away.
        public var incoming: Traffic
        public var outgoing: Traffic
        public var health: Health
        /// How many nodes are drawn as this one; zero for one that is itself.
        public var collapsed: Int
        /// Whether its cluster did not answer: only what others saw of it is known.
        public var isMissing: Bool
        /// A sentence that says what its numbers may lack.
        public var incomplete: String?

        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case service, workload, app
            case versionedApp = "versioned-app"
            /// An ingress, egress or east-west gateway, by its name.
            case gateway
            /// A proxy of Istio's ambient mode.
            case waypoint
            /// What a cluster's proxies let through without knowing what it is.
            case passthrough
            /// What a cluster's proxies refuse, having no route for it.
            case blackHole = "black-hole"
            /// A host outside the mesh.
            case external
            /// Callers without a name: not in the mesh, or without its telemetry.
            case unknown
            case collapsed
        }

        public init(
            id: String, kind: Kind, cluster: String?, namespace: String, name: String,
            version: String? = nil, workloads: [String] = [], dialects: [Dialect] = [],
            box: String? = nil, incoming: Traffic = Traffic(), outgoing: Traffic = Traffic(),
            health: Health = Health(.unknown, because: ""), collapsed: Int = 0,
            isMissing: Bool = false, incomplete: String? = nil
        ) {
            self.id = id
            self.kind = kind
            self.cluster = cluster
            self.namespace = namespace
            self.name = name
            self.version = version
            self.workloads = workloads
            self.dialects = dialects
            self.box = box
            self.incoming = incoming
            self.outgoing = outgoing
            self.health = health
            self.collapsed = collapsed
            self.isMissing = isMissing
            self.incomplete = incomplete
        }
    }
}
