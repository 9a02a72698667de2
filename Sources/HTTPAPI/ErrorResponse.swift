import Federation
import HTTPTypes
import JaegerAPI
import PrometheusAPI
import ServiceGraph

/// Why a request is not answered as it was meant to be. This file alone knows which error is which
/// status code.
struct ErrorResponse: Error, Sendable {
    var kind: Kind
    var message: String
    /// The clusters that the error is about, where they were asked.
    var coverage = Coverage()
    /// After how many seconds it may be asked again; nil where that is not known.
    var retryAfter: Int?
    /// How a client may say who it is, where it has to: values of `WWW-Authenticate`.
    var challenges: [String] = []
    /// Whom a request is refused, where that is known.
    var client: String?

    /// The sorts of errors; the raw value is what the API calls them.
    enum Kind: String, CaseIterable, Sendable {
        case badData = "bad_data"
        case execution
        case timeout
        case canceled
        case `internal`
        case unavailable
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case tooLarge = "too_large"
        /// What is asked for is switched off in all clusters.
        case notImplemented = "not_implemented"
        /// It is nowhere where it could be looked for, and clusters are missing.
        case notFoundInPart = "not_found_in_part"
        /// Nobody knows who asks.
        case unauthorized
        /// Whoever asks may not.
        case forbidden

        var status: HTTPResponse.Status {
            switch self {
            case .badData: .badRequest
            case .execution: .unprocessableContent
            case .timeout, .unavailable: .serviceUnavailable
            case .canceled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
            case .internal: .internalServerError
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .tooLarge: .contentTooLarge
            case .notImplemented: .notImplemented
            case .notFoundInPart: .badGateway
            case .unauthorized: .unauthorized
            case .forbidden: .forbidden
            }
        }
    }

    static func badData(_ message: String) -> ErrorResponse {
        ErrorResponse(kind: .badData, message: message)
    }

    static func notFound(_ message: String) -> ErrorResponse {
        ErrorResponse(kind: .notFound, message: message)
    }

    init(
        kind: Kind, message: String, coverage: Coverage = Coverage(), client: String? = nil
    ) {
        self.kind = kind
        self.client = client
        self.message = message
        self.coverage = coverage
    }

    init(_ failure: QueryFailure) {
        switch failure {
        case .badData(let message): self.init(kind: .badData, message: message)
        case .execution(let message): self.init(kind: .execution, message: message)
        case .timeout(let message): self.init(kind: .timeout, message: message)
        case .cancelled: self.init(kind: .canceled, message: "query was canceled")
        case .unavailable(let message, let coverage):
            self.init(kind: .unavailable, message: message, coverage: coverage)
        case .internal(let message): self.init(kind: .internal, message: message)
        case .overloaded(let message, let seconds):
            self.init(kind: .unavailable, message: message)
            retryAfter = seconds
        }
    }

    /// Why a graph could not be drawn, though it is known.
    init(_ failure: GraphvizFailure, coverage: Coverage) {
        let kind: Kind =
            switch failure {
            case .absent: .notImplemented
            case .tooLarge, .wroteTooMuch: .execution
            case .timeout: .timeout
            case .busy: .unavailable
            case .failed, .killed, .notStarted: .internal
            case .cancelled: .canceled
            }
        self.init(kind: kind, message: failure.description, coverage: coverage)
    }

    init(_ failure: ParameterFailure) { self = .badData(failure.message) }

    init(_ mistake: ParameterMistake) { self = .badData(mistake.message) }

    /// The error as an API tells it.
    func answer(in form: ErrorForm) -> Answer {
        let body = form.body(of: self)
        var answer = Answer(.bytes(body), type: form.contentType, coverage: coverage)
        if form != .prometheus { answer.headers[.contentTypeOptions] = "nosniff" }
        for challenge in challenges {
            answer.headers.append(HTTPField(name: .wwwAuthenticate, value: challenge))
        }
        answer.status = kind.status
        if let retryAfter { answer.headers[.retryAfter] = "\(retryAfter)" }
        answer.failure = Answer.Failure(type: kind.rawValue, message: message)
        return answer
    }
}
