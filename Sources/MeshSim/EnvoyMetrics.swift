/// What the Envoy proxies of one cluster say about the upstreams they call and about themselves.
func envoyFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    var proxies: [UpstreamProxy] = []
    for upstream in topology.upstreams(from: profile) {
        for (pod, share) in topology.podShares(of: upstream.source) {
            let labels: Labels = [
                profile.envoyClusterLabel: upstream.envoyName,
                "namespace": upstream.source.namespace,
                "pod": pod,
            ]
            proxies.append(
                UpstreamProxy(
                    upstream: upstream, labels: labels, pod: pod, share: share,
                    plan: topology.plan))
        }
    }
    return envoyUpstreamFamilies(of: proxies) + certificateFamilies(of: profile, in: topology)
}

/// What Envoys count about upstreams.
func envoyUpstreamFamilies(of proxies: [UpstreamProxy]) -> [MetricFamily] {
    requestFamilies(of: proxies) + connectionFamilies(of: proxies)
        + protectionFamilies(of: proxies)
}

/// One proxy's view of one upstream.
struct UpstreamProxy: Sendable {
    let upstream: Upstream
    let labels: Labels
    /// What stands before the names of the labels that tell how requests end.
    let tagPrefix: String
    /// Whether it is a proxy's view of the program beside it: of what arrives.
    let isLocal: Bool
    /// The requests by how they end.
    let outcomes: [(outcome: Outcome, tally: Tally)]
    /// The requests that are repeated because of a fault.
    let repeated: Tally
    /// The connections it opens.
    let connections: Flow
    /// The same by edge, where they are TCP's own.
    let tcpConnections: [Flow]
    /// How many endpoints the upstream has: the pods of all clusters it is reached in.
    let endpoints: Double
    /// When this proxy takes a bad endpoint out of rotation.
    let ejections: RecurringEvent

    init(
        upstream: Upstream, labels: Labels, pod: String, share: Double, plan: SimulationPlan,
        tagPrefix: String = "", isLocal: Bool = false
    ) {
        self.upstream = upstream
        self.labels = labels
        self.tagPrefix = tagPrefix
        self.isLocal = isLocal
        outcomes = Self.outcomes(of: upstream, share: share, plan: plan, isLocal: isLocal)
        let isTCP = upstream.service.speaks == .tcp
        repeated =
            isTCP || isLocal
            ? Tally(parts: [])
            : upstream.edges.map { $0.repeated.scaled(by: share) }.reduce(Tally(parts: []), +)
        let rate = upstream.edges.reduce(0) { $0 + $1.requestsPerSecond } * share
        let shape = upstream.edges.first?.shape ?? .steady
        tcpConnections = isTCP ? upstream.edges.map { $0.connections.scaled(by: share) } : []
        // One upstream of Istio may be many clusters' pods; the pools that it shares are few.
        let isPooled = !isTCP || tagPrefix.isEmpty
        connections = Flow(perSecond: rate * (isPooled ? 0.02 : 0.2), shape: shape)
        endpoints = Double(isLocal ? 1 : upstream.edges.count * plan.replicas)
        let place =
            tagPrefix.isEmpty
            ? "" : isLocal ? "/local" : "/\(upstream.edges.first?.destination.cluster ?? "")"
        var dice = Dice(
            seed: plan.seed, name: "ejections/\(pod)/\(upstream.envoyName)\(place)")
        let restless = upstream.service.temper == .failing && !isLocal
        ejections = RecurringEvent(
            periodSeconds: dice.number(in: restless ? 120...300 : 20_000...90_000),
            firstSeconds: dice.number(in: 0...120), lastsSeconds: 60)
    }

    private static func outcomes(
        of upstream: Upstream, share: Double, plan: SimulationPlan, isLocal: Bool
    ) -> [(outcome: Outcome, tally: Tally)] {
        guard upstream.service.speaks != .tcp else { return [] }
        let leaves = upstream.edges.contains { $0.leavesCluster } && !isLocal
        return upstream.service.outcomes(leavingCluster: leaves)
            // What the caller has given up has no answer that could be counted.
            .filter { !isLocal || $0.atDestination == .asSent }
            .map { outcome in
                let tallies = upstream.edges.map { edge in
                    (isLocal
                        ? edge.arrivalTally(outcome, seed: plan.seed)
                        : edge.tally(outcome, seed: plan.seed)).scaled(by: share)
                }
                return (outcome, tallies.reduce(Tally(parts: []), +))
            }
    }

    /// All requests, however they end.
    var requests: Tally { tally { _ in true } }

    /// The requests that end in one of the outcomes that `matches`.
    func tally(_ matches: (Outcome) -> Bool) -> Tally {
        outcomes.reduce(Tally(parts: [])) { matches($1.outcome) ? $0 + $1.tally : $0 }
    }

    /// A counter of this proxy, with `extra` labels behind the usual ones.
    func counter(_ tally: Tally, _ extra: Labels = [:]) -> Metric {
        Metric(labels: labels + extra, measure: .number(tally.count(at:)))
    }

    func metric(_ value: @escaping @Sendable (Double) -> Double) -> Metric {
        Metric(labels: labels, measure: .number(value))
    }

    /// How many endpoints are out of rotation at that time.
    func ejected(at seconds: Double) -> Double {
        ejections.isOn(at: seconds) ? 1 : 0
    }

    /// Whether more requests than it may send at once are waiting at that time.
    func isOverloaded(at seconds: Double) -> Bool {
        if isLocal { return false }
        if upstream.edges.contains(where: { $0.faults[.circuitBreaker].isOn(at: seconds) }) {
            return true
        }
        let overflow = outcomes.first { $0.outcome.flags == "UO" && $0.outcome.share > 0 }
        guard let flow = overflow?.tally.parts.first?.flow else { return false }
        return flow.shape.factor(at: seconds) > 1
    }

    /// The tries after the first.
    var retries: Tally {
        isLocal ? Tally(parts: []) : Edge.retries(outcomes, repeated: repeated)
    }

    func openConnections(at seconds: Double) -> Double {
        // A connection lives for about five minutes.
        (connections.rate(at: seconds) * 300).rounded(.up)
    }
}

/// Something that happens again and again and lasts a while each time.
struct RecurringEvent: Sendable {
    var periodSeconds: Double
    var firstSeconds: Double
    var lastsSeconds: Double

    /// How often it has begun since the origin.
    func count(at seconds: Double) -> Double {
        seconds < firstSeconds ? 0 : ((seconds - firstSeconds) / periodSeconds).rounded(.down) + 1
    }

    /// Whether it is going on at that time.
    func isOn(at seconds: Double) -> Bool {
        guard seconds >= firstSeconds else { return false }
        return (seconds - firstSeconds).truncatingRemainder(dividingBy: periodSeconds)
            < lastsSeconds
    }
}

/// What a proxy counts about requests. Long because it is a table: one row a family.
private func requestFamilies(of proxies: [UpstreamProxy]) -> [MetricFamily] {
    // A proxy of TCP counts no requests.
    let proxies = proxies.filter { !$0.outcomes.isEmpty }
    func family(
        _ name: String, _ help: String, _ metrics: (UpstreamProxy) -> [Metric]
    ) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .counter, metrics: proxies.flatMap(metrics))
    }
    func one(
        _ name: String, _ help: String, _ tally: (UpstreamProxy) -> Tally
    ) -> MetricFamily {
        family(name, help) { [$0.counter(tally($0))] }
    }
    return [
        family("envoy_cluster_upstream_rq", "Requests by the status of their answer.") { proxy in
            Set(proxy.outcomes.map(\.outcome.code)).sorted().map { code in
                proxy.counter(
                    proxy.tally { $0.code == code },
                    ["\(proxy.tagPrefix)response_code": String(code)])
            }
        },
        family(
            "envoy_cluster_upstream_rq_xx", "Requests by the class of their answer's status."
        ) { proxy in
            Set(proxy.outcomes.map { $0.outcome.code / 100 }).sorted().map { digit in
                proxy.counter(
                    proxy.tally { $0.code / 100 == digit },
                    ["\(proxy.tagPrefix)response_code_class": String(digit)])
            }
        },
        one("envoy_cluster_upstream_rq_total", "Requests sent, retries included.") { proxy in
            proxy.tally(\.isSent) + proxy.retries
        },
        MetricFamily(
            name: "envoy_cluster_upstream_rq_time", help: "Milliseconds until the answer.",
            kind: .histogram,
            metrics: proxies.map { Metric(labels: $0.labels, measure: .durations($0.requests)) }),
        one("envoy_cluster_upstream_rq_retry", "Retries.") { $0.retries },
        one("envoy_cluster_upstream_rq_retry_success", "Retries that ended well.") { proxy in
            proxy.retries.scaled(by: 0.62)
        },
        one(
            "envoy_cluster_upstream_rq_retry_overflow",
            "Retries not made because too many were under way."
        ) { $0.retries.scaled(by: 0.01) },
        one(
            "envoy_cluster_upstream_rq_retry_limit_exceeded",
            "Requests that failed after their last retry."
        ) { proxy in proxy.tally { $0.flags.contains("URX") } },
        one("envoy_cluster_upstream_rq_timeout", "Requests that ran out of time.") { proxy in
            proxy.tally { $0.flags == "UT" }
        },
        one(
            "envoy_cluster_upstream_rq_per_try_timeout", "Single tries that ran out of time."
        ) { proxy in proxy.tally { $0.flags == "UT" }.scaled(by: 2.4) },
        one(
            "envoy_cluster_upstream_rq_pending_overflow",
            "Requests rejected because too many were waiting."
        ) { proxy in proxy.tally { $0.flags == "UO" } },
        MetricFamily(
            name: "envoy_cluster_upstream_rq_pending_active",
            help: "Requests that wait for a connection.", kind: .gauge,
            metrics: proxies.map { proxy in
                let requests = proxy.requests
                return proxy.metric { seconds in
                    let waiting = (requests.concurrency(at: seconds) * 0.1).rounded(.down)
                    return proxy.isOverloaded(at: seconds) ? waiting + 1024 : waiting
                }
            }),
        MetricFamily(
            name: "envoy_cluster_upstream_rq_active", help: "Requests under way.", kind: .gauge,
            metrics: proxies.map { proxy in
                let requests = proxy.requests
                return proxy.metric { requests.concurrency(at: $0).rounded(.up) }
            }),
    ]
}

/// What a proxy counts about connections.
private func connectionFamilies(of proxies: [UpstreamProxy]) -> [MetricFamily] {
    [
        MetricFamily(
            name: "envoy_cluster_upstream_cx_total", help: "Connections opened.", kind: .counter,
            metrics: proxies.map { proxy in proxy.metric(proxy.connections.count(at:)) }),
        MetricFamily(
            name: "envoy_cluster_upstream_cx_active", help: "Connections that are open.",
            kind: .gauge,
            metrics: proxies.map { proxy in
                proxy.metric { proxy.openConnections(at: $0) }
            }),
        MetricFamily(
            name: "envoy_cluster_upstream_cx_connect_fail", help: "Connections that failed.",
            kind: .counter,
            metrics: proxies.map { proxy in
                proxy.metric(proxy.connections.scaled(by: 0.004).count(at:))
            }),
    ]
}

/// Circuit breakers, outlier detection and endpoints: what keeps one failure from spreading.
private func protectionFamilies(of proxies: [UpstreamProxy]) -> [MetricFamily] {
    func breaker(
        _ what: String, _ help: String,
        _ isOpen: @escaping @Sendable (UpstreamProxy, Double) -> Bool
    ) -> MetricFamily {
        MetricFamily(
            name: "envoy_cluster_circuit_breakers_default_\(what)_open", help: help, kind: .gauge,
            metrics: proxies.map { proxy in proxy.metric { isOpen(proxy, $0) ? 1 : 0 } })
    }
    return [
        breaker("rq", "Whether the limit of requests is reached.") { $0.isOverloaded(at: $1) },
        breaker("rq_pending", "Whether the limit of waiting requests is reached.") {
            $0.isOverloaded(at: $1)
        },
        breaker("rq_retry", "Whether the limit of retries is reached.") { proxy, seconds in
            proxy.upstream.service.temper == .failing && proxy.ejections.isOn(at: seconds)
        },
        breaker("cx", "Whether the limit of connections is reached.") { _, _ in false },
        breaker("cx_pool", "Whether the limit of connection pools is reached.") { _, _ in false },
        MetricFamily(
            name: "envoy_cluster_outlier_detection_ejections_active",
            help: "Endpoints out of rotation.", kind: .gauge,
            metrics: proxies.map { proxy in proxy.metric { proxy.ejected(at: $0) } }),
        MetricFamily(
            name: "envoy_cluster_outlier_detection_ejections_enforced_total",
            help: "How often an endpoint was taken out of rotation.", kind: .counter,
            metrics: proxies.map { proxy in proxy.metric(proxy.ejections.count(at:)) }),
        MetricFamily(
            name: "envoy_cluster_membership_total", help: "Endpoints.", kind: .gauge,
            metrics: proxies.map { proxy in proxy.metric { _ in proxy.endpoints } }),
        MetricFamily(
            name: "envoy_cluster_membership_healthy", help: "Endpoints that are healthy.",
            kind: .gauge,
            metrics: proxies.map { proxy in
                proxy.metric { proxy.endpoints - proxy.ejected(at: $0) }
            }),
    ]
}
