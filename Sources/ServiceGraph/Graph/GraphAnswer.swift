import Meshes

/// A service graph, and how it came about.
package struct GraphAnswer: Sendable {
    package var map: ServiceMap
    /// When it is of, milliseconds since the Unix epoch.
    package var time: Int64
    /// What rates are taken over, milliseconds.
    package var range: Int64
    /// In inventory order.
    package var clusters: [ClusterDialects]
    package var queries: [AskedQuery]
    /// Where the map's edges come from: what further details are asked by.
    package var places: EdgePlaces
    /// What the edges have beside, where that is asked for piece by piece.
    package var details: EdgePieces?

    package init(
        map: ServiceMap, time: Int64, range: Int64, clusters: [ClusterDialects] = [],
        queries: [AskedQuery] = [], places: EdgePlaces
    ) {
        self.map = map
        self.time = time
        self.range = range
        self.clusters = clusters
        self.queries = queries
        self.places = places
    }
}
