import HTTPTypes
import Hummingbird

/// The requests about traces: a cluster's Jaeger under `/jaeger`, and the truth under
/// `/traces/truth`, which no Jaeger knows.
struct TraceRoutes: Sendable {
    var answers: JaegerAnswers

    func add(to router: Router<BasicRequestContext>) {
        router.get("jaeger/**") { request, _ in answer(request) }
        router.post("jaeger/**") { request, _ in answer(request) }
        router.get("traces/truth") { request, _ in truth(request) }
    }

    private func answer(_ request: Request) -> Response {
        let answer = answers.answer(
            method: request.method.rawValue,
            path: request.uri.path.dropFirst("/jaeger".count),
            query: request.uri.query ?? "", at: currentTime() * 1000)
        return Self.response(answer)
    }

    private func truth(_ request: Request) -> Response {
        do throws(JaegerRefusal) {
            let parameters = JaegerParameters(query: request.uri.query ?? "")
            let truth = TraceTruth(store: answers.store)
            let id = parameters.text("trace")
            if !id.isEmpty {
                guard let trace = truth.trace(try traceIdentity(id), at: currentTime() * 1000)
                else { throw JaegerRefusal("There is no trace \(id).") }
                return Self.response(JaegerAnswers.Answer(body: truth.text(of: trace).bytes))
            }
            let start = try parameters.number("start", standard: 0)
            let end = try parameters.number("end", standard: currentTime() * 1000)
            let traces = truth.traces(from: start, to: end, at: currentTime() * 1000)
            var json = JSONText()
            json.array(traces) { $0.raw(String(decoding: truth.text(of: $1).bytes, as: UTF8.self)) }
            return Self.response(JaegerAnswers.Answer(body: json.bytes))
        } catch {
            return Self.response(
                JaegerAnswers.Answer(
                    status: error.status, contentType: JaegerAnswers.Answer.plainText,
                    body: Array((error.message + "\n").utf8)))
        }
    }

    static func response(_ answer: JaegerAnswers.Answer) -> Response {
        var headers: HTTPFields = [.contentType: answer.contentType]
        if answer.status >= 400 { headers[.xContentTypeOptions] = "nosniff" }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
