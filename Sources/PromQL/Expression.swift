// The first file to read in PromQL: what a query is once it is read. The module says what every
// piece of the language means (one table row for each function, operator and aggregation); it
// never evaluates anything.

import TimeSeries

/// A PromQL expression as a tree. Two expressions are equal where they mean the same text: the
/// places they were read from do not count, so `parse(print(x)) == x`.
public indirect enum Expression: Hashable, Sendable {
    /// `1`, `0x1f`, `Inf`, `5m` (a duration counts in seconds).
    case number(NumberLiteral)
    /// `"text"`.
    case string(StringLiteral)
    /// `up{job="api"} offset 5m`.
    case selector(Selector)
    /// `up{job="api"}[5m] @ start()`.
    case range(RangeSelector)
    /// `rate(x[1m])[1h:5m] offset 1d`.
    case subquery(Subquery)
    /// `rate(x[5m])`, `time()`.
    case call(Call)
    /// `sum by (job) (x)`, `topk(5, x)`.
    case aggregation(Aggregation)
    /// `a / on (job) group_left b`.
    case binary(BinaryOperation)
    /// `-x`, `+x`.
    case unary(UnaryOperation)
    /// `(x)`.
    case parenthesized(Parenthesized)
}

/// The bytes of the query's text that a node was read from. All ranges are equal to each other, so
/// that comparing trees compares what they mean.
public struct SourceRange: Hashable, Sendable {
    /// Offset of the first byte.
    public var lower: Int
    /// Offset behind the last byte.
    public var upper: Int

    public init(_ lower: Int = 0, _ upper: Int = 0) {
        self.lower = lower
        self.upper = upper
    }

    public static func == (_: SourceRange, _: SourceRange) -> Bool { true }
    public func hash(into _: inout Hasher) {}
}

public struct NumberLiteral: Hashable, Sendable {
    public var value: Double
    /// Whether it was written as a duration (`5m`), which is how it is printed again.
    public var isDuration: Bool
    public var source: SourceRange

    public init(_ value: Double, isDuration: Bool = false, source: SourceRange = SourceRange()) {
        self.value = value
        self.isDuration = isDuration
        self.source = source
    }

    // NaN equals itself here: a tree is compared as text is.
    public static func == (left: NumberLiteral, right: NumberLiteral) -> Bool {
        left.isDuration == right.isDuration
            && (left.value == right.value || (left.value.isNaN && right.value.isNaN))
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(value.isNaN ? Double.nan.bitPattern : (value + 0).bitPattern)
        hasher.combine(isDuration)
    }
}

public struct StringLiteral: Hashable, Sendable {
    public var value: String
    /// The bytes of a literal that is no UTF-8 (`"\xff"`), nil for all others. `value` has U+FFFD
    /// where they are none.
    public private(set) var invalidBytes: [UInt8]?
    public var source: SourceRange

    public init(_ value: String, source: SourceRange = SourceRange()) {
        self.value = value
        self.source = source
    }

    init(_ bytes: [UInt8], source: SourceRange) {
        value = String(decoding: bytes, as: UTF8.self)
        if !value.utf8.elementsEqual(bytes) { invalidBytes = bytes }
        self.source = source
    }
}

/// An instant selector.
public struct Selector: Hashable, Sendable {
    /// The metric's name where one stands before the braces (`up` in `up{job="api"}`). Where it is
    /// set, `matchers` holds it too. A name in quotes inside the braces (`{"my.metric"}`) is a
    /// condition on `__name__` and nothing else, as it is for Prometheus.
    public var name: String?
    /// The conditions in the order of the text; that of the name is last.
    public var matchers: [Matcher]
    public var time: TimeModifiers
    /// `anchored` or `smoothed` (they stand behind a range selector or an instant selector).
    public var sampling: Sampling
    public var source: SourceRange

    /// How a range selector treats the edges of its window.
    public enum Sampling: Hashable, Sendable {
        case plain
        case anchored
        case smoothed
    }

    public init(
        name: String? = nil, matchers: [Matcher], time: TimeModifiers = TimeModifiers(),
        sampling: Sampling = .plain, source: SourceRange = SourceRange()
    ) {
        self.name = name
        self.matchers = matchers
        self.time = time
        self.sampling = sampling
        self.source = source
    }

    // The order of the conditions means nothing, and printing changes it.
    public static func == (left: Selector, right: Selector) -> Bool {
        left.name == right.name && left.time == right.time && left.sampling == right.sampling
            && left.matchers.count == right.matchers.count
            && (left.matchers == right.matchers || left.sortedMatchers == right.sortedMatchers)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(time)
        hasher.combine(sampling)
        hasher.combine(Set(matchers))
    }

    private var sortedMatchers: [Matcher] {
        matchers.sorted {
            ($0.name, $0.operator.rawValue, $0.value) < ($1.name, $1.operator.rawValue, $1.value)
        }
    }
}

/// `offset` and `@` of a selector or a subquery.
public struct TimeModifiers: Hashable, Sendable {
    /// `offset 5m`; nil where none is written. Positive looks back.
    public var offset: DurationExpression?
    /// `@ 1700000000`, `@ start()`; nil where none is written.
    public var at: At?

    public enum At: Hashable, Sendable {
        /// `@ 1700000000.5`, in milliseconds since the Unix epoch.
        case time(Int64)
        /// `@ start()`.
        case start
        /// `@ end()`.
        case end
    }

    public init(offset: DurationExpression? = nil, at: At? = nil) {
        self.offset = offset
        self.at = at
    }
}

/// A range selector: a selector and how far it looks back.
public struct RangeSelector: Hashable, Sendable {
    public var selector: Selector
    public var range: DurationExpression
    public var source: SourceRange

    public init(
        selector: Selector, range: DurationExpression, source: SourceRange = SourceRange()
    ) {
        self.selector = selector
        self.range = range
        self.source = source
    }
}

public struct Subquery: Hashable, Sendable {
    public var expression: Expression
    public var range: DurationExpression
    /// Nil where none is written (`[1h:]`): the evaluation interval counts.
    public var step: DurationExpression?
    public var time: TimeModifiers
    public var source: SourceRange

    public init(
        expression: Expression, range: DurationExpression, step: DurationExpression?,
        time: TimeModifiers = TimeModifiers(), source: SourceRange = SourceRange()
    ) {
        self.expression = expression
        self.range = range
        self.step = step
        self.time = time
        self.source = source
    }
}

/// A duration in a selector or subquery: `5m`, `300`, `step() * 2`, `max_of(range(), 5m)`. What is
/// computed once the query's times are known has its place, which a mistake is told with.
public indirect enum DurationExpression: Hashable, Sendable {
    /// `5m`, and a bare number that is the whole duration. Negative only in offsets and inside
    /// arithmetic.
    case milliseconds(Int64)
    /// The `2` of `5m * 2`: a bare number inside a longer expression counts in seconds.
    case seconds(Double)
    /// `step()`.
    case step(SourceRange = SourceRange())
    /// `range()`: the length of the whole query.
    case range(SourceRange = SourceRange())
    /// `-d`, `+d`.
    case unary(UnaryOperator, DurationExpression, SourceRange = SourceRange())
    /// `a + b`, also `- * / % ^`.
    case binary(
        ArithmeticOperator, DurationExpression, DurationExpression, SourceRange = SourceRange())
    /// `min_of(a, b)`, before Prometheus 3.13 `min(a, b)`.
    case minimum(DurationExpression, DurationExpression, SourceRange = SourceRange())
    /// `max_of(a, b)`, before Prometheus 3.13 `max(a, b)`.
    case maximum(DurationExpression, DurationExpression, SourceRange = SourceRange())
    /// `(d)`.
    case parenthesized(DurationExpression)

    public enum ArithmeticOperator: String, Hashable, Sendable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case divide = "/"
        case modulo = "%"
        case power = "^"
    }
}

public struct Call: Hashable, Sendable {
    public var function: Function
    public var arguments: [Expression]
    public var source: SourceRange

    public init(
        function: Function, arguments: [Expression], source: SourceRange = SourceRange()
    ) {
        self.function = function
        self.arguments = arguments
        self.source = source
    }
}

public struct Aggregation: Hashable, Sendable {
    public var `operator`: AggregationOperator
    public var expression: Expression
    /// The `5` of `topk(5, x)`.
    public var parameter: Expression?
    public var grouping: Grouping
    public var source: SourceRange

    public init(
        operator: AggregationOperator, expression: Expression, parameter: Expression? = nil,
        grouping: Grouping = .by([]), source: SourceRange = SourceRange()
    ) {
        self.operator = `operator`
        self.expression = expression
        self.parameter = parameter
        self.grouping = grouping
        self.source = source
    }
}

/// Which labels an aggregation keeps.
public enum Grouping: Hashable, Sendable {
    /// `by (a, b)`; `by ([])` is what no modifier means.
    case by([String])
    /// `without (a, b)`.
    case without([String])

    public var labels: [String] {
        switch self {
        case .by(let labels), .without(let labels): labels
        }
    }
}

public struct BinaryOperation: Hashable, Sendable {
    public var `operator`: BinaryOperator
    public var left: Expression
    public var right: Expression
    /// `bool` behind a comparison.
    public var returnsBool: Bool
    /// Nil unless both sides are vectors.
    public var matching: VectorMatching?
    public var source: SourceRange

    public init(
        operator: BinaryOperator, left: Expression, right: Expression, returnsBool: Bool = false,
        matching: VectorMatching? = nil, source: SourceRange = SourceRange()
    ) {
        self.operator = `operator`
        self.left = left
        self.right = right
        self.returnsBool = returnsBool
        self.matching = matching
        self.source = source
    }
}

/// How the series of two vectors find each other.
public struct VectorMatching: Hashable, Sendable {
    public enum Cardinality: Hashable, Sendable {
        case oneToOne
        /// `group_left`.
        case manyToOne
        /// `group_right`.
        case oneToMany
        /// What set operators do.
        case manyToMany
    }

    public enum Labels: Hashable, Sendable {
        /// `on (a)`.
        case on([String])
        /// `ignoring (a)`; `ignoring ([])` is what no modifier means.
        case ignoring([String])
    }

    public var cardinality: Cardinality
    public var labels: Labels
    /// The labels in the parentheses of `group_left` or `group_right`.
    public var include: [String]
    /// `fill_left(x)`, `fill_right(x)`; `fill(x)` sets both.
    public var fillLeft: Double?
    public var fillRight: Double?

    public init(
        cardinality: Cardinality = .oneToOne, labels: Labels = .ignoring([]),
        include: [String] = [], fillLeft: Double? = nil, fillRight: Double? = nil
    ) {
        self.cardinality = cardinality
        self.labels = labels
        self.include = include
        self.fillLeft = fillLeft
        self.fillRight = fillRight
    }

    // NaN equals itself here, as in a number literal.
    public static func == (left: VectorMatching, right: VectorMatching) -> Bool {
        func same(_ left: Double?, _ right: Double?) -> Bool {
            left == right || (left?.isNaN == true && right?.isNaN == true)
        }
        return left.cardinality == right.cardinality && left.labels == right.labels
            && left.include == right.include && same(left.fillLeft, right.fillLeft)
            && same(left.fillRight, right.fillRight)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(cardinality)
        hasher.combine(labels)
        hasher.combine(include)
        for value in [fillLeft, fillRight] {
            hasher.combine(value.map { $0.isNaN ? Double.nan.bitPattern : ($0 + 0).bitPattern })
        }
    }
}

public struct UnaryOperation: Hashable, Sendable {
    public var `operator`: UnaryOperator
    public var expression: Expression
    public var source: SourceRange

    public init(
        operator: UnaryOperator, expression: Expression, source: SourceRange = SourceRange()
    ) {
        self.operator = `operator`
        self.expression = expression
        self.source = source
    }
}

public enum UnaryOperator: String, Hashable, Sendable {
    case plus = "+"
    case minus = "-"
}

public struct Parenthesized: Hashable, Sendable {
    public var expression: Expression
    public var source: SourceRange

    public init(_ expression: Expression, source: SourceRange = SourceRange()) {
        self.expression = expression
        self.source = source
    }
}
