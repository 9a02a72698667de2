// The first file to read in Observations: the gateway's own series (alert states, results of
// recording rules, which clusters answer), kept in memory for a while. Federation queries them like
// one more cluster.

import Synchronization
import TimeSeries

/// The samples that the gateway makes itself.
package final class ObservationStore: Sendable {
    /// A sample to be kept.
    package struct Sample: Hashable, Sendable {
        package var labels: Labels
        /// Milliseconds since the Unix epoch.
        package var time: Int64
        /// `Absent.value` is the mark of a series' end.
        package var value: SampledSeries.Value

        package init(labels: Labels, time: Int64, value: SampledSeries.Value) {
            self.labels = labels
            self.time = time
            self.value = value
        }
    }

    private let store = Mutex(SampleStore())

    package init() {}

    /// Says which metrics there are, before any sample is.
    package func declare(names: Set<String>) {}

    /// Keeps samples.
    package func append(_ samples: [Sample]) {
        store.withLock { store in
            for sample in samples { store.set(sample.value, of: sample.labels, at: sample.time) }
        }
    }

    /// What is there now.
    package var current: SampleStore { store.withLock { $0 } }
}
