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
        let groupsByOperation = try call.jaegerFlag("groupByOperation")
        let kinds = try kinds()
        let question = SpanMetricsQuestion(
            measure, services: services, groupsByOperation: groupsByOperation, kinds: kinds,
            end: try call.jaegerMilliseconds("endTs", standard: call.now),
            lookback: try call.jaegerMilliseconds("lookback", standard: 3_600_000),
            step: try call.jaegerMilliseconds("step", standard: 5000),
            ratePer: try call.jaegerMilliseconds("ratePer", standard: 600_000))
        if let problem = question.problem { throw .badData(problem) }
        return question
    }

    /// The quantile, which has no standard value.
    func quantile() throws(ErrorResponse) -> Double {
        let text = call["quantile"] ?? ""
        guard let value = NumberText.read(text) else {
            throw .unreadable("quantile", text, "ParseFloat")
        }
        return value
    }

    private static let kindsByName: [String: SpanKind] = [
        "unspecified": .unspecified, "internal": .internal, "server": .server,
        "client": .client, "producer": .producer, "consumer": .consumer,
    ]

    private func kinds() throws(ErrorResponse) -> [SpanKind] {
        let names = call.parameters[all: "spanKind"]
        if names.isEmpty { return [.server] }
        var kinds: [SpanKind] = []
        for name in names {
            guard let kind = Self.kindsByName[name] else {
                throw .badData(
                    "unable to parse param 'spanKind': unsupported span kind: '\(name)'")
            }
            if !kinds.contains(kind) { kinds.append(kind) }
        }
        return kinds
    }
}
