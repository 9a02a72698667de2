/// What the configuration says under `telemetry.otlp`.
package struct TelemetrySettings: Sendable {
    /// The share of requests without a decision of their caller's that are traced, 0 to 1.
    package var sampleRatio: Double

    package init(sampleRatio: Double = 1) {
        self.sampleRatio = sampleRatio
    }
}
