/// Where a fact comes from, so that somebody can look there.
public struct Evidence: Hashable, Sendable {
    public enum Origin: Hashable, Sendable {
        /// An endpoint's path, and the replica that answered.
        case probe(path: String, instance: String)
        /// A query through the cluster's Prometheus.
        case metric(query: String)
        /// A handshake with an address.
        case handshake(address: String)
    }

    public var origin: Origin
    /// What stood there: a label set, a message, a number. May be empty.
    public var text: String

    public init(_ origin: Origin, _ text: String = "") {
        self.origin = origin
        self.text = text
    }

    /// One line for people.
    public var line: String {
        let place =
            switch origin {
            case .probe(let path, let instance): "GET \(instance)\(path)"
            case .metric(let query): query
            case .handshake(let address): "TLS \(address)"
            }
        return text.isEmpty ? place : "\(place): \(text)"
    }
}
