import JaegerAPI
import Spans
import TimeSeries
import Traces

/// The parameters of `metrics/*`, with Jaeger's defaults, units and words.
struct SpanMetricsParameters {
    private let call: Call

    init(_ call: Call) { self.call = call }

    func question(
        _ measure: SpanMetricsQuestion.Measure
    ) throws(ErrorResponse) -> SpanMetricsQuestion {
        let services = call.parameters[all: "service"]
        if services.isEmpty {
            throw .badData(
                "unable to parse param 'service': please provide at least one service name")
        }
        let parameters = call.jaeger
        let question: SpanMetricsQuestion
        do {
            let groupsByOperation = try parameters.flag("groupByOperation")
            question = SpanMetricsQuestion(
                measure, services: services, groupsByOperation: groupsByOperation,
                kinds: try kinds(), end: try parameters.milliseconds("endTs", standard: call.now),
                lookback: try parameters.milliseconds("lookback", standard: 3_600_000),
                step: try parameters.milliseconds("step", standard: 5000),
                ratePer: try parameters.milliseconds("ratePer", standard: 600_000))
        } catch {
            throw ErrorResponse(error)
        }
        if let problem = question.problem { throw .badData(problem) }
        return question
    }

    /// The quantile, which has no standard value.
    func quantile() throws(ErrorResponse) -> Double {
        let text = call["quantile"] ?? ""
        guard let value = NumberText.read(text) else {
            throw .badData(
                "unable to parse param 'quantile': strconv.ParseFloat: parsing "
                    + "\(GoText.quoted(text)): invalid syntax")
        }
        return value
    }

    private func kinds() throws(ParameterMistake) -> [SpanKind] {
        let names = call.parameters[all: "spanKind"]
        if names.isEmpty { return [.server] }
        var kinds: [SpanKind] = []
        for name in names {
            guard let kind = name == "unspecified" ? .unspecified : SpanKind(word: name) else {
                throw ParameterMistake(
                    "unable to parse param 'spanKind': unsupported span kind: '\(name)'")
            }
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        return kinds
    }
}
