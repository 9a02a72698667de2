/// Between which numbers the values of an expression are; NaN, which no comparison but `!=` holds
/// for, is left aside.
struct ValueBounds: Hashable, Sendable {
    var lower: Double
    var upper: Double

    init(_ lower: Double, _ upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    static func exactly(_ value: Double) -> ValueBounds { ValueBounds(value, value) }

    static let any = ValueBounds(-.infinity, .infinity)
    static let nonNegative = ValueBounds(0, .infinity)
    static let share = ValueBounds(0, 1)

    /// Of values that come from either.
    func united(with other: ValueBounds) -> ValueBounds {
        ValueBounds(min(lower, other.lower), max(upper, other.upper))
    }

    /// Of sums of one or more such values.
    var summed: ValueBounds {
        ValueBounds(lower >= 0 ? lower : -.infinity, upper <= 0 ? upper : .infinity)
    }

    static func + (left: ValueBounds, right: ValueBounds) -> ValueBounds {
        ValueBounds(left.lower + right.lower, left.upper + right.upper).orAny
    }

    static prefix func - (bounds: ValueBounds) -> ValueBounds {
        ValueBounds(-bounds.upper, -bounds.lower)
    }

    static func * (left: ValueBounds, right: ValueBounds) -> ValueBounds {
        let corners = [
            left.lower * right.lower, left.lower * right.upper, left.upper * right.lower,
            left.upper * right.upper,
        ]
        // Zero times infinity is the limit of nothing that matters here: the values are numbers.
        let numbers = corners.map { $0.isNaN ? 0 : $0 }
        return ValueBounds(numbers.min() ?? -.infinity, numbers.max() ?? .infinity)
    }

    static func / (left: ValueBounds, right: ValueBounds) -> ValueBounds {
        // By a number other than zero it is a multiplication; by what may be zero it is anything of
        // the same sign.
        if right.lower == right.upper, right.lower != 0, right.lower.isFinite {
            return left * .exactly(1 / right.lower)
        }
        return left.lower >= 0 && right.lower >= 0 ? .nonNegative : .any
    }

    func clamped(_ bounds: ValueBounds) -> ValueBounds {
        ValueBounds(
            min(max(lower, bounds.lower), bounds.upper),
            min(max(upper, bounds.lower), bounds.upper))
    }

    /// Infinities of opposite signs have no sum.
    private var orAny: ValueBounds {
        ValueBounds(lower.isNaN ? -.infinity : lower, upper.isNaN ? .infinity : upper)
    }
}
