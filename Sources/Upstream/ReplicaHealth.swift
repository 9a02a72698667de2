import Synchronization

/// Which replicas have failed of late. They are asked last until they have cooled off.
final class ReplicaHealth: Sendable {
    private let coolingOff: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    /// When a replica's cooling-off ends, by its address.
    private let ends = Mutex<[String: ContinuousClock.Instant]>([:])

    init(coolingOff: Duration, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.coolingOff = coolingOff
        self.now = now
    }

    /// The order in which replicas are asked: the healthy ones as they are listed, then those
    /// whose failure is the longest ago.
    func ordered(_ replicas: [String]) -> [String] {
        guard replicas.count > 1 else { return replicas }
        let now = now()
        let ends = ends.withLock { ends in
            ends = ends.filter { $0.value > now }
            return ends
        }
        guard !ends.isEmpty else { return replicas }
        let ill = replicas.filter { ends[$0] != nil }
        return replicas.filter { ends[$0] == nil }
            + ill.sorted { ends[$0] ?? now < ends[$1] ?? now }
    }

    func failed(_ replica: String) {
        let end = now().advanced(by: coolingOff)
        ends.withLock { $0[replica] = end }
    }

    func answered(_ replica: String) { ends.withLock { _ = $0.removeValue(forKey: replica) } }
}
