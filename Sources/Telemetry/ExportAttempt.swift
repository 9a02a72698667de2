import JaegerAPI
import Upstream

/// How an attempt to send spans has ended.
enum ExportAttempt: Sendable {
    /// But for so many spans, which the collector will not take; the reason is for the log.
    case accepted(rejected: Int, reason: String)
    /// The collector will not take them, however often it is asked; the reason is for the log.
    case refused(reason: String)
    /// Another attempt may go well.
    case unavailable(reason: String, retryAfter: Duration?)
    /// The exporter or the client is being stopped.
    case stopped
}

extension ExportAttempt {
    /// What an answer that is no 5xx means. `body` is read of one that went well.
    init(_ response: UpstreamResponse, body: [UInt8]) {
        switch response.status {
        case 200..<300:
            // A collector that says nothing that can be read has taken them all the same.
            let told = try? OTLPExportAnswer(body)
            self = .accepted(
                rejected: Int(clamping: told?.rejectedSpans ?? 0), reason: told?.message ?? "")
        case 408, 429:
            self = .unavailable(
                reason: "HTTP status \(response.status)",
                retryAfter: Self.duration(ofRetryAfter: response.header("retry-after")))
        default: self = .refused(reason: "HTTP status \(response.status)")
        }
    }

    init(_ error: UpstreamError) {
        switch error.kind {
        case .cancelled, .stopped: self = .stopped
        case .redirect, .configuration: self = .refused(reason: error.description)
        case .connection, .tls, .proxy, .timeout, .stalled, .open, .unfit, .status, .interrupted,
            .malformed, .tooLarge, .file:
            self = .unavailable(
                reason: error.description,
                retryAfter: Self.duration(ofRetryAfter: error.retryAfter))
        }
    }

    /// A collector that asks for more patience than this is asked again all the same.
    private static let longestRetryAfter = Duration.seconds(300)

    /// What `Retry-After` says in seconds; a date is not read.
    private static func duration(ofRetryAfter text: String?) -> Duration? {
        guard let text, let seconds = Int32(text), seconds >= 0 else { return nil }
        return min(.seconds(Int64(seconds)), longestRetryAfter)
    }
}
