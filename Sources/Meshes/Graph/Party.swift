/// One end of calls without its cluster, as both sides' reports agree on it.
struct Party: Hashable, Sendable {
    var namespace: String
    /// What is called; empty for callers.
    var service: String
    var workload: String
    var app: String
    var version: String
    var sort: Sort

    enum Sort: Hashable, Sendable {
        /// A caller, or a service in a cluster.
        case common
        /// A host outside the mesh, which is in no cluster.
        case external
        /// Where traffic goes that a proxy has no service for: Istio's `PassthroughCluster`, or an
        /// address without a service.
        case passthrough
        case blackHole
        /// Nothing is known of it.
        case unknown
    }

    /// What tells parties apart. A workload has one app and one version, which a report may lack.
    struct Key: Hashable, Sendable {
        var namespace: String
        var service: String
        var name: String
        var sort: Sort
    }

    /// Whether only the service is known: the report of a source whose call met no workload, or that
    /// learnt nothing of it.
    var isServiceOnly: Bool { workload.isEmpty && app.isEmpty && sort == .common }

    var key: Key {
        let name = workload.isEmpty ? (app.isEmpty ? "" : app + "\u{0}" + version) : workload
        return Key(namespace: namespace, service: service, name: name, sort: sort)
    }

    /// The service whichever workload serves it, and the workload whatever service it is called by.
    var serviceKey: Key { Key(namespace: namespace, service: service, name: "", sort: sort) }
    var workloadKey: Key { Key(namespace: namespace, service: "", name: key.name, sort: sort) }

    /// A caller. One of which only the namespace is known is an unknown one; Kiali leaves it out.
    init(caller end: CallEnd) {
        self.init(end, service: "")
        if workload.isEmpty, app.isEmpty {
            namespace = ""
            version = ""
            sort = .unknown
        }
    }

    init(callee end: CallEnd) {
        let service = end.service.isUnknownName ? "" : end.service
        // Calls to a port that no service has: the workload is all there is to know.
        self.init(end, service: service.hasPrefix("InboundPassthroughCluster") ? "" : service)
        switch self.service {
        case "PassthroughCluster": become(.passthrough)
        case "BlackHoleCluster": become(.blackHole)
        case "" where workload.isEmpty && app.isEmpty: become(.unknown)
        default:
            guard workload.isEmpty, app.isEmpty else { return }
            if self.service.isAddress {
                become(.passthrough)
            } else if self.service.utf8.contains(UInt8(ascii: ".")) {
                // Services of Kubernetes have no dot in their names.
                let host = self.service
                become(.external)
                self.service = host
            }
        }
    }

    private init(_ end: CallEnd, service: String) {
        namespace = end.namespace.isUnknownName ? "" : end.namespace
        self.service = service
        workload = end.workload.isUnknownName ? "" : end.workload
        app = end.app.isUnknownName ? "" : end.app
        version = end.version.isUnknownName ? "" : end.version
        sort = .common
    }

    private mutating func become(_ sort: Sort) {
        self = Party(CallEnd(), service: "")
        self.sort = sort
    }

    /// Takes from another report what this one lacks; of two that differ the first by name, so that
    /// the order of reports does not matter.
    mutating func learn(from other: Party) {
        app = Self.better(app, other.app)
        version = Self.better(version, other.version)
    }

    private static func better(_ one: String, _ other: String) -> String {
        if one.isEmpty { return other }
        return other.isEmpty ? one : min(one, other)
    }
}

extension String {
    /// Whether it is an address and not a name: IPv4 or IPv6, with or without a port.
    fileprivate var isAddress: Bool {
        var colons = 0
        var isIPv4 = true
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): break
            case UInt8(ascii: ":"): colons += 1
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
                UInt8(ascii: "["), UInt8(ascii: "]"):
                isIPv4 = false
            default: return false
            }
        }
        return isIPv4 ? colons <= 1 && utf8.contains(UInt8(ascii: ".")) : colons >= 2
    }
}
