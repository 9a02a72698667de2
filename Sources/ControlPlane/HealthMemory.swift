import Clusters
import Federation
import MeshHealth

/// What is known of everything that is watched. A value with plain changes: what was found goes in,
/// what a picture is made of comes out; the time is given.
struct HealthMemory: Sendable {
    /// A replica that is to be asked until its number is another one's.
    struct Watched: Hashable, Sendable {
        var replica: WatchedReplica
        var number: Int
    }

    /// How one is to be asked next.
    struct Asking: Hashable, Sendable {
        var skipping: Set<Probe>
        var wantsHandshake: Bool
    }

    private struct Replica: Sendable {
        var watched: Watched
        var track: StateTrack
        /// The last one of each probe, in the order of the table.
        var readings: [ProbeReading] = []
        /// What it showed in its last handshake.
        var certificates: [Certificate] = []
        var shownAt: Int64?
    }

    /// What proxies had at a time; of those that were stale alone.
    private struct Past: Sendable {
        var report: SyncReport
        var time: Int64
    }

    private let settings: ControlPlaneSettings
    private var generation: Int?
    private var lastNumber = 0
    private var clusters: [Cluster] = []
    /// In the inventory's order.
    private var targets: [ProbeTarget] = []
    private var replicas: [ProbeTarget: Replica] = [:]
    private var pasts: [ComponentID: [Past]] = [:]
    private var longest = CertificateMemory()
    /// Nil until the metrics were asked.
    private(set) var metrics: MetricKnowledge?
    /// Whether there is something new that somebody may wait for.
    private(set) var hasNews = true

    init(_ settings: ControlPlaneSettings) { self.settings = settings }

    /// How many replicas are watched.
    var count: Int { targets.count }

    // MARK: What is watched

    /// Takes an inventory over. Returns the replicas that are to be asked from now on: those that are
    /// new, or are to be asked otherwise. Of others everything stays, and of those that are gone
    /// nothing.
    mutating func follow(_ inventory: Inventory) -> [Watched] {
        guard generation != inventory.generation else { return [] }
        generation = inventory.generation
        clusters = inventory.clusters
        let declared = WatchedReplica.all(in: inventory, settings)
        var next: [ProbeTarget: Replica] = [:]
        var fresh: [Watched] = []
        for replica in declared {
            let known = replicas[replica.target]
            if let known, known.watched.replica == replica {
                next[replica.target] = known
                continue
            }
            lastNumber += 1
            let watched = Watched(replica: replica, number: lastNumber)
            fresh.append(watched)
            var one = known ?? Replica(watched: watched, track: StateTrack(trackSettings(replica)))
            one.watched = watched
            next[replica.target] = one
        }
        targets = declared.map(\.target)
        replicas = next
        let components = Set(targets.map(\.component))
        pasts = pasts.filter { components.contains($0.key) }
        hasNews = true
        return fresh
    }

    private func trackSettings(_ replica: WatchedReplica) -> StateTrack.Settings {
        StateTrack.Settings(staleAfter: max(120_000, 4 * replica.interval))
    }

    /// All that are watched.
    var all: [Watched] { targets.compactMap { replicas[$0]?.watched } }

    func isWatched(_ watched: Watched) -> Bool {
        replicas[watched.replica.target]?.watched == watched
    }

    /// Whether the last readings of a replica say something else than is believed of it.
    func isInDoubt(_ watched: Watched) -> Bool {
        replicas[watched.replica.target]?.track.isInDoubt ?? false
    }

    /// How a replica is to be asked at a time. Long answers are asked for less often, as are
    /// certificates beside what is asked anyway.
    func asking(_ watched: Watched, at time: Int64) -> Asking {
        guard let replica = replicas[watched.replica.target] else {
            return Asking(skipping: [], wantsHandshake: false)
        }
        let interval = watched.replica.interval
        let rare = Self.rareEvery * interval - interval / 2
        var skipping: Set<Probe> = []
        for reading in replica.readings
        where reading.probe.maximumBytes > Self.longBytes && !reading.probe.isEssential {
            // What failed is asked again.
            if reading.status != nil, time - reading.observedAt < rare {
                skipping.insert(reading.probe)
            }
        }
        let isSecure = watched.replica.service.urls.first?.lowercased().hasPrefix("https://")
        let isDue = replica.shownAt.map { time - $0 >= rare } ?? true
        return Asking(skipping: skipping, wantsHandshake: isSecure == true && isDue)
    }

    /// Every so many intervals …
    private static let rareEvery: Int64 = 4
    /// … what may be longer than this, bytes: lists of all proxies, hosts or certificates.
    private static let longBytes = 1 << 20

    // MARK: What was found

    /// Takes what came of asking a replica; nothing where it is watched no more.
    mutating func note(_ finding: ReplicaFinding, of watched: Watched) {
        let target = watched.replica.target
        guard isWatched(watched), var replica = replicas[target] else { return }
        let asked = Dictionary(
            finding.readings.map { ($0.probe, $0) }, uniquingKeysWith: { $1 })
        let before = Dictionary(
            replica.readings.map { ($0.probe, $0) }, uniquingKeysWith: { $1 })
        replica.readings = target.probes.compactMap { asked[$0] ?? before[$0] }
        if let certificates = finding.certificates {
            replica.certificates = certificates
            replica.shownAt = finding.endedAt
        }
        let state = InstanceHealth(target, replica.readings).state
        if replica.track.observe(state, at: finding.endedAt) != nil { hasNews = true }
        replicas[target] = replica
    }

    /// Takes what the clusters' metrics told.
    mutating func note(_ replies: [MetricReply], at time: Int64) {
        metrics = MetricKnowledge(replies, after: metrics, at: time, settings)
        hasNews = true
    }

    /// Keeps what proxies have, so that one sees later what is stuck.
    mutating func note(_ proxies: [ComponentID: SyncReport]) {
        let limit = settings.probes.staleAfter
        let syncTimes = syncTimes
        for (component, report) in proxies {
            guard let times = syncTimes[component] else { continue }
            var past = pasts[component] ?? []
            if (past.last?.time ?? .min) < times.latest {
                past.append(Past(report: report.staleOnly, time: times.latest))
            }
            // One that is old enough is needed, older ones are not.
            while past.count > 1, times.earliest - past[1].time >= limit { past.removeFirst() }
            pasts[component] = past
        }
    }

    /// When the replicas of each istiod last told of their proxies.
    private var syncTimes: [ComponentID: (earliest: Int64, latest: Int64)] {
        var all: [ComponentID: (earliest: Int64, latest: Int64)] = [:]
        for replica in replicas.values {
            guard let reading = replica.readings.first(where: { $0.probe == .istiodSync }) else {
                continue
            }
            let (component, time) = (reading.target.component, reading.observedAt)
            let known = all[component] ?? (time, time)
            all[component] = (min(known.earliest, time), max(known.latest, time))
        }
        return all
    }

    // MARK: What is known

    /// What a picture of a time is made of. What is new is told by it.
    mutating func parts(at time: Int64) -> HealthPicture.Parts {
        hasNews = false
        var parts = HealthPicture.Parts()
        parts.targets = targets
        parts.settings = settings.probes
        parts.time = time
        parts.maximumCertificates = settings.maximumCertificates
        parts.clusters = clusters.map(\.id.name)
        var shown: [Certificate] = []
        for target in targets {
            guard let replica = replicas[target] else { continue }
            parts.readings += replica.readings
            shown += replica.certificates
            if replica.track.observedAt != nil {
                parts.states[target.component, default: [:]][target.instance] =
                    replica.track.state(at: time)
            }
        }
        let syncTimes = syncTimes
        for (component, past) in pasts {
            guard let times = syncTimes[component], let first = past.first,
                times.earliest - first.time >= settings.probes.staleAfter
            else { continue }
            parts.earlierProxies[component] = first.report
        }
        let names = Set(parts.clusters)
        if let metrics {
            parts.metrics = metrics.assessment
            parts.connected = metrics.connected
            parts.versions = metrics.versions
            // A cluster that has left the inventory is gone from here too.
            shown += metrics.certificates.filter { names.contains($0.cluster) }
        }
        parts.certificates = longest.noting(shown, at: time / 1000)
        return parts
    }

    /// When the newest of it was found out, milliseconds since the Unix epoch.
    var observedAt: Int64? {
        let times = replicas.values.compactMap(\.track.observedAt)
        return (times + [metrics?.time].compactMap { $0 }).max()
    }

    /// Clusters of whose configuration not all is known: that they have no issue is not known either.
    var blindClusters: Set<String> {
        let silent = clusters.filter { metrics?.answered.contains($0.id) != true }
        return (metrics?.missingNames ?? []).union(silent.map(\.id.name))
    }

    /// Whether each cluster's Prometheus answered the last round of questions, with the labels of
    /// the series that says it. Of clusters under maintenance, and before they were asked, nothing.
    var reachability: [(cluster: Cluster, isUp: Bool)] {
        guard let metrics else { return [] }
        let missing = Set(metrics.missing.lazy.filter { !$0.isMaintenance }.map(\.cluster))
        return clusters.filter { !$0.maintenance }.compactMap { cluster in
            if metrics.answered.contains(cluster.id) { return (cluster, true) }
            return missing.contains(cluster.id) ? (cluster, false) : nil
        }
    }
}
