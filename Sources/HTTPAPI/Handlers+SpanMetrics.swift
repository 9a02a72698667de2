import Clusters
import Federation
import PrometheusAPI
import TimeSeries
import Traces

// `metrics/*` of Jaeger's API. Quantiles of several clusters cannot be put together, but their
// buckets can: the clusters' Prometheus servers are asked, not their Jaegers.

extension Handlers {
    func latencies(_ call: Call) async throws(ErrorResponse) -> Answer {
        let parameters = SpanMetricsParameters(call)
        let quantile = try parameters.quantile()
        return try await family(try parameters.question(.latencies(quantile: quantile)), call)
    }

    func callRates(_ call: Call) async throws(ErrorResponse) -> Answer {
        try await family(try SpanMetricsParameters(call).question(.calls), call)
    }

    func errorRates(_ call: Call) async throws(ErrorResponse) -> Answer {
        try await family(try SpanMetricsParameters(call).question(.errors), call)
    }

    func minimumStep(_ call: Call) -> Answer {
        jaegerAnswer(JaegerEnvelope.data(.integer(SpanMetricsQuestion.minimumStep)), call)
    }

    private func family(
        _ question: SpanMetricsQuestion, _ call: Call
    ) async throws(ErrorResponse) -> Answer {
        var question = question
        question.clusters = (try chosenClusters(call) ?? []).map(\.name).sorted()
        let request = QueryRequest(
            expression: question.query(settings.spanMetrics),
            times: .range(
                start: question.end - question.lookback, end: question.end, step: question.step),
            partialResponse: try partialResponse(call), cacheUse: call.cacheUse)
        let told: QueryAnswer
        do {
            told = try await queries.query(request)
        } catch {
            throw ErrorResponse(error)
        }
        var answer = jaegerAnswer(question.family(told.value, settings.spanMetrics), call)
        answer.coverage = told.coverage
        return answer
    }
}

extension SpanMetricsQuestion {
    /// Jaeger's form of the answer; what is empty is left out, as in all its messages.
    fileprivate func family(_ value: QueryValue, _ settings: SpanMetricsSettings) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("name", .string(familyName)), .init("type", "GAUGE"),
            .init("help", .string(familyHelp)),
        ]
        guard case .vector(let series, let grid) = value else { return .object(members) }
        let metrics = series.filter { !$0.isEmpty }.map { one -> JSONValue in
            let labels = familyLabels(of: one.labels, settings).map { label -> JSONValue in
                ["name": .string(label.name), "value": .string(label.value)]
            }
            let points = one.values.enumerated().filter { !Absent.isAbsent($0.element) }
                .map { Self.point($0.element, at: grid.time(at: $0.offset)) }
            return ["labels": .array(labels), "metricPoints": .array(points)]
        }
        if !metrics.isEmpty { members.append(.init("metrics", .array(metrics))) }
        return .object(members)
    }

    private static func point(_ value: Double, at time: Int64) -> JSONValue {
        let number: JSONValue =
            if value.isFinite {
                .number(value)
            } else if value.isNaN {
                "NaN"
            } else {
                value < 0 ? "-Infinity" : "Infinity"
            }
        return [
            "gaugeValue": ["doubleValue": number], "timestamp": .string(text(of: time)),
        ]
    }

    /// In RFC 3339, with three digits of a second's parts where there are any.
    private static func text(of time: Int64) -> String {
        let second = APITime.text(time - ((time % 1000) + 1000) % 1000)
        let rest = ((time % 1000) + 1000) % 1000
        if rest == 0 { return second }
        return second.dropLast() + "." + String(String(1000 + rest).dropFirst()) + "Z"
    }
}
