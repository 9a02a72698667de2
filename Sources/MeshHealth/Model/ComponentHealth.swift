/// A component with all its replicas, from probes and from metrics.
public struct ComponentHealth: Hashable, Sendable {
    public var id: ComponentID
    public var state: ComponentState
    /// One sentence: how many of the replicas are how.
    public var detail: String
    public var instances: [InstanceHealth]
    /// What metrics tell; nil where none were asked for.
    public var metrics: MetricHealth?

    /// `states` are the replicas' states as they are believed (`StateTrack`); where one is missing,
    /// the state of the readings counts.
    public init(
        _ id: ComponentID, quorum: Quorum, _ instances: [InstanceHealth],
        states: [String: ComponentState] = [:], metrics: MetricHealth? = nil
    ) {
        self.id = id
        self.instances = instances.map { instance in
            var instance = instance
            instance.believed = states[instance.target.instance] ?? instance.state
            return instance
        }
        self.metrics = metrics
        let believed = self.instances.map(\.believed)
        let probed = Self.state(of: believed, quorum: quorum)
        state = Self.joined(probed, metrics?.state)
        detail = Self.sentence(believed, quorum: quorum, metrics)
    }

    /// The state of replicas together: working where enough of them work, and then degraded where
    /// any other is known to fail. Where those of which nothing is known decide, nothing is known.
    public static func state(of replicas: [ComponentState], quorum: Quorum) -> ComponentState {
        let needed = quorum.needed(of: replicas.count)
        guard needed > 0 else { return .unknown }
        let serving = replicas.count(where: \.isServing)
        if serving >= needed {
            let isAmiss = replicas.contains { $0 == .degraded || $0.isDown }
            return isAmiss ? .degraded : .healthy
        }
        let open = replicas.count(where: \.isUndetermined)
        if serving + open >= needed {
            return replicas.contains(.unauthorized) ? .unauthorized : .unknown
        }
        // None but unreachable ones are missing: it may be the way.
        let failing = replicas.filter(\.isDown)
        return failing.allSatisfy { $0 == .unreachable } && serving == 0 ? .unreachable : .unhealthy
    }

    /// Metrics speak where probes know nothing, and may say worse. They come minutes late, so that
    /// they never say that something works that does not answer; and where they do not come, it is
    /// scraping that has ended, if the component itself answers.
    private static func joined(
        _ probed: ComponentState, _ metrics: ComponentState?
    ) -> ComponentState {
        guard let metrics, !metrics.isUndetermined else { return probed }
        if metrics == .unreachable, !probed.isUndetermined { return probed }
        if probed.isUndetermined { return metrics }
        return max(probed, metrics)
    }

    private static func sentence(
        _ states: [ComponentState], quorum: Quorum, _ metrics: MetricHealth?
    ) -> String {
        var parts: [String] = []
        if !states.isEmpty {
            let counts = ComponentState.allCases.compactMap { state -> String? in
                let count = states.count { $0 == state }
                return count == 0 ? nil : "\(count) \(state.rawValue)"
            }
            let needed = quorum.needed(of: states.count)
            parts.append(
                "\(counts.joined(separator: ", ")) of \(states.count), \(needed) needed")
        }
        if let metrics { parts.append("metrics: \(metrics.detail)") }
        return parts.isEmpty ? "nothing is known" : parts.joined(separator: "; ")
    }
}
