import Clusters
import PrometheusAPI
import TimeSeries
import Upstream

/// What came of asking one cluster something. A cluster that fails is an answer.
enum Outcome<Value: Sendable>: Sendable {
    case answered(Value)
    /// The cluster's share is missing from the answer.
    case missing(MissingCause)
    /// The question itself is at fault; the message names the cluster.
    case rejected(type: String, message: String)
}

extension Outcome {
    /// Whether whoever asked may hold no more. Another may.
    var isMemoryRefusal: Bool {
        if case .rejected(MemoryRefusal.outcomeType, _) = self { true } else { false }
    }
}

/// Why a cluster's share is missing.
struct MissingCause: Error, Hashable {
    /// From a closed set.
    var kind: String
    /// One sentence without secrets.
    var message: String
    /// Whether the answer was too large for the server or for us: less may be answered.
    var isAboutSize = false
}

extension MissingCause {
    /// The inventory says that the cluster is expected to be away, so it is asked nothing.
    static let maintenance = MissingCause(
        kind: Coverage.Missing.maintenance, message: "it is under maintenance, as its file says")
}

/// What a cluster says of a question: its own words for a failure.
struct ServerRefusal: Error {
    var status: Int
    var error: ServerError

    /// Whether the server gave up for its own limits rather than for what the question says.
    private var isLimit: Bool {
        Self.limitTexts.contains { error.message.lowercased().contains($0) }
    }

    /// What servers say where a query is too large for them.
    private static let limitTexts = [
        "too many samples", "maximum resolution", "exceeds the limit", "exceeded the limit",
        "limit of", "query is too expensive", "max-samples",
    ]

    func outcome<Value>(of cluster: ClusterID) -> Outcome<Value> {
        switch (status, error.type) {
        case (400, _) where isLimit, (422, _) where isLimit:
            .missing(
                .init(
                    kind: "limit", message: "its own limit: \(error.message)",
                    isAboutSize: true))
        case (400, _), (422, _), (200, "bad_data"), (200, "execution"):
            .rejected(type: error.type, message: "cluster \(cluster): \(error.message)")
        default:
            .missing(
                .init(
                    kind: "status_\(status)",
                    message: "HTTP status \(status): \(error.message)"))
        }
    }
}

/// A status that is neither success nor an error in the API's form.
struct UnexpectedStatus: Error {
    var status: Int
    var contentType: String?

    var cause: (kind: String, message: String) {
        let meaning =
            switch status {
            case 401: " (unauthorized: are the credentials right?)"
            case 403: " (forbidden)"
            case 404: " (not found: is the path prefix right?)"
            case 429: " (too many requests)"
            default: ""
            }
        return ("status_\(status)", "HTTP status \(status)\(meaning)")
    }
}

extension DecodingFailure {
    /// Which key says so, where it is a limit that has one.
    fileprivate var limitInWords: String {
        switch self {
        case .limit(.series, _): " (query.limits.max_series)"
        case .limit(.samples, _): " (\(LimitName.samples.key))"
        default: ""
        }
    }
}

extension MissingCause {
    fileprivate init(_ failure: UpstreamError) {
        self.init(kind: failure.kind.label, message: failure.description)
        if case .tooLarge = failure.kind {
            isAboutSize = true
            message += " (query.limits.max_response_bytes)"
        }
    }
}

extension Outcome {
    /// The outcome that an error thrown while asking stands for.
    static func failed(_ error: any Error, cluster: ClusterID) -> Outcome {
        switch error {
        case let refusal as ServerRefusal: refusal.outcome(of: cluster)
        case let unexpected as UnexpectedStatus:
            .missing(
                MissingCause(kind: unexpected.cause.kind, message: unexpected.cause.message))
        case let failure as DecodingFailure:
            .missing(
                MissingCause(
                    kind: failure.kind, message: failure.description + failure.limitInWords))
        case let failure as UpstreamError:
            .missing(MissingCause(failure))
        case let failure as NoPlace:
            .missing(MissingCause(kind: "timeout", message: failure.message))
        case let refusal as MemoryRefusal:
            .rejected(type: MemoryRefusal.outcomeType, message: refusal.failure.message)
        case is CancellationError:
            .missing(MissingCause(kind: "cancelled", message: "cancelled"))
        default:
            .missing(MissingCause(kind: "internal", message: "\(error)"))
        }
    }
}
