/// Why a replica gave no answer. It holds no secret: neither user nor password of an address, nor
/// what a file of credentials says.
package struct UpstreamError: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// No connection, or one that was gone before the answer began.
        case connection
        case tls
        case proxy
        case timeout
        /// So few bytes came in so long a time that the rest was not waited for.
        case stalled(bytes: Int, in: Duration)
        /// Not asked: the replica's breaker is open.
        case open(Opening)
        /// An answer that is none, as its reader says.
        case unfit(Unfitness)
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
            case .stalled: "stalled"
            case .open: "breaker_open"
            case .unfit(let unfitness): unfitness.cause
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
            case .connection, .tls, .proxy, .timeout, .stalled, .open, .unfit, .status, .redirect,
                .interrupted, .malformed:
                true
            case .tooLarge, .file, .configuration, .cancelled, .stopped: false
            }
        }
    }

    /// Why a replica is not asked.
    package struct Opening: Hashable, Sendable {
        /// Failures in a row.
        package var failures: Int
        /// Whether the replica itself has said when to ask again.
        package var isWanted: Bool
        /// Since the first of the failures.
        package var time: Duration
        /// Until it is asked again.
        package var remaining: Duration
        /// The last failure's sentence.
        package var reason: String

        package init(
            failures: Int, isWanted: Bool, for time: Duration, remaining: Duration,
            reason: String
        ) {
            self.failures = failures
            self.isWanted = isWanted
            self.time = time
            self.remaining = remaining
            self.reason = reason
        }
    }

    /// Why an answer is none.
    package struct Unfitness: Hashable, Sendable {
        /// From a closed set: `html`, `status_429`, …
        package var cause: String
        /// What follows the replica's address: `answered with …`.
        package var predicate: String
        package var status: Int
        /// Whether it speaks against the replica as a failure does: a page in place of an answer
        /// does, a status that is about who asks does not.
        package var isFailure: Bool

        package init(cause: String, predicate: String, status: Int, isFailure: Bool) {
            self.cause = cause
            self.predicate = predicate
            self.status = status
            self.isFailure = isFailure
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
    /// What the replica says of when to ask again: the text of `Retry-After`, of a 5xx or a 429 that has it.
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
    /// The status that the replica answered with; nil where it did not.
    package var status: Int? {
        switch kind {
        case .status(let status, _), .redirect(let status, _): status
        case .unfit(let unfitness): unfitness.status
        default: nil
        }
    }

    /// How long the replica asks to be left alone, where it says so in seconds.
    var wantedPause: Duration? {
        guard let text = retryAfter?.filter({ $0 != " " }), text.utf8.count < 10,
            let seconds = Int(text), seconds > 0
        else { return nil }
        return .seconds(seconds)
    }

    /// One sentence for people.
    package var description: String {
        let others = earlier.map { "; before, \($0.sentence)" }.joined()
        return sentence + others
    }

    var sentence: String {
        let reason = message.isEmpty ? "" : ": \(message)"
        return switch kind {
        case .connection: "\(replica) cannot be reached (\(phase.rawValue))\(reason)"
        case .tls: "the TLS connection to \(replica) failed\(reason)"
        case .proxy: "the proxy on the way to \(replica) failed\(reason)"
        case .timeout: "\(replica) took longer than \(Self.shown(elapsed)) (\(phase.rawValue))"
        case .stalled(let bytes, let time):
            "\(replica) sent \(bytes) bytes in \(Self.shown(time)) (\(phase.rawValue)), too few to wait"
                + " for the rest"
        case .open(let opening):
            opening.isWanted
                ? "\(replica) is not asked for another \(Self.shown(opening.remaining)), as it wants:"
                    + " \(opening.reason)"
                : "\(replica) is not asked: it has failed \(opening.failures) times in a row in"
                    + " \(Self.shown(opening.time)), and is tried again in"
                    + " \(Self.shown(opening.remaining)); the last time, \(opening.reason)"
        case .unfit(let unfitness): "\(replica) \(unfitness.predicate)"
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

    private static func shown(_ time: Duration) -> String {
        let milliseconds = time.milliseconds
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
