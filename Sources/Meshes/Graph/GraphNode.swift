/// A node of a whole graph, before it is shown.
struct GraphNode: Hashable, Sendable {
    var key: Key
    var kind: ServiceMap.Node.Kind
    /// What else traces may call it.
    var apps: [String] = []
    var workloads: [String] = []
    var dialects: DialectSet = []
    /// Whether some side that receives calls reported one to it.
    var isWitness = false
    /// How many nodes it stands for; zero for one that is itself.
    var collapsed = 0

    /// What tells nodes apart.
    struct Key: Hashable, Sendable {
        var sort: Sort
        /// In the table of clusters; `ClusterTable.unknown` too.
        var cluster: Int32
        var namespace = ""
        var name = ""
        var version = ""
    }

    /// The raw value is what stands before the colon in a node's id.
    enum Sort: String, Hashable, Sendable {
        /// What the view is of.
        case plain = ""
        case service, workload, app, passthrough, external, unknown, collapsed
        case blackHole = "black-hole"
        case unknownDestination = "unknown-destination"
    }

    /// Whether it stands for whatever has no name.
    var isAnonymous: Bool {
        switch key.sort {
        case .passthrough, .blackHole, .unknown, .unknownDestination: true
        default: false
        }
    }

    func id(_ clusters: ClusterTable) -> String {
        let cluster = clusters.name(of: key.cluster)?.escapedForIdentifiers ?? ""
        let prefix = key.sort == .plain ? "" : key.sort.rawValue + ":"
        switch key.sort {
        case .passthrough, .blackHole, .unknown, .unknownDestination: return prefix + cluster
        case .external: return prefix + key.name.escapedForIdentifiers
        case .collapsed:
            let namespace = key.name.isEmpty ? "" : "/" + key.namespace.escapedForIdentifiers
            return prefix + cluster + namespace
        default: break
        }
        let name = key.namespace.escapedForIdentifiers + "/" + key.name.escapedForIdentifiers
        let version = key.version.isEmpty ? "" : "@" + key.version.escapedForIdentifiers
        return prefix + cluster + "/" + name + version
    }

    /// What the box of a cluster is called, or of a namespace in one.
    static func boxID(cluster: String, namespace: String? = nil) -> String {
        let inner = namespace.map { "/" + $0.escapedForIdentifiers } ?? ""
        return cluster.escapedForIdentifiers + inner
    }

    var shownName: String {
        switch key.sort {
        case .passthrough: "passthrough"
        case .blackHole: "black hole"
        case .unknown: "unknown"
        case .unknownDestination: "unknown destination"
        default: key.name
        }
    }

    /// The order in which nodes are shown.
    static func precedes(_ one: GraphNode, _ other: GraphNode) -> Bool {
        precedes(one.key, other.key)
    }

    static func precedes(_ one: Key, _ other: Key) -> Bool {
        if one.cluster != other.cluster {
            // The unknown cluster comes last.
            return UInt32(bitPattern: one.cluster) < UInt32(bitPattern: other.cluster)
        }
        if one.namespace != other.namespace { return one.namespace < other.namespace }
        if one.name != other.name { return one.name < other.name }
        if one.version != other.version { return one.version < other.version }
        return one.sort.rawValue < other.sort.rawValue
    }
}

extension String {
    /// The text with what separates the parts of an identifier written as in addresses.
    fileprivate var escapedForIdentifiers: String {
        let special: Set<UInt8> = [
            UInt8(ascii: "%"), UInt8(ascii: "/"), UInt8(ascii: ">"), UInt8(ascii: "@"),
            UInt8(ascii: ":"),
        ]
        guard utf8.contains(where: special.contains) else { return self }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            if special.contains(byte) {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
