import PrometheusAPI

/// What istiod answers; `SyncReader` reads the state of its proxies.
enum IstiodReader {
    /// `/ready`: 200 or 503, both without a body.
    static func ready(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        if answer.status == 503, answer.isOfProxy {
            return ProbeFinding(statusOf: answer, context.probe)
        }
        let text = try answer.text()
        if answer.status == 200 { return ProbeFinding(.healthy, "istiod is ready") }
        return ProbeFinding(
            .unhealthy, .notReady, "istiod is not ready" + (text.isEmpty ? "" : ": \(text)"))
    }

    /// `/version`: a line of text.
    static func version(_ answer: ProbeAnswer) throws(Unreadable) -> ProbeFinding {
        let text = try answer.text()
        guard let version = SoftwareVersion(text) else {
            throw Unreadable(problem: .wrongShape, detail: "the answer is no version")
        }
        return ProbeFinding(.healthy, "istiod \(version)", version: version.description)
    }

    /// `/debug/clusterz`: whether it reads the endpoints of its clusters.
    static func clusters(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        var clusters: [RemoteClusterSync] = []
        for element in try answer.list("a list of clusters") {
            guard let id = element["id"]?.string else { throw .shape("a list of clusters") }
            clusters.append(
                RemoteClusterSync(
                    cluster: id, secret: element["secretName"]?.string ?? "",
                    status: element["syncStatus"]?.string ?? ""))
        }
        var facts = ProbeFacts()
        facts.remoteClusters = clusters
        let lost = clusters.filter { $0.state != .healthy }
        facts.issues = lost.map { cluster in
            ConfigurationIssue(
                .remoteClusterNotSynced, context.target.component, subject: cluster.cluster,
                detail: cluster.sentence, evidence: context.evidence(cluster.sentence))
        }
        guard let worst = lost.max(by: { $0.state < $1.state }) else {
            let count = clusters.count
            return ProbeFinding(
                .healthy, count == 1 ? "1 cluster is in sync" : "\(count) clusters are in sync",
                facts: facts)
        }
        // Whatever becomes of other clusters, istiod serves its own.
        return ProbeFinding(
            .degraded, .remoteClusters,
            "\(lost.count) of \(clusters.count) clusters are not in sync: \(worst.sentence)",
            facts: facts)
    }

    /// `/debug/push_status`: what was wrong with the last push, by metric. Nothing at all where
    /// there has been none.
    static func pushStatus(
        _ answer: ProbeAnswer, _ context: ProbeContext
    ) throws(Unreadable) -> ProbeFinding {
        var facts = ProbeFacts()
        if answer.isBlank {
            facts.issues = []
            return ProbeFinding(.healthy, "nothing has been pushed yet", facts: facts)
        }
        let json = try answer.json()
        if json == .null {
            facts.issues = []
            return ProbeFinding(.healthy, "the last push has no issues", facts: facts)
        }
        guard let metrics = json.members else { throw .shape("what a push came upon") }
        var issues: [ConfigurationIssue] = []
        for metric in metrics {
            guard let kind = IssueKind.ofPushStatus[metric.name] else { continue }
            guard let entries = metric.value.members else { throw .shape("what a push came upon") }
            for entry in entries {
                let message = entry.value["message"]?.string ?? ""
                let proxy = entry.value["proxy"]?.string ?? ""
                let about = [entry.name, proxy, message].filter { !$0.isEmpty }
                issues.append(
                    ConfigurationIssue(
                        kind, context.target.component, subject: entry.name, detail: message,
                        evidence: context.evidence(
                            "\(metric.name): \(about.joined(separator: ", "))")))
            }
        }
        facts.issues = issues
        let serious = issues.count { $0.severity >= .warning }
        // They are about what somebody has configured; istiod itself is well.
        return ProbeFinding(
            .healthy, serious == 0 ? nil : .configurationIssues,
            serious == 0
                ? "the last push has no issues" : "the last push came upon \(serious) issues",
            facts: facts)
    }
}
