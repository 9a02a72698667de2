import Clusters
import Federation
import MeshHealth
import TimeSeries

/// What is known of all control planes and certificates, of one look at everything.
package struct ControlPlaneReport: Sendable {
    package var picture: HealthPicture
    /// When the newest of it was seen, milliseconds since the Unix epoch; nil before the first.
    package var observedAt: Int64?
    /// The clusters whose metrics could not be asked, and why: of them nothing is known but what
    /// their endpoints tell.
    package var missing: [Coverage.Missing]
    /// When the clusters' metrics were asked, milliseconds since the Unix epoch; nil before.
    package var metricsAt: Int64?
    /// The same as series, as the gateway keeps them.
    package var series: [HealthSeries.Sample]

    package init(
        picture: HealthPicture = HealthPicture(HealthPicture.Parts()),
        observedAt: Int64? = nil, missing: [Coverage.Missing] = [], metricsAt: Int64? = nil,
        series: [HealthSeries.Sample] = []
    ) {
        self.picture = picture
        self.observedAt = observedAt
        self.missing = missing
        self.metricsAt = metricsAt
        self.series = series
    }
}

extension ControlPlaneReport {
    /// The report as if there were no clusters but these.
    package func seen(of clusters: Set<String>) -> ControlPlaneReport {
        ControlPlaneReport(
            picture: picture.seen(of: clusters), observedAt: observedAt,
            missing: missing.filter { clusters.contains($0.cluster.name) }, metricsAt: metricsAt,
            series: series.filter { sample in
                sample.labels[Cluster.label].map(clusters.contains) ?? false
            })
    }
}
