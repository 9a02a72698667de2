import Clusters
import TimeSeries

/// How the rules' results are written to one receiver, by remote write 1.0.
package struct RemoteWriteSettings: Hashable, Sendable {
    /// Of the receiver, in metrics and the log; no other receiver has it.
    package var name: String
    /// The receiver: one address, whose path is that of the endpoint
    /// (`http://mimir:9009/api/v1/push`). Its timeout is for one attempt.
    package var service: Service
    /// Set on each series that has no label of the name.
    package var externalLabels: Labels
    /// The most samples that wait. The oldest make room for new ones. Prometheus keeps 10,000 for
    /// each of up to 50 shards and has its log on disk behind them; here this is all there is.
    package var queueCapacity = 100_000
    /// The most samples of one request.
    package var maximumSamplesPerSend = 2000
    /// How long samples wait for others to be sent with.
    package var batchDeadline: Duration = .seconds(5)
    /// The pause after a first failure, doubled by each failure in a row.
    package var minimumBackoff: Duration = .milliseconds(30)
    package var maximumBackoff: Duration = .seconds(5)
    /// Whether a 429 is a reason to try again later; other 4xx never are.
    package var retriesOnTooManyRequests = true
    /// How long what waits may be sent for after the gateway has been told to stop.
    package var shutdownGrace: Duration = .seconds(10)

    package init(name: String, service: Service, externalLabels: Labels = Labels()) {
        self.name = name
        self.service = service
        self.externalLabels = externalLabels
    }
}
