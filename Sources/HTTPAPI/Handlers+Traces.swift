import Clusters
import Federation
import JaegerAPI
import PrometheusAPI
import TimeSeries
import Traces

// What the routes of Jaeger's API have in common: whom they ask, and what becomes of clusters that
// are missing.

extension Handlers {
    /// How the fleet is to be asked: the parameter `clusters`, or `cluster` for a single one, names
    /// the clusters that are asked, with commas between them; absent or `all`, all of them.
    func traceCall(_ call: Call) throws(ErrorResponse) -> TraceCall {
        TraceCall(clusters: try chosenClusters(call), skipsMemory: call.cacheUse != .allowed)
    }

    func chosenClusters(_ call: Call) throws(ErrorResponse) -> Set<ClusterID>? {
        for parameter in ["clusters", "cluster"] {
            let names = Set(
                call.parameters[all: parameter].flatMap { $0.split(separator: ",") }
                    .map(String.init))
            if names.isEmpty || names.contains("all") { continue }
            let known = Set(dependencies.clusters().map(\.name))
            if let unknown = names.subtracting(known).min() {
                throw .badData(
                    "invalid parameter \"\(parameter)\": there is no cluster "
                        + GoText.quoted(unknown) + "; " + Self.listed(known))
            }
            return Set(names.map { ClusterID($0) })
        }
        return nil
    }

    /// `there are east, west`; of many the first.
    private static func listed(_ clusters: Set<String>) -> String {
        if clusters.isEmpty { return "there is none" }
        let most = 20
        let shown = clusters.sorted().prefix(most).joined(separator: ", ")
        return "there are \(shown)"
            + (clusters.count > most ? " and \(clusters.count - most) more" : "")
    }

    /// The JSON as an answer; spread over lines where the request wants that.
    func jaegerAnswer(_ json: JSONValue, _ call: Call) -> Answer {
        var bytes: [UInt8] = []
        json.append(to: &bytes)
        if wantsLines(call) {
            var indentation = JSONIndentation()
            bytes = indentation.spread(bytes)
        }
        return Answer(.bytes(bytes), type: .json)
    }

    func jaegerAnswer<Value>(
        _ json: JSONValue, _ call: Call, _ told: TraceAnswer<Value>
    ) -> Answer {
        var answer = jaegerAnswer(json, call)
        answer.coverage = told.coverage
        return answer
    }

    /// Traces as an answer, each written when it is its turn.
    func jaegerAnswer<Value>(
        _ chunks: TraceResponseChunks, _ call: Call, _ told: TraceAnswer<Value>
    ) -> Answer {
        var chunks = chunks
        if wantsLines(call) { chunks.indentation = JSONIndentation() }
        return Answer(.traces(chunks), type: .json, coverage: told.coverage)
    }

    private func wantsLines(_ call: Call) -> Bool {
        !["", "false"].contains(call["prettyPrint"] ?? "")
    }

    /// The answer, or the error that it is: all clusters refuse the question, none has answered, or
    /// some are missing where the request wants all or nothing.
    func told<Value>(
        _ answer: TraceAnswer<Value>, _ call: Call
    ) throws(ErrorResponse) -> TraceAnswer<Value> {
        if let refusal = answer.refusal {
            throw ErrorResponse(
                kind: refusal.status == 501 ? .notImplemented : .badData,
                message: refusal.message, coverage: answer.coverage)
        }
        let acceptsPartial = try partialResponse(call)
        guard !answer.missing.isEmpty, answer.isUnavailable || !acceptsPartial else {
            return answer
        }
        let what = answer.answered.isEmpty ? "no cluster answered" : "partial answer refused"
        throw ErrorResponse(
            kind: .unavailable, message: "\(what): \(answer.missingText)",
            coverage: answer.coverage)
    }

    /// Why a trace is not there: it is nowhere, or not where it could be looked for. `words` are
    /// Jaeger's for the first.
    func notFound<Value>(_ words: String, _ answer: TraceAnswer<Value>) -> ErrorResponse {
        if answer.missing.isEmpty {
            return ErrorResponse(kind: .notFound, message: words, coverage: answer.coverage)
        }
        return ErrorResponse(
            kind: .notFoundInPart, message: answer.partlyText(words), coverage: answer.coverage)
    }
}

extension Call {
    /// The parameters as Jaeger's older API reads them.
    var jaeger: V1Parameters {
        let (nanoseconds, overflows) = now.multipliedReportingOverflow(by: 1_000_000)
        return V1Parameters(now: overflows ? .max : nanoseconds) { parameters[all: $0] }
    }

    /// The parameters as API v3 reads them.
    var jaegerV3: V3Parameters { V3Parameters { parameters[$0] } }
}

extension TraceAnswer {
    var coverage: Coverage {
        var coverage = Coverage()
        coverage.present = answered
        coverage.missing = missing
        return coverage
    }

    /// Which clusters are missing, and why.
    var missingText: String { missing.map(\.warning).joined(separator: "; ") }

    /// The words, and where they do not hold: `trace not found in east; cluster west is missing: …`.
    func partlyText(_ words: String) -> String {
        let names = answered.map(\.name).joined(separator: ", ")
        return "\(words) in \(names); \(missingText)"
    }
}
