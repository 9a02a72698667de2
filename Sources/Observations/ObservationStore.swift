// The first file to read in Observations: the gateway's own series (alert states, results of
// recording rules, which clusters answer), kept in memory for a while. Federation queries them like
// one more cluster. The module asks nobody anything and has no clock: the newest sample is now.

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

    private let state: Mutex<ObservedSeries>
    private let startedAt: Int64

    /// `startedAt` is the time from which on everything is here: when the process began,
    /// milliseconds since the Unix epoch.
    package init(settings: ObservationSettings = ObservationSettings(), startedAt: Int64 = .min) {
        state = Mutex(ObservedSeries(settings))
        self.startedAt = startedAt
    }

    /// Keeps samples. Of one series they come in the order of their times, but for a few; one that
    /// is there already for the same time is replaced.
    package func append(_ samples: [Sample]) {
        if samples.isEmpty { return }
        state.withLock { $0.append(samples) }
    }

    /// Says which metrics will be here, before there are any samples: a query plans for them from
    /// the first evaluation on. It replaces what the same owner has declared before; metrics that have
    /// samples need not be declared.
    package func declare(names: Set<String>, by owner: String = "rules") {
        state.withLock { $0.declare(names, by: owner) }
    }

    /// The metrics that are here or were declared.
    package var names: Set<String> { state.withLock { $0.names } }

    // MARK: Reading

    /// What is there now.
    package var current: SampleStore { samples(matching: [[]]).store }

    /// Some of what is there, all of one moment.
    package struct Snapshot: Sendable {
        package var store: SampleStore
        /// From when on nothing is missing, milliseconds since the Unix epoch.
        package var completeSince: Int64
    }

    /// The series that meet all of any one list of conditions, with their samples from `start` on,
    /// milliseconds since the Unix epoch. What is appended later does not show, and is none the
    /// dearer for it but in these very series. Of these, `isSeen` says which are wanted.
    package func samples(
        matching alternatives: [[Matcher]], from start: Int64 = .min,
        where isSeen: (Labels) -> Bool = { _ in true }
    ) -> Snapshot {
        var (series, horizon) = state.withLock { state in
            (state.series(matching: alternatives, from: start), state.horizon)
        }
        series.removeAll { !isSeen($0.labels) }
        // Arranging them takes longer than finding them, and nobody who appends waits for it.
        return Snapshot(store: SampleStore(series), completeSince: max(startedAt, horizon))
    }

    /// The labels of the series that meet all of any one list of conditions and have samples between
    /// two times, both included.
    package func labels(
        matching alternatives: [[Matcher]], from start: Int64 = .min, through end: Int64 = .max
    ) -> [Labels] {
        state.withLock { state in
            state.places(matching: alternatives).compactMap { place in
                let series = state[place]
                return series.hasSamples(from: max(start, state.horizon), through: end)
                    ? series.labels : nil
            }
        }
    }

    /// How much is there, and how much was not kept.
    package var statistics: ObservationStatistics { state.withLock { $0.statistics } }
}

/// How full an `ObservationStore` is.
package struct ObservationStatistics: Hashable, Sendable {
    package var series = 0
    package var samples = 0
    /// Samples of series for which there was no room.
    package var refusedSamples = 0
    /// Samples that came when their time was over.
    package var lateSamples = 0
    /// Samples that had to go before their time.
    package var evictedSamples = 0
}
