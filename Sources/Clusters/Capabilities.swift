import TimeSeries

/// What a cluster's Prometheus can do and how it differs, as found out by asking it. Planning reads
/// it; a cluster that has not answered yet counts as a current server without peculiarities.
public struct Capabilities: Hashable, Sendable {
    /// The release that the server says it is (major, minor, patch); nil where it does not say.
    public var version: [Int]?
    /// Which of the cluster's external label names its own series carry too: these become
    /// `exported_…`.
    public var conflictingLabels: Set<String>
    /// Of these, the ones for which some series carries the `exported_…` name as well, so that a
    /// scrape would have had to prefix twice.
    public var doublyConflictingLabels: Set<String>
    /// Whether the server may hold native histograms.
    public var hasNativeHistograms: Bool
    /// How far back an instant selector looks where a request does not say, milliseconds; nil where
    /// the server does not tell.
    public var lookback: Int64?
    /// The feature flags that the server runs with, ordered: some change what it answers.
    public var features: [String]

    /// How far back servers look that are not told otherwise, milliseconds.
    public static let usualLookback: Int64 = 300_000

    public init(
        version: [Int]? = nil, conflictingLabels: Set<String> = [],
        doublyConflictingLabels: Set<String> = [], hasNativeHistograms: Bool = true,
        lookback: Int64? = nil, features: [String] = []
    ) {
        self.version = version
        self.conflictingLabels = conflictingLabels
        self.doublyConflictingLabels = doublyConflictingLabels
        self.hasNativeHistograms = hasNativeHistograms
        self.lookback = lookback
        self.features = features
    }

    /// Whether the server is of this release or a later one; true where it does not say.
    public func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        guard let version else { return true }
        return !version.lexicographicallyPrecedes([major, minor])
    }
}
