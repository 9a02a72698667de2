import Access
import Clusters

/// Who may ask a route, and what of the fleet its answers show. Each route says it.
enum RouteAccess: Hashable, Sendable {
    /// Anybody may ask, and learns nothing of any cluster.
    case open
    /// Each client may ask; the answer is the same for all and of no cluster.
    case known
    /// Clients of the group; the answer is the same for all and of no cluster.
    case fixed(RouteGroup)
    /// Clients of the group; the answer is made of the clusters in the client's view, as if there
    /// were no others.
    case view(RouteGroup)
    /// Clients of the group that see all clusters: what the answer shows, or what is done, cannot be
    /// told apart by cluster.
    case whole(RouteGroup)

    /// Nil where no group is needed.
    var group: RouteGroup? {
        switch self {
        case .open, .known: nil
        case .fixed(let group), .view(let group), .whole(let group): group
        }
    }

    /// Of which clusters answers show something, in a word: `none`, `view` or `all`.
    var clusters: String {
        switch self {
        case .open, .known, .fixed: "none"
        case .view: "view"
        case .whole: "all"
        }
    }

    func allows(_ client: Client) -> Bool {
        if case .whole = self, !client.clusters.isWhole { return false }
        return group.map(client.routes.contains) ?? true
    }
}
