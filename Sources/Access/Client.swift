// The first file to read in Access: who may ask what. A `Client` is a name with rights; `Credentials`
// are what a request says of who asks; the `Authenticator` finds the one for the other. The module
// reads no file, knows no route and no status code, and never tells a secret to anybody.

import Clusters

/// Somebody who may ask, and what.
package struct Client: Hashable, Sendable {
    /// For logs.
    package var name: String
    /// The clusters that there are for it: of others it sees and learns nothing.
    package var clusters: ClusterView
    package var routes: Set<RouteGroup>
    /// Whether an answer may lack clusters where a request does not say; nil as for everybody.
    package var partialResponse: Bool?

    package init(
        name: String, clusters: ClusterView = .all, routes: Set<RouteGroup> = RouteGroup.usual,
        partialResponse: Bool? = nil
    ) {
        self.name = name
        self.clusters = clusters
        self.routes = routes
        self.partialResponse = partialResponse
    }
}

/// How a client proves who it is: any of these.
package struct ClientSecrets: Hashable, Sendable {
    /// Bearer tokens.
    package var tokens: [String]
    package var user: User?

    /// A name, and what its password has to hash to.
    package struct User: Hashable, Sendable {
        package var name: String
        package var hash: PasswordHash

        package init(name: String, hash: PasswordHash) {
            self.name = name
            self.hash = hash
        }
    }

    package init(tokens: [String] = [], user: User? = nil) {
        self.tokens = tokens
        self.user = user
    }
}

extension ClientSecrets: CustomStringConvertible, CustomReflectable {
    /// Nothing of it.
    package var description: String { "<secret>" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
