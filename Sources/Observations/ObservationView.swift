import TimeSeries

/// The gateway's own series as somebody sees them: all of them, or those of some clusters alone.
package struct ObservationView: Sendable {
    private let store: ObservationStore
    /// The names of the clusters that are seen; nil where everything is, also series of no cluster.
    private let clusters: (@Sendable () -> Set<String>)?

    /// The label that says of which cluster a series is.
    private static let clusterLabel = "cluster"

    /// All series.
    package init(_ store: ObservationStore) {
        self.store = store
        clusters = nil
    }

    /// The series of the clusters whose names `clusters` gives each time: those that say in their
    /// label `cluster` that they are of one. A series that does not say it is of all clusters.
    package init(_ store: ObservationStore, of clusters: @escaping @Sendable () -> Set<String>) {
        self.store = store
        self.clusters = clusters
    }

    /// The metrics that are here or were declared, of whichever clusters: which names there are is
    /// the configuration's business and no cluster's.
    package var names: Set<String> { store.names }

    /// As of `ObservationStore`.
    package func samples(
        matching alternatives: [[Matcher]], from start: Int64 = .min
    ) -> ObservationStore.Snapshot {
        guard let clusters else { return store.samples(matching: alternatives, from: start) }
        let seen = clusters()
        return store.samples(matching: alternatives, from: start) { Self.isSeen($0, by: seen) }
    }

    /// As of `ObservationStore`.
    package func labels(
        matching alternatives: [[Matcher]], from start: Int64 = .min, through end: Int64 = .max
    ) -> [Labels] {
        let labels = store.labels(matching: alternatives, from: start, through: end)
        guard let clusters else { return labels }
        let seen = clusters()
        return labels.filter { Self.isSeen($0, by: seen) }
    }

    private static func isSeen(_ labels: Labels, by clusters: Set<String>) -> Bool {
        labels[clusterLabel].map(clusters.contains) ?? false
    }
}
