extension ServiceMap {
    /// Calls from one node to another.
    public struct Edge: Hashable, Sendable {
        /// Places in the map's nodes.
        public var source: Int
        public var destination: Int
        /// Whether its ends are in two clusters, both known.
        public var crossesClusters: Bool
        public var protocols: [CallProtocol]
        public var traffic: Traffic
        /// Milliseconds, as the witness tells that counts. Whoever asks for percentiles sets it.
        public var latency: Latency?
        /// Milliseconds between the two witnesses' medians: the way there and back. Set with
        /// `latency`.
        public var transit: Double?
        /// Requests that left one cluster and that the other never saw; nil where not both could
        /// tell, and within a cluster.
        public var loss: Loss?
        public var mutualTLS: MutualTLS
        public var shaping: Shaping?
        /// Who reported it, ordered.
        public var witnesses: [CallReport.Reporter]
        /// A sentence that says what its numbers may lack, or why they may be someone else's.
        public var incomplete: String?
        public var evidence: [Evidence]
        /// How many calls the traces have of it; nil where traces were not looked at or say nothing.
        public var calls: Int?
        public var health: Health
        /// How many edges are drawn as this one.
        public var members: Int
        public var change: Change?

        public enum CallProtocol: String, Hashable, Sendable, CaseIterable {
            case http, grpc, tcp
        }

        public enum Evidence: String, Hashable, Sendable, CaseIterable {
            case metrics, traces
        }

        /// Milliseconds; nil where there were no requests to tell.
        public struct Latency: Hashable, Sendable {
            public var p50: Double?
            public var p90: Double?
            public var p95: Double?
            public var p99: Double?

            public init(
                p50: Double? = nil, p90: Double? = nil, p95: Double? = nil, p99: Double? = nil
            ) {
                self.p50 = p50
                self.p90 = p90
                self.p95 = p95
                self.p99 = p99
            }
        }

        /// What the source's proxies sent to another cluster, less what was seen to arrive there.
        ///
        /// The flags of the source's reports say what never left: without a host (UH), a route (NR) or a
        /// connection (UF, also after tries: `UF,URX`), stopped by a breaker (UO), refused, or answered
        /// from a cache. These are errors of the edge and no loss. What flags cannot say:
        ///
        /// - The destination counts tries, the source requests; and UO is also set where a retry was not
        ///   made for want of budget, after a try that arrived. By as many the loss is too small.
        /// - A caller that hangs up (DC) may do so before its request is sent. By as many it is too
        ///   great.
        public struct Loss: Hashable, Sendable {
            /// Requests a second.
            public var rate: Double
            /// Of those that left.
            public var ratio: Double

            public init(rate: Double, ratio: Double) {
                self.rate = rate
                self.ratio = ratio
            }
        }

        public struct MutualTLS: Hashable, Sendable {
            /// Of the requests and connections of which it is known; nil where it is of none.
            public var ratio: Double?
            /// Whether some traffic is known to be in plain text.
            public var isPlaintext: Bool
            /// Identities; whoever asks for them sets them.
            public var sourcePrincipals: [String]
            public var destinationPrincipals: [String]
            public var trustDomains: [String]

            public init(
                ratio: Double? = nil, isPlaintext: Bool = false, sourcePrincipals: [String] = [],
                destinationPrincipals: [String] = [], trustDomains: [String] = []
            ) {
                self.ratio = ratio
                self.isPlaintext = isPlaintext
                self.sourcePrincipals = sourcePrincipals
                self.destinationPrincipals = destinationPrincipals
                self.trustDomains = trustDomains
            }
        }

        /// What became of an edge since an earlier time.
        public struct Change: Hashable, Sendable {
            public enum Kind: String, Hashable, Sendable {
                case new, vanished, changed
            }

            public var kind: Kind
            public var requestRateBefore: Double?
            public var errorRatioBefore: Double?

            public init(kind: Kind, requestRateBefore: Double?, errorRatioBefore: Double?) {
                self.kind = kind
                self.requestRateBefore = requestRateBefore
                self.errorRatioBefore = errorRatioBefore
            }
        }

        public init(
            source: Int, destination: Int, crossesClusters: Bool = false,
            protocols: [CallProtocol] = [], traffic: Traffic = Traffic(),
            latency: Latency? = nil, transit: Double? = nil, loss: Loss? = nil,
            mutualTLS: MutualTLS = MutualTLS(), shaping: Shaping? = nil,
            witnesses: [CallReport.Reporter] = [], incomplete: String? = nil,
            evidence: [Evidence] = [], calls: Int? = nil,
            health: Health = Health(.unknown, because: ""), members: Int = 1,
            change: Change? = nil
        ) {
            self.source = source
            self.destination = destination
            self.crossesClusters = crossesClusters
            self.protocols = protocols
            self.traffic = traffic
            self.latency = latency
            self.transit = transit
            self.loss = loss
            self.mutualTLS = mutualTLS
            self.shaping = shaping
            self.witnesses = witnesses
            self.incomplete = incomplete
            self.evidence = evidence
            self.calls = calls
            self.health = health
            self.members = members
            self.change = change
        }
    }
}
