/// The sorts of questions that a client may or may not ask. The raw value is the word of
/// configuration files.
package enum RouteGroup: String, CaseIterable, Hashable, Sendable {
    /// PromQL, and how it is answered.
    case query
    /// Series, labels and what metrics mean.
    case metadata
    /// Jaeger's API.
    case traces
    /// Signals, the service graph, control planes and certificates.
    case mesh
    /// Rules and alerts.
    case alerts
    /// The gateway's configuration, flags and metrics.
    case status
    /// What changes something: reading files again, forgetting what is remembered.
    case admin

    /// What a client may ask of whom nothing else is said.
    package static let usual = Set(allCases).subtracting([.admin])
}
