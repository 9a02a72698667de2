import Federation
import Meshes
import ServiceGraph

/// The questions about the meshes that the routes put to the fleet, each a function, so that the
/// server works with canned answers too.
package struct MeshAnswering: Sendable {
    package typealias Asking<Question, Value: Sendable> =
        @Sendable (Question) async throws(QueryFailure) -> MeshAnswer<Value>

    package var signals: Asking<SignalsQuestion, SignalReport>
    package var graph: Asking<GraphQuestion, GraphAnswer>
    /// A graph's text in Graphviz's language as a picture, in SVG.
    package var picture: @Sendable (String) async throws(GraphvizFailure) -> [UInt8]

    /// What is asked of signals, and how.
    package struct SignalsQuestion: Hashable, Sendable {
        package var question: SignalQuestion
        /// Whether an answer without some clusters is wanted rather than an error.
        package var partialResponse: Bool
        package var cacheUse: CacheUse

        package init(_ question: SignalQuestion, partialResponse: Bool, cacheUse: CacheUse) {
            self.question = question
            self.partialResponse = partialResponse
            self.cacheUse = cacheUse
        }
    }

    package init(
        signals: @escaping Asking<SignalsQuestion, SignalReport>,
        graph: @escaping Asking<GraphQuestion, GraphAnswer>,
        picture: @escaping @Sendable (String) async throws(GraphvizFailure) -> [UInt8]
    ) {
        self.signals = signals
        self.graph = graph
        self.picture = picture
    }
}
