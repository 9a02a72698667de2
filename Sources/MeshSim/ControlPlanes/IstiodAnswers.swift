/// What a replica of istiod answers (istio's `pilot/pkg/bootstrap/server.go`, `pilot/pkg/xds/debug.go`).
/// Each replica tells of its own proxies alone.
struct IstiodAnswers: Sendable {
    private let profile: ClusterProfile
    private let plan: SimulationPlan
    private let proxies: [SimulatedProxy]
    /// The other clusters whose endpoints it reads.
    private let remoteClusters: [String]

    init(profile: ClusterProfile, topology: Topology) {
        self.profile = profile
        plan = topology.plan
        proxies = topology.proxies(in: profile)
        remoteClusters = plan.remoteClusters(of: profile)
    }

    func answer(
        _ path: String, _ place: ControlPlaneBoard.Place, at seconds: Double
    ) -> ControlPlaneAnswer {
        let faults = place.faults
        func isOn(_ kind: ControlPlaneFaultKind) -> Bool { faults[kind].isOn(at: seconds) }
        switch path {
        case "ready": return isOn(.istiodNotReady) ? .text("", status: 503) : .text("")
        case "version": return .text("\(SimulatedProxy.version)-4f6a1b9-Clean\n")
        default: break
        }
        guard path.hasPrefix("debug/") else { return .unknownPage }
        if isOn(.debugUnauthenticated) { return .text("401 Unauthorized\n", status: 401) }
        if isOn(.debugForbidden) { return .text("403 Forbidden\n", status: 403) }
        switch path {
        case "debug/syncz": return .json(syncStatus(of: place, at: seconds))
        case "debug/clusterz": return .json(clusters(isOn(.remoteClusterLost)))
        case "debug/push_status": return .json(pushStatus(PushIssue.all.filter { isOn($0.fault) }))
        default: return .unknownPage
        }
    }

    private func clusters(_ isFirstLost: Bool) -> WrittenJSON {
        let own: WrittenJSON = ["id": .text(profile.name), "syncStatus": "synced"]
        return .list(
            [own]
                + remoteClusters.enumerated().map { index, name in
                    [
                        "id": .text(name),
                        "secretName": .text("istio-system/istio-remote-secret-\(name)"),
                        "syncStatus": isFirstLost && index == 0 ? "timeout" : "synced",
                    ]
                })
    }

    private func pushStatus(_ issues: [PushIssue]) -> WrittenJSON {
        let proxy = proxies.first.map { "\($0.pod).\($0.namespace)" } ?? ""
        return .members(
            issues.map { issue in
                let entry: WrittenJSON = ["proxy": .text(proxy), "message": .text(issue.message)]
                return (issue.metric, .members([(issue.subject, entry)]))
            })
    }

    // MARK: What the proxies have

    private static let types = [
        (short: "cluster", url: "envoy.config.cluster.v3.Cluster"),
        (short: "endpoint", url: "envoy.config.endpoint.v3.ClusterLoadAssignment"),
        (short: "listener", url: "envoy.config.listener.v3.Listener"),
        (short: "route", url: "envoy.config.route.v3.RouteConfiguration"),
    ]
    /// The cluster whose istiod is of an older release, which tells in members of their own, without
    /// times and without what proxies said when they refused.
    private static let olderCluster = "us-1"
    /// Between two pushes.
    private static let pushSeconds = 300.0

    private func syncStatus(
        of place: ControlPlaneBoard.Place, at seconds: Double
    ) -> WrittenJSON {
        guard !place.faults[.proxiesLost].isOn(at: seconds) else { return [] }
        return .list(
            proxies.filter { $0.replica == place.replica.number }
                .map { entry($0, place.faults, at: seconds) })
    }

    private func entry(
        _ proxy: SimulatedProxy, _ faults: ControlPlaneFaults, at seconds: Double
    ) -> WrittenJSON {
        var members: [(name: String, value: WrittenJSON)] = [
            ("cluster_id", .text(profile.name)),
            ("proxy", .text("\(proxy.pod).\(proxy.namespace)")),
            ("proxy_type", proxy.isGateway ? "router" : "sidecar"),
            ("istio_version", .text(proxy.version(faults, at: seconds))),
        ]
        var resources: [(name: String, value: WrittenJSON)] = []
        for type in Self.types {
            let push = push(of: type.short, to: proxy, faults, at: seconds)
            if profile.name == Self.olderCluster {
                members.append(("\(type.short)_sent", .text(push.sent)))
                members.append(("\(type.short)_acked", .text(push.acknowledged)))
                continue
            }
            var resource: [(name: String, value: WrittenJSON)] = [
                ("sent", .text(push.sent)), ("acked", .text(push.acknowledged)),
                ("sentTime", .text(plan.timeText(at: push.time))),
            ]
            if let error = push.error { resource.append(("lastError", .text(error))) }
            resources.append(("type.googleapis.com/\(type.url)", .members(resource)))
        }
        if !resources.isEmpty { members.append(("resources", .members(resources))) }
        return .members(members)
    }

    /// The last push of one type to one proxy.
    private struct Push {
        var sent: String
        var acknowledged: String
        var time: Double
        var error: String?
    }

    private func push(
        of type: String, to proxy: SimulatedProxy, _ faults: ControlPlaneFaults,
        at seconds: Double
    ) -> Push {
        let phase = proxy.turn * Self.pushSeconds
        func time(before: Double) -> Double {
            ((before - phase) / Self.pushSeconds).rounded(.down) * Self.pushSeconds + phase
        }
        let last = time(before: seconds)
        let sent = nonce(type, proxy, last)
        if type == "listener", proxy.turn < 0.2,
            let begin = faults[.configurationRejected].begin(at: seconds)
        {
            return Push(
                sent: sent, acknowledged: nonce(type, proxy, time(before: begin) - 1), time: last,
                error: "Error adding/updating listener(s) 0.0.0.0_8080: Unable to parse JSON as "
                    + "proto (INVALID_ARGUMENT): no such field: 'unknown_field'")
        }
        if type == "cluster", proxy.turn > 0.9,
            let begin = faults[.configurationStale].begin(at: seconds)
        {
            let stuck = begin - Self.pushSeconds
            return Push(
                sent: nonce(type, proxy, stuck), acknowledged: nonce(type, proxy, stuck - 1),
                time: stuck)
        }
        return Push(sent: sent, acknowledged: sent, time: last)
    }

    private func nonce(_ type: String, _ proxy: SimulatedProxy, _ time: Double) -> String {
        var dice = Dice(
            seed: plan.seed, name: "push/\(profile.name)/\(proxy.pod)/\(type)/\(Int(time * 1000))")
        return dice.bits().hex
    }
}

extension SimulationPlan {
    /// The clusters whose certificates those of this one trust, in their order.
    func remoteClusters(of profile: ClusterProfile) -> [String] {
        profiles.filter { $0.mesh.trust == profile.mesh.trust && $0.name != profile.name }
            .map(\.name)
    }
}
