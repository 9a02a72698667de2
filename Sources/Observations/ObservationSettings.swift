/// How much of the gateway's own samples is kept.
package struct ObservationSettings: Hashable, Sendable {
    /// How long, behind the newest sample. Six hours hold the windows of the fast burn-rate alerts
    /// (an hour, six hours), and what somebody on call looks back over; older states of alerts are
    /// what remote write is for.
    package var retention: Duration
    /// The most series at a time; samples of further ones are dropped, and counted.
    package var maximumSeries: Int
    /// The most samples, 16 bytes each and while columns grow up to twice that; beyond it the oldest
    /// of all series go, and are counted.
    package var maximumSamples: Int

    package init(
        retention: Duration = .seconds(6 * 3600), maximumSeries: Int = 100_000,
        maximumSamples: Int = 10_000_000
    ) {
        self.retention = retention
        self.maximumSeries = maximumSeries
        self.maximumSamples = maximumSamples
    }
}
