/// What is asked of the meshes' signals.
public struct SignalQuestion: Hashable, Sendable {
    /// The service that is called; with `grouping` edge, one that calls or is called.
    public var service: ServiceName?
    /// The namespace of the destination.
    public var namespace: String?
    /// The clusters in which the destination runs; empty for all.
    public var clusters: [String] = []
    public var source: ServiceName?
    public var destination: ServiceName?
    public var grouping: Grouping = .service
    /// Milliseconds since the Unix epoch.
    public var end: Int64
    /// How far series reach back from `end`, milliseconds; nil where only the values at `end` are
    /// wanted.
    public var range: Int64?
    /// Between the times of a series, milliseconds, above zero.
    public var step: Int64 = 60_000
    /// What rates are taken over, milliseconds, above zero.
    public var window: Int64 = Self.standardWindow
    public var signals: Set<Signal> = Set(Signal.allCases)
    /// How many services or edges are told of, those with the most requests; nil for as many as is
    /// usual.
    public var top: Int?
    /// Which services' calls are asked for, where others are left out; nil for all.
    public var choice: SignalChoice?
    /// By which names the service that is called is asked for beside its own (`SignalNaming`).
    public var aliases: Set<String> = []
    /// How many errors are too many.
    public var tolerances = HealthTolerances()

    public static let standardWindow: Int64 = 300_000

    /// `by`: of what each subject is.
    public enum Grouping: String, Hashable, Sendable, CaseIterable {
        case service, edge, cluster, mesh
    }

    public init(end: Int64) { self.end = end }
}
