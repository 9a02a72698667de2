import PrometheusAPI

/// `/debug/syncz`: what the proxies that are connected to one replica have of what it sent them.
enum SyncReader {
    static func read(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        var proxies: [ProxySync] = []
        for element in try answer.list("a list of proxies") {
            guard element.members != nil else { throw .shape("a list of proxies") }
            proxies.append(proxy(element, context))
        }
        var facts = ProbeFacts()
        let kept = ProxySync.worst(proxies, atMost: context.settings.maximumProxies)
        facts.proxies = kept
        facts.omittedProxies = proxies.count - kept.count
        let report = SyncReport([context.target.instance: proxies], of: [context.target.instance])
        facts.issues = report.issues(
            context.target.component, at: context.time, context.settings,
            evidence: { context.evidence($0) })
        let counts = report.counts
        let rejecting = report.rejecting.count
        if rejecting > 0 {
            return ProbeFinding(
                .degraded, .rejectedConfiguration,
                "\(rejecting) of \(proxies.count) proxies reject what istiod sends them",
                facts: facts)
        }
        let stale = report.stale(at: context.time, longerThan: context.settings.staleAfter).count
        if stale > 0 {
            return ProbeFinding(
                .degraded, .staleConfiguration,
                "\(stale) of \(proxies.count) proxies have not taken what istiod sent them",
                facts: facts)
        }
        let waiting = counts[.stale] ?? 0
        return ProbeFinding(
            .healthy,
            "\(proxies.count) proxies are connected"
                + (waiting > 0 ? ", \(waiting) pushes under way" : ""),
            facts: facts)
    }

    private static func proxy(_ element: JSONValue, _ context: ProbeContext) -> ProxySync {
        ProxySync(
            cluster: element["cluster_id"]?.string ?? "", name: element["proxy"]?.string ?? "",
            type: element["proxy_type"]?.string ?? "",
            version: element["istio_version"]?.string ?? element["proxy_version"]?.string,
            resources: resources(element), replica: context.target.instance)
    }

    /// The types that the proxy subscribes to; of releases that tell both ways the newer counts.
    private static func resources(_ element: JSONValue) -> [ResourceSync] {
        var resources: [ResourceSync] = []
        for member in element["resources"]?.members ?? [] {
            let error = member.value["lastError"]?.string
            resources.append(
                ResourceSync(
                    ResourceType(url: member.name), sent: member.value["sent"]?.string ?? "",
                    acknowledged: member.value["acked"]?.string ?? "",
                    sentAt: member.value["sentTime"]?.string.flatMap(RecordedTime.milliseconds),
                    error: error?.isEmpty == true ? nil : error))
        }
        let known = Set(resources.map(\.type))
        for (prefix, type) in ResourceType.legacyMembers where !known.contains(type) {
            resources.append(
                ResourceSync(
                    type, sent: element[prefix + "_sent"]?.string ?? "",
                    acknowledged: element[prefix + "_acked"]?.string ?? ""))
        }
        return resources.sorted { $0.type < $1.type }
    }
}
