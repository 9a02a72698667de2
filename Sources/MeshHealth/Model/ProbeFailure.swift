/// Why there is no answer.
public struct ProbeFailure: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The name has no address.
        case resolution
        /// Refused, reset, or no way there.
        case connection
        case timeout
        /// The handshake failed, or the certificate is not to be trusted.
        case tls
        /// The proxy on the way.
        case proxy
        /// The body ended before its end.
        case interrupted
        /// It is no HTTP.
        case malformed
        /// The body has more bytes than the probe takes.
        case tooLarge
        /// Our own side: a file of credentials, a setting.
        case configuration
    }

    public var kind: Kind
    /// What the transport says; may be empty.
    public var message: String

    public init(_ kind: Kind, _ message: String = "") {
        self.kind = kind
        self.message = message
    }
}
