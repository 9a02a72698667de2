import TimeSeries

/// What clusters that did not answer mean for the answer that was computed without them. The true
/// answer is the one that all clusters together would have given.
///
/// An element of the answer depends on a missing cluster where the two agree on all external labels
/// that the elements carry (`carried`); all other elements are exactly right, there or not. The rest
/// of the facts is about elements that do depend (`distribution.md` C5, with the corrections of C0).
/// They leave NaN aside: a missing sample that is NaN makes a sum NaN, which no comparison holds for.
public struct MissingDataEffect: Hashable, Sendable {
    /// External labels that every element has from the clusters whose data it is computed from.
    public var carried: Set<String>
    /// What an element that is there is worth.
    public var presence: Certainty
    /// Whether an element that is not there may be there in truth.
    public var canAppear: Bool
    /// How the true value of an element stands to the computed one.
    public var value: Direction
    /// Whether values cannot be below zero.
    public var isNonNegative: Bool

    /// What it is worth that an element is there.
    public enum Certainty: String, Hashable, Sendable, Comparable {
        /// It is there in truth.
        case certain
        /// More data could move what it hangs on up or down.
        case eitherWay = "either way"
        /// The missing data alone could have made it: with more data it can only vanish.
        case deficit

        private var rank: Int {
            switch self {
            case .certain: 0
            case .eitherWay: 1
            case .deficit: 2
            }
        }

        // The largest is the one that is worth least.
        public static func < (left: Certainty, right: Certainty) -> Bool {
            left.rank < right.rank
        }
    }

    /// What missing data can do to a value.
    public enum Direction: String, Hashable, Sendable {
        case exact
        /// The true value is the computed one or above.
        case more
        /// The true value is the computed one or below.
        case less
        case either

        /// For a value that falls where this one rises.
        public var flipped: Direction {
            switch self {
            case .more: .less
            case .less: .more
            case .exact, .either: self
            }
        }

        /// For a value that rises with both.
        func combined(with other: Direction) -> Direction {
            if self == .exact { return other }
            if other == .exact || other == self { return self }
            return .either
        }
    }

    init(
        carried: Set<String> = [], presence: Certainty = .certain, canAppear: Bool = false,
        value: Direction = .exact, isNonNegative: Bool = false
    ) {
        self.carried = carried
        self.presence = presence
        self.canAppear = canAppear
        self.value = value
        self.isNonNegative = isNonNegative
    }

    /// Of what does not come from any data.
    static let none = MissingDataEffect()

    /// Whether every element is of one cluster's data alone.
    public internal(set) var isOneClustersOwn = false

    /// Of series that a rule records from the answer and sets labels on.
    public func recorded(with labels: [String]) -> MissingDataEffect {
        var result = self
        let names = Set(labels)
        if !names.isDisjoint(with: carried) { result.isOneClustersOwn = false }
        result.carried.subtract(names)
        return result
    }

    /// Of series that come from either of two.
    public func united(with other: MissingDataEffect) -> MissingDataEffect {
        var result = self
        result.carried.formIntersection(other.carried)
        result.presence = max(presence, other.presence)
        result.canAppear = canAppear || other.canAppear
        result.value = value.combined(with: other.value)
        result.isNonNegative = isNonNegative && other.isNonNegative
        result.isOneClustersOwn = isOneClustersOwn && other.isOneClustersOwn
        return result
    }

    /// Whether missing clusters mean nothing to it.
    public var isNone: Bool { presence == .certain && !canAppear && value == .exact }

    /// Nothing is known but that it depends.
    static let unknown = MissingDataEffect(
        presence: .eitherWay, canAppear: true, value: .either)

    /// Whether an element with these labels depends on a cluster with these external labels.
    public func depends(_ labels: Labels, on externalLabels: Labels) -> Bool {
        // Of a label that the cluster does not have, its series may have any value of their own.
        carried.allSatisfy { name in
            guard let value = externalLabels[name] else { return true }
            return labels[name] == value
        }
    }
}

extension MissingDataEffect: CustomStringConvertible {
    public var description: String {
        let carried = carried.isEmpty ? "none" : carried.sorted().joined(separator: " ")
        return "there: \(presence.rawValue), not there: \(canAppear ? "unknown" : "certain"), "
            + "value: \(value.rawValue), carries: \(carried)"
    }
}
