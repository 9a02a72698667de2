import Clusters
import Federation
import Rules
import TimeSeries

extension LiveLint {
    /// Beside the clusters of the fleet that answered when they were last asked. `now` is in
    /// milliseconds since the Unix epoch.
    package init(_ metadata: MetadataService, fleet: Fleet, now: Int64) {
        let snapshot = fleet.current
        let clusters = snapshot.inventory.clusters.filter {
            snapshot.state(of: $0.id).reachable == true
        }
        self.init(
            clusters: clusters.map {
                LintKnowledge.Cluster(name: $0.id.name, externalLabels: $0.externalLabels)
            },
            values: { label, selector in
                let request = MetadataRequest(
                    selectors: [selector], start: now - Self.reach, partialResponse: false)
                return Set(try await metadata.labelValues(of: label, request).value)
            })
    }
}
