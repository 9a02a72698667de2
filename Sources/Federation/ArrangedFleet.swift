import Clusters
import Planning
import Synchronization

/// The clusters as planning wants them, kept until something about them changes.
final class ArrangedFleet: Sendable {
    private struct Kept {
        var generation: Int
        var capabilityChanges: Int
        var scope: FleetScope
    }

    private let kept = Mutex<Kept?>(nil)

    /// What was kept for a snapshot, if it still holds.
    func scope(of snapshot: FleetSnapshot) -> FleetScope? {
        kept.withLock { kept in
            guard let kept, kept.generation == snapshot.inventory.generation,
                kept.capabilityChanges == snapshot.capabilityChanges
            else { return nil }
            return kept.scope
        }
    }

    func keep(_ scope: FleetScope, of snapshot: FleetSnapshot) {
        kept.withLock {
            $0 = Kept(
                generation: snapshot.inventory.generation,
                capabilityChanges: snapshot.capabilityChanges, scope: scope)
        }
    }
}
