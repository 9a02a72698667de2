import Clusters

/// What the configuration says under `telemetry.otlp`.
package struct TelemetrySettings: Sendable {
    /// The share of requests without a decision of their caller's that are traced, 0 to 1.
    package var sampleRatio: Double
    /// The collector: its base address, which `/v1/traces` is added to, and how it is asked.
    package var collector: Service
    /// How many spans wait to be sent; further ones are dropped.
    package var queueSize = 8192
    /// The most spans of one request.
    package var batchSize = 512
    /// How long spans wait for others to be sent with.
    package var batchDelay: Duration = .seconds(1)
    /// The pause after a first failure, and the longest.
    package var minimumBackoff: Duration = .seconds(1)
    package var maximumBackoff: Duration = .seconds(30)
    /// How long one batch is tried again.
    package var retryTime: Duration = .seconds(60)
    /// How long what waits is still sent once the gateway stops.
    package var shutdownGrace: Duration = .seconds(5)
    /// What all spans say of their program.
    package var resource = Resource()

    package struct Resource: Sendable {
        package var serviceName = "isthmus"
        package var serviceVersion = ""
        /// Tells this process from others of the same service.
        package var instanceID = ""
        /// Further attributes, which go before those above where they have their names.
        package var attributes: [(name: String, value: String)] = []

        package init() {}
    }

    package static let standardTimeout = Duration.seconds(10)

    package init(collector: Service, sampleRatio: Double = 1) {
        self.collector = collector
        self.sampleRatio = sampleRatio
    }
}
