import PrometheusAPI
import Spans
import Traces

// Jaeger's API v3.

extension Handlers {
    func traceServicesV3(_ call: Call) async throws(ErrorResponse) -> Answer {
        let answer = try told(await dependencies.traces.services(try traceCall(call)), call)
        return jaegerAnswer(
            ["services": .array(answer.value.map { .string($0) })], call, answer)
    }

    func operationsV3(_ call: Call) async throws(ErrorResponse) -> Answer {
        let kind = call["spanKind"] ?? call["span_kind"]
        let answer = try await operations(of: call["service"] ?? "", kind: kind, call)
        return jaegerAnswer(["operations": .array(answer.value.map(\.json))], call, answer)
    }
}
