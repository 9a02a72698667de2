import Clusters
import Federation

/// What the fleet's Jaegers say, as one.
///
/// An answer without value where clusters are missing means that it is not where we could look; with
/// none missing it means that it is nowhere.
package struct TraceAnswer<Value: Sendable>: Sendable {
    package var value: Value
    /// The clusters whose answers are in it, in inventory order.
    package var answered: [ClusterID]
    /// The clusters that should have answered and did not, in inventory order.
    package var missing: [Coverage.Missing]
    /// What all clusters that could answer say against the question; nil where any answers it.
    package var refusal: TraceRefusal?
    /// What is doubtful about the answer as a whole, for people: missing clusters, and limits that
    /// were met.
    package var warnings: [String]

    package init(
        value: Value, answered: [ClusterID] = [], missing: [Coverage.Missing] = [],
        refusal: TraceRefusal? = nil, warnings: [String] = []
    ) {
        self.value = value
        self.answered = answered
        self.missing = missing
        self.refusal = refusal
        self.warnings = warnings
    }

    /// Whether clusters should have answered and none did.
    package var isUnavailable: Bool { answered.isEmpty && refusal == nil && !missing.isEmpty }
}

/// What a Jaeger says of a question that it does not answer, without being out of order: its storage
/// wants a service's name, or it has no archive.
package struct TraceRefusal: Error, Hashable, Sendable {
    /// 400 or 501.
    package var status: Int
    package var message: String

    package init(status: Int, message: String) {
        self.status = status
        self.message = message
    }
}
