import Clusters
import Federation
import Upstream

/// Why a cluster's share is missing from an answer about traces.
struct MissingShare: Error, Hashable, Sendable {
    /// From a closed set.
    var cause: String
    /// One sentence without secrets.
    var message: String
    /// Whether the answer was larger than is taken: less may be.
    var isTooLarge = false

    static let maintenance = MissingShare(
        cause: "maintenance", message: "it is under maintenance, as its file says")

    /// Of an answer, or of what is left of a cluster's share.
    static func tooLarge(limit: Int) -> MissingShare {
        MissingShare(
            cause: "too_large", message: "its answer is larger than \(limit) bytes",
            isTooLarge: true)
    }
}

/// The API's own word for what there is not.
struct NotFound: Error, Hashable, Sendable {}

/// An answer that is none of the API in the generation that it was asked in.
enum UnfittingAnswer: Error, Hashable, Sendable {
    /// There is no such path, or no such method.
    case noEndpoint(status: Int)
    /// A page for people: another program, or a login.
    case page
    /// JSON, or not even that, of another form; the text says what is wrong with it.
    case form(String)
    /// A release of old that speaks a v3 of its own.
    case oldSpelling

    var share: MissingShare {
        switch self {
        case .noEndpoint(let status):
            MissingShare(
                cause: "status_\(status)",
                message: "HTTP status \(status): Jaeger's API is not there (is the path prefix "
                    + "right?)")
        case .page:
            MissingShare(
                cause: "page",
                message: "it answers with a web page instead of Jaeger's API (is the path prefix "
                    + "right? does a login stand before it?)")
        case .form(let problem):
            MissingShare(
                cause: "malformed", message: "its answer is not one of Jaeger's API: \(problem)")
        case .oldSpelling:
            MissingShare(
                cause: "malformed", message: "it speaks neither v1 nor v3 of Jaeger's API as known")
        }
    }
}

/// What came of asking one cluster's Jaeger. A cluster that fails is an answer.
enum JaegerOutcome<Value: Sendable>: Sendable {
    case answered(Value)
    case missing(MissingShare)
    /// It does not answer this, and is not out of order for that.
    case refused(TraceRefusal)

    /// The outcome that an error thrown while asking stands for.
    init(failure error: any Error) {
        switch error {
        case let refusal as TraceRefusal: self = .refused(refusal)
        case let share as MissingShare: self = .missing(share)
        case let unfitting as UnfittingAnswer: self = .missing(unfitting.share)
        case is NotFound: self = .missing(UnfittingAnswer.noEndpoint(status: 404).share)
        case let failure as UpstreamError: self = .missing(MissingShare(failure))
        case let failure as NoPlace:
            self = .missing(
                MissingShare(
                    cause: "timeout",
                    message: "\(failure.limit) requests to it were under way all the time "
                        + "(max_concurrent_requests)"))
        case is CancellationError:
            self = .missing(MissingShare(cause: "cancelled", message: "cancelled"))
        default: self = .missing(MissingShare(cause: "internal", message: "\(error)"))
        }
    }
}

extension MissingShare {
    init(_ failure: UpstreamError) {
        self.init(cause: failure.kind.label, message: failure.description)
        if case .tooLarge = failure.kind { isTooLarge = true }
    }
}
