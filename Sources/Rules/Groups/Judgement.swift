import Planning
import TimeSeries

/// What missing clusters mean for the alerts of one evaluation, by the rule's policy.
struct Judgement {
    let policy: RulePolicy
    private let effect: MissingDataEffect
    /// All that are missing.
    private let missing: [MissingCluster]
    /// Those that can keep an alert from beginning.
    private let blocking: [MissingCluster]
    /// Those that can keep an alert from ending.
    private let holding: [MissingCluster]

    init(_ state: RuleState, _ coverage: RuleCoverage, at time: Int64) {
        policy = state.policy
        effect = state.effect
        missing = coverage.missing
        guard state.policy.onPartial != .bestEffort else {
            blocking = []
            holding = []
            return
        }
        // A cluster that is given up no longer counts, but where nobody answered at all nothing is
        // known of anything.
        let maxHold = state.policy.maxHold
        // Nor is one given up as long as another gateway reaches it.
        let sinceComplete = state.completeAt.map { time - $0 } ?? .max
        let waitedFor = coverage.missing.filter { min(time - $0.since, sinceComplete) < maxHold }
        blocking = coverage.hasAnswers ? waitedFor : coverage.missing
        holding = state.policy.afterHold == .resolve ? waitedFor : coverage.missing
    }

    var isBestEffort: Bool { policy.onPartial == .bestEffort }

    /// What it is worth that the answer has an element.
    func presence(_ labels: Labels) -> MissingDataEffect.Certainty {
        guard blocking.contains(where: { effect.depends(labels, on: $0.externalLabels) }) else {
            return .certain
        }
        // What is one cluster's own cannot come from it while it is missing: it is an older sample
        // of a recorded series.
        if effect.isOneClustersOwn { return .deficit }
        return effect.presence
    }

    /// Whether an element that the answer does not have may be there in truth.
    func mayBeThere(_ labels: Labels) -> Bool {
        guard holding.contains(where: { effect.depends(labels, on: $0.externalLabels) }) else {
            return false
        }
        return effect.canAppear || effect.isOneClustersOwn
    }

    /// Whether it is certain that the condition of an element of the answer holds, whatever the
    /// policy makes of it.
    func knowsPresence(_ labels: Labels) -> Bool {
        missing(for: labels).isEmpty || !effect.isOneClustersOwn && effect.presence == .certain
    }

    /// The same of the absence of an element that the answer does not have.
    func knowsAbsence(_ labels: Labels) -> Bool {
        missing(for: labels).isEmpty || !effect.isOneClustersOwn && !effect.canAppear
    }

    /// Whether nothing is missing at all.
    var isComplete: Bool { missing.isEmpty }

    /// The missing clusters that an element depends on.
    func missing(for labels: Labels) -> [MissingCluster] {
        missing.filter { effect.depends(labels, on: $0.externalLabels) }
    }
}
