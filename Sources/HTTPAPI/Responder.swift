import Access
import Federation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Telemetry
import Tracing

/// Answers requests: finds the route, reads the parameters, asks the handler, sends the answer, and
/// notes all that in one log line and the metrics.
struct Responder: Sendable {
    private let limits: HTTPAPISettings.Limits
    private let dependencies: HTTPAPIDependencies
    private let admissions: Admissions
    private let routes: RouteTable
    private let metrics: HTTPMetrics
    private let date = HTTPDate()
    private let tracer: GatewayTracer
    private let requestLog: RequestLog

    init(settings: HTTPAPISettings, dependencies: HTTPAPIDependencies, access: HTTPAPIAccess?) {
        limits = settings.limits
        routes = RouteTable(tracesPath: settings.tracesPath)
        self.dependencies = dependencies
        admissions = Admissions(
            access, common: Handlers(settings: settings, dependencies: dependencies))
        requestLog = RequestLog(settings.requestLog, dependencies.logger)
        metrics = HTTPMetrics(factory: dependencies.metrics)
        tracer = dependencies.tracer
    }

    /// Answers one request. Throws where the connection cannot be used any more.
    func respond(
        to request: Request, _ writer: consuming ResponseWriter, _ presence: ClientPresence
    ) async throws {
        let start = ContinuousClock.now
        metrics.requestBegan()
        var exchange = Exchange(request.head)
        if exchange.targetBytes <= limits.targetBytes {
            exchange.match = routes.match(String(exchange.path))
        }
        let span = ServerSpan(request.head, tracer, client: presence.address)
        exchange.span = span
        exchange.address = presence.address
        let admission = await admission(of: request.head, exchange)
        exchange.note(admission)
        let body: RequestBody
        do {
            if exchange.isAdmitted, exchange.asksBeforeBody, exchange.hasBody,
                exchange.bodyBytes <= limits.bodyBytes
            {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            body = try await self.body(of: request, exchange)
        } catch {
            // The client left in the middle of its request.
            note(exchange, RequestBody(), code: 499, bytes: 0, since: start)
            throw error
        }
        let asked = exchange
        let client = exchange.client ?? dependencies.clientName(presence.address)
        let answer = await ServiceContext.$current.withValue(span.context) {
            await QueryClient.$current.withValue(client) {
                await self.answer(asked, admission, body, presence)
            }
        }
        exchange.failure = answer.failure
        defer { withExtendedLifetime(answer.memory) {} }
        exchange.coverage = answer.coverage
        let sender = AnswerSender(
            answer: answer, method: request.method,
            coding: .negotiated(request.headers[values: .acceptEncoding]))
        var headers = commonHeaders(for: answer, exchange)
        if !body.isAtEnd { headers[.connection] = "close" }
        do {
            let bytes = try await sender.send(headers, writer)
            note(exchange, body, code: answer.status.code, bytes: bytes, since: start)
        } catch {
            note(exchange, body, code: 499, bytes: 0, since: start)
            throw error
        }
        // Nobody reads the rest of a body that is too large.
        if !body.isAtEnd { throw ChannelError.inputClosed }
    }

    // MARK: Reading

    /// What is known of a request from its head.
    private struct Exchange {
        let method: HTTPRequest.Method
        /// With percent signs and without the query string.
        let path: Substring
        let query: Substring
        let targetBytes: Int
        let origin: String?
        /// Whether the body is one that Go's servers read: a form.
        let isForm: Bool
        /// Whether the client waits for a word before it sends the body.
        let asksBeforeBody: Bool
        /// What the head says of the body's length; 0 where it says nothing.
        let bodyBytes: Int
        let cacheUse: CacheUse
        let accept: [String]
        let heldTags: [String]
        var match: RouteMatch?
        var span: ServerSpan?
        /// Why the answer is an error.
        var failure: Answer.Failure?
        /// The clusters that the answer is about.
        var coverage = Coverage()
        /// Where the request comes from.
        var address: String?
        /// The name of the client, where it is known.
        var client: String?
        /// Whether the request may be read on: of one that is refused no body is.
        var isAdmitted = true

        /// Takes over who asks.
        mutating func note(_ admission: Result<Admission, ErrorResponse>) {
            switch admission {
            case .success(let admission): client = admission.client?.name
            case .failure(let refusal):
                client = refusal.client
                isAdmitted = false
            }
        }

        /// Whether the body is read: a form, or the document that the route takes.
        var hasBody: Bool {
            guard let route = match?.route, route.takesDocument else { return isForm }
            return route.methods.contains(method)
        }

        init(_ head: HTTPRequest) {
            method = head.method
            let target = Substring(head.path ?? "/")
            targetBytes = target.utf8.count
            let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
            path = target[..<(mark ?? target.endIndex)]
            query = mark.map { target[target.utf8.index(after: $0)...] } ?? ""
            let fields = head.headerFields
            origin = fields[HTTPField.Name.origin]
            let type = fields[.contentType]?.split(separator: ";").first ?? ""
            let isFormType =
                type.filter { $0 != " " }.lowercased()
                == "application/x-www-form-urlencoded"
            isForm = isFormType && [.post, .put, .patch].contains(head.method)
            asksBeforeBody = fields[.expect]?.lowercased() == "100-continue"
            bodyBytes = fields[.contentLength].flatMap { Int($0) } ?? 0
            accept = fields[values: .accept]
            heldTags = fields[values: .ifNoneMatch]
            cacheUse = CacheUse(directives: fields[values: .cacheControl])
        }
    }

    /// A request's body, where it is read.
    private struct RequestBody {
        var bytes: [UInt8] = []
        var isTooLarge = false
        /// Whether nothing of the body is left on the connection.
        var isAtEnd = true
    }

    private func body(of request: Request, _ exchange: Exchange) async throws -> RequestBody {
        var body = RequestBody()
        guard exchange.isAdmitted else {
            // Who sends no body before he is told to, or a very long one, is not read on.
            body.isAtEnd = !exchange.asksBeforeBody && exchange.bodyBytes <= limits.bodyBytes
            return body
        }
        guard exchange.hasBody else { return body }
        if exchange.asksBeforeBody, exchange.bodyBytes > limits.bodyBytes {
            return RequestBody(isTooLarge: true, isAtEnd: false)
        }
        var dropped = 0
        for try await piece in request.body {
            if body.bytes.count + piece.readableBytes <= limits.bodyBytes, !body.isTooLarge {
                body.bytes.append(contentsOf: piece.readableBytesView)
                continue
            }
            // A client that is still sending would not see the answer, so that a little more than
            // the limit is read before it is given.
            body.isTooLarge = true
            body.bytes = []
            dropped += piece.readableBytes
            if dropped > limits.bodyBytes {
                body.isAtEnd = false
                break
            }
        }
        return body
    }

    // MARK: Answering

    /// Who asks; a browser that asks whether it may ask has no credentials yet.
    private func admission(
        of head: HTTPRequest, _ exchange: Exchange
    ) async -> Result<Admission, ErrorResponse> {
        if isPreflight(exchange) { return .success(admissions.ofAnybody) }
        return await admissions.admission(of: head, to: exchange.match?.route)
    }

    private func isPreflight(_ exchange: Exchange) -> Bool {
        exchange.method == .options && routes.isAPI(exchange.path)
    }

    private func answer(
        _ exchange: Exchange, _ admission: Result<Admission, ErrorResponse>, _ body: RequestBody,
        _ presence: ClientPresence
    ) async -> Answer {
        let errorForm = exchange.match?.route.errorForm ?? routes.errorForm(at: exchange.path)
        do throws(ErrorResponse) {
            if exchange.targetBytes > limits.targetBytes {
                throw ErrorResponse(
                    kind: .tooLarge,
                    message: "the request's path and query string are longer than "
                        + "\(limits.targetBytes) bytes; send the parameters as a form")
            }
            if isPreflight(exchange) {
                var answer = Answer(.finished, type: .text)
                answer.status = .noContent
                return answer
            }
            let admission = try admission.get()
            guard let match = exchange.match else { throw absent(exchange.path) }
            if let refusal = refusal(match.route, exchange.method) { return refusal }
            if body.isTooLarge { throw tooLarge(match.route) }
            let takesDocument = match.route.takesDocument
            let call = Call(
                parameters: FormValues(
                    body: takesDocument ? [] : body.bytes, query: exchange.query.utf8),
                route: match.route.path, name: match.name,
                document: takesDocument ? body.bytes : [],
                now: dependencies.now(), cacheUse: exchange.cacheUse, accept: exchange.accept,
                heldTags: exchange.heldTags, client: admission.client?.name)
            if let name = call.parameters.nameOfInvalidText {
                throw ErrorResponse.badData("invalid parameter \"\(name)\": not valid UTF-8")
            }
            let handler = match.route.answer(admission.handlers)
            guard match.route.waits else { return try await handler(call) }
            return await answerWhileClientWaits(handler, errorForm, call, presence)
        } catch {
            return error.answer(in: errorForm)
        }
    }

    private func tooLarge(_ route: Route) -> ErrorResponse {
        let message =
            route.takesDocument
            ? "the body is longer than \(limits.bodyBytes) bytes"
            : "error parsing form values: http: POST too large"
        return ErrorResponse(kind: .tooLarge, message: message)
    }

    private func absent(_ path: Substring) -> ErrorResponse {
        // In Jaeger's words, by which clients know what it does not have.
        if routes.errorForm(at: path) == .plain { return .notFound("404 page not found") }
        if Route.absent.contains(String(path)) {
            return .notFound(
                "Isthmus does not answer \(path): ask the clusters' Prometheus servers")
        }
        return .notFound("there is nothing at this path; /-/routes lists what there is")
    }

    /// The answer to a method that the route does not take; nil where it takes it.
    private func refusal(_ route: Route, _ method: HTTPRequest.Method) -> Answer? {
        if route.methods.contains(method) { return nil }
        if method == .head, route.methods.contains(.get) { return nil }
        var allowed = route.methods.map(\.rawValue)
        if route.methods.contains(.get) { allowed.append("HEAD") }
        if routes.isAPI(route.path) { allowed.append("OPTIONS") }
        let list = allowed.joined(separator: ", ")
        var answer = ErrorResponse(
            kind: .methodNotAllowed, message: "\(route.path) takes \(list)"
        ).answer(in: route.errorForm)
        answer.headers[.allow] = list
        return answer
    }

    /// The handler's answer; its task is cancelled when the client leaves.
    private func answerWhileClientWaits(
        _ handler: @escaping Handler, _ form: ErrorForm, _ call: Call, _ presence: ClientPresence
    ) async -> Answer {
        await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await outcome(of: handler, form, call) }
            group.addTask { await departure(of: presence) }
            var answer: Answer?
            for await outcome in group {
                if let given = outcome.answer { answer = given }
                // Whichever is first ends the other; a cancelled query has an answer too.
                group.cancelAll()
            }
            return answer ?? ErrorResponse(QueryFailure.cancelled).answer(in: form)
        }
    }

    private struct Outcome: Sendable {
        /// Nil for the client's departure.
        var answer: Answer?
    }

    private typealias Handler = @Sendable (Call) async throws(ErrorResponse) -> Answer

    private func outcome(
        of handler: Handler, _ form: ErrorForm, _ call: Call
    ) async -> Outcome {
        do {
            return Outcome(answer: try await handler(call))
        } catch {
            return Outcome(answer: error.answer(in: form))
        }
    }

    private func departure(of presence: ClientPresence) async -> Outcome {
        await presence.departure()
        return Outcome(answer: nil)
    }

    // MARK: Around the answer

    private func commonHeaders(for answer: Answer, _ exchange: Exchange) -> HTTPFields {
        var headers = answer.headers
        headers[.date] = date.text(dependencies.now())
        headers[.contentType] = answer.type.rawValue
        exchange.span?.addHeaders(to: &headers)
        if routes.isAPI(exchange.path) {
            CrossOrigin.addHeaders(to: &headers, origin: exchange.origin)
            ClusterHeaders.add(answer.coverage, to: &headers)
            if let cache = answer.cache { headers[.cache] = cache.headerText }
        }
        return headers
    }

    private func note(
        _ exchange: Exchange, _ body: RequestBody, code: Int, bytes: Int,
        since start: ContinuousClock.Instant
    ) {
        let context = exchange.span?.context
        ServiceContext.$current.withValue(context) {
            noteInTrace(exchange, body, code: code, bytes: bytes, since: start)
        }
    }

    private func noteInTrace(
        _ exchange: Exchange, _ body: RequestBody, code: Int, bytes: Int,
        since start: ContinuousClock.Instant
    ) {
        let duration = start.duration(to: .now)
        exchange.span?.end(
            route: exchange.match?.route.path, code: code, bytes: bytes,
            failure: exchange.failure)
        let route = exchange.match?.route.path ?? "other"
        metrics.requestEnded(route: route, code: code, duration: duration)
        dependencies.logger.log(
            level: code >= 500 ? .info : .debug, "request",
            metadata: [
                "method": "\(exchange.method.rawValue)", "route": "\(route)", "code": "\(code)",
                "seconds": "\(duration.inSeconds)", "bytes": "\(bytes)",
            ])
        let match = exchange.match
        let entry = RequestLog.Entry(
            client: exchange.client, address: exchange.address,
            method: exchange.method.rawValue, route: route, name: match?.name ?? "", code: code,
            duration: duration, bytes: bytes, coverage: exchange.coverage,
            waits: match?.route.waits ?? false,
            isAdministration: match?.route.access.group == .admin)
        requestLog.note(entry) {
            let isDocument = match?.route.takesDocument ?? false
            return FormValues(body: isDocument ? [] : body.bytes, query: exchange.query.utf8)
        }
    }
}

extension HTTPField.Name {
    static let origin = HTTPField.Name.validated("Origin")
    static let clustersOk = HTTPField.Name.validated("X-Isthmus-Clusters-Ok")
    static let clustersMissing = HTTPField.Name.validated("X-Isthmus-Clusters-Missing")
    static let cache = HTTPField.Name.validated("X-Isthmus-Cache")
    static let dependencySample = HTTPField.Name.validated("X-Isthmus-Dependency-Sample")
    static let contentTypeOptions = HTTPField.Name.validated("X-Content-Type-Options")

    static func validated(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else {
            preconditionFailure("\(name) is a field's name")
        }
        return field
    }
}
