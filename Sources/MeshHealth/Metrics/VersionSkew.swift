import Clusters
import TimeSeries

/// Control planes and proxies whose versions are not meant to meet.
public struct VersionSkew: Hashable, Sendable {
    /// The versions of each component, with how many there are, by cluster.
    public static let query =
        "count by (cluster, component, tag) (istio_build)"

    private var controlPlanes: [String: [SoftwareVersion: Double]] = [:]
    private var proxies: [String: [SoftwareVersion: Double]] = [:]

    public init() {}

    /// How many releases older a proxy may be than its control plane. A newer one never may.
    private static let allowedMinors = 1

    public mutating func note(
        controlPlane version: String, in cluster: String, count: Double = 1
    ) {
        guard let version = SoftwareVersion(version) else { return }
        controlPlanes[cluster, default: [:]][version, default: 0] += count
    }

    public mutating func note(proxy version: String, in cluster: String, count: Double = 1) {
        guard let version = SoftwareVersion(version) else { return }
        proxies[cluster, default: [:]][version, default: 0] += count
    }

    /// Takes the answer to `query`: `pilot` is the control plane, everything else is driven by it.
    public mutating func note(_ answer: QueryValue) {
        for sample in MetricSample.all(of: answer) {
            guard let tag = sample.labels["tag"], sample.value > 0 else { continue }
            if sample.labels["component"] == "pilot" {
                note(controlPlane: tag, in: sample.cluster, count: sample.value)
            } else {
                note(proxy: tag, in: sample.cluster, count: sample.value)
            }
        }
    }

    /// Takes what istiod's replicas tell of their proxies. `cluster` is where they run; that the
    /// proxies may be in others is theirs to say.
    public mutating func note(_ report: SyncReport, in cluster: String) {
        for (_, versions) in report.versions {
            for (version, count) in versions {
                note(proxy: version, in: cluster, count: Double(count))
            }
        }
    }

    /// Whether the versions of any proxies of the cluster are known.
    func hasProxies(in cluster: String) -> Bool { proxies[cluster] != nil }

    /// One issue for each pair that should not be, of one cluster's or of the whole fleet.
    public func issues(_ evidence: Evidence) -> [ConfigurationIssue] {
        ownIssues(evidence) + Self.fleetIssues(newest, evidence)
    }

    /// Proxies that do not fit to their cluster's control planes. Of several control planes (an
    /// upgrade by revisions) a proxy may belong to any.
    func ownIssues(_ evidence: Evidence) -> [ConfigurationIssue] {
        var issues: [ConfigurationIssue] = []
        for (cluster, versions) in controlPlanes.sorted(by: { $0.key < $1.key }) {
            let id = ComponentID(
                cluster: cluster, mesh: .istio, name: ControlPlaneKind.istiod.standardComponent)
            let planes = versions.keys.sorted()
            for (proxy, count) in (proxies[cluster] ?? [:]).sorted(by: { $0.key < $1.key })
            where !planes.contains(where: { Self.fit($0, proxy) }) {
                let names = planes.map(\.description).joined(separator: ", ")
                issues.append(
                    ConfigurationIssue(
                        .versionSkew, id, subject: proxy.description, count: count,
                        detail: "proxies of \(proxy) at a control plane of \(names)",
                        evidence: evidence))
            }
        }
        return issues
    }

    /// The newest control plane of each cluster.
    var newest: [String: SoftwareVersion] { controlPlanes.compactMapValues { $0.keys.max() } }

    /// Clusters whose control plane is more than one release behind the newest of all; `newest` is
    /// each one's.
    static func fleetIssues(
        _ newest: [String: SoftwareVersion], _ evidence: Evidence
    ) -> [ConfigurationIssue] {
        guard let first = newest.values.max() else { return [] }
        return newest.sorted { $0.key < $1.key }.compactMap { cluster, version in
            guard !fit(first, version) else { return nil }
            let id = ComponentID(
                cluster: cluster, mesh: .istio, name: ControlPlaneKind.istiod.standardComponent)
            return ConfigurationIssue(
                .versionSkew, id, subject: "control plane",
                detail: "istiod \(version), where another cluster has \(first)",
                evidence: evidence)
        }
    }

    /// Whether a proxy, or another control plane, of a version may be with this one.
    private static func fit(_ plane: SoftwareVersion, _ other: SoftwareVersion) -> Bool {
        guard plane.major == other.major else { return false }
        let behind = plane.minor - other.minor
        return behind >= 0 && behind <= allowedMinors
    }
}
