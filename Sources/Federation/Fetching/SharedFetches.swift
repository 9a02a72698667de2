import Metrics

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
        let gauge = Gauge(label: FederationMetric.waiters.name)
        self.init(
            cancelled: .missing(MissingCause(kind: "cancelled", message: "cancelled")),
            isTimeout: \.isTimeout, noting: { gauge.record($0) })
    }
}

extension Outcome {
    fileprivate var isTimeout: Bool {
        if case .missing(let cause) = self { cause.kind == "timeout" } else { false }
    }
}
