import PromQL
import TimeSeries

/// Something that answers queries over samples that it has.
public struct Engine: Sendable {
    /// The answer to a query's text at its times.
    public var answer: @Sendable (_ query: String, _ times: QueryTimes) -> EngineAnswer

    public init(answer: @escaping @Sendable (String, QueryTimes) -> EngineAnswer) {
        self.answer = answer
    }
}

/// What an engine says to a query.
public enum EngineAnswer: Sendable {
    /// The annotations have their places in their texts.
    case value(QueryValue, Annotations)
    case failure(EngineFailure)
}

/// Why an engine has no answer.
public struct EngineFailure: Error, Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// The text is no query, or means nothing at its times.
        case query
        /// Found by looking at series: several partners, equal label sets, histograms where there
        /// may be none. Where these are in different clusters, or need not be asked for, parts of
        /// the answer cannot show it.
        case comparison
        case evaluation
        /// The query cannot be dealt over clusters.
        case planning
        /// This engine does not compute it.
        case unsupported
    }

    public var kind: Kind
    /// As Prometheus says it.
    public var text: String

    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}

extension QueryTimes {
    /// The step of a subquery that names none, in Prometheus's own tests; milliseconds.
    static let defaultSubqueryStep: Int64 = 60_000

    /// An instant query.
    public static func instant(_ time: Int64) -> QueryTimes {
        QueryTimes(start: time, end: time, step: 0, defaultSubqueryStep: defaultSubqueryStep)
    }

    public static func range(start: Int64, end: Int64, step: Int64) -> QueryTimes {
        QueryTimes(start: start, end: end, step: step, defaultSubqueryStep: defaultSubqueryStep)
    }

    /// The times at which the query is evaluated.
    public var grid: TimeGrid {
        step == 0 ? TimeGrid(instant: start) : TimeGrid(start: start, end: end, step: step)
    }
}
