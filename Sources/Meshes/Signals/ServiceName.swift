/// A service as questions name it: `cart`, or `shop/cart` where the namespace matters.
public struct ServiceName: Hashable, Sendable {
    /// Nil for any.
    public var namespace: String?
    public var name: String

    public init(namespace: String? = nil, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Reads `namespace/name` or `name`; nil where a part is empty or there are more.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains(""), (1...2).contains(parts.count), let name = parts.last else {
            return nil
        }
        self.init(namespace: parts.count == 2 ? parts[0] : nil, name: name)
    }
}
