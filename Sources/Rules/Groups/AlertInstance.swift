import Clusters
import TimeSeries

/// One alert: a rule's condition for one set of labels.
public struct AlertInstance: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, Comparable {
        /// It is over, and still told to be so for a while.
        case inactive
        case pending
        case firing

        private var rank: Int {
            switch self {
            case .inactive: 0
            case .pending: 1
            case .firing: 2
            }
        }

        public static func < (left: State, right: State) -> Bool { left.rank < right.rank }
    }

    /// Why an alert stays as it is although nobody knows whether its condition holds.
    public struct Hold: Hashable, Sendable {
        /// Since when it is held, milliseconds since the Unix epoch.
        public var since: Int64
        /// The missing clusters.
        public var clusters: [MissingCluster]

        public init(since: Int64, clusters: [MissingCluster]) {
            self.since = since
            self.clusters = clusters
        }
    }

    /// All that tells it apart from other alerts.
    public var labels: Labels
    /// The labels of the element that made it, without the metric's name: what the clusters are
    /// known by that it depends on.
    public var origin: Labels
    /// The rule's own, expanded.
    public var annotations: [RuleText]
    public var value: SampledSeries.Value
    public var state = State.pending
    /// When it became pending, milliseconds since the Unix epoch; moved by times in which nobody
    /// knew whether its condition held.
    public var activeAt: Int64
    public var firedAt: Int64?
    public var resolvedAt: Int64?
    public var lastSentAt: Int64?
    public var validUntil: Int64?
    /// Since when it fires though its condition no longer holds.
    public var keepFiringSince: Int64?
    /// Set while nobody knows whether its condition holds.
    public var hold: Hold?
    /// Whether its end must be seen twice, because it was held before.
    public var needsConfirmation = false
    /// The missing clusters that could move its condition either way.
    public var partial: [ClusterID] = []
    /// When its rule was last evaluated with a result.
    public var lastEvaluatedAt: Int64
    /// When anybody who evaluates the rule last knew for certain whether its condition holds,
    /// milliseconds since the Unix epoch; for an alert that began without such knowledge, when it
    /// was last certainly over. Nil where nobody ever knew.
    public var certainAt: Int64?

    public init(
        labels: Labels, origin: Labels, annotations: [RuleText], value: SampledSeries.Value,
        activeAt: Int64
    ) {
        self.labels = labels
        self.origin = origin
        self.annotations = annotations
        self.value = value
        self.activeAt = activeAt
        lastEvaluatedAt = activeAt
    }

    /// Whether it is pending or firing.
    public var isActive: Bool { state != .inactive }

    /// The rule's annotations, and what missing clusters mean for the alert.
    public var toldAnnotations: [RuleText] {
        var result = annotations
        func tell(_ name: String, _ text: String) {
            result.removeAll { $0.name == name }
            result.append(RuleText(name: name, text: text))
        }
        if let hold, isActive { tell("federation_held", hold.words) }
        if !partial.isEmpty, isActive {
            tell("federation_partial", partial.map(\.name).joined(separator: ", "))
        }
        return result.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

extension AlertInstance.Hold {
    /// `cluster eu-1 unreachable since 2026-01-02T03:04:05Z`.
    var words: String {
        let names = clusters.map(\.id.name).joined(separator: ", ")
        let earliest = clusters.map(\.since).min() ?? since
        let time = GoTime(nanoseconds: earliest * 1_000_000).formatted("2006-01-02T15:04:05Z")
        return "\(clusters.count == 1 ? "cluster" : "clusters") \(names) unreachable since \(time)"
    }
}

/// An alert as Alertmanager is told of it.
public struct AlertNotification: Hashable, Sendable {
    public var labels: Labels
    public var annotations: [RuleText]
    /// When it began to fire, milliseconds since the Unix epoch.
    public var startsAt: Int64
    /// When it ended, or when it counts as ended unless it is told of again.
    public var endsAt: Int64
    public var isResolved: Bool
    /// The rule's expression, which the link to its page is made of.
    public var expression: String

    public init(
        labels: Labels, annotations: [RuleText] = [], startsAt: Int64, endsAt: Int64,
        isResolved: Bool = false, expression: String
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.isResolved = isResolved
        self.expression = expression
    }
}
