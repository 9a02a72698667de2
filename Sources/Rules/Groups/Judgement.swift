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
        let waitedFor = coverage.missing.filter { time - $0.since < maxHold }
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

    /// The missing clusters that an element depends on.
    func missing(for labels: Labels) -> [MissingCluster] {
        missing.filter { effect.depends(labels, on: $0.externalLabels) }
    }
}
