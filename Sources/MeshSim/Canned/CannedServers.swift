import Synchronization

/// Answers as the Prometheus servers of a fleet, each under its own path: `/c0`, `/c1`, …. An answer
/// is made when it is first asked for; asked again, the same bytes are sent.
final class CannedServers: Sendable {
    struct Answer: Sendable {
        var status = 200
        var body: [UInt8]
        /// Whether `body` is compressed.
        var isCompressed = false
    }

    private struct Kept: Sendable {
        var answers: [String: Answer] = [:]
        var bytes = 0
    }

    private let fleet: CannedFleet
    private let kept = Mutex(Kept())
    /// Beyond this, answers are forgotten.
    private static let maximumBytes = 1 << 30

    init(plan: CannedFleet.Plan) { fleet = CannedFleet(plan: plan) }

    /// The answer to what is asked; `parameters` are those of the address and of the form.
    func answer(path: String, parameters: String, acceptsGzip: Bool, now: Double) -> Answer {
        let segments = path.split(separator: "/").map(String.init)
        guard let cluster = segments.first.flatMap({ Int($0.dropFirst()) }),
            (0..<fleet.plan.clusters).contains(cluster)
        else { return Self.refusal(404, "there is no such cluster") }
        // How long the asker has is another time each time, and of no account.
        let asked = parameters.split(separator: "&").filter { !$0.hasPrefix("timeout=") }
        let key = "\(acceptsGzip)\(path)?\(asked.joined(separator: "&"))"
        if let answer = kept.withLock({ $0.answers[key] }) { return answer }
        var answer = made(
            cluster, Array(segments.dropFirst()), JaegerParameters(query: parameters), now)
        if acceptsGzip, let compressed = gzipped(answer.body) {
            answer.body = compressed
            answer.isCompressed = true
        }
        kept.withLock { kept in
            if kept.bytes > Self.maximumBytes { kept = Kept() }
            kept.answers[key] = answer
            kept.bytes += answer.body.count
        }
        return answer
    }

    private func made(
        _ cluster: Int, _ segments: [String], _ parameters: JaegerParameters, _ now: Double
    ) -> Answer {
        do throws(CannedRefusal) {
            switch segments.joined(separator: "/") {
            case "-/ready", "-/healthy": return Answer(body: Array("ready\n".utf8))
            case "metrics": return Answer(body: [])
            case "api/v1/query":
                let time = Double(parameters.text("time")) ?? now
                let rows = try rows(parameters.text("query"), cluster, time)
                return Self.answer(Self.vector(rows, time))
            case "api/v1/query_range":
                return try range(cluster, parameters)
            case "api/v1/series":
                var rows: [CannedRow] = []
                for text in parameters.all("match[]") { rows += try self.rows(text, cluster, now) }
                return Self.answer { json in
                    json.array(rows) { Self.write($1.labels, to: &$0) }
                }
            case "api/v1/labels": return try labels(cluster, parameters, now)
            case "api/v1/label/__name__/values":
                return Self.answer { json in
                    json.array((fleet.metrics.map(\.name) + ["up"]).sorted()) { $0.string($1) }
                }
            case let known: return Self.standing(known)
            }
        } catch {
            return Self.refusal(400, error.message)
        }
    }

    /// What is always the same.
    private static func standing(_ path: String) -> Answer {
        let data: String? =
            switch path {
            case "api/v1/status/buildinfo": #"{"version":"3.5.0","revision":"canned"}"#
            case "api/v1/status/flags": #"{"query.lookback-delta":"5m","enable-feature":""}"#
            case "api/v1/status/runtimeinfo": #"{"storageRetention":"15d"}"#
            case "api/v1/status/config": #"{"yaml":"global:\n  scrape_interval: 15s\n"}"#
            case "api/v1/metadata": "{}"
            case "api/v1/rules": #"{"groups":[]}"#
            case "api/v1/alerts": #"{"alerts":[]}"#
            default: nil
            }
        return data.map { data in answer { $0.raw(data) } }
            ?? refusal(404, "canned clusters do not know /\(path)")
    }

    private func rows(
        _ text: String, _ cluster: Int, _ time: Double
    ) throws(CannedRefusal) -> [CannedRow] {
        try CannedEvaluation(fleet: fleet, cluster: cluster, time: time)
            .rows(of: CannedQueryParser.parse(text))
    }

    private func range(
        _ cluster: Int, _ parameters: JaegerParameters
    ) throws(CannedRefusal) -> Answer {
        guard let start = Double(parameters.text("start")),
            let end = Double(parameters.text("end")),
            let step = Double(parameters.text("step")), step > 0, (end - start) / step <= 11_000
        else { throw CannedRefusal(message: "canned clusters expected start, end and step") }
        let times = (0...Int(max(0, (end - start) / step))).map { start + Double($0) * step }
        let rows = try rows(parameters.text("query"), cluster, end)
        return Self.answer { json in
            json.raw(#"{"resultType":"matrix","result":"#)
            json.array(rows) { json, row in
                json.raw(#"{"metric":"#)
                Self.write(row.labels, to: &json)
                json.raw(#","values":"#)
                json.array(times) { json, time in
                    json.raw("[\(Self.text(time)),\"\(Self.text(row.value))\"]")
                }
                json.raw("}")
            }
            json.raw("}")
        }
    }

    private func labels(
        _ cluster: Int, _ parameters: JaegerParameters, _ now: Double
    ) throws(CannedRefusal) -> Answer {
        var selectors = parameters.all("match[]")
        if selectors.isEmpty { selectors = [#"{__name__=~".+"}"#] }
        var names: Set<String> = []
        for selector in selectors {
            for row in try rows(selector, cluster, now) { names.formUnion(row.labels.map(\.name)) }
        }
        return Self.answer { json in json.array(names.sorted()) { $0.string($1) } }
    }

    // MARK: Writing

    private static func vector(
        _ rows: [CannedRow], _ time: Double
    ) -> (inout JSONText) -> Void {
        { json in
            json.raw(#"{"resultType":"vector","result":"#)
            let time = text(time)
            json.array(rows) { json, row in
                json.raw(#"{"metric":"#)
                write(row.labels, to: &json)
                json.raw(",\"value\":[\(time),\"\(text(row.value))\"]}")
            }
            json.raw("}")
        }
    }

    private static func write(
        _ labels: [(name: String, value: String)], to json: inout JSONText
    ) {
        json.raw("{")
        var isFirst = true
        // In the order in which Prometheus writes them.
        for (name, value) in labels.sorted(by: { $0.name < $1.name }) {
            if !isFirst { json.raw(",") }
            isFirst = false
            json.key(name)
            json.string(value)
        }
        json.raw("}")
    }

    /// Whole numbers without a point.
    private static func text(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }

    private static func answer(_ data: (inout JSONText) -> Void) -> Answer {
        var json = JSONText()
        json.raw(#"{"status":"success","data":"#)
        data(&json)
        json.raw("}")
        return Answer(body: json.bytes)
    }

    private static func refusal(_ status: Int, _ message: String) -> Answer {
        var json = JSONText()
        json.raw(#"{"status":"error","errorType":"bad_data","error":"#)
        json.string(message)
        json.raw("}")
        return Answer(status: status, body: json.bytes)
    }
}
