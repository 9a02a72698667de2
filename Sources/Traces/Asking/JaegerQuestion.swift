import Clusters
import JaegerAPI
import Spans
import Upstream

/// What a Jaeger can be asked.
enum JaegerQuestion: Sendable {
    case services
    /// All kinds where it is nil.
    case operations(service: String, kind: SpanKind?)
    case find(TraceSearch)
    /// `hints` say when the trace was, nanoseconds since 1970.
    case trace(TraceID, hints: ClosedRange<Int64>?)
    /// Several by their ids, which v1 alone can be asked.
    case traces([TraceID], hints: ClosedRange<Int64>?)
    /// The end in milliseconds since 1970, the look-back in milliseconds; v1's in any release.
    case dependencies(end: Int64, lookback: Int64)
    /// v1's in any release.
    case archive(TraceID, hints: ClosedRange<Int64>?)

    /// For metrics.
    var endpoint: String {
        switch self {
        case .services: "jaeger_services"
        case .operations: "jaeger_operations"
        case .find: "jaeger_find"
        case .trace: "jaeger_trace"
        case .traces: "jaeger_traces"
        case .dependencies: "jaeger_dependencies"
        case .archive: "jaeger_archive"
        }
    }

    /// Whether the question is the same in both generations.
    var isOfAnyGeneration: Bool {
        switch self {
        case .dependencies, .archive: true
        default: false
        }
    }

    /// Which parts of an answer are better than none.
    func cut(in generation: JaegerGeneration) -> JaegerAnswer.Cut {
        guard case .trace = self else { return .never }
        // In v1, what recorded the spans stands behind all of them.
        return generation == .v3 ? .beginning : .beginningAndEnd
    }

    func request(in generation: JaegerGeneration, maximumBytes: Int) -> UpstreamRequest {
        let (path, parameters) = generation == .v1 || isOfAnyGeneration ? first : third
        var method = UpstreamRequest.Method.get
        // A trace that is archived twice may be there twice.
        var protection = UpstreamRequest.Protection.byGatewayStatuses
        if case .archive = self {
            method = .post
            protection = .none
        }
        return UpstreamRequest(
            method: method, path: path, parameters: parameters, endpoint: endpoint,
            maximumBytes: maximumBytes, protection: protection)
    }

    private typealias Parameter = UpstreamRequest.Parameter

    // MARK: v1

    private var first: (path: String, [Parameter]) {
        switch self {
        case .services: return ("/api/services", [])
        case .operations(let service, let kind):
            var parameters = [Parameter(name: "service", value: service)]
            if let kind { parameters.append(.init(name: "spanKind", value: kind.word)) }
            return ("/api/operations", parameters)
        case .find(let search): return ("/api/traces", Self.first(search))
        case .trace(let id, let hints):
            return ("/api/traces/\(id.hexadecimal)", Self.raw + Self.first(hints))
        case .traces(let ids, let hints):
            let names = ids.map { Parameter(name: "traceID", value: $0.hexadecimal) }
            return ("/api/traces", names + Self.raw + Self.first(hints))
        case .dependencies(let end, let lookback):
            return (
                "/api/dependencies",
                [
                    .init(name: "endTs", value: "\(end)"),
                    .init(name: "lookback", value: "\(lookback)"),
                ]
            )
        case .archive(let id, let hints):
            return ("/api/archive/\(id.hexadecimal)", Self.first(hints))
        }
    }

    private static let raw = [Parameter(name: "raw", value: "true")]

    private static func first(_ hints: ClosedRange<Int64>?) -> [Parameter] {
        guard let hints else { return [] }
        return [
            .init(name: "start", value: "\(microseconds(hints.lowerBound))"),
            .init(name: "end", value: "\(microseconds(hints.upperBound, isEnd: true))"),
        ]
    }

    private static func first(_ search: TraceSearch) -> [Parameter] {
        var parameters: [Parameter] = []
        if !search.service.isEmpty {
            parameters.append(.init(name: "service", value: search.service))
        }
        if !search.operation.isEmpty {
            parameters.append(.init(name: "operation", value: search.operation))
        }
        parameters += first(search.start...max(search.start, search.end))
        if !search.tags.isEmpty {
            parameters.append(.init(name: "tags", value: search.tags.json))
        }
        if let least = search.minimumDuration {
            parameters.append(.init(name: "minDuration", value: duration(least)))
        }
        if let most = search.maximumDuration {
            parameters.append(.init(name: "maxDuration", value: duration(most)))
        }
        parameters.append(.init(name: "limit", value: "\(search.limit)"))
        return parameters + raw
    }

    /// The whole microseconds that hold a time, earlier for a beginning and later for an end, so
    /// that nothing at the edge is left out.
    private static func microseconds(_ nanoseconds: Int64, isEnd: Bool = false) -> Int64 {
        let (quotient, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1000)
        if rest == 0 { return quotient }
        return isEnd ? quotient + (rest > 0 ? 1 : 0) : quotient - (rest < 0 ? 1 : 0)
    }

    /// As Go reads durations, in the largest unit that it is a whole number of.
    private static func duration(_ nanoseconds: Int64) -> String {
        for (unit, size) in [("s", Int64(1_000_000_000)), ("ms", 1_000_000), ("us", 1000)]
        where nanoseconds != 0 && nanoseconds % size == 0 {
            return "\(nanoseconds / size)\(unit)"
        }
        return "\(nanoseconds)ns"
    }

    // MARK: v3

    private var third: (path: String, [Parameter]) {
        switch self {
        case .services: return ("/api/v3/services", [])
        case .operations(let service, let kind):
            var parameters = [Parameter(name: "service", value: service)]
            if let kind { parameters.append(.init(name: "spanKind", value: kind.word)) }
            return ("/api/v3/operations", parameters)
        case .find(let search): return ("/api/v3/traces", Self.third(search))
        case .trace(let id, let hints):
            var parameters: [Parameter] = []
            if let hints {
                parameters = [
                    .init(name: "startTime", value: TimestampText.rfc3339(hints.lowerBound)),
                    .init(name: "endTime", value: TimestampText.rfc3339(hints.upperBound)),
                ]
            }
            parameters.append(.init(name: "rawTraces", value: "true"))
            return ("/api/v3/traces/\(id.hexadecimal)", parameters)
        case .traces, .dependencies, .archive:
            preconditionFailure("API v3 has no such question over HTTP")
        }
    }

    private static func third(_ search: TraceSearch) -> [Parameter] {
        var parameters: [Parameter] = []
        func add(_ name: String, _ value: String) {
            parameters.append(.init(name: "query.\(name)", value: value))
        }
        if !search.service.isEmpty { add("serviceName", search.service) }
        if !search.operation.isEmpty { add("operationName", search.operation) }
        // The end must be later than the beginning.
        let end = max(search.end, search.start.addingReportingOverflow(1).partialValue)
        add("startTimeMin", TimestampText.rfc3339(search.start))
        add("startTimeMax", TimestampText.rfc3339(end))
        if !search.tags.isEmpty { add("attributes", search.tags.json) }
        if let least = search.minimumDuration { add("durationMin", duration(least)) }
        if let most = search.maximumDuration { add("durationMax", duration(most)) }
        add("searchDepth", "\(search.limit)")
        add("rawTraces", "true")
        return parameters
    }
}
