import HTTPTypes
import JaegerAPI
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
        let answer = try await operations(of: call.name, kind: "", call)
        var seen: Set<String> = []
        let names = answer.value.map(\.name).filter { seen.insert($0).inserted }
        // Go's list without elements is null here, and nowhere else.
        let data = names.isEmpty ? JSONValue.null : .array(names.map { .string($0) })
        return jaegerAnswer(JaegerEnvelope.data(data, total: names.count), call, answer)
    }

    func operations(_ call: Call) async throws(ErrorResponse) -> Answer {
        let service: String
        do {
            service = try call.jaeger.service()
        } catch {
            throw ErrorResponse(error)
        }
        let answer = try await operations(of: service, kind: call["spanKind"] ?? "", call)
        return jaegerAnswer(
            JaegerEnvelope.data(
                .array(answer.value.map { $0.json() }), total: answer.value.count), call, answer)
    }

    /// The operations of a kind, of all kinds where its name is empty. There are none of a kind that
    /// nobody knows.
    func operations(
        of service: String, kind name: String, _ call: Call
    ) async throws(ErrorResponse) -> TraceAnswer<[Operation]> {
        let kind = SpanKind(word: name)
        var answer = try told(
            await dependencies.traces.operations(
                TraceAnswering.OperationsQuestion(service: service, kind: kind),
                try traceCall(call)), call)
        if kind == nil, !name.isEmpty { answer.value = [] }
        return answer
    }

    // MARK: Traces

    func searchTraces(_ call: Call) async throws(ErrorResponse) -> Answer {
        let asked: V1Parameters.Search
        do {
            asked = try call.jaeger.search()
        } catch {
            throw ErrorResponse(error)
        }
        switch asked {
        case .conditions(let search, let isRaw):
            let answer = try told(
                await dependencies.traces.find(
                    TraceAnswering.SearchQuestion(search: search, isRaw: isRaw),
                    try traceCall(call)), call)
            return jaegerAnswer(TraceResponseChunks(.v1, answer.value), call, answer)
        case .ids(let ids, let hints, let isRaw):
            return try await traces(ids, hints, isRaw: isRaw, call)
        }
    }

    /// Those of several traces that are found, and errors that name the others.
    private func traces(
        _ ids: [TraceID], _ hints: ClosedRange<Int64>?, isRaw: Bool, _ call: Call
    ) async throws(ErrorResponse) -> Answer {
        let answer = try await found(ids, hints, isRaw: isRaw, call)
        let words =
            answer.missing.isEmpty ? Self.notFoundWords : answer.partlyText(Self.notFoundWords)
        let errors = zip(ids, answer.value).filter { $0.1 == nil }.map { id, _ -> JSONValue in
            ["msg": .string(words), "traceID": .string(id.shortText)]
        }
        return jaegerAnswer(
            TraceResponseChunks(
                .v1, answer.value.compactMap(\.self),
                errors: errors.isEmpty ? .null : .array(errors)), call, answer)
    }

    static let notFoundWords = "trace not found"

    func trace(_ call: Call) async throws(ErrorResponse) -> Answer {
        let id: TraceID
        let hints: ClosedRange<Int64>?
        let isRaw: Bool
        do {
            id = try TraceID(text: call.name)
            hints = try call.jaeger.hints()
            isRaw = try call.jaeger.flag("raw")
        } catch {
            throw ErrorResponse(error)
        }
        let answer = try await found([id], hints, isRaw: isRaw, call)
        guard let trace = answer.value.first ?? nil else {
            throw notFound(Self.notFoundWords, answer)
        }
        return jaegerAnswer(TraceResponseChunks(.v1, [trace]), call, answer)
    }

    /// The traces with the ids, each in its place. No trace has the id zero.
    func found(
        _ ids: [TraceID], _ hints: ClosedRange<Int64>?, isRaw: Bool, _ call: Call
    ) async throws(ErrorResponse) -> TraceAnswer<[Trace?]> {
        let question = TraceAnswering.TracesQuestion(ids: ids, hints: hints, isRaw: isRaw)
        let traceCall = try traceCall(call)
        if ids == [.none] { return TraceAnswer(value: [nil]) }
        var answer = try told(await dependencies.traces.traces(question, traceCall), call)
        // A trace without spans is none, and breaks its reader.
        answer.value = answer.value.map { $0?.spans.isEmpty == true ? nil : $0 }
        return answer
    }

    func archiveTrace(_ call: Call) async throws(ErrorResponse) -> Answer {
        let question: TraceAnswering.ArchiveQuestion
        do {
            question = TraceAnswering.ArchiveQuestion(
                id: try TraceID(text: call.name), hints: try call.jaeger.hints())
        } catch {
            throw ErrorResponse(error)
        }
        let answer = try told(
            await dependencies.traces.archive(question, try traceCall(call)), call)
        guard answer.value else { throw notFound(Self.notFoundWords, answer) }
        return jaegerAnswer(JaegerEnvelope.data([], errors: []), call, answer)
    }

    func transformTraces(_ call: Call) throws(ErrorResponse) -> Answer {
        let traces: [Trace]
        do {
            traces = try OTLPExport.traces(call.document)
        } catch {
            throw .badData("cannot unmarshal OTLP: \(error)")
        }
        return jaegerAnswer(TraceResponseChunks(.v1, traces), call, TraceAnswer(value: traces))
    }

    // MARK: Dependencies

    func serviceDependencies(_ call: Call) async throws(ErrorResponse) -> Answer {
        let service = call["service"] ?? ""
        let question: TraceAnswering.DependenciesQuestion
        do {
            question = TraceAnswering.DependenciesQuestion(
                end: try call.jaeger.milliseconds("endTs", standard: call.now),
                lookback: try call.jaeger.milliseconds("lookback", standard: 24 * 3_600_000),
                service: service.isEmpty ? nil : service)
        } catch {
            throw ErrorResponse(error)
        }
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
    /// `unspecified` is what a span without a kind is said to be.
    func json(unspecified: String = "") -> JSONValue {
        let kind = kind == .unspecified ? unspecified : kind.word
        return ["name": .string(name), "spanKind": .string(kind)]
    }
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
