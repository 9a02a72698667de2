import Clusters
import Federation
import PrometheusAPI
import TimeSeries

extension Handlers {
    // `/api/v1/query`
    func query(_ call: Call) async throws(ErrorResponse) -> Answer {
        let request = try instantRequest(call)
        return try await answer(to: request, form: .instant)
    }

    // `/api/v1/query_range`
    func queryRange(_ call: Call) async throws(ErrorResponse) -> Answer {
        let request = try rangeRequest(call)
        return try await answer(to: request, form: .range)
    }

    // `/mesh/v1/explain`: the parameters of `query`, or those of `query_range` where there is a
    // step; `format`, and `analyze` for a query that is to be answered too.
    func explain(_ call: Call) async throws(ErrorResponse) -> Answer {
        let format = try ExplanationFormat(call["format"])
        let isRange = !(call["step"] ?? "").isEmpty
        let asked = isRange ? try rangeRequest(call) : try instantRequest(call)
        let request = ExplainRequest(
            query: asked.request, analyzes: try call.flag("analyze", standard: false))
        let explanation: Explanation
        do {
            explanation = try await queries.explain(request)
        } catch {
            throw ErrorResponse(error)
        }
        var answer =
            switch format {
            case .text: Answer(text: explanation.description)
            case .json: Answer(data: explanation.json)
            }
        answer.coverage = explanation.analysis?.coverage ?? Coverage()
        return answer
    }

    private enum ExplanationFormat: String {
        case text
        case json

        init(_ text: String?) throws(ErrorResponse) {
            guard let text, !text.isEmpty else {
                self = .text
                return
            }
            guard let format = ExplanationFormat(rawValue: text) else {
                throw .badData(
                    "invalid parameter \"format\": \(GoText.quoted(text)) is neither text nor json")
            }
            self = format
        }
    }

    // MARK: Parameters

    /// A question, and which statistics are wanted.
    private struct AskedQuery {
        var request: QueryRequest
        /// Empty for none, `all` for those of each fragment too.
        var stats: String

        init(
            _ expression: String, _ times: QueryRequest.Times, _ options: QueryOptions,
            partial: Bool, cacheUse: CacheUse
        ) {
            request = QueryRequest(
                expression: expression, times: times, timeout: options.timeout,
                lookbackDelta: options.lookbackDelta, partialResponse: partial,
                limit: options.limit, cacheUse: cacheUse)
            stats = options.stats
        }
    }

    private func instantRequest(_ call: Call) throws(ErrorResponse) -> AskedQuery {
        let parameters: InstantQueryParameters
        do {
            parameters = try InstantQueryParameters(now: call.now) { call[$0] }
        } catch {
            throw ErrorResponse(error)
        }
        return AskedQuery(
            parameters.query, .instant(parameters.time), parameters.options,
            partial: try partialResponse(call), cacheUse: call.cacheUse)
    }

    private func rangeRequest(_ call: Call) throws(ErrorResponse) -> AskedQuery {
        let parameters: RangeQueryParameters
        do {
            parameters = try RangeQueryParameters { call[$0] }
        } catch {
            throw ErrorResponse(error)
        }
        return AskedQuery(
            parameters.query,
            .range(start: parameters.start, end: parameters.end, step: parameters.step),
            parameters.options, partial: try partialResponse(call), cacheUse: call.cacheUse)
    }

    /// Whether the answer may lack clusters: as the request says, else as is set for its client, its
    /// route, or all.
    func partialResponse(_ call: Call) throws(ErrorResponse) -> Bool {
        try call.flag(
            "partial_response",
            standard: call.partialResponse ?? settings.partialRoutes[call.route]
                ?? settings.partialResponse)
    }

    // MARK: Answers

    private func answer(
        to asked: AskedQuery, form: QueryForm
    ) async throws(ErrorResponse) -> Answer {
        let answer: QueryAnswer
        do {
            answer = try await queries.query(asked.request)
        } catch {
            throw ErrorResponse(error)
        }
        // Nil would be JSON's null here, where it is not said of which type.
        let shown =
            asked.stats.isEmpty
            ? Optional<JSONValue>.none
            : answer.statistics.json(
                withFragments: asked.stats == "all", answer.coverage.completeness)
        let chunks = QueryResponseChunks(
            answer.value, form: form, annotations: answer.annotations, stats: shown)
        var shownAnswer = Answer(.query(chunks), type: .json, coverage: answer.coverage)
        shownAnswer.memory = answer.memory
        // Where no cluster is asked, nothing is remembered either.
        if answer.statistics.cache.steps > 0 { shownAnswer.cache = answer.statistics.cache }
        return shownAnswer
    }
}

extension QueryStatistics {
    /// The statistics in Prometheus's form. What is not known here is zero: the clusters sort and
    /// queue for themselves.
    fileprivate func json(withFragments: Bool, _ completeness: JSONValue) -> JSONValue {
        func seconds(_ names: Set<String>) -> Double {
            phases.filter { names.contains($0.name) }.reduce(0) { $0 + $1.duration.inSeconds }
        }
        let preparation: Set<String> = ["parse", "identify", "plan"]
        let total = phases.reduce(0) { $0 + $1.duration.inSeconds }
        let inner = phases.filter { !preparation.contains($0.name) }
            .reduce(0) { $0 + $1.duration.inSeconds }
        return [
            "timings": [
                "evalTotalTime": .number(total), "resultSortTime": 0,
                "queryPreparationTime": .number(seconds(preparation)),
                "innerEvalTime": .number(inner), "execQueueTime": 0,
                "execTotalTime": .number(total),
            ],
            "samples": [
                "totalQueryableSamples": .integer(Int64(fetchedSamples)),
                "peakSamples": .integer(Int64(fetchedSamples)),
            ],
            "cache": withFragments
                ? .object(cache.members + [.init("fragments", fragmentsJSON)])
                : .object(cache.members),
            "completeness": completeness,
        ]
    }

    /// The fragments in the order in which they were asked, each with its clusters.
    private var fragmentsJSON: JSONValue {
        var order: [String] = []
        var clusters: [String: [JSONValue]] = [:]
        for fragment in fragments {
            if clusters[fragment.text] == nil { order.append(fragment.text) }
            clusters[fragment.text, default: []].append(
                .object(
                    [.init("cluster", .string(fragment.cluster.name))] + fragment.cache.members))
        }
        return .array(
            order.map { text in
                ["query": .string(text), "clusters": .array(clusters[text] ?? [])]
            })
    }
}
