import Federation
import Meshes

/// The edges of a map with their details, as they arrive.
package struct EdgePieces: Sendable {
    /// Some edges, one after the other in the map's order.
    package struct Piece: Sendable {
        /// Their places in the map.
        package var places: Range<Int>
        /// By these places.
        package var edges: ArraySlice<ServiceMap.Edge>

        package init(places: Range<Int>, edges: ArraySlice<ServiceMap.Edge>) {
            self.places = places
            self.edges = edges
        }
    }

    /// What is to be said of details that have arrived.
    package struct Remarks: Sendable {
        /// Which clusters they are all about.
        package var coverage: Coverage
        /// Sentences for people.
        package var warnings: [String]
        /// What was asked for them, where the question wants to know.
        package var queries: [AskedQuery]

        package init(coverage: Coverage, warnings: [String], queries: [AskedQuery] = []) {
            self.coverage = coverage
            self.warnings = warnings
            self.queries = queries
        }
    }

    /// The next edges; nil after the last.
    package var next: @Sendable () async -> Piece?
    package var remarks: @Sendable () async -> Remarks

    package init(
        next: @escaping @Sendable () async -> Piece?,
        remarks: @escaping @Sendable () async -> Remarks
    ) {
        self.next = next
        self.remarks = remarks
    }

    /// The same, which hands over what is to be said once the last edges are taken.
    func ending(_ end: @escaping @Sendable (Remarks) -> Void) -> EdgePieces {
        EdgePieces(
            next: {
                if let piece = await next() { return piece }
                end(await remarks())
                return nil
            }, remarks: remarks)
    }
}
