import Synchronization

/// Stores whose answers are made once and then served again and again: for measuring a gateway, not
/// the simulator. All clusters answer at one port, each under its own name: `/c0`, `/c1`, ….
final class PreparedStores: Sendable {
    struct Plan: Sendable {
        var clusters: Int
        /// How many traces each cluster has.
        var traces: Int
        /// How many spans of each trace each cluster has.
        var spans: Int
        /// Whether all clusters have parts of the same traces.
        var isShared: Bool
        var generation: StoreGeneration
        /// When the newest trace begins, microseconds since 1970.
        var latest: Int64
    }

    let plan: Plan
    private let made = Mutex<[String: JaegerAnswers.Answer]>([:])

    init(plan: Plan) { self.plan = plan }

    func answer(path: String, query: String) -> JaegerAnswers.Answer {
        let segments = path.split(separator: "/").map { percentDecoded($0, plusIsSpace: false) }
        guard segments.count > 2, let cluster = Int(segments[0].dropFirst()),
            (0..<plan.clusters).contains(cluster), segments[1] == "api"
        else { return .unknownPage }
        let isV3 = segments[2] == "v3"
        guard isV3 ? plan.generation != .v1 : plan.generation != .v3 || segments.count == 4 else {
            return .unknownPage
        }
        let parameters = JaegerParameters(query: query)
        let rest = Array(segments.dropFirst(isV3 ? 3 : 2))
        switch (rest.first, rest.count) {
        case ("services", 1): return services(isV3)
        case ("traces", 1):
            let limit = Int(parameters.text("limit", "query.searchDepth")) ?? 100
            let ids = parameters.all("traceID")
            return kept("\(cluster)/\(isV3)/\(limit)/\(ids)") {
                let numbers =
                    ids.isEmpty
                    ? Array(0..<min(limit, plan.traces)) : ids.compactMap { number($0, cluster) }
                return answer(numbers.map { trace($0, in: cluster) }, isV3)
            }
        case ("traces", 2):
            guard let number = number(rest[1], cluster) else {
                return answer([], isV3, status: 404)
            }
            return kept("\(cluster)/\(isV3)/\(rest[1])") {
                answer([trace(number, in: cluster)], isV3)
            }
        case ("dependencies", 1):
            return JaegerAnswers.Answer(body: JaegerV1JSON.envelope { $0.raw("[]") })
        default: return .unknownPage
        }
    }

    /// The answer that was made before; else it is made now.
    private func kept(
        _ key: String, _ make: () -> JaegerAnswers.Answer
    ) -> JaegerAnswers.Answer {
        if let answer = made.withLock({ $0[key] }) { return answer }
        let answer = make()
        made.withLock { $0[key] = answer }
        return answer
    }

    private func services(_ isV3: Bool) -> JaegerAnswers.Answer {
        let names = (0..<Self.services).map { "service-\($0)" }
        if isV3 {
            var json = JSONText()
            json.raw("{\"services\":")
            json.array(names) { $0.string($1) }
            json.raw("}")
            return JaegerAnswers.Answer(body: json.bytes)
        }
        return JaegerAnswers.Answer(
            body: JaegerV1JSON.envelope(total: names.count) { json in
                json.array(names) { $0.string($1) }
            })
    }

    private func answer(
        _ traces: [StoredTrace], _ isV3: Bool, status: Int = 200
    ) -> JaegerAnswers.Answer {
        guard status == 200 else {
            var refusal = JaegerRefusal(isV3 ? "No traces found" : "trace not found")
            refusal.status = status
            return JaegerAnswers.Answer(
                status: status, contentType: JaegerAnswers.Answer.plainText,
                body: isV3 ? JaegerV3JSON.refusal(refusal) : JaegerV1JSON.refusal(refusal))
        }
        return JaegerAnswers.Answer(
            body: isV3
                ? JaegerV3JSON.result(traces)
                : JaegerV1JSON.envelope { json in
                    json.array(traces) { JaegerV1JSON.write($1, to: &$0) }
                })
    }

    // MARK: Traces

    private static let services = 20

    /// The identity of a cluster's trace.
    func identity(_ number: Int, in cluster: Int) -> TraceIdentity {
        TraceIdentity(high: plan.isShared ? 1 : UInt64(cluster) + 1, low: UInt64(number) + 1)
    }

    private func number(_ text: String, _ cluster: Int) -> Int? {
        guard let id = try? traceIdentity(text), id.low > 0, id.low <= UInt64(plan.traces) else {
            return nil
        }
        let number = Int(id.low) - 1
        return identity(number, in: cluster) == id ? number : nil
    }

    /// A tree in which every span has four parts. The first span of a cluster is a part of one of the
    /// first cluster's where the traces are shared.
    private func trace(_ number: Int, in cluster: Int) -> StoredTrace {
        func spanID(_ index: Int, _ cluster: Int) -> UInt64 {
            UInt64(cluster + 1) << 32 | UInt64(index + 1)
        }
        let begin = plan.latest - Int64(number) * 1_000_000
        let spans = (0..<plan.spans).map { index in
            var parent = index > 0 ? spanID((index - 1) / 4, cluster) : 0
            if index == 0, plan.isShared, cluster > 0 { parent = spanID(cluster % plan.spans, 0) }
            let service = index % Self.services
            var span = RecordedSpan(
                number: index, parentNumber: nil, spanID: spanID(index, cluster),
                parentSpanID: parent, name: "GET /service-\(service)/{id}",
                kind: index.isMultiple(of: 2) ? .server : .client,
                place: SpanPlace(
                    service: "service-\(service)", namespace: "bench", cluster: "c\(cluster)",
                    pod: "service-\(service)-0", node: "node-c\(cluster)"),
                start: begin + Int64(index), end: begin + 1_000_000 - Int64(index), stores: [])
            span.tags = [
                SpanTag("http.method", .text("GET")), SpanTag("http.status_code", .whole(200)),
                SpanTag("http.url", .text("http://service-\(service).bench/things/\(index)")),
            ]
            return span
        }
        return StoredTrace(id: identity(number, in: cluster), spans: spans)
    }
}
