/// Questions to clusters that are under way, each once.
typealias SharedFetches = SharedWork<FetchSubject, Outcome<ServerAnswer>>

/// What a fetch is about.
enum FetchSubject: Hashable, Sendable {
    /// A question with all its times, from what is remembered and from the cluster.
    case whole(ServerQuestion)
    /// A question to the cluster.
    case piece(ServerQuestion)
}

extension SharedWork where Subject == FetchSubject, Value == Outcome<ServerAnswer> {
    convenience init() {
        self.init(
            cancelled: .missing(MissingCause(kind: "cancelled", message: "cancelled")),
            isTimeout: \.isTimeout)
    }
}

extension Outcome {
    fileprivate var isTimeout: Bool {
        if case .missing(let cause) = self { cause.kind == "timeout" } else { false }
    }
}
