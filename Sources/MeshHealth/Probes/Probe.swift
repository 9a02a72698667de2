// The first file to read in Probes: the table of what is asked of each kind of thing. All of it is
// asked by GET, and there is no other place for a path, so that no endpoint can be asked that changes
// something: neither `?push=true` nor `force_disconnect`, `cachez?clear=true` or `quitquitquit`.

import Clusters

/// A question to an endpoint; the raw value names it in labels.
public enum Probe: String, Hashable, Sendable, CaseIterable {
    case istiodReady = "istiod-ready"
    case istiodVersion = "istiod-version"
    case istiodSync = "istiod-syncz"
    case istiodClusters = "istiod-clusterz"
    case istiodPushStatus = "istiod-push-status"
    case linkerdPing = "linkerd-ping"
    case linkerdReady = "linkerd-ready"
    case consulLeader = "consul-leader"
    case consulPeers = "consul-peers"
    case consulAutopilot = "consul-autopilot"
    case consulRoots = "consul-roots"
    case envoyReady = "envoy-ready"
    case envoyServerInfo = "envoy-server-info"
    case envoyCertificates = "envoy-certs"
    case envoyClusters = "envoy-clusters"
    case http
    case handshake = "tls-handshake"

    /// A row of the table.
    struct Row {
        var kind: ControlPlaneKind
        /// With the query, behind the base address; empty for the address itself.
        var path: String
        /// Whether it tells by itself whether the component works.
        var isEssential: Bool
        /// The statuses that its reader understands; others mean what they mean everywhere.
        var statuses: Set<Int>
        /// The most bytes of a body.
        var maximumBytes: Int

        init(
            _ kind: ControlPlaneKind, _ path: String, essential: Bool = false,
            statuses: Set<Int> = [200], maximumBytes: Int = 64 << 10
        ) {
            self.kind = kind
            self.path = path
            isEssential = essential
            self.statuses = statuses
            self.maximumBytes = maximumBytes
        }
    }

    /// The probes of a kind, the essential ones first.
    public static func all(of kind: ControlPlaneKind) -> [Probe] {
        let probes = allCases.filter { $0.row.kind == kind }
        return probes.filter(\.isEssential) + probes.filter { !$0.isEssential }
    }

    public var kind: ControlPlaneKind { row.kind }
    /// Behind the base address, with the query; empty for the address itself.
    public var path: String { row.path }
    /// Whether it tells by itself whether the component works. What else is asked may make that
    /// worse, and is not missed where it is not allowed.
    public var isEssential: Bool { row.isEssential }
    /// The most bytes of a body that are worth reading.
    public var maximumBytes: Int { row.maximumBytes }

    var row: Row {
        switch self {
        case .istiodReady: Row(.istiod, "/ready", essential: true, statuses: [200, 503])
        // On the port of the metrics alone.
        case .istiodVersion: Row(.istiod, "/version")
        // About 2 kB for each proxy.
        case .istiodSync: Row(.istiod, "/debug/syncz", maximumBytes: 32 << 20)
        case .istiodClusters: Row(.istiod, "/debug/clusterz", maximumBytes: 1 << 20)
        case .istiodPushStatus: Row(.istiod, "/debug/push_status", maximumBytes: 8 << 20)
        case .linkerdPing: Row(.linkerd, "/ping")
        case .linkerdReady: Row(.linkerd, "/ready", essential: true, statuses: [200, 500, 503])
        case .consulLeader:
            Row(.consul, "/v1/status/leader", essential: true, statuses: [200, 500])
        case .consulPeers: Row(.consul, "/v1/status/peers", statuses: [200, 500])
        case .consulAutopilot:
            Row(
                .consul, "/v1/operator/autopilot/health", statuses: [200, 429],
                maximumBytes: 1 << 20)
        case .consulRoots: Row(.consul, "/v1/connect/ca/roots", maximumBytes: 1 << 20)
        case .envoyReady: Row(.envoy, "/ready", essential: true, statuses: [200, 503])
        case .envoyServerInfo: Row(.envoy, "/server_info", maximumBytes: 1 << 20)
        case .envoyCertificates: Row(.envoy, "/certs", maximumBytes: 8 << 20)
        case .envoyClusters: Row(.envoy, "/clusters?format=json", maximumBytes: 64 << 20)
        // Which statuses it takes is the inventory's to say.
        case .http:
            Row(.http, "", essential: true, statuses: Set(100...599), maximumBytes: 1 << 20)
        // There is no request, and so no answer.
        case .handshake: Row(.tls, "", essential: true, statuses: [], maximumBytes: 0)
        }
    }
}
