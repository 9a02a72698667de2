/// How many errors are too many, and how much traffic it takes to tell.
public struct HealthTolerances: Hashable, Sendable {
    public var rows: [Row]
    /// Requests a second, over the range that the rates are of, below which errors tell nothing: one
    /// request that fails is not a service that fails. Kiali has no such guard.
    public var minimumRequestRate: Double

    /// From which share of a protocol's requests on a kind of error matters.
    public struct Row: Hashable, Sendable {
        public enum Errors: String, Hashable, Sendable, CaseIterable {
            case httpServerErrors, httpClientErrors, httpNoResponse, grpcErrors, grpcNoResponse
        }

        public var errors: Errors
        /// Any error at all where it is zero.
        public var degradedFrom: Double
        public var failingFrom: Double

        public init(_ errors: Errors, degradedFrom: Double, failingFrom: Double) {
            self.errors = errors
            self.degradedFrom = degradedFrom
            self.failingFrom = failingFrom
        }
    }

    public init(rows: [Row] = Self.standard, minimumRequestRate: Double = 0.05) {
        self.rows = rows
        self.minimumRequestRate = minimumRequestRate
    }

    /// The rule of everything that is judged here: edges and nodes of the graph, and services in their
    /// signals.
    ///
    /// Kiali's kinds of errors, and its bounds where nothing is configured (`AddHealthDefault`). For
    /// errors of servers these leave open from when on a service is degraded, which Kiali then reads as
    /// from any error on (`applyThresholds`): one of a million makes a busy service amber. Here it is the
    /// thousandth that Kiali takes where it has no tolerance at all.
    public static let standard: [Row] = [
        Row(.httpServerErrors, degradedFrom: 0.001, failingFrom: 0.1),
        Row(.httpClientErrors, degradedFrom: 0.1, failingFrom: 0.2),
        Row(.httpNoResponse, degradedFrom: 0.001, failingFrom: 0.1),
        Row(.grpcErrors, degradedFrom: 0.001, failingFrom: 0.1),
        Row(.grpcNoResponse, degradedFrom: 0.001, failingFrom: 0.1),
    ]
}
