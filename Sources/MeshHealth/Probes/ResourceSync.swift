/// One type of resources, of one proxy.
public struct ResourceSync: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case synced = "SYNCED"
        /// Sent, and not acknowledged (yet).
        case stale = "STALE"
        /// Never sent: the proxy does not subscribe, or there is nothing for it.
        case notSent = "NOT SENT"
        /// The proxy has refused what was sent, and keeps what it had.
        case rejected = "REJECTED"
    }

    public var type: ResourceType
    /// The nonces of what was sent and of what was acknowledged; empty for none.
    public var sent: String
    public var acknowledged: String
    /// When it was sent, milliseconds since the Unix epoch; nil where istiod does not say.
    public var sentAt: Int64?
    /// What the proxy said when it refused; nil where it did not.
    public var error: String?

    public init(
        _ type: ResourceType, sent: String, acknowledged: String, sentAt: Int64? = nil,
        error: String? = nil
    ) {
        self.type = type
        self.sent = sent
        self.acknowledged = acknowledged
        self.sentAt = sentAt
        self.error = error
    }

    public var status: Status {
        if error != nil { return .rejected }
        if sent.isEmpty { return .notSent }
        return sent == acknowledged ? .synced : .stale
    }

    /// How long it has been stale, milliseconds; nil where it is not, or where that is not known.
    public func staleFor(at time: Int64) -> Int64? {
        guard status == .stale, let sentAt else { return nil }
        return max(0, time.subtractingReportingOverflow(sentAt).partialValue)
    }
}
