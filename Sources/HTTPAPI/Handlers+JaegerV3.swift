import JaegerAPI
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
        let parameters = call.jaegerV3
        let answer = try await operations(
            of: parameters.service, kind: parameters.spanKind, call)
        return jaegerAnswer(
            ["operations": .array(answer.value.map { $0.json(unspecified: "internal") })], call,
            answer)
    }

    func searchTracesV3(_ call: Call) async throws(ErrorResponse) -> Answer {
        let answer = try await foundV3(call)
        let traces = answer.value.filter { !$0.spans.isEmpty }
        if traces.isEmpty { throw nothingFound(answer) }
        return jaegerAnswer(TraceResponseChunks(.v3, traces), call, answer)
    }

    func traceV3(_ call: Call) async throws(ErrorResponse) -> Answer {
        let id: TraceID
        let lookup: (hints: ClosedRange<Int64>?, isRaw: Bool)
        do {
            id = try V3Parameters.traceID(call.name)
            lookup = try call.jaegerV3.lookup()
        } catch {
            throw ErrorResponse(error)
        }
        let answer = try await found([id], lookup.hints, isRaw: lookup.isRaw, call)
        guard let trace = answer.value.first ?? nil else {
            throw notFound(Self.nothingFoundWords, answer)
        }
        return jaegerAnswer(TraceResponseChunks(.v3, [trace]), call, answer)
    }

    func traceSummaries(_ call: Call) async throws(ErrorResponse) -> Answer {
        let answer = try await foundV3(call)
        return jaegerAnswer(
            ["summaries": .array(answer.value.map { TraceSummary($0).json })], call, answer)
    }

    private static let nothingFoundWords = "No traces found"

    private func foundV3(_ call: Call) async throws(ErrorResponse) -> TraceAnswer<[Trace]> {
        let question: TraceAnswering.SearchQuestion
        do {
            let (search, isRaw) = try call.jaegerV3.search()
            question = TraceAnswering.SearchQuestion(search: search, isRaw: isRaw)
        } catch {
            throw ErrorResponse(error)
        }
        return try told(await dependencies.traces.find(question, try traceCall(call)), call)
    }

    /// A search without results is an error in this API, which its clients take for an empty list;
    /// it names the clusters that could not be asked.
    private func nothingFound(_ answer: TraceAnswer<[Trace]>) -> ErrorResponse {
        ErrorResponse(
            kind: .notFound,
            message: answer.missing.isEmpty
                ? Self.nothingFoundWords : answer.partlyText(Self.nothingFoundWords),
            coverage: answer.coverage)
    }
}
