import Clusters
import Dispatch
import Federation
import Logging
import Metrics
import Synchronization

/// Keeps the fleet's inventory as the directory has it.
///
/// A readable inventory is swapped in whole. A bad one is refused: the old one stays in force, and
/// the log and the metrics say so.
final class InventoryKeeper: Sendable {
    private let directory: InventoryDirectory
    private let fleet: Fleet
    private let logger: Logger
    private let metrics: ReloadMetrics
    /// Reading blocks, and one reading at a time is enough.
    private let queue = DispatchQueue(label: "isthmus.inventory")
    /// The directory's files when they were last read, and when they were last looked at.
    private let marks: Mutex<Marks>

    private struct Marks {
        var read: InventoryDirectory.Marks
        var seen: InventoryDirectory.Marks
        /// The files that a refused inventory names: one of them may have been the reason. Those of
        /// an inventory in force are nobody's business here.
        var further: [String] = []
    }

    /// Why the inventory is read again.
    enum Reason: String, Sendable {
        case signal
        case request
        case change
    }

    /// Takes over the inventory that was read at the start, when its files had these marks.
    init(
        directory: InventoryDirectory, marks: InventoryDirectory.Marks, fleet: Fleet,
        metrics: any MetricsFactory, logger: Logger
    ) {
        self.directory = directory
        self.fleet = fleet
        self.logger = logger
        self.metrics = ReloadMetrics(factory: metrics)
        self.marks = Mutex(Marks(read: marks, seen: marks))
        self.metrics.succeeded(clusters: fleet.current.inventory.clusters.count)
    }

    /// Reads the inventory again. Gives its mistakes; there are none where it is in force now.
    func reload(_ reason: Reason) async -> [String] {
        await onQueue { self.reloadNow(reason) }
    }

    /// Reads the inventory again where a file has changed since, once two looks in a row find the
    /// same: who writes a file may not be done with it.
    func reloadIfChanged() async {
        await onQueue {
            let further = self.marks.withLock { $0.further }
            let now = self.directory.marks().adding(further)
            let isDue = self.marks.withLock { marks in
                defer { marks.seen = now }
                return now != marks.read && now == marks.seen
            }
            if isDue { _ = self.reloadNow(.change) }
        }
    }

    /// Whether a change was seen that was not read yet.
    var hasPendingChange: Bool { marks.withLock { $0.read != $0.seen } }

    private func reloadNow(_ reason: Reason) -> [String] {
        // Looked at before it is read: a change in between is found the next time.
        let before = directory.marks()
        let reading = directory.read()
        let further = reading.mistakes.isEmpty ? [] : reading.references.map(\.path)
        let now = before.adding(further)
        marks.withLock { $0 = Marks(read: now, seen: now, further: further) }
        guard reading.mistakes.isEmpty else {
            metrics.failed()
            logger.error(
                "inventory refused, the old one stays in force",
                metadata: [
                    "reason": "\(reason.rawValue)", "directory": "\(directory.path)",
                    "mistakes": .array(reading.mistakes.map { "\($0)" }),
                ])
            return reading.mistakes.map(\.description)
        }
        fleet.replace(with: reading.clusters)
        metrics.reloaded(clusters: reading.clusters.count)
        logger.info(
            "inventory loaded",
            metadata: [
                "reason": "\(reason.rawValue)", "clusters": "\(reading.clusters.count)",
                "generation": "\(fleet.current.inventory.generation)",
            ])
        return []
    }

    private func onQueue<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}

/// What is measured of reading the inventory; the rows are in `MetricDescription.gateway`.
private struct ReloadMetrics: Sendable {
    private let isSuccessful: Meter
    private let successTime: Meter
    private let clusterCount: Meter
    private let successes: Counter
    private let failures: Counter

    init(factory: any MetricsFactory) {
        isSuccessful = Meter(label: "isthmus_config_last_reload_successful", factory: factory)
        successTime = Meter(
            label: "isthmus_config_last_reload_success_timestamp_seconds", factory: factory)
        clusterCount = Meter(label: "isthmus_clusters", factory: factory)
        func reloads(_ outcome: String) -> Counter {
            Counter(
                label: "isthmus_config_reloads_total", dimensions: [("outcome", outcome)],
                factory: factory)
        }
        successes = reloads("success")
        failures = reloads("failure")
    }

    /// The inventory of the start is none that was read again.
    func succeeded(clusters: Int) {
        isSuccessful.set(1)
        successTime.set(Double(WallClock.now()) / 1000)
        clusterCount.set(clusters)
    }

    func reloaded(clusters: Int) {
        succeeded(clusters: clusters)
        successes.increment()
    }

    func failed() {
        isSuccessful.set(0)
        failures.increment()
    }
}
