/// What the configuration says under `traces`.
package struct TraceSettings: Sendable {
    /// By how much a span's times may be moved to make up for clocks that differ, nanoseconds; zero
    /// leaves them as they are, as Jaeger does unless told otherwise.
    package var maximumClockSkewAdjustment: Int64

    package init(maximumClockSkewAdjustment: Int64 = 0) {
        self.maximumClockSkewAdjustment = maximumClockSkewAdjustment
    }
}
