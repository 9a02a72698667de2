import Clusters
import MeshHealth

/// One replica of an endpoint, how it is asked and when.
struct WatchedReplica: Hashable, Sendable {
    var cluster: ClusterID
    var target: ProbeTarget
    /// How to speak to it: its address alone.
    var service: Service
    /// Milliseconds.
    var interval: Int64
    /// When it is asked within each interval, milliseconds.
    var phase: Int64

    init(
        _ endpoint: ControlPlaneEndpoint, url: String, of cluster: ClusterID,
        _ settings: ControlPlaneSettings
    ) {
        let kind = endpoint.kind
        self.cluster = cluster
        target = ProbeTarget(
            kind, cluster: cluster.name, component: endpoint.component,
            instance: URLText.withoutUser(url), expectation: HTTPExpectation(endpoint))
        service = endpoint.service
        service.urls = [url]
        service.timeout = endpoint.timeout ?? settings.timeout
        interval = max(1, (endpoint.interval ?? settings.interval).wholeMilliseconds)
        let name = "\(cluster.name) \(kind.rawValue) \(target.component.name) \(target.instance)"
        phase = Int64(Self.number(of: name) % UInt64(interval))
    }

    /// The first time after one at which it is to be asked. The times are the same whenever the
    /// gateway has begun, and different for each replica, so that not all are asked at once.
    func due(after time: Int64) -> Int64 {
        let since = (time - phase) % interval
        return time + interval - (since < 0 ? since + interval : since)
    }

    /// All replicas that are declared, each once. Of clusters under maintenance nothing is asked.
    static func all(
        in inventory: Inventory, _ settings: ControlPlaneSettings
    ) -> [WatchedReplica] {
        var seen: Set<ProbeTarget> = []
        return inventory.clusters.filter { !$0.maintenance }.flatMap { cluster in
            cluster.controlPlane.flatMap { endpoint in
                endpoint.service.urls.map { url in
                    WatchedReplica(endpoint, url: url, of: cluster.id, settings)
                }
            }
        }.filter { seen.insert($0.target).inserted }
    }

    /// FNV-1a: short, and the same in every process.
    private static func number(of text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}

extension HTTPExpectation {
    /// What an endpoint of the kind `http` is to answer.
    fileprivate init(_ endpoint: ControlPlaneEndpoint) {
        self.init(statuses: endpoint.status.map { [$0] } ?? [])
        guard let pointer = endpoint.pointer else { return }
        assertion = endpoint.value.map { Assertion(pointer, equalsText: $0) } ?? Assertion(pointer)
    }
}
