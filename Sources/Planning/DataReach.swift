import PromQL
import TimeSeries

/// Which data a resolved query looks at when it is evaluated at a time t. It may be said to look
/// at more than it does, never at less.
public struct DataReach: Hashable, Sendable {
    /// Relative to t, milliseconds: from the earliest to the latest. Nil where no data is looked
    /// at that moves with t.
    public private(set) var moving: ClosedRange<Int64>?
    /// What is looked at whatever t is (`@`), milliseconds since the Unix epoch.
    public private(set) var fixed: ClosedRange<Int64>?
    /// Whether the value at t depends on nothing but t and the data, so that times may be asked
    /// apart from each other. Where not, the reach has no ends.
    public private(set) var isTimeLocal = true

    /// No data at all.
    public init() {}

    /// The reach of a resolved expression. `lookback` is how far an instant selector looks back,
    /// milliseconds.
    public init(of expression: Expression, lookback: Int64) {
        self.init(of: [expression], lookback: lookback)
    }

    /// What any of several expressions looks at.
    public init(of expressions: [Expression], lookback: Int64) {
        for expression in expressions {
            add(expression, at: EvaluationTimes(moving: 0...0), lookback: lookback)
        }
        if !isTimeLocal { fixed = Int64.min...Int64.max }
    }

    /// The earliest data that is looked at for a time; nil where none is.
    public func earliest(at time: Int64) -> Int64? {
        let moved = moving.map { time.saturatingAdding($0.lowerBound) }
        guard let moved, let fixed else { return moved ?? fixed?.lowerBound }
        return min(moved, fixed.lowerBound)
    }

    /// The latest data that is looked at for a time; nil where none is.
    public func latest(at time: Int64) -> Int64? {
        let moved = moving.map { time.saturatingAdding($0.upperBound) }
        guard let moved, let fixed else { return moved ?? fixed?.upperBound }
        return max(moved, fixed.upperBound)
    }

    /// Whether all data that is looked at for a time is no later than `limit`.
    public func isSettled(at time: Int64, until limit: Int64) -> Bool {
        latest(at: time).map { $0 <= limit } ?? true
    }

    // MARK: How it is found

    private mutating func add(
        _ expression: Expression, at times: EvaluationTimes, lookback: Int64
    ) {
        switch expression {
        case .number, .string: break
        case .selector(let selector):
            add(selector, at: times, range: 0, lookback: lookback)
        case .range(let range):
            add(
                range.selector, at: times, range: range.range.literalMilliseconds,
                lookback: lookback)
        case .subquery(let subquery):
            // Its points are within its window.
            let inner = times.moved(by: subquery.time)
                .widened(back: subquery.range.literalMilliseconds, forward: 0)
            add(subquery.expression, at: inner, lookback: lookback)
        case .call(let call):
            note(call, at: times, lookback: lookback)
            for argument in call.arguments { add(argument, at: times, lookback: lookback) }
        default:
            for child in expression.children { add(child, at: times, lookback: lookback) }
        }
    }

    private mutating func note(_ call: Call, at times: EvaluationTimes, lookback: Int64) {
        switch call.function.kind {
        case .info:
            // Info series are looked at when the query is; but of a selector that looks elsewhere
            // only those around all of its times count.
            if call.arguments.first?.hasMovedSelectors ?? true { isTimeLocal = false }
            add(times.widened(back: lookback, forward: 0))
        case .sort:
            // What is said of a `sort` depends on how many times are asked.
            isTimeLocal = false
        case .query:
            // These are literals once the query is resolved.
            isTimeLocal = false
        default: break
        }
    }

    private mutating func add(
        _ selector: Selector, at times: EvaluationTimes, range: Int64, lookback: Int64
    ) {
        let isInstant = range == 0
        let isExtended = selector.sampling != .plain
        add(
            times.moved(by: selector.time).widened(
                back: range.saturatingAdding(isInstant || isExtended ? lookback : 0),
                forward: selector.sampling == .smoothed ? lookback : 0))
    }

    private mutating func add(_ times: EvaluationTimes) {
        moving = Self.united(moving, times.moving)
        fixed = Self.united(fixed, times.fixed)
    }

    private static func united(
        _ left: ClosedRange<Int64>?, _ right: ClosedRange<Int64>?
    ) -> ClosedRange<Int64>? {
        guard let left, let right else { return left ?? right }
        return min(left.lowerBound, right.lowerBound)...max(left.upperBound, right.upperBound)
    }
}

/// The times at which a part of a query is evaluated for a time t: relative to it, or fixed.
private struct EvaluationTimes {
    var moving: ClosedRange<Int64>?
    var fixed: ClosedRange<Int64>?

    /// What a selector or subquery with these modifiers looks at.
    func moved(by modifiers: TimeModifiers) -> EvaluationTimes {
        let offset = modifiers.offset?.literalMilliseconds ?? 0
        switch modifiers.at {
        case nil: return shifted(by: offset)
        case .time(let time):
            return EvaluationTimes(fixed: time...time).shifted(by: offset)
        case .start, .end:
            preconditionFailure("a resolved query has its times for start and end")
        }
    }

    private func shifted(by offset: Int64) -> EvaluationTimes {
        func shifted(_ range: ClosedRange<Int64>) -> ClosedRange<Int64> {
            range.lowerBound.saturatingSubtracting(
                offset)...range.upperBound
                .saturatingSubtracting(offset)
        }
        return EvaluationTimes(moving: moving.map(shifted), fixed: fixed.map(shifted))
    }

    func widened(back: Int64, forward: Int64) -> EvaluationTimes {
        func widened(_ range: ClosedRange<Int64>) -> ClosedRange<Int64> {
            range.lowerBound.saturatingSubtracting(
                back)...range.upperBound
                .saturatingAdding(forward)
        }
        return EvaluationTimes(moving: moving.map(widened), fixed: fixed.map(widened))
    }
}

extension Expression {
    /// Whether any selector or subquery has `offset` or `@`.
    fileprivate var hasMovedSelectors: Bool {
        let modifiers: TimeModifiers
        switch self {
        case .selector(let selector): modifiers = selector.time
        case .range(let range): modifiers = range.selector.time
        case .subquery(let subquery):
            if subquery.expression.hasMovedSelectors { return true }
            modifiers = subquery.time
        default: return children.contains(where: \.hasMovedSelectors)
        }
        return modifiers.at != nil || modifiers.offset != nil
    }
}

extension Int64 {
    fileprivate func saturatingAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    fileprivate func saturatingSubtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
