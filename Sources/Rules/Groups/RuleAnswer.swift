import PromQL
import TimeSeries

/// What a rule asks.
public struct RuleQuestion: Hashable, Sendable {
    public var expression: Expression
    /// Milliseconds since the Unix epoch: the evaluation's time less the query offset.
    public var time: Int64
}

/// One element of what an expression gives.
public struct RuleElement: Hashable, Sendable {
    public var labels: Labels
    public var value: SampledSeries.Value

    public init(labels: Labels, value: SampledSeries.Value) {
        self.labels = labels
        self.value = value
    }
}

/// What was answered to a rule's question.
public enum RuleAnswer: Sendable {
    case elements([RuleElement], RuleCoverage)
    /// The evaluation failed, for a reason that Prometheus has words for.
    case failure(String)

    /// The answer of an instant query; a number is one element without labels.
    public init(_ value: QueryValue, coverage: RuleCoverage) {
        switch value {
        case .vector(let series, _):
            var elements: [RuleElement] = []
            for one in series {
                if let point = one.histograms.first {
                    elements.append(
                        RuleElement(labels: one.labels, value: .histogram(point.histogram)))
                } else if let number = one.values.first, !Absent.isAbsent(number) {
                    elements.append(RuleElement(labels: one.labels, value: .float(number)))
                }
            }
            self = .elements(elements, coverage)
        case .scalar(let values, _):
            let elements = values.prefix(1).map {
                RuleElement(labels: Labels(), value: .float($0))
            }
            self = .elements(Array(elements), coverage)
        case .samples, .string: self = .failure("rule result is not a vector or scalar")
        }
    }
}

/// A query beside a rule's own: one of a template, or one that proves that an alert is over.
public struct RuleLookup: Hashable, Sendable {
    public var query: String
    /// Milliseconds since the Unix epoch.
    public var time: Int64

    public init(query: String, time: Int64) {
        self.query = query
        self.time = time
    }
}

/// A sample that a rule gives, to be appended before the next rule is asked.
public struct RuleSample: Hashable, Sendable {
    public var labels: Labels
    /// Milliseconds since the Unix epoch.
    public var time: Int64
    /// `Absent.value` where the series ended.
    public var value: SampledSeries.Value
    /// Whether clusters were missing that could have changed the value.
    public var isPartial: Bool

    public init(
        labels: Labels, time: Int64, value: SampledSeries.Value, isPartial: Bool = false
    ) {
        self.labels = labels
        self.time = time
        self.value = value
        self.isPartial = isPartial
    }

    /// The mark of a series' end.
    static func end(of labels: Labels, at time: Int64) -> RuleSample {
        RuleSample(labels: labels, time: time, value: .float(Absent.value))
    }
}

/// What comes of one rule's evaluation.
public struct RuleOutcome: Hashable, Sendable {
    public var samples: [RuleSample] = []
    public var notifications: [AlertNotification] = []
    /// Why the evaluation failed, if it did.
    public var failure: String?
}

/// Whether a rule's evaluation is done.
public enum RuleStep: Hashable, Sendable {
    /// These are to be asked first; then the evaluation is to be tried again.
    case needs([RuleLookup])
    case done(RuleOutcome)
}
