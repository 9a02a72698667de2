/// A replica of a component, from all probes of it.
public struct InstanceHealth: Hashable, Sendable {
    public var target: ProbeTarget
    /// What the last readings tell.
    public var state: ComponentState
    /// What counts (`StateTrack`): it follows `state` when it has stayed for a while.
    public var believed: ComponentState
    public var version: String?
    /// The sentences of what is amiss; of what is well where nothing is.
    public var details: [String]
    /// What could not be looked at: the probes whose answers say nothing, and why.
    public var blind: [ProbeReading]
    /// All of it, in the order of the table of probes.
    public var readings: [ProbeReading]

    /// The readings of one replica, one for each probe. A probe that is refused, or that the replica
    /// does not have, takes nothing from what others tell: most gateways may ask istiod whether it is
    /// ready, and nothing of `/debug`.
    public init(_ target: ProbeTarget, _ readings: [ProbeReading]) {
        self.target = target
        self.readings = readings
        version = readings.lazy.compactMap(\.finding.version).first
        blind = readings.filter { $0.state.isUndetermined || ($0.state.isDown && !$0.isDecisive) }
        let decisive = readings.filter(\.isDecisive)
        let isCutOff = readings.contains { $0.probe.isEssential && $0.state == .unreachable }
        if let worst = decisive.map(\.state).max() {
            // It answers one question and leaves the essential one open.
            state = isCutOff ? max(worst, .degraded) : worst
        } else if isCutOff {
            state = .unreachable
        } else if readings.contains(where: { $0.state == .unauthorized }) {
            state = .unauthorized
        } else if readings.contains(where: { $0.state == .unreachable }) {
            state = .unreachable
        } else {
            state = .unknown
        }
        believed = state
        let amiss = readings.filter { $0.state != .healthy && ($0.isDecisive || decisive.isEmpty) }
        let cutOff = isCutOff ? readings.filter { $0.state == .unreachable } : []
        let told = amiss + cutOff.filter { !amiss.contains($0) }
        details = (told.isEmpty ? decisive : told).map(\.finding.detail)
    }
}

extension ProbeReading {
    /// Whether it says something of the component's work. That an endpoint beside the essential one
    /// does not answer says nothing.
    fileprivate var isDecisive: Bool { state.isServing || state == .unhealthy }
}
