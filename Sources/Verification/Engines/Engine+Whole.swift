import Evaluation
import PromQL
import TimeSeries

extension Engine {
    /// What Prometheus's own tests switch on.
    static let parseOptions = ParseOptions(
        experimentalFunctions: true, extendedRangeSelectors: true)

    /// One server that has all samples.
    public static func whole(
        _ store: SampleStore, options: SampleOptions = SampleOptions()
    ) -> Engine {
        Engine { query, times in
            EngineAnswer.of { () throws(EngineFailure) in
                let expression = try Self.resolved(query, times)
                do throws(EvaluationFailure) {
                    let outcome = try evaluate(
                        expression, over: store, on: times.grid, options: options)
                    return (outcome.value, outcome.annotations.located(in: query))
                } catch {
                    throw EngineFailure(error)
                }
            }
        }
    }

    /// The expression that a text is at its times.
    static func resolved(
        _ query: String, _ times: QueryTimes, options parseOptions: ParseOptions = parseOptions
    ) throws(EngineFailure) -> Expression {
        let expression: Expression
        do {
            expression = try parse(query, options: parseOptions)
        } catch {
            throw EngineFailure(kind: .query, text: error.description)
        }
        do {
            return try expression.resolved(in: times)
        } catch {
            throw EngineFailure(kind: .query, text: error.description)
        }
    }
}

extension EngineAnswer {
    static func of(
        _ compute: () throws(EngineFailure) -> (QueryValue, Annotations)
    ) -> EngineAnswer {
        do {
            let (value, annotations) = try compute()
            return .value(value, annotations)
        } catch {
            return .failure(error)
        }
    }
}

extension EngineFailure {
    init(_ failure: EvaluationFailure) {
        let kind: Kind =
            switch failure {
            // Which of several info series counts is not always known from the clusters' answers.
            case .duplicateInfo(_, _, time: nil): .unsupported
            case .duplicateLabels, .duplicateMatch, .manyToOneNotExplicit, .groupingNotUnique,
                .duplicateInfo, .conflictingInfoLabel, .extendedHistograms, .notForScalars:
                .comparison
            case .unsupported: .unsupported
            default: .evaluation
            }
        self.init(kind: kind, text: failure.description)
    }
}
