import TimeSeries

/// What one gateway, or several together, last knew of one alert.
public struct AlertVerdict: Hashable, Sendable {
    /// Nil where the alert is over, and no longer told to be so.
    public var alert: AlertInstance?
    /// The alert as it was when last known for certain, where it was evaluated without certainty
    /// since: whoever knows better goes on from there, and not from what was held.
    public var base: AlertInstance?
    /// How good that is.
    public var evidence: AlertEvidence

    public init(
        alert: AlertInstance?, base: AlertInstance? = nil, evidence: AlertEvidence
    ) {
        self.alert = alert
        self.base = base
        self.evidence = evidence
    }

    init(_ alert: AlertInstance, base: AlertInstance?) {
        self.init(
            alert: Self.untold(alert), base: base.map(Self.untold), evidence: alert.evidence)
    }

    /// When a gateway told of an alert is its own affair.
    private static func untold(_ alert: AlertInstance) -> AlertInstance {
        var alert = alert
        alert.lastSentAt = nil
        alert.validUntil = nil
        return alert
    }

    /// Whether this verdict counts where another one speaks of the same alert: the better evidence
    /// does; of two that are equally good, the one that rather tells of an alert, and of one that
    /// is the older. It is a total order of what verdicts say, so that merging is choosing the
    /// greater: in any order, and as often as one likes.
    func outranks(_ other: AlertVerdict) -> Bool {
        if evidence != other.evidence { return other.evidence < evidence }
        guard let mine = alert else { return false }
        guard let theirs = other.alert else { return true }
        if mine.state != theirs.state { return theirs.state < mine.state }
        if mine.activeAt != theirs.activeAt { return mine.activeAt < theirs.activeAt }
        if mine == theirs, base == other.base { return false }
        // Bytes, as values that are no numbers compare too.
        return other.bytes.lexicographicallyPrecedes(bytes)
    }
}

extension AlertVerdict {
    private var bytes: [UInt8] {
        var writer = SnapshotWriter()
        writer.append(self)
        return writer.bytes
    }
}

/// How good what is known of an alert is.
///
/// The newest time at which it was *certain* counts first, and only then the newest evaluation: a
/// verdict that was certain never loses to a later guess. Whatever is made of a certain verdict
/// while clusters are missing (held, or moved on by what could be otherwise in truth) keeps its
/// time, and so outranks it until somebody knows for certain again.
public struct AlertEvidence: Hashable, Sendable, Comparable {
    /// When it was last certain whether the condition holds, milliseconds since the Unix epoch; nil
    /// where it never was.
    public var certainAt: Int64?
    /// When the rule was last evaluated with a result, milliseconds since the Unix epoch.
    public var evaluatedAt: Int64

    public init(certainAt: Int64?, evaluatedAt: Int64) {
        self.certainAt = certainAt
        self.evaluatedAt = evaluatedAt
    }

    /// That of an alert of which nothing was heard in a complete evaluation.
    static func absence(at completeAt: Int64?) -> AlertEvidence {
        AlertEvidence(certainAt: completeAt, evaluatedAt: completeAt ?? .min)
    }

    public static func < (left: AlertEvidence, right: AlertEvidence) -> Bool {
        let (mine, theirs) = (left.certainAt ?? .min, right.certainAt ?? .min)
        return mine == theirs ? left.evaluatedAt < right.evaluatedAt : mine < theirs
    }
}

extension AlertInstance {
    var evidence: AlertEvidence {
        AlertEvidence(certainAt: certainAt, evaluatedAt: lastEvaluatedAt)
    }
}
