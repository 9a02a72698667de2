extension ServiceMap.Edge {
    /// What the callers' proxies did to an edge's traffic. What is not known is nil.
    ///
    /// The signals of the same names say what each is, and in which unit.
    public struct Shaping: Hashable, Sendable {
        public var retryRate: Measured?
        public var retrySuccessRatio: Measured?
        public var retryOverflowRate: Measured?
        public var retryAmplification: Measured?
        public var timeoutRate: Measured?
        public var circuitBreakerTripRate: Measured?
        /// Proxies of which a circuit breaker is open now.
        public var openCircuitBreakers: Measured?
        /// Endpoints out of rotation now, added over proxies.
        public var outlierEjections: Measured?
        public var poolOverflowRate: Measured?

        /// A number, and whose word it is.
        public struct Measured: Hashable, Sendable {
            public var value: Double
            public var origin: Origin

            public init(_ value: Double, _ origin: Origin) {
                self.value = value
                self.origin = origin
            }
        }

        /// Where a number comes from. Flags tell of a request's end only, so they know timeouts and
        /// tripped breakers, but no retry that came to a good end.
        public enum Origin: String, Hashable, Sendable, CaseIterable {
            /// Envoy's own statistics.
            case envoy
            /// The flags of the responses.
            case flags
        }

        public init() {}

        /// All that are known, with the names of their signals, in the signals' order.
        public var told: [(signal: Signal, measured: Measured)] {
            Self.paths.compactMap { signal, path in
                self[keyPath: path].map { (signal, $0) }
            }
        }

        /// Whose words they are, ordered.
        public var origins: [Origin] {
            let found = Set(told.map(\.measured.origin))
            return Origin.allCases.filter(found.contains)
        }

        /// The table of its members.
        static let paths: [(Signal, any WritableKeyPath<Shaping, Measured?> & Sendable)] = [
            (.circuitBreakerOpen, \.openCircuitBreakers),
            (.circuitBreakerTripRate, \.circuitBreakerTripRate),
            (.retryRate, \.retryRate),
            (.retrySuccessRatio, \.retrySuccessRatio),
            (.retryOverflowRate, \.retryOverflowRate),
            (.retryAmplification, \.retryAmplification),
            (.timeoutRate, \.timeoutRate),
            (.outlierEjections, \.outlierEjections),
            (.poolOverflowRate, \.poolOverflowRate),
        ]

        /// The signals that Envoys' statistics can tell of an edge.
        public static let signals = Set(paths.map(\.0))
    }
}
