/// The limits of the client, beside those that a request brings along.
package struct UpstreamSettings: Hashable, Sendable {
    /// Sent as `User-Agent`.
    package var userAgent: String
    /// How long connecting may take, from the name to the end of the TLS handshake, while nothing is
    /// known of the way; and at most.
    package var connectTimeout: Duration = .seconds(5)
    /// The least that connecting may take, however near the server is: a lost packet costs a second.
    package var leastConnectTimeout: Duration = .seconds(2)
    /// How long the first byte of an answer may take; nil for as long as the whole answer.
    package var firstByteTimeout: Duration?
    /// How long an answer may go on without making progress.
    package var progressTimeout: Duration = .seconds(5)
    /// How many bytes in `progressTimeout` are progress.
    package var progressBytes = 1 << 10
    /// How long a replica that has failed is asked last.
    package var coolingOff: Duration = .seconds(15)
    /// How many failures in a row open a replica's breaker.
    package var breakerFailures = 5
    /// How long a breaker is open at first; then twice as long each time.
    package var breakerOpenTime: Duration = .seconds(5)
    /// The longest that a breaker is open at a time.
    package var breakerMaximumOpenTime: Duration = .seconds(60)
    /// A replica that was given less time than this, and less than its service's own, has not
    /// failed when the time is over.
    package var fairTime: Duration = .seconds(5)
    /// The same for connecting.
    package var fairConnectTime: Duration = .seconds(1)
    /// Whether another replica is asked too where one is slower than usual.
    package var hedges = true
    /// How many requests beyond those asked for may be sent, as a part of them: hedges and retries.
    package var extraRequests = 0.05
    /// The longest that a replica's `Retry-After` is waited for.
    package var maximumRetryWait: Duration = .seconds(2)
    /// The longest that a replica's `Retry-After` is believed.
    package var maximumHold: Duration = .seconds(60)
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
