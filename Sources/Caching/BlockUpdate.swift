/// Something to be written to the store.
public struct BlockUpdate: Sendable {
    /// The store's key.
    public let key: String
    /// Whether it will not change any more as far as is known, so that it is worth keeping long.
    public let isComplete: Bool
    private let encoded: @Sendable () -> [UInt8]?

    init(key: String, isComplete: Bool, encoded: @escaping @Sendable () -> [UInt8]?) {
        self.key = key
        self.isComplete = isComplete
        self.encoded = encoded
    }

    /// What is to be written; nil where it is too large to be kept. Made anew at each call: it
    /// takes longer than a lookup, so it is done when the query is answered.
    public func bytes() -> [UInt8]? { encoded() }
}
