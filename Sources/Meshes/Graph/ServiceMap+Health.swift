extension ServiceMap {
    /// How a node or an edge is doing, and the sentence that says why.
    public struct Health: Hashable, Sendable {
        public var status: Status
        public var because: String

        /// The better the less.
        public enum Status: String, Hashable, Sendable, CaseIterable {
            case healthy, degraded, failing
            /// No traffic.
            case idle
            /// Too little traffic to tell, or none that says how it ended.
            case unknown
        }

        public init(_ status: Status, because: String) {
            self.status = status
            self.because = because
        }
    }
}
