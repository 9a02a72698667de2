import Federation
import PrometheusAPI
import TimeSeries

extension Handlers {
    // `/api/v1/series`
    func series(_ call: Call) async throws(ErrorResponse) -> Answer {
        // Of the metadata routes Prometheus is strict about the form's text here alone.
        if let mistake = call.parameters.mistake {
            throw .badData("error parsing form values: \(mistake)")
        }
        if call.parameters[all: "match[]"].isEmpty {
            throw .badData("no match[] parameter provided")
        }
        let request = try metadataRequest(call)
        do {
            let answer = try await queries.series(request)
            return Answer(
                .list(
                    ListResponseChunks(labelSets: answer.value, annotations: answer.annotations)),
                type: .json, coverage: answer.coverage)
        } catch {
            throw ErrorResponse(error)
        }
    }

    // `/api/v1/labels`
    func labelNames(_ call: Call) async throws(ErrorResponse) -> Answer {
        let request = try metadataRequest(call)
        do {
            return texts(try await queries.labelNames(request))
        } catch {
            throw ErrorResponse(error)
        }
    }

    // `/api/v1/label/<name>/values`
    func labelValues(_ call: Call) async throws(ErrorResponse) -> Answer {
        let label = EscapedName.unescaped(call.name)
        if label.isEmpty { throw .badData("invalid label name: \(GoText.quoted(label))") }
        let request = try metadataRequest(call)
        do {
            return texts(
                try await queries.labelValues(
                    QueryAnswering.LabelValuesQuestion(label: label, request: request)))
        } catch {
            throw ErrorResponse(error)
        }
    }

    // `/api/v1/metadata`
    func metadata(_ call: Call) async throws(ErrorResponse) -> Answer {
        let parameters: MetadataParameters
        do {
            parameters = try MetadataParameters { call[$0] }
        } catch {
            throw ErrorResponse(error)
        }
        let question = QueryAnswering.MetricMetadataQuestion(
            metric: parameters.metric, limit: parameters.limit,
            limitPerMetric: parameters.limitPerMetric, partialResponse: try partialResponse(call),
            timeout: try timeout(call))
        do {
            let answer = try await queries.metricMetadata(question)
            return Answer(
                .bytes(
                    ResponseText.success(
                        byMetric(answer.value), annotations: answer.annotations)),
                type: .json, coverage: answer.coverage)
        } catch {
            throw ErrorResponse(error)
        }
    }

    private func metadataRequest(_ call: Call) throws(ErrorResponse) -> MetadataRequest {
        let parameters: DiscoveryParameters
        do {
            parameters = try DiscoveryParameters { call[$0] }
        } catch {
            throw ErrorResponse(error)
        }
        return MetadataRequest(
            selectors: call.parameters[all: "match[]"], start: parameters.start,
            end: parameters.end, limit: parameters.limit,
            partialResponse: try partialResponse(call), timeout: try timeout(call))
    }

    /// As the query API has it: Prometheus itself has no such parameter here.
    private func timeout(_ call: Call) throws(ErrorResponse) -> Duration? {
        try call.duration("timeout").map { .milliseconds($0) }
    }

    private func texts(_ answer: MetadataAnswer<[String]>) -> Answer {
        Answer(
            .list(ListResponseChunks(texts: answer.value, annotations: answer.annotations)),
            type: .json, coverage: answer.coverage)
    }

    /// The entries of each metric in a list; those of one metric follow one another.
    private func byMetric(_ entries: [Federation.MetricMetadata]) -> JSONValue {
        var members: [JSONValue.Member] = []
        var start = entries.startIndex
        while start < entries.endIndex {
            let metric = entries[start].metric
            let end = entries[start...].firstIndex { $0.metric != metric } ?? entries.endIndex
            let list = entries[start..<end].map { entry -> JSONValue in
                [
                    "type": .string(entry.type), "help": .string(entry.help),
                    "unit": .string(entry.unit),
                ]
            }
            members.append(JSONValue.Member(metric, .array(list)))
            start = end
        }
        return .object(members)
    }
}
