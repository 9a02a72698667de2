/// Why a replica gave no answer. It holds no secret: neither user nor password of an address, nor
/// what a file of credentials says.
package struct UpstreamError: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// No connection, or one that was gone before the answer began.
        case connection
        case tls
        case proxy
        case timeout
        /// A 5xx, and the first bytes of what came with it.
        case status(Int, excerpt: String)
        /// A 3xx and the place that it points to. None is followed: credentials stay where they
        /// belong.
        case redirect(Int, location: String)
        case tooLarge(limit: Int)
        /// The answer ended before its end.
        case interrupted
        /// The answer is not one of HTTP.
        case malformed
        /// A file of credentials, keys or certificates cannot be read.
        case file(path: String)
        /// The service's configuration cannot be used.
        case configuration
        case cancelled
        /// The client has been stopped.
        case stopped

        /// From a closed set, for metrics and coverage.
        package var label: String {
            switch self {
            case .connection: "connection"
            case .tls: "tls"
            case .proxy: "proxy"
            case .timeout: "timeout"
            case .status: "status_5xx"
            case .redirect: "status_3xx"
            case .tooLarge: "too_large"
            case .interrupted: "interrupted"
            case .malformed: "malformed"
            case .file: "file"
            case .configuration: "configuration"
            case .cancelled: "cancelled"
            case .stopped: "stopped"
            }
        }

        /// Whether it is about the replica, so that another one may do better.
        package var isAboutReplica: Bool {
            switch self {
            case .connection, .tls, .proxy, .timeout, .status, .redirect, .interrupted, .malformed:
                true
            case .tooLarge, .file, .configuration, .cancelled, .stopped: false
            }
        }
    }

    /// How far a request had come.
    package enum Phase: String, Hashable, Sendable {
        /// The host had too many requests under way.
        case queued = "waiting for a connection"
        case resolving = "resolving the name"
        case connecting = "connecting"
        case handshake = "in the TLS handshake"
        case waiting = "waiting for the first byte"
        case receiving = "receiving the answer"
    }

    package var kind: Kind
    /// The replica's base address, without user and password.
    package var replica: String
    package var phase: Phase
    /// What libcurl or the system says; may be empty.
    package var message: String
    /// How much of the body had come, after decompression.
    package var receivedBytes: Int
    /// How long the replica was given.
    package var elapsed: Duration
    /// What the replica says of when to ask again: the text of `Retry-After`, of a 5xx that has it.
    package var retryAfter: String?
    /// How the replicas failed that were asked before this one.
    package var earlier: [UpstreamError] = []

    package init(
        kind: Kind, replica: String, phase: Phase = .queued, message: String = "",
        receivedBytes: Int = 0, elapsed: Duration = .zero
    ) {
        self.kind = kind
        self.replica = replica
        self.phase = phase
        self.message = message
        self.receivedBytes = receivedBytes
        self.elapsed = elapsed
    }
}

extension UpstreamError: CustomStringConvertible {
    /// One sentence for people.
    package var description: String {
        let others = earlier.map { "; before, \($0.sentence)" }.joined()
        return sentence + others
    }

    private var sentence: String {
        let reason = message.isEmpty ? "" : ": \(message)"
        return switch kind {
        case .connection: "\(replica) cannot be reached (\(phase.rawValue))\(reason)"
        case .tls: "the TLS connection to \(replica) failed\(reason)"
        case .proxy: "the proxy on the way to \(replica) failed\(reason)"
        case .timeout: "\(replica) took longer than \(shownTime) (\(phase.rawValue))"
        case .status(let status, let excerpt):
            "\(replica) answered with HTTP status \(status)\(Self.shown(excerpt))"
        case .redirect(let status, let location):
            "\(replica) answered with HTTP status \(status), a redirect to \(location) that is not"
                + " followed"
        case .tooLarge(let limit): "the answer of \(replica) is larger than \(limit) bytes"
        case .interrupted:
            "the answer of \(replica) broke off after \(receivedBytes) bytes\(reason)"
        case .malformed: "\(replica) did not answer in valid HTTP\(reason)"
        case .file(let path): "the file \(path) cannot be used\(reason)"
        case .configuration: "\(replica) cannot be asked\(reason)"
        case .cancelled: "the request to \(replica) was cancelled"
        case .stopped: "the request to \(replica) was given up as the gateway stops"
        }
    }

    private var shownTime: String {
        let milliseconds = elapsed.milliseconds
        return milliseconds < 1000
            ? "\(milliseconds) ms" : "\(Double((milliseconds + 50) / 100) / 10) s"
    }

    /// The beginning of a body that came with a failure; nothing of a page for browsers.
    private static func shown(_ excerpt: String) -> String {
        let words = excerpt.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !words.isEmpty, words.first != "<" else { return "" }
        let text = words.unicodeScalars.prefix(200).map {
            $0.properties.generalCategory == .control ? " " : String($0)
        }
        return ": " + text.joined() + (words.unicodeScalars.count > 200 ? "…" : "")
    }
}
