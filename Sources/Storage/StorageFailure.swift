/// Why a store could not do what it was asked.
package struct StorageFailure: Error, Hashable, Sendable {
    package var kind: Kind
    /// What the system or the server said; empty where that adds nothing.
    package var message: String

    package init(_ kind: Kind, message: String = "") {
        self.kind = kind
        self.message = message
    }

    /// The sort of failure, free of data.
    package enum Kind: Hashable, Sendable {
        /// No connection comes about.
        case unreachable
        /// No answer in time.
        case timeout
        /// The connection ended before the answer did.
        case connectionLost
        /// What came is no answer to what was asked.
        case malformedReply
        /// The server wants another user or password, or the file with the password has none.
        case authentication
        /// More is asked at a time than there are connections for.
        case busy
        /// It has failed so often that it is not asked for a while.
        case breakerOpen
        case cancelled
        case stopped
        /// The value has more bytes than one may have.
        case tooLarge
        /// The server refuses.
        case refused(ServerRefusal)
    }
}

/// The first word of a server's refusal.
package enum ServerRefusal: String, CaseIterable, Hashable, Sendable {
    /// The server is full, and evicts nothing.
    case outOfMemory = "OOM"
    /// The server is reading its data from disk.
    case loading = "LOADING"
    /// The server is a replica.
    case readOnly = "READONLY"
    case noAuthentication = "NOAUTH"
    case wrongPassword = "WRONGPASS"
    case noPermission = "NOPERM"
    /// The server is one of a cluster, and another has the key.
    case moved = "MOVED"
    case ask = "ASK"
    case clusterDown = "CLUSTERDOWN"
    case masterDown = "MASTERDOWN"
    /// The server runs somebody's script.
    case busyScript = "BUSY"
    /// The server cannot save, and takes no writes for it.
    case cannotSave = "MISCONF"
    case noReplicas = "NOREPLICAS"
    case wrongType = "WRONGTYPE"
    case other = "ERR"

    /// Of the text of an error reply.
    init(reply: String) {
        let word = reply.prefix { $0 != " " }
        self = Self(rawValue: String(word)) ?? .other
    }
}

extension StorageFailure.Kind {
    /// For metric labels.
    package var label: String {
        switch self {
        case .unreachable: "unreachable"
        case .timeout: "timeout"
        case .connectionLost: "connection_lost"
        case .malformedReply: "malformed_reply"
        case .authentication: "authentication"
        case .busy: "busy"
        case .breakerOpen: "breaker_open"
        case .cancelled: "cancelled"
        case .stopped: "stopped"
        case .tooLarge: "too_large"
        case .refused(let refusal): "refused_\(refusal.rawValue.lowercased())"
        }
    }

    private var sentence: String {
        switch self {
        case .unreachable: "no connection"
        case .timeout: "no answer in time"
        case .connectionLost: "the connection ended before the answer"
        case .malformedReply: "the answer is not one of Redis"
        case .authentication: "user or password are not accepted"
        case .busy: "too much is asked at a time"
        case .breakerOpen: "not asked, as it has failed too often of late"
        case .cancelled: "cancelled"
        case .stopped: "stopped"
        case .tooLarge: "the value is too large"
        case .refused: "refused"
        }
    }

    fileprivate func description(_ message: String) -> String {
        message.isEmpty ? sentence : "\(sentence): \(message)"
    }
}

extension StorageFailure: CustomStringConvertible {
    package var description: String { kind.description(message) }
}
