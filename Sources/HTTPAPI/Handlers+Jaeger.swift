import HTTPTypes
import PrometheusAPI
import Spans
import Traces

// Jaeger's older API: everything in one envelope.

extension Handlers {
    func jaegerIndex(_: Call) -> Answer {
        let path = settings.tracesPath
        return Answer(
            text:
                "The Jaegers of all clusters as one. This is the API alone: Grafana's and Kiali's "
                + "Jaeger data source is \(path) here; Jaeger's UI is to be served beside it.\n\n"
                + Self.list(Route.traces(under: path)))
    }

    func traceServices(_ call: Call) async throws(ErrorResponse) -> Answer {
        let answer = try told(await dependencies.traces.services(try traceCall(call)), call)
        return jaegerAnswer(
            JaegerEnvelope.data(
                .array(answer.value.map { .string($0) }), total: answer.value.count),
            call, answer)
    }

    func operationNames(_ call: Call) async throws(ErrorResponse) -> Answer {
        let answer = try await operations(of: call.name, kind: nil, call)
        var seen: Set<String> = []
        let names = answer.value.map(\.name).filter { seen.insert($0).inserted }
        // Go's list without elements is null here, and nowhere else.
        let data = names.isEmpty ? JSONValue.null : .array(names.map { .string($0) })
        return jaegerAnswer(JaegerEnvelope.data(data, total: names.count), call, answer)
    }

    func operations(_ call: Call) async throws(ErrorResponse) -> Answer {
        guard let service = call["service"], !service.isEmpty else {
            throw .badData("parameter 'service' is required")
        }
        let answer = try await operations(of: service, kind: call["spanKind"], call)
        return jaegerAnswer(
            JaegerEnvelope.data(
                .array(answer.value.map(\.json)), total: answer.value.count), call, answer)
    }

    /// The operations of a kind; of all kinds where the name is none.
    func operations(
        of service: String, kind: String?, _ call: Call
    ) async throws(ErrorResponse) -> TraceAnswer<[Operation]> {
        let question = TraceAnswering.OperationsQuestion(
            service: service, kind: kind.flatMap { SpanKind(jaegerName: $0) })
        return try told(
            await dependencies.traces.operations(question, try traceCall(call)), call)
    }

    func serviceDependencies(_ call: Call) async throws(ErrorResponse) -> Answer {
        let service = call["service"] ?? ""
        let question = TraceAnswering.DependenciesQuestion(
            end: try call.jaegerMilliseconds("endTs", standard: call.now),
            lookback: try call.jaegerMilliseconds("lookback", standard: 24 * 3_600_000),
            service: service.isEmpty ? nil : service)
        let told = try told(
            await dependencies.traces.dependencies(question, try traceCall(call)), call)
        let edges = told.value.edges.map { edge -> JSONValue in
            [
                "parent": .string(edge.parent), "child": .string(edge.child),
                "callCount": .integer(Int64(clamping: edge.callCount)),
            ]
        }
        // Grafana and Jaeger's UI read `data` and `errors`, and pass over a further member.
        let sample = told.value.sampleJSON.map { [JSONValue.Member("sample", $0)] } ?? []
        var answer = jaegerAnswer(
            JaegerEnvelope.data(.array(edges), further: sample), call, told)
        if let text = told.value.sampleText { answer.headers[.dependencySample] = text }
        return answer
    }
}

extension Operation {
    var json: JSONValue { ["name": .string(name), "spanKind": .string(kind.jaegerName)] }
}

extension DependencyReport {
    /// How much the calls between clusters were found in.
    fileprivate var sampleJSON: JSONValue? {
        guard let sample else { return nil }
        return [
            "traces": .integer(Int64(sample.traces)), "spans": .integer(Int64(sample.spans)),
            "crossings": .integer(Int64(crossings.count)), "cut": .bool(sample.isCut),
            "takenAt": .string(APITime.text(sample.takenAt)),
        ]
    }

    /// The same for the header.
    fileprivate var sampleText: String? {
        guard let sample else { return nil }
        return "traces=\(sample.traces); spans=\(sample.spans); crossings=\(crossings.count); "
            + "cut=\(sample.isCut); age=\(sample.age.components.seconds)"
    }
}
