import Clusters
import TimeSeries

/// All that is known of the meshes at one time, from everything that was asked.
public struct HealthPicture: Hashable, Sendable {
    public private(set) var fleet: FleetHealth
    /// Of probes, of metrics and of versions, each once, the worst first.
    public private(set) var issues: [ConfigurationIssue] = []
    /// Of probes, metrics and handshakes, each once.
    public private(set) var certificates: [Certificate] = []
    /// How many certificates are not in the list, which has a limit; none of them is worse than those
    /// that are.
    public var omittedCertificates: Int { leftOutCertificates.values.reduce(0, +) }
    /// How many series of metrics are no issues here, because one rule found too many.
    public var omittedIssues: Int { leftOutIssues.values.reduce(0, +) }
    /// What the proxies of each istiod have, of all its replicas together.
    public private(set) var proxies: [ComponentID: SyncReport] = [:]
    /// The istiods of which only a part of the proxies was seen (`SyncReport.isSlice`).
    public private(set) var slices: [ComponentID] = []
    /// Issues that are one cluster's own, in no order.
    private var ownIssues: [ConfigurationIssue] = []
    /// The newest control plane of each cluster, which all are compared by.
    private var newest: [String: SoftwareVersion] = [:]
    /// What is left out of each cluster's; none is 0.
    private var leftOutCertificates: [String: Int] = [:]
    private var leftOutIssues: [String: Int] = [:]

    /// What a picture is made of. What was not asked stays as it is.
    public struct Parts: Sendable {
        /// All replicas that are declared.
        public var targets: [ProbeTarget] = []
        /// The last reading of each probe of each.
        public var readings: [ProbeReading] = []
        /// The replicas' states as they are believed (`StateTrack`), by instance.
        public var states: [ComponentID: [String: ComponentState]] = [:]
        public var metrics: MetricAssessment?
        /// Reports of at least `staleAfter` before, against which one sees what is stuck.
        public var earlierProxies: [ComponentID: SyncReport] = [:]
        public var settings = ProbeSettings()
        /// As of when everything is told, milliseconds since the Unix epoch.
        public var time: Int64 = 0
        /// Of more certificates the worst are kept, and of those that are as bad the ones that end
        /// first.
        public var maximumCertificates = Int.max
        /// The answer to `connectedText`.
        public var connected: QueryValue?
        /// The answer to `VersionSkew.query`.
        public var versions: QueryValue?
        /// Of metrics and of handshakes; those of probes are in the readings.
        public var certificates: [Certificate] = []
        /// All clusters, also those of which nothing is known.
        public var clusters: [String] = []

        public init() {}
    }

    /// How many proxies are connected to istiod, in each cluster.
    public static let connectedText = "sum by (cluster) (pilot_xds)"

    public init(_ parts: Parts) {
        let components = Self.components(parts)
        fleet = FleetHealth(components, clusters: parts.clusters)
        proxies = Self.proxies(parts)
        slices = Self.slices(proxies, parts.connected)
        let all = CertificateMerge.merged(
            parts.readings.flatMap { $0.finding.facts.certificates ?? [] } + parts.certificates)
        certificates = JudgedCertificate.worst(
            all, atMost: parts.maximumCertificates, at: parts.time / 1000)
        for certificate in all { leftOutCertificates[certificate.cluster, default: 0] += 1 }
        for certificate in certificates { leftOutCertificates[certificate.cluster]? -= 1 }
        leftOutCertificates = leftOutCertificates.filter { $0.value > 0 }
        leftOutIssues = parts.metrics?.omittedByCluster ?? [:]
        let probed = parts.readings.flatMap { reading -> [ConfigurationIssue] in
            // Those of proxies are told once for all replicas.
            reading.probe == .istiodSync ? [] : reading.finding.facts.issues ?? []
        }
        let skew = skew(parts)
        newest = skew.newest
        ownIssues =
            probed + syncIssues(parts) + (parts.metrics?.issues ?? [])
            + skew.ownIssues(Self.skewEvidence)
        issues = allIssues
    }

    private static let skewEvidence = Evidence(.metric(query: VersionSkew.query))

    private var allIssues: [ConfigurationIssue] {
        ConfigurationIssue.merged(
            ownIssues + VersionSkew.fleetIssues(newest, Self.skewEvidence))
    }

    /// The picture as if there were no clusters but these.
    public func seen(of clusters: Set<String>) -> HealthPicture {
        var seen = self
        seen.fleet = FleetHealth(
            fleet.clusters.flatMap(\.components).filter { clusters.contains($0.id.cluster) },
            clusters: fleet.clusters.map(\.cluster).filter(clusters.contains))
        seen.certificates = certificates.filter { clusters.contains($0.cluster) }
        seen.proxies = proxies.filter { clusters.contains($0.key.cluster) }
        seen.slices = slices.filter { clusters.contains($0.cluster) }
        seen.ownIssues = ownIssues.filter { clusters.contains($0.component.cluster) }
        seen.newest = newest.filter { clusters.contains($0.key) }
        seen.leftOutCertificates = leftOutCertificates.filter { clusters.contains($0.key) }
        seen.leftOutIssues = leftOutIssues.filter { clusters.contains($0.key) }
        seen.issues = seen.allIssues
        return seen
    }

    /// How many proxies are not in the lists, which have a limit.
    public var omittedProxies: Int { proxies.values.reduce(0) { $0 + $1.omitted } }

    private static func components(_ parts: Parts) -> [ComponentHealth] {
        let targets = Dictionary(grouping: parts.targets, by: \.component)
        let readings = Dictionary(grouping: parts.readings, by: \.target)
        let metrics = Dictionary(
            (parts.metrics?.components ?? []).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        return Set(targets.keys).union(metrics.keys).sorted().map { id in
            let replicas = targets[id] ?? []
            return ComponentHealth(
                id, quorum: replicas.first?.kind.quorum ?? .one,
                replicas.map { InstanceHealth($0, readings[$0] ?? []) },
                states: parts.states[id] ?? [:], metrics: metrics[id])
        }
    }

    private static func proxies(_ parts: Parts) -> [ComponentID: SyncReport] {
        let istiods = parts.targets.filter { $0.kind == .istiod }
        let readings = Dictionary(
            grouping: parts.readings.filter { $0.probe == .istiodSync }, by: \.target.component)
        return Dictionary(grouping: istiods, by: \.component).compactMapValues { replicas in
            guard let component = replicas.first?.component, let told = readings[component],
                told.contains(where: { $0.finding.facts.proxies != nil })
            else { return nil }
            return SyncReport(
                told, of: replicas.map(\.instance), atMost: parts.settings.maximumProxies)
        }
    }

    private static func slices(
        _ proxies: [ComponentID: SyncReport], _ connected: QueryValue?
    ) -> [ComponentID] {
        guard let connected else { return [] }
        var counts: [String: Int] = [:]
        for sample in MetricSample.all(of: connected) where sample.value < 1e9 {
            counts[sample.cluster] = Int(max(0, sample.value))
        }
        // Of several istiods in a cluster, revisions, each has a part.
        let seen = Dictionary(grouping: proxies, by: \.key.cluster)
        return seen.filter { cluster, reports in
            let all = reports.map(\.value.connected).reduce(0, +)
            return counts[cluster].map { SyncReport.isSlice(all, ofConnected: $0) } ?? false
        }.flatMap { $0.value.map(\.key) }.sorted()
    }

    private func syncIssues(_ parts: Parts) -> [ConfigurationIssue] {
        let times = parts.readings.filter { $0.probe == .istiodSync }.map(\.observedAt)
        guard let time = times.max() else { return [] }
        return proxies.sorted { $0.key < $1.key }.flatMap { component, report in
            let instances = parts.targets.filter { $0.component == component }.map(\.instance)
            return report.issues(
                component, at: time, parts.settings, since: parts.earlierProxies[component]
            ) { text in
                Evidence(
                    .probe(
                        path: Probe.istiodSync.path, instance: instances.joined(separator: " ")),
                    text)
            }
        }
    }

    private func skew(_ parts: Parts) -> VersionSkew {
        var skew = VersionSkew()
        if let versions = parts.versions {
            skew.note(versions)
        }
        for reading in parts.readings where reading.probe == .istiodVersion {
            guard let version = reading.finding.version else { continue }
            skew.note(controlPlane: version, in: reading.target.component.cluster)
        }
        // Metrics count the proxies already, where they do.
        for (component, report) in proxies where !skew.hasProxies(in: component.cluster) {
            skew.note(report, in: component.cluster)
        }
        return skew
    }
}
