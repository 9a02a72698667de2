import Spans

/// Who calls whom in the fleet.
package struct DependencyReport: Hashable, Sendable {
    /// Each pair of services once, ordered by parent and child: what the clusters say, and the calls
    /// from cluster to cluster.
    package var edges: [ServiceDependency]
    /// The calls from cluster to cluster, which no cluster can know of; they are part of `edges`.
    package var crossings: [ServiceDependency]
    /// What the crossings were found in; nil where none were looked for.
    package var sample: Sample?

    package struct Sample: Hashable, Sendable {
        package var traces: Int
        package var spans: Int
        /// Whether there were more traces than are looked at.
        package var isCut: Bool
        /// When it was taken, milliseconds since 1970.
        package var takenAt: Int64
        /// How old it is now.
        package var age: Duration

        package init(traces: Int, spans: Int, isCut: Bool, takenAt: Int64, age: Duration) {
            self.traces = traces
            self.spans = spans
            self.isCut = isCut
            self.takenAt = takenAt
            self.age = age
        }
    }

    package init(
        edges: [ServiceDependency] = [], crossings: [ServiceDependency] = [],
        sample: Sample? = nil
    ) {
        self.edges = edges
        self.crossings = crossings
        self.sample = sample
    }
}
