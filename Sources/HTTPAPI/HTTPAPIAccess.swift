import Access
import Clusters

/// Who may ask the server, and what answers whom.
package struct HTTPAPIAccess: Sendable {
    package var authenticator: Authenticator
    /// What answers clients that see a part of the fleet, by what they see: made over that part, so
    /// that no handler can show anything of the rest. Whoever sees all is answered by what the server
    /// has for everybody.
    package var views: [ClusterView: HTTPAPIDependencies]

    package init(
        authenticator: Authenticator, views: [ClusterView: HTTPAPIDependencies] = [:]
    ) {
        self.authenticator = authenticator
        self.views = views
    }
}
