import Clusters
import Synchronization

/// The clusters in force and what is known of each.
///
/// Readers take a snapshot and keep it: a query finishes on the inventory it began with.
package final class Fleet: Sendable {
    private let state: Mutex<FleetSnapshot>
    /// The fleet that this is a view of; nil where it is the whole.
    private let whole: Fleet?
    private let view: ClusterView

    package init(clusters: [Cluster]) {
        state = Mutex(FleetSnapshot(inventory: Inventory(clusters: clusters, generation: 1)))
        whole = nil
        view = .all
    }

    /// The fleet as if there were no clusters but those in view. Whoever has it can neither ask nor
    /// name any other; what is found out of its clusters is known to the whole.
    package init(_ whole: Fleet, seenBy view: ClusterView) {
        state = Mutex(whole.current.seen(by: view))
        self.whole = whole
        self.view = view
    }

    package var current: FleetSnapshot {
        guard let whole else { return state.withLock { $0 } }
        let now = whole.current
        return state.withLock { seen in
            // Choosing the clusters again is only worth it when there are others.
            if seen.inventory.generation == now.inventory.generation {
                seen.takeStates(of: now)
            } else {
                seen = now.seen(by: view)
            }
            return seen
        }
    }

    /// Swaps the inventory whole. What is known of a cluster stays known while its file says the
    /// same.
    package func replace(with clusters: [Cluster]) {
        precondition(whole == nil, "a view of a fleet has no clusters of its own")
        state.withLock { snapshot in
            let next = Inventory(
                clusters: clusters, generation: snapshot.inventory.generation + 1)
            var states: [ClusterID: ClusterState] = [:]
            for cluster in next.clusters where snapshot.inventory[cluster.id] == cluster {
                states[cluster.id] = snapshot.states[cluster.id]
            }
            snapshot = FleetSnapshot(
                inventory: next, states: states,
                capabilityChanges: snapshot.capabilityChanges + 1)
        }
    }

    /// Notes what was found out about a cluster, unless its file has changed meanwhile.
    func update(_ cluster: Cluster, _ change: (inout ClusterState) -> Void) {
        if let whole { return whole.update(cluster, change) }
        state.withLock { snapshot in
            guard snapshot.inventory[cluster.id] == cluster else { return }
            let known = snapshot.states[cluster.id]?.capabilities
            change(&snapshot.states[cluster.id, default: ClusterState()])
            if snapshot.states[cluster.id]?.capabilities != known {
                snapshot.capabilityChanges += 1
            }
        }
    }
}

/// The clusters and their states at one moment.
package struct FleetSnapshot: Sendable {
    package var inventory: Inventory
    var states: [ClusterID: ClusterState]
    /// Counts how often what planning knows of the clusters has changed.
    var capabilityChanges: Int

    init(
        inventory: Inventory, states: [ClusterID: ClusterState] = [:], capabilityChanges: Int = 0
    ) {
        self.inventory = inventory
        self.states = states
        self.capabilityChanges = capabilityChanges
    }

    package func state(of id: ClusterID) -> ClusterState { states[id] ?? ClusterState() }

    /// The snapshot as if there were no clusters but those in view.
    func seen(by view: ClusterView) -> FleetSnapshot {
        if view.isWhole { return self }
        var seen = FleetSnapshot(inventory: inventory.seen(by: view))
        seen.takeStates(of: self)
        return seen
    }

    /// Takes over what is known of its own clusters.
    fileprivate mutating func takeStates(of whole: FleetSnapshot) {
        states = [:]
        for cluster in inventory.clusters { states[cluster.id] = whole.states[cluster.id] }
        capabilityChanges = whole.capabilityChanges
    }
}

extension FleetSnapshot {
    /// How far back the clusters' servers look where all look equally far, milliseconds; the usual
    /// where they do not.
    var commonLookback: Int64 {
        let all = Set(
            inventory.clusters.map {
                state(of: $0.id).capabilities?.lookback ?? Capabilities.usualLookback
            })
        return all.count == 1 ? all.first ?? Capabilities.usualLookback : Capabilities.usualLookback
    }
}

/// What is known of a cluster by asking it.
package struct ClusterState: Hashable, Sendable {
    /// Nil until the cluster has said who it is: nothing may be asked of it before, because an own
    /// label of an external label's name would go unnoticed.
    package var capabilities: Capabilities?
    /// Whether the last question was answered; nil before the first.
    package var reachable: Bool?
    /// Why not, one sentence.
    package var lastError: String?
    /// How long the smallest question took.
    package var latency: Duration?
    /// Series in the server's head.
    package var seriesCount: Int?
    /// The server's version in its own words.
    package var versionText: String?
    /// The time of the oldest sample, milliseconds since the Unix epoch; nil where unknown.
    package var dataStart: Int64?
    /// The time of the newest sample where the server has stopped scraping, milliseconds; nil where
    /// it goes on or where that is unknown.
    package var dataEnd: Int64?
    /// How long after its time a sample may still come; nil until it is known.
    package var delays: SampleDelays?
    /// When this was found out, milliseconds.
    package var probedAt: Int64?

    package init() {}
}
