import Meshes

/// Who speaks to whom by their certificates.
struct EdgePrincipals {
    private var found: [Int: Ends] = [:]

    private struct Ends {
        var sources: Set<String> = []
        var destinations: Set<String> = []
    }

    /// Each list of an edge that stands for many is as long as people read.
    private static let most = 20

    mutating func add(_ batch: EdgeBatch) {
        for named in batch.principals {
            if !named.source.isEmpty {
                found[named.edge, default: Ends()].sources.insert(named.source)
            }
            if !named.destination.isEmpty {
                found[named.edge, default: Ends()].destinations.insert(named.destination)
            }
        }
    }

    func set(on edge: inout ServiceMap.Edge, _ place: Int) {
        guard let ends = found[place] else { return }
        edge.mutualTLS.sourcePrincipals = Array(ends.sources.sorted().prefix(Self.most))
        edge.mutualTLS.destinationPrincipals = Array(ends.destinations.sorted().prefix(Self.most))
        edge.mutualTLS.trustDomains = Set(
            ends.sources.union(ends.destinations).compactMap(Principal.trustDomain)
        ).sorted()
    }
}
