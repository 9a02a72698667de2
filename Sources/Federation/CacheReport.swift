/// Whether remembered answers may be used for a query.
package enum CacheUse: String, Hashable, Sendable {
    /// As far as they go.
    case allowed
    /// Everything is asked anew and remembered: `Cache-Control: no-cache`.
    case refresh
    /// Everything is asked anew, nothing is remembered, and nothing is shared with others:
    /// `Cache-Control: no-store`.
    case bypass
}

/// How much of an answer was remembered.
package struct CacheReport: Hashable, Sendable {
    package var outcome: Outcome
    /// Times of the grid for which an answer was needed.
    package var steps = 0
    /// Those of them for which it was remembered.
    package var cachedSteps = 0
    /// Requests to the cluster that the rest took; 0 where others had asked already.
    package var requests = 0
    /// Whether somebody was asking the same at that time, and the answer was shared.
    package var isShared = false

    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// There is no cache.
        case off
        /// The client did not want it.
        case bypass
        /// All was remembered: the cluster was not asked.
        case hit
        /// Some was.
        case partial
        /// Nothing was.
        case miss
    }

    package init(
        _ outcome: Outcome, steps: Int = 0, cachedSteps: Int = 0, requests: Int = 0,
        isShared: Bool = false
    ) {
        self.outcome = outcome
        self.steps = steps
        self.cachedSteps = cachedSteps
        self.requests = requests
        self.isShared = isShared
    }

    /// What was remembered of all answers together.
    package init(all reports: some Sequence<CacheReport>) {
        self.init(.off)
        var outcomes: Set<Outcome> = []
        for report in reports {
            outcomes.insert(report.outcome)
            steps += report.steps
            cachedSteps += report.cachedSteps
            requests += report.requests
            isShared = isShared || report.isShared
        }
        if outcomes.count == 1, let only = outcomes.first {
            outcome = only
        } else if !outcomes.isEmpty {
            outcome = cachedSteps > 0 ? .partial : .miss
        }
    }
}
