import Dispatch
import Logging
import Metrics
import Synchronization

/// Something that the gateway reads from files, and can read again while it runs.
protocol FileLoading: Sendable {
    /// What is read, for the log: `inventory`, `rules`.
    var name: String { get }

    /// What the files look like now.
    func marks() -> FileMarks

    /// Reads the files and puts what they say in force, all of it or nothing.
    func load() -> Loading
}

/// What came of reading files.
struct Loading: Sendable {
    /// None where what the files say is in force.
    var mistakes: [String] = []
    /// How many things there are in the files.
    var count = 0
    /// Further files that may have been the reason for a mistake.
    var further: [String] = []
}

/// Keeps what files say in force.
///
/// What can be read is swapped in whole. Bad files are refused: the old ones stay in force, and the
/// log and the metrics say so.
final class FileKeeper: Sendable {
    private let loading: any FileLoading
    private let logger: Logger
    private let metrics: ReloadMetrics
    /// Reading blocks, and one reading at a time is enough.
    private let queue = DispatchQueue(label: "isthmus.files")
    /// The files when they were last read, and when they were last looked at.
    private let marks: Mutex<Marks>

    private struct Marks {
        var read: FileMarks
        var seen: FileMarks
        /// The files that refused files name: one of them may have been the reason. Those of files
        /// in force are nobody's business here.
        var further: [String] = []
    }

    /// Why files are read again.
    enum Reason: String, Sendable {
        case signal
        case request
        case change
    }

    /// Takes over what was read at the start, when the files had these marks.
    init(
        _ loading: any FileLoading, marks: FileMarks, count: Int, metrics: ReloadMetrics,
        logger: Logger
    ) {
        self.loading = loading
        self.logger = logger
        self.metrics = metrics
        self.marks = Mutex(Marks(read: marks, seen: marks))
        metrics.succeeded(count: count)
    }

    /// Reads the files again. Gives their mistakes; there are none where they are in force now.
    func reload(_ reason: Reason) async -> [String] {
        await onQueue { self.reloadNow(reason) }
    }

    /// Reads the files again where one has changed since, once two looks in a row find the same: who
    /// writes a file may not be done with it.
    func reloadIfChanged() async {
        await onQueue {
            let further = self.marks.withLock { $0.further }
            let now = self.loading.marks().adding(further)
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
        let before = loading.marks()
        let found = loading.load()
        let further = found.mistakes.isEmpty ? [] : found.further
        let now = before.adding(further)
        marks.withLock { $0 = Marks(read: now, seen: now, further: further) }
        guard found.mistakes.isEmpty else {
            metrics.failed()
            logger.error(
                "\(loading.name) refused, the old ones stay in force",
                metadata: [
                    "reason": "\(reason.rawValue)",
                    "mistakes": .array(found.mistakes.map { "\($0)" }),
                ])
            return found.mistakes
        }
        metrics.reloaded(count: found.count)
        logger.info(
            "\(loading.name) loaded",
            metadata: ["reason": "\(reason.rawValue)", "count": "\(found.count)"])
        return []
    }

    private func onQueue<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}

/// What is measured of reading files; the rows are in `MetricDescription.gateway`.
struct ReloadMetrics: Sendable {
    private let isSuccessful: Meter
    private let successTime: Meter
    private let count: Meter
    private let successes: Counter
    private let failures: Counter

    /// `prefix` is that of the rows, `count` the row that says how many things there are.
    init(_ prefix: String, count: String, factory: any MetricsFactory) {
        isSuccessful = Meter(label: "\(prefix)_last_reload_successful", factory: factory)
        successTime = Meter(
            label: "\(prefix)_last_reload_success_timestamp_seconds", factory: factory)
        self.count = Meter(label: count, factory: factory)
        func reloads(_ outcome: String) -> Counter {
            Counter(
                label: "\(prefix)_reloads_total", dimensions: [("outcome", outcome)],
                factory: factory)
        }
        successes = reloads("success")
        failures = reloads("failure")
    }

    /// What was read at the start was not read again.
    func succeeded(count: Int) {
        isSuccessful.set(1)
        successTime.set(Double(WallClock.now()) / 1000)
        self.count.set(count)
    }

    func reloaded(count: Int) {
        succeeded(count: count)
        successes.increment()
    }

    func failed() {
        isSuccessful.set(0)
        failures.increment()
    }
}
