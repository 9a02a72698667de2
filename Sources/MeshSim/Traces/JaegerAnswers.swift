/// What a cluster's Jaeger answers, path by path.
struct JaegerAnswers: Sendable {
    var store: TraceStore
    var generation: StoreGeneration

    struct Answer: Sendable {
        var status = 200
        var contentType = "application/json"
        var body: [UInt8]

        static let unknownPage = Answer(
            status: 404, contentType: plainText, body: Array("404 page not found\n".utf8))
        static let plainText = "text/plain; charset=utf-8"
    }

    /// Answers a request; `path` is what follows the base path, such as `/api/services`, and
    /// `now` is in microseconds since 1970.
    func answer(method: String, path: Substring, query: String, at now: Int64) -> Answer {
        let segments = path.split(separator: "/").map { percentDecoded($0, plusIsSpace: false) }
        let parameters = JaegerParameters(query: query)
        guard segments.first == "api" else { return .unknownPage }
        if segments.count > 1, segments[1] == "v3" {
            guard generation != .v1, method == "GET" else { return .unknownPage }
            do throws(JaegerRefusal) {
                return try answerInV3(Array(segments.dropFirst(2)), parameters, at: now)
            } catch {
                return Answer(
                    status: error.status, contentType: Answer.plainText,
                    body: JaegerV3JSON.refusal(error))
            }
        }
        do throws(JaegerRefusal) {
            return try answerInV1(method, Array(segments.dropFirst()), parameters, at: now)
        } catch {
            return Answer(
                status: error.status, contentType: Answer.plainText,
                body: JaegerV1JSON.refusal(error))
        }
    }

    // MARK: v1

    private func answerInV1(
        _ method: String, _ path: [String], _ parameters: JaegerParameters, at now: Int64
    ) throws(JaegerRefusal) -> Answer {
        switch (method, path.first, path.count) {
        case ("GET", "traces", 2): return try traceInV1(path[1], parameters, at: now)
        case ("GET", "dependencies", 1): return try dependencies(parameters, at: now)
        case ("POST", "archive", 2): throw refusal(500, "archive span storage was not configured")
        case ("GET", "metrics", 2): throw refusal(501, "metrics querying is currently disabled")
        default: break
        }
        // What Jaeger's UI does not ask is gone where v3 is all there is.
        guard generation != .v3, method == "GET" else { return .unknownPage }
        switch (path.first, path.count) {
        case ("services", 1):
            return list(store.operations(at: now).keys.sorted())
        case ("services", 3) where path[2] == "operations":
            let names = Set((store.operations(at: now)[path[1]] ?? []).map(\.name))
            guard !names.isEmpty else {
                return Answer(body: JaegerV1JSON.envelope { $0.raw("null") })
            }
            return list(names.sorted())
        case ("operations", 1): return try operationsInV1(parameters, at: now)
        case ("traces", 1): return try searchInV1(parameters, at: now)
        default: return .unknownPage
        }
    }

    private func refusal(_ status: Int, _ message: String) -> JaegerRefusal {
        var refusal = JaegerRefusal(message)
        refusal.status = status
        return refusal
    }

    private func list(_ names: [String]) -> Answer {
        Answer(
            body: JaegerV1JSON.envelope(total: names.count) { json in
                json.array(names) { $0.string($1) }
            })
    }

    private func operationsInV1(
        _ parameters: JaegerParameters, at now: Int64
    ) throws(JaegerRefusal) -> Answer {
        let service = parameters.text("service")
        guard !service.isEmpty else {
            throw JaegerRefusal("parameter 'service' is required")
        }
        let operations = operations(service, kind: parameters.text("spanKind"), at: now)
        return Answer(
            body: JaegerV1JSON.envelope(total: operations.count) { write(operations, to: &$0) })
    }

    private func operations(_ service: String, kind: String, at now: Int64) -> [StoredOperation] {
        (store.operations(at: now)[service] ?? [])
            .filter { kind.isEmpty || $0.kind.text == kind }
            .sorted { ($0.name, $0.kind.rawValue) < ($1.name, $1.kind.rawValue) }
    }

    private func write(_ operations: [StoredOperation], to json: inout JSONText) {
        json.array(operations) { json, operation in
            json.raw("{\"name\":")
            json.string(operation.name)
            json.raw(",\"spanKind\":\"\(operation.kind.text)\"}")
        }
    }

    private func traceInV1(
        _ text: String, _ parameters: JaegerParameters, at now: Int64
    ) throws(JaegerRefusal) -> Answer {
        let id = try traceIdentity(text)
        let isRaw = try isRawInV1(parameters)
        guard let trace = store.trace(id, at: now) else { throw refusal(404, "trace not found") }
        return Answer(
            body: JaegerV1JSON.envelope { json in
                json.array([isRaw ? trace : trace.adjusted], { JaegerV1JSON.write($1, to: &$0) })
            })
    }

    private func isRawInV1(_ parameters: JaegerParameters) throws(JaegerRefusal) -> Bool {
        try parameters.isTrue(["raw"]) { "unable to parse param 'raw': \($0)" }
    }

    private func searchInV1(
        _ parameters: JaegerParameters, at now: Int64
    ) throws(JaegerRefusal) -> Answer {
        let isRaw = try isRawInV1(parameters)
        let identities = parameters.all("traceID")
        guard identities.isEmpty else { return try several(identities, isRaw, at: now) }
        let search = try parameters.search(now: now)
        let traces = try found(search, at: now)
        return Answer(
            body: JaegerV1JSON.envelope { json in
                json.array(traces) { JaegerV1JSON.write(isRaw ? $1 : $1.adjusted, to: &$0) }
            })
    }

    private func found(
        _ search: StoreSearch, at now: Int64
    ) throws(JaegerRefusal) -> [StoredTrace] {
        guard (1...store.plan.maximumTraces).contains(search.limit) else {
            throw refusal(
                500, "search depth must be greater than 0 and less than max traces")
        }
        return store.search(search, at: now)
    }

    /// Several traces by their identities. Those that are not here are errors of a good answer.
    private func several(
        _ texts: [String], _ isRaw: Bool, at now: Int64
    ) throws(JaegerRefusal) -> Answer {
        var traces: [StoredTrace] = []
        var missing: [String] = []
        for text in texts {
            let id: TraceIdentity
            do throws(JaegerRefusal) {
                id = try traceIdentity(text)
            } catch {
                throw JaegerRefusal("cannot parse traceID param: \(error.message)")
            }
            if let trace = store.trace(id, at: now) {
                traces.append(isRaw ? trace : trace.adjusted)
            } else {
                missing.append("{\"msg\":\"trace not found\",\"traceID\":\"\(id.shortText)\"}")
            }
        }
        let errors = missing.isEmpty ? "null" : "[\(missing.joined(separator: ","))]"
        return Answer(
            body: JaegerV1JSON.envelope(errors: errors) { json in
                json.array(traces) { JaegerV1JSON.write($1, to: &$0) }
            })
    }

    private func dependencies(
        _ parameters: JaegerParameters, at now: Int64
    ) throws(JaegerRefusal) -> Answer {
        let end = try parameters.number("endTs", standard: now / 1000)
        let lookback = try parameters.number("lookback", standard: 86_400_000)
        let service = parameters.text("service")
        let counts = store.dependencies(from: (end - lookback) * 1000, to: end * 1000, at: now)
            .filter { service.isEmpty || $0.key.parent == service || $0.key.child == service }
            .sorted { ($0.key.parent, $0.key.child) < ($1.key.parent, $1.key.child) }
        return Answer(
            body: JaegerV1JSON.envelope { json in
                json.array(counts) { json, count in
                    json.raw("{\"parent\":")
                    json.string(count.key.parent)
                    json.raw(",\"child\":")
                    json.string(count.key.child)
                    json.raw(",\"callCount\":\(count.value)}")
                }
            })
    }

    // MARK: v3

    private func answerInV3(
        _ path: [String], _ parameters: JaegerParameters, at now: Int64
    ) throws(JaegerRefusal) -> Answer {
        let isRaw = try parameters.isTrue(
            ["rawTraces", "raw_traces", "query.rawTraces", "query.raw_traces"]
        ) { "malformed parameter rawTraces: \($0)" }
        switch (path.first, path.count) {
        case ("services", 1):
            var json = JSONText()
            json.raw("{\"services\":")
            json.array(store.operations(at: now).keys.sorted()) { $0.string($1) }
            json.raw("}")
            return Answer(body: json.bytes)
        case ("operations", 1):
            var json = JSONText()
            json.raw("{\"operations\":")
            write(
                operations(
                    parameters.text("service"), kind: parameters.text("spanKind", "span_kind"),
                    at: now), to: &json)
            json.raw("}")
            return Answer(body: json.bytes)
        case ("traces", 1), ("trace-summaries", 1):
            let traces = try found(try parameters.searchOfV3(), at: now)
                .map { isRaw ? $0 : $0.adjusted }
            if path[0] == "trace-summaries" {
                return Answer(body: JaegerV3JSON.summaries(traces))
            }
            guard !traces.isEmpty else { throw refusal(404, "No traces found") }
            return Answer(body: JaegerV3JSON.result(traces))
        case ("traces", 2):
            let id: TraceIdentity
            do throws(JaegerRefusal) {
                id = try traceIdentity(path[1])
            } catch {
                throw JaegerRefusal("malformed parameter trace_id: \(error.message)")
            }
            _ = try parameters.time("startTime", "start_time")
            _ = try parameters.time("endTime", "end_time")
            guard let trace = store.trace(id, at: now) else {
                throw refusal(404, "No traces found")
            }
            return Answer(body: JaegerV3JSON.result([isRaw ? trace : trace.adjusted]))
        default: return .unknownPage
        }
    }
}

extension StoredTrace {
    /// As Jaeger shows it when it is not asked for what is stored: spans that share an identity are
    /// told apart, and a parent that is not in this store is said to be missing. Clocks are left
    /// alone, as they are unless Jaeger is configured otherwise.
    var adjusted: StoredTrace {
        var trace = self
        let clients = Set(spans.filter { $0.kind == .client }.map(\.spanID))
        let used = Set(spans.map(\.spanID))
        var next: UInt64 = 0
        var moved: [UInt64: UInt64] = [:]
        for index in spans.indices
        where spans[index].kind == .server && clients.contains(spans[index].spanID) {
            repeat { next += 1 } while used.contains(next)
            moved[spans[index].spanID] = next
            trace.spans[index].parentSpanID = spans[index].spanID
            trace.spans[index].spanID = next
        }
        let servers = Set(moved.values)
        for index in spans.indices where !servers.contains(trace.spans[index].spanID) {
            if let server = moved[trace.spans[index].parentSpanID] {
                trace.spans[index].parentSpanID = server
            }
        }
        let present = Set(trace.spans.map(\.spanID))
        for index in spans.indices {
            let parent = trace.spans[index].parentSpanID
            guard parent != 0, !present.contains(parent) else { continue }
            trace.spans[index].warnings.append(
                "parent span ID=\(hexadecimal(parent)) is not in the trace;"
                    + " skipping clock skew adjustment")
        }
        return trace
    }
}
