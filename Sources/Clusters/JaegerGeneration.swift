/// The generations of Jaeger's query API.
public enum JaegerGeneration: String, Hashable, Sendable, CaseIterable {
    /// The JSON that Jaeger's own UI was made for: microseconds, and several traces by their ids at
    /// once. Releases after 2.20 have but a rest of it.
    case v1
    /// OTLP in JSON: nanoseconds, and all that a recorder says. Its HTTP form knows neither
    /// dependencies nor the archive, which the other keeps.
    case v3
}
