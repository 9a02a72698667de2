/// Makes one trace of what several clusters hold of it: the trace that one Jaeger would answer had
/// it received every span once.
///
/// The answer depends on what the fragments hold and on the inventory's order alone, so it is the
/// same whoever answers first; and merging a merged trace changes nothing.
public struct TraceMerger: Hashable, Sendable {
    public struct Settings: Hashable, Sendable {
        /// The clusters' names in the inventory's order: the first wins where copies differ. Others
        /// follow by name.
        public var clusters: [String]
        /// By how much a span's times may be moved to make up for clocks that differ, nanoseconds;
        /// zero leaves them as they are and says so, as Jaeger does unless told otherwise.
        public var maximumClockSkewAdjustment: Int64
        /// Whether spans are wanted as they were recorded: their copies once, no other ids, no other
        /// times.
        public var isRaw: Bool
        /// The clusters that could not be asked.
        public var missing: [MissingCluster]

        public init(
            clusters: [String] = [], maximumClockSkewAdjustment: Int64 = 0, isRaw: Bool = false,
            missing: [MissingCluster] = []
        ) {
            self.clusters = clusters
            self.maximumClockSkewAdjustment = maximumClockSkewAdjustment
            self.isRaw = isRaw
            self.missing = missing
        }
    }

    /// A cluster that may hold spans of the trace and could not say.
    public struct MissingCluster: Hashable, Sendable {
        public var name: String
        /// Why, for people.
        public var reason: String

        public init(name: String, reason: String) {
            self.name = name
            self.reason = reason
        }
    }

    public var settings: Settings

    public init(_ settings: Settings = Settings()) { self.settings = settings }

    /// What becomes of the fragments, in this order.
    ///
    /// Jaeger does its own steps in another order (its `adjuster/standard.go`): it makes shared ids
    /// unique before it drops copies, which nests copies of one server span in one another, and
    /// orders collections first, which only its hashes of spans need.
    public static let steps: [MergeStep] = [
        MergeStep("undo what a store adjusted", in: .every, undoStaleAdjustments),
        MergeStep("drop exact copies", in: .every, dropExactCopies),
        MergeStep("re-unite enriched copies", in: .every, reuniteEnrichedCopies),
        MergeStep("make shared client and server ids unique", in: .adjusted, separateSharedIDs),
        MergeStep("keep colliding ids apart", in: .adjusted, separateCollidingIDs),
        MergeStep("make equal resources one", in: .every, uniteEqualResources),
        MergeStep("remove empty links", in: .adjusted, removeEmptyLinks),
        // Warnings that stay come before those that are made anew each time.
        MergeStep("warn of missing clusters", in: .every, warnOfMissingClusters),
        MergeStep("warn of orphans", in: .adjusted, warnOfOrphans),
        MergeStep("correct clock skew", in: .adjusted, correctClockSkew),
        MergeStep("write addresses as text", in: .adjusted, writeAddressesAsText),
        MergeStep("move library attributes", in: .adjusted, moveLibraryAttributes),
        MergeStep("tag clusters", in: .every, tagClusters),
        MergeStep("order collections", in: .adjusted, orderCollections),
        // When the times are right: clients take the trace's time and its root from the first span.
        MergeStep("order spans", in: .every, orderSpans),
    ]

    /// The trace that these are fragments of; without spans where they have none. Fragments of one
    /// cluster stay in their order.
    public func merge(_ fragments: [TraceFragment], id: TraceID? = nil) -> Trace {
        var trace = MergingTrace(fragments, settings: settings)
        for step in Self.steps where !settings.isRaw || step.answers == .every {
            step.apply(&trace)
        }
        let identity = id ?? trace.spans.first?.traceID ?? fragments.first?.trace.id ?? .none
        return Trace(id: identity, spans: trace.spans, warnings: trace.warnings)
    }
}

/// One thing that is done to a trace while its fragments become one.
public struct MergeStep: Sendable {
    public enum Answers: Sendable {
        /// Raw ones too.
        case every
        /// Only those that are made ready for people, as Jaeger's are by default.
        case adjusted
    }

    /// What it does, for people.
    public let name: String
    public let answers: Answers
    let apply: @Sendable (inout MergingTrace) -> Void

    init(
        _ name: String, in answers: Answers,
        _ apply: @escaping @Sendable (inout MergingTrace) -> Void
    ) {
        self.name = name
        self.answers = answers
        self.apply = apply
    }
}
