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
    /// The replica that was asked last, its address without user and password.
    var replica: String?
    /// How far the request had come, in words.
    var phase: String?
    /// With which the replica answered.
    var status: Int?
    /// How long the replica has been failing, where it is not asked for that.
    var time: Duration?
    /// Whether the answer was too large for the server or for us: less may be answered.
    var isAboutSize = false
}

extension MissingCause {
    /// The inventory says that the cluster is expected to be away, so it is asked nothing.
    static let maintenance = MissingCause(
        kind: Coverage.Missing.maintenance, message: "it is under maintenance, as its file says")
}

extension Coverage.Missing {
    /// `now` is in milliseconds since the Unix epoch.
    init(cluster: ClusterID, _ cause: MissingCause, now: Int64) {
        self.init(cluster: cluster, cause: cause.kind, message: cause.message)
        replica = cause.replica
        phase = cause.phase
        status = cause.status
        if let time = cause.time {
            let since = now - time.milliseconds
            self.since = since
            message += " (since \(APITime.text(since / 1000 * 1000)))"
        }
    }
}

/// What a cluster says of a question: its own words for a failure.
struct ServerRefusal: Error {
    var status: Int
    var error: ServerError
    var replica: String

    init(_ response: UpstreamResponse, _ error: ServerError) {
        status = response.status
        self.error = error
        replica = response.replica
    }

    /// Whether the question is at fault, or too large for the server.
    var isAboutQuestion: Bool { [200, 400, 422].contains(status) }

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
                    kind: "limit", message: "its own limit: \(error.message) (\(replica))",
                    replica: replica, status: status, isAboutSize: true))
        case (400, _), (422, _), (200, "bad_data"), (200, "execution"):
            .rejected(type: error.type, message: "cluster \(cluster): \(error.message)")
        default:
            .missing(
                .init(
                    kind: "status_\(status)",
                    message: "\(replica) answered with HTTP status \(status): \(error.message)",
                    replica: replica, status: status))
        }
    }
}

/// A status that is neither success nor an error in the API's form.
struct UnexpectedStatus: Error {
    var status: Int
    var replica: String

    init(_ response: UpstreamResponse) {
        status = response.status
        replica = response.replica
    }

    /// From a closed set.
    var kind: String { "status_\(status)" }

    /// What follows the replica's address.
    var predicate: String {
        let meaning =
            switch status {
            case 401: " (unauthorized: are the credentials right?)"
            case 403: " (forbidden)"
            case 404: " (not found: is the path prefix right?)"
            case 429: " (too many requests)"
            default: ""
            }
        return "answered with HTTP status \(status)\(meaning)"
    }
}

extension UpstreamError {
    /// An answer that speaks for itself: of this status, or of this form.
    init(
        unfit cause: String, _ predicate: String, _ response: UpstreamResponse,
        isFailure: Bool = false
    ) {
        self.init(
            kind: .unfit(
                .init(
                    cause: cause, predicate: predicate, status: response.status,
                    isFailure: isFailure)), replica: response.replica, phase: .receiving)
        retryAfter = response.header("retry-after")
    }
}

extension DecodingFailure {
    /// The failure as that of the replica whose answer it is; of what is as large or as unfit
    /// wherever it comes from, the failure itself.
    func blamed(on response: UpstreamResponse) -> any Error {
        let hint =
            switch self {
            case .html: " Check its address, path prefix and credentials"
            case .notJSON, .truncated, .wrongShape: ""
            case .offGrid, .limit: String?.none
            }
        guard let hint else { return self }
        return UpstreamError(
            unfit: kind, "answered with HTTP status \(response.status), but \(self)\(hint)",
            response, isFailure: true)
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
        replica = failure.replica
        phase = failure.phase.rawValue
        status = failure.status
        if case .open(let opening) = failure.kind {
            time = opening.time
            phase = nil
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
                MissingCause(
                    kind: unexpected.kind, message: "\(unexpected.replica) \(unexpected.predicate)",
                    replica: unexpected.replica, status: unexpected.status))
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
