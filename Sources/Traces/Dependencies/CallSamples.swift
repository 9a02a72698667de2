import Clusters
import Federation
import Spans
import Synchronization

/// The calls between clusters that were found in a sample of traces.
struct CallSample: Sendable {
    var crossings: [ServiceDependency] = []
    var traces = 0
    var spans = 0
    /// Whether there were more traces than were looked at.
    var isCut = false
    /// The clusters that could not be asked.
    var missing: [Coverage.Missing] = []
    /// Milliseconds since 1970.
    var takenAt: Int64

    /// What a sample is about.
    struct Subject: Hashable, Sendable {
        var clusters: [ClusterID]
        /// The inventory's.
        var generation: Int
        /// Milliseconds since 1970; nil for now.
        var end: Int64?
        /// Milliseconds.
        var lookback: Int64
    }

    func size(now: Int64) -> DependencyReport.Sample {
        DependencyReport.Sample(
            traces: traces, spans: spans, isCut: isCut, takenAt: takenAt,
            age: .milliseconds(max(0, now - takenAt)))
    }
}

/// The samples that were taken, each for a while. However many ask for one at a time, it is taken
/// once.
final class CallSamples: Sendable {
    private let now: @Sendable () -> Int64
    private let kept = Mutex<[CallSample.Subject: CallSample]>([:])
    private let work: SharedWork<CallSample.Subject, CallSample?>

    /// How many are kept at most.
    private let most = 16

    init(now: @escaping @Sendable () -> Int64) {
        self.now = now
        work = SharedWork(cancelled: nil, isTimeout: { $0 == nil })
    }

    func run() async { await work.run() }

    var isOpen: Bool { work.isOpen }

    /// The sample about a subject, taken now where there is none that is young enough; nil where the
    /// time was over. When half of a sample's time is over it is taken anew beside the answer, so
    /// that nobody waits who asks again and again.
    func sample(
        of subject: CallSample.Subject, settings: DependencySettings, skipsMemory: Bool,
        by deadline: ContinuousClock.Instant,
        _ taking: @escaping @Sendable () async -> CallSample
    ) async -> CallSample? {
        let lifetime = settings.sampleKept.wholeMilliseconds
        let asked = now()
        let taken: @Sendable () async -> CallSample? = {
            // Another may have been taken since it was looked for and not found.
            if !skipsMemory, let other = self.kept.withLock({ $0[subject] }),
                other.takenAt >= asked
            {
                return other
            }
            let sample = await taking()
            self.keep(sample, of: subject)
            return sample
        }
        if !skipsMemory, let sample = kept.withLock({ $0[subject] }) {
            let age = now() - sample.takenAt
            if age < lifetime {
                if age > lifetime / 2 { work.begin(subject, by: deadline, taken) }
                return sample
            }
        }
        return await work.value(of: subject, by: deadline, taken).value
    }

    private func keep(_ sample: CallSample, of subject: CallSample.Subject) {
        // What lacks a cluster is as good as can be had now, and no longer.
        guard sample.missing.isEmpty else { return }
        kept.withLock { kept in
            kept[subject] = sample
            while kept.count > most,
                let oldest = kept.min(by: { $0.value.takenAt < $1.value.takenAt })
            {
                kept[oldest.key] = nil
            }
        }
    }
}
