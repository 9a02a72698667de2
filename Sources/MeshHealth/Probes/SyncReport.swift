/// The proxies of all replicas of istiod together. Each replica knows its own alone.
public struct SyncReport: Hashable, Sendable {
    /// Each once, by cluster and name.
    public private(set) var proxies: [ProxySync]
    /// How many more there are, which are well or in no worse way, and are not kept.
    public private(set) var omitted: Int
    /// The replicas that did not tell: without them the list is not whole.
    public var missingReplicas: [String]

    /// A type of one proxy.
    public struct Place: Hashable, Sendable {
        public var proxy: ProxySync
        public var resource: ResourceSync
    }

    /// `answers` are the lists by replica, `replicas` all that there are; `omitted` are those of the
    /// replicas' proxies that are not in the lists, and at most `limit` of the others are kept.
    public init(
        _ answers: [String: [ProxySync]], of replicas: [String], omitted: Int = 0,
        atMost limit: Int = .max
    ) {
        missingReplicas = replicas.filter { answers[$0] == nil }
        var found: [Key: ProxySync] = [:]
        for (_, list) in answers.sorted(by: { $0.key < $1.key }) {
            for proxy in list {
                let key = Key(cluster: proxy.cluster, name: proxy.name)
                // A proxy that has gone over to another replica is in both lists for a while: the
                // one counts that has sent it something last.
                if let other = found[key], (other.sentAt ?? .min) >= (proxy.sentAt ?? .min) {
                    continue
                }
                found[key] = proxy
            }
        }
        let all = found.values.sorted { ($0.cluster, $0.name) < ($1.cluster, $1.name) }
        proxies = ProxySync.worst(all, atMost: limit)
        if proxies.count < all.count {
            proxies.sort { ($0.cluster, $0.name) < ($1.cluster, $1.name) }
        }
        self.omitted = omitted + all.count - proxies.count
    }

    /// How many proxies are connected, kept or not.
    public var connected: Int { proxies.count + omitted }

    /// From the readings of `/debug/syncz` of all replicas.
    public init(
        _ readings: [ProbeReading], of replicas: [String], atMost limit: Int = .max
    ) {
        var answers: [String: [ProxySync]] = [:]
        var omitted = 0
        for reading in readings where reading.probe == .istiodSync {
            guard let proxies = reading.finding.facts.proxies else { continue }
            answers[reading.target.instance] = proxies
            omitted += reading.finding.facts.omittedProxies
        }
        self.init(answers, of: replicas, omitted: omitted, atMost: limit)
    }

    private struct Key: Hashable {
        var cluster: String
        var name: String
    }

    /// Whether every replica has told.
    public var isComplete: Bool { missingReplicas.isEmpty }

    /// Whether this is only a part of the proxies, of which metrics (`sum(pilot_xds)`) count more:
    /// the addresses are those of a service that leads to any one of the replicas, or some are not
    /// listed. A tenth may come and go between the two.
    public func isSlice(ofConnected connected: Int) -> Bool {
        Self.isSlice(self.connected, ofConnected: connected)
    }

    static func isSlice(_ seen: Int, ofConnected connected: Int) -> Bool {
        seen + max(2, connected / 10) < connected
    }

    /// How many resources are in each status.
    public var counts: [ResourceSync.Status: Int] {
        var counts: [ResourceSync.Status: Int] = [:]
        for proxy in proxies {
            for resource in proxy.resources { counts[resource.status, default: 0] += 1 }
        }
        return counts
    }

    /// The proxies that refuse something.
    public var rejecting: [ProxySync] {
        proxies.filter { $0.resources.contains { $0.status == .rejected } }
    }

    /// What is known to have been stale for longer.
    public func stale(at time: Int64, longerThan limit: Int64) -> [Place] {
        places { ($0.staleFor(at: time) ?? 0) > limit }
    }

    /// What was stale in an earlier report and is so with the very same push: the proxy is stuck,
    /// also where istiod does not say when it has sent it.
    public func stuck(since earlier: SyncReport) -> [Place] {
        var before: [Key: [ResourceType: String]] = [:]
        for proxy in earlier.proxies {
            let stale = proxy.resources.filter { $0.status == .stale }
            if stale.isEmpty { continue }
            before[Key(cluster: proxy.cluster, name: proxy.name)] = Dictionary(
                stale.map { ($0.type, $0.sent) }, uniquingKeysWith: { one, _ in one })
        }
        if before.isEmpty { return [] }
        return proxies.flatMap { proxy in
            let then = before[Key(cluster: proxy.cluster, name: proxy.name)] ?? [:]
            return proxy.resources.filter { $0.status == .stale && then[$0.type] == $0.sent }
                .map { Place(proxy: proxy, resource: $0) }
        }
    }

    /// The same report of the stale proxies alone: all of it that `stuck` needs of an earlier one.
    public var staleOnly: SyncReport {
        var report = self
        report.proxies = proxies.filter { $0.resources.contains { $0.status == .stale } }
        return report
    }

    /// How many proxies are of each version, by the cluster that they say they are in.
    public var versions: [String: [String: Int]] {
        var versions: [String: [String: Int]] = [:]
        for proxy in proxies {
            guard let version = proxy.version, !version.isEmpty else { continue }
            versions[proxy.cluster, default: [:]][version, default: 0] += 1
        }
        return versions
    }

    private func places(_ isMeant: (ResourceSync) -> Bool) -> [Place] {
        proxies.flatMap { proxy in
            proxy.resources.filter(isMeant).map { Place(proxy: proxy, resource: $0) }
        }
    }

    /// One issue for each type that proxies refuse, or do not take, with the words of one of them.
    /// `earlier` is a report of at least `staleAfter` before: what is stale since then, with the
    /// very same push, is late also where istiod does not say when it has sent it.
    public func issues(
        _ component: ComponentID, at time: Int64, _ settings: ProbeSettings = ProbeSettings(),
        since earlier: SyncReport? = nil, evidence: (String) -> Evidence
    ) -> [ConfigurationIssue] {
        let refused = places { $0.status == .rejected }
        var late = stale(at: time, longerThan: settings.staleAfter)
        if let earlier {
            late += stuck(since: earlier).filter { $0.resource.staleFor(at: time) == nil }
        }
        return issues(.rejectedConfiguration, component, refused, evidence)
            + issues(.staleConfiguration, component, late, evidence)
    }

    private func issues(
        _ kind: IssueKind, _ component: ComponentID, _ places: [Place],
        _ evidence: (String) -> Evidence
    ) -> [ConfigurationIssue] {
        let byType = Dictionary(grouping: places, by: \.resource.type)
        return byType.sorted { $0.key < $1.key }.compactMap { type, places in
            guard let first = places.first else { return nil }
            let words = first.resource.error ?? "sent and not acknowledged"
            return ConfigurationIssue(
                kind, component, subject: type.name, count: Double(places.count),
                detail: "\(first.proxy.name): \(words)",
                evidence: evidence("\(places.count) proxies, one is \(first.proxy.name)"))
        }
    }
}
