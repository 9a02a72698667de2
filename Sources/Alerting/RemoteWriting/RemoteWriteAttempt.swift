import Upstream

/// How an attempt to write a batch has ended.
enum RemoteWriteAttempt: Sendable {
    case accepted
    /// The receiver will not take it, however often it is asked; the reason is for the log.
    case refused(reason: String)
    /// Another attempt may go well.
    case unavailable(reason: String, retryAfter: Duration?)
    /// The writer or the client is being stopped.
    case stopped
}

extension RemoteWriteAttempt {
    /// How much of a refusal is read, in bytes.
    private static let excerptBytes = 1024

    /// What an answer that is no 5xx means.
    init(_ response: UpstreamResponse, retriesOnTooManyRequests: Bool) async {
        if (200..<300).contains(response.status) {
            self = .accepted
            return
        }
        let excerpt = await Self.excerpt(of: response)
        let reason = "HTTP status \(response.status)" + (excerpt.isEmpty ? "" : ": \(excerpt)")
        if response.status == 429, retriesOnTooManyRequests {
            self = .unavailable(
                reason: reason,
                retryAfter: RemoteWriteBackoff.duration(
                    ofRetryAfter: response.header("retry-after")))
        } else {
            self = .refused(reason: reason)
        }
    }

    init(_ error: UpstreamError) {
        switch error.kind {
        case .cancelled, .stopped: self = .stopped
        // A redirect is as little a matter of patience as an address that cannot be used.
        case .redirect, .configuration: self = .refused(reason: error.description)
        case .connection, .tls, .proxy, .timeout, .stalled, .open, .unfit, .status, .interrupted,
            .malformed, .tooLarge, .file:
            self = .unavailable(
                reason: error.description,
                retryAfter: RemoteWriteBackoff.duration(ofRetryAfter: error.retryAfter))
        }
    }

    /// The beginning of the body on one line, as far as it comes.
    private static func excerpt(of response: UpstreamResponse) async -> String {
        var bytes: [UInt8] = []
        var pieces = response.body.makeAsyncIterator()
        do throws(UpstreamError) {
            while bytes.count < excerptBytes, let piece = try await pieces.next() {
                bytes += piece
            }
        } catch {
            // The status has said what matters.
        }
        let text = String(decoding: bytes.prefix(excerptBytes), as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : String($0)
        }.joined()
    }
}
