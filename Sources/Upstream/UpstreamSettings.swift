/// The limits of the client, beside those that a request brings along.
package struct UpstreamSettings: Hashable, Sendable {
    /// Sent as `User-Agent`.
    package var userAgent: String
    /// How long connecting may take, from the name to the end of the TLS handshake.
    package var connectTimeout: Duration = .seconds(5)
    /// How long a replica that has failed is asked last.
    package var coolingOff: Duration = .seconds(15)
    /// How many requests to one host and port are under way at a time; the others queue. Without
    /// HTTP/2, each has a connection of its own.
    package var maximumConcurrentPerHost = 64
    /// How many connections are kept for later requests.
    package var maximumIdleConnections = 512
    /// How many bytes of a body may wait for their reader before the sender is made to wait.
    package var highWaterBytes = 4 << 20
    /// The number of waiting bytes at which the sender goes on.
    package var lowWaterBytes = 1 << 20
    /// The size to which pieces of a body are gathered.
    package var pieceBytes = 256 << 10
    /// How long a piece may be gathered while its reader waits.
    package var gatheringTime: Duration = .milliseconds(1)
    /// The most bytes of an answer's head.
    package var maximumHeadBytes = 256 << 10
    /// How much of the body of a failure is kept.
    package var excerptBytes = 4 << 10
    /// How long the body of a failure is waited for.
    package var excerptTime: Duration = .milliseconds(500)
    /// The most bytes of a file with a secret, a key or certificates.
    package var maximumFileBytes = 4 << 20

    package init(version: String = "unreleased") { userAgent = "isthmus/\(version)" }
}
