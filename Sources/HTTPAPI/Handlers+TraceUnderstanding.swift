import JaegerAPI
import PrometheusAPI
import Spans
import TimeSeries
import Traces

// What the fleet's traces tell when they are read as a whole: what requests wait for, and how
// services reach one another.

extension Handlers {
    // MARK: Paths between services

    // `/mesh/v1/path`
    func servicePath(_ call: Call) async throws(ErrorResponse) -> Answer {
        let caller = try required("from", call)
        let callee = try required("to", call)
        let question = TraceAnswering.DependenciesQuestion(
            end: try call.time("end") ?? call.now,
            lookback: try call.duration("lookback") ?? 24 * 3_600_000, service: nil)
        let told = try told(
            await dependencies.traces.dependencies(question, try traceCall(call)), call)
        let graph = DependencyGraph(told.value.edges)
        for service in [caller, callee] where !graph.contains(service) {
            throw ErrorResponse(
                kind: told.missing.isEmpty ? .notFound : .notFoundInPart,
                message: told.whereLooked(
                    "nobody calls \(GoText.quoted(service)) and it calls nobody; "
                        + Self.listed(graph.services, "services that do: ")),
                coverage: told.coverage)
        }
        guard let shortest = graph.shortest(from: caller, to: callee),
            let busiest = graph.busiest(from: caller, to: callee)
        else {
            let reached = graph.reachable(from: caller)
            throw ErrorResponse(
                kind: told.missing.isEmpty ? .notFound : .notFoundInPart,
                message: told.whereLooked(
                    "no calls lead from \(GoText.quoted(caller)) to \(GoText.quoted(callee)); "
                        + Self.listed(reached, "it reaches ")), coverage: told.coverage)
        }
        return answer(
            [
                "from": .string(caller), "to": .string(callee), "shortest": shortest.json,
                "busiest": busiest.json, "weight": .string(Self.weightMeaning),
                "end": .string(APITime.text(question.end)),
                "lookbackSeconds": .number(Double(question.lookback) / 1000),
            ], told)
    }

    private static let weightMeaning =
        "callCount is how many calls the clusters' stores and the sample of traces have in the time; "
        + "a path's leastCalls is its smallest callCount. shortest has the fewest calls one after "
        + "the other, busiest the largest leastCalls. Of equal paths the shorter, then the first "
        + "by name is shown."

    /// At most twenty of the names, and how many there are beside them.
    private static func listed(_ names: [String], _ words: String) -> String {
        if names.isEmpty { return words + "none" }
        let shown = names.prefix(20).map(GoText.quoted).joined(separator: ", ")
        return words + shown + (names.count > 20 ? " and \(names.count - 20) more" : "")
    }

    // MARK: Critical paths

    // `/mesh/v1/critical-path`
    func criticalPath(_ call: Call) async throws(ErrorResponse) -> Answer {
        guard let text = call["trace"], !text.isEmpty else { return try await criticalPaths(call) }
        let id: TraceID
        do {
            id = try TraceID(text: text)
        } catch {
            throw .badData("invalid parameter \"trace\": \(error.message)")
        }
        let told = try await found([id], nil, isRaw: false, call)
        guard let trace = told.value.first ?? nil else {
            throw notFound(Self.notFoundWords, told)
        }
        let paths = trace.criticalPaths.map { $0.json(in: trace) }
        return answer(
            [
                "traceID": .string(trace.id.hexadecimal),
                "spans": .integer(Int64(trace.spans.count)), "paths": .array(paths),
            ], told)
    }

    /// Over many traces.
    private func criticalPaths(_ call: Call) async throws(ErrorResponse) -> Answer {
        guard let service = call["service"], !service.isEmpty else {
            throw .badData("give the parameter \"trace\", or \"service\" for many traces")
        }
        let end = try call.time("end") ?? call.now
        let start = try call.time("start") ?? end - 3_600_000
        guard start <= end else {
            throw .badData("invalid parameter \"end\": end time is before start time")
        }
        let limit = try call.number("limit", standard: 100, atMost: 10_000)
        let search = TraceSearch(
            service: service, operation: call["operation"] ?? "",
            start: Self.nanoseconds(start), end: Self.nanoseconds(end), limit: limit)
        let shown = try call.number("contexts", standard: 100, atMost: 10_000)
        let told = try told(
            await dependencies.traces.find(
                TraceAnswering.SearchQuestion(search: search, isRaw: false),
                try traceCall(call)), call)
        var totals = CriticalPathTotals()
        for trace in told.value { totals.add(trace) }
        return answer(
            totals.json(contexts: shown, isCut: told.value.count >= limit), told)
    }

    private static func nanoseconds(_ milliseconds: Int64) -> Int64 {
        let (product, overflows) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        return overflows ? (milliseconds < 0 ? .min : .max) : product
    }

    // MARK: Parameters and answers

    private func answer<Value>(_ data: JSONValue, _ told: TraceAnswer<Value>) -> Answer {
        var annotations = Annotations()
        for warning in told.warnings { annotations.warn(warning) }
        return Answer(
            .bytes(ResponseText.success(data, annotations: annotations)), type: .json,
            coverage: told.coverage)
    }

    private func required(_ name: String, _ call: Call) throws(ErrorResponse) -> String {
        guard let text = call[name], !text.isEmpty else {
            throw .badData("the parameter \"\(name)\" is required: a service's name")
        }
        return text
    }
}

extension TraceAnswer {
    /// The words, and which clusters are missing where some are.
    fileprivate func whereLooked(_ words: String) -> String {
        missing.isEmpty ? words : "\(words); \(missingText)"
    }
}

// MARK: JSON

extension DependencyGraph.Path {
    fileprivate var json: JSONValue {
        let edges = calls.map { call -> JSONValue in
            [
                "parent": .string(call.parent), "child": .string(call.child),
                "callCount": .integer(Int64(clamping: call.callCount)),
            ]
        }
        return [
            "services": .array(services.map { .string($0) }), "calls": .array(edges),
            "leastCalls": leastCalls.map { .integer(Int64(clamping: $0)) } ?? .null,
        ]
    }
}

extension CriticalPath {
    fileprivate func json(in trace: Trace) -> JSONValue {
        let sections = sections.map { section -> JSONValue in
            .object(
                trace.spans[section.span].nameMembers + [
                    .init("startTimeUnixNano", .string("\(section.from)")),
                    .init("endTimeUnixNano", .string("\(section.to)")),
                    .init("seconds", .number(Double(section.duration) / 1e9)),
                ])
        }
        let root = trace.spans[root]
        return [
            "root": .object(root.nameMembers),
            "seconds": .number(Double(max(0, root.duration)) / 1e9), "sections": .array(sections),
        ]
    }
}

extension Span {
    fileprivate var nameMembers: [JSONValue.Member] {
        [
            .init("spanID", .string(spanID.hexadecimal)),
            .init("service", .string(resource.serviceName)), .init("operation", .string(name)),
            .init("cluster", .string(cluster)),
        ]
    }
}

extension CriticalPathTotals {
    /// `isCut` says that there may be more traces than were looked at.
    fileprivate func json(contexts most: Int, isCut: Bool) -> JSONValue {
        [
            "traces": .integer(Int64(traces)),
            "tracesInPieces": .integer(Int64(tracesInPieces)), "cut": .bool(isCut),
            "seconds": .number(Double(time) / 1e9),
            "operations": .array(rows.map { json($0) }),
            "contexts": .array(contexts(most: most).map(\.json)),
        ]
    }

    private func json(_ row: Row) -> JSONValue {
        let clusters = row.timeByCluster.sorted { $0.key < $1.key }
        return [
            "service": .string(row.subject.service), "operation": .string(row.subject.operation),
            "spans": .integer(Int64(row.spans)), "traces": .integer(Int64(row.traces)),
            "seconds": .number(Double(row.time) / 1e9), "meanSeconds": .number(row.mean / 1e9),
            "share": .number(share(of: row)), "percentOfTraces": .number(reach(of: row) * 100),
            "secondsByCluster": .object(
                clusters.map { JSONValue.Member($0.key, .number(Double($0.value) / 1e9)) }),
        ]
    }
}

extension CriticalPathTotals.Context {
    /// The calls as flame graphs fold them: `[service] operation;[service] operation`.
    fileprivate var json: JSONValue {
        let stack = calls.map { "[\($0.service)] \($0.operation)" }.joined(separator: ";")
        return [
            "stack": .string((isCut ? "…;" : "") + stack), "seconds": .number(Double(time) / 1e9),
        ]
    }
}
