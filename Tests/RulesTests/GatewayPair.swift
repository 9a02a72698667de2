import Clusters
import Rules
import TestSupport
import TimeSeries

/// Two gateways that evaluate one rule, the store that both keep its state in, and the Alertmanager
/// that both tell.
struct GatewayPair {
    let rule: Rule
    var gateways: [RuleTimeline]
    /// As it lies in the store.
    private(set) var kept: [UInt8]?
    private(set) var told = ToldAlerts()
    var lookups: [String: TemplateAnswer] = [:]

    init(_ rule: Rule) {
        self.rule = rule
        gateways = [RuleTimeline([rule]), RuleTimeline([rule])]
    }

    /// What a gateway gets in an evaluation.
    struct View {
        var labels: [Labels]
        var missing: [MissingCluster] = []
        var hasAnswers = true
    }

    /// One evaluation of both, at a time in seconds. Their steps mix as `random` has it, but each
    /// tells at once what it has kept.
    mutating func evaluate(
        _ second: Int64, _ views: [View], using random: inout SeededGenerator
    ) throws {
        let order = [0, 1].shuffled(using: &random)
        let areMixed = Bool.random(using: &random)
        var outcomes: [RuleOutcome?] = [nil, nil]
        for gateway in order {
            outcomes[gateway] = try begin(gateway, second, views[gateway])
            if !areMixed { try end(gateway, second, outcomes[gateway]) }
        }
        guard areMixed else { return }
        for gateway in order.shuffled(using: &random) {
            try end(gateway, second, outcomes[gateway])
        }
    }

    private mutating func begin(
        _ gateway: Int, _ second: Int64, _ view: View
    ) throws -> RuleOutcome {
        if let kept {
            gateways[gateway].state.adopt(
                try GroupSnapshot(bytes: kept), through: RuleTimeline.at(second))
        }
        gateways[gateway].lookups = lookups
        return gateways[gateway].evaluate(
            second, view.labels, missing: view.missing, hasAnswers: view.hasAnswers)
    }

    private mutating func end(
        _ gateway: Int, _ second: Int64, _ outcome: RuleOutcome?
    ) throws {
        let time = RuleTimeline.at(second)
        var snapshot = gateways[gateway].state.snapshot()
        if let kept { snapshot = try GroupSnapshot(bytes: kept).merged(with: snapshot) }
        snapshot = snapshot.pruned(at: time)
        kept = snapshot.bytes
        gateways[gateway].state.adopt(snapshot, through: time)
        told.hear(gateways[gateway].state.confirmed(outcome?.notifications ?? [], rule: 0))
    }

    /// Another process takes the place of one, just before the evaluation of a time.
    mutating func restart(_ gateway: Int, at second: Int64) throws {
        gateways[gateway] = RuleTimeline([rule], restores: true)
        guard let kept else { return }
        gateways[gateway].state.restore(
            try GroupSnapshot(bytes: kept), at: RuleTimeline.at(second))
    }
}

/// What Alertmanager makes of messages: the last one counts.
struct ToldAlerts {
    private var ends: [Labels: Int64] = [:]

    mutating func hear(_ notifications: [AlertNotification]) {
        for one in notifications { ends[one.labels] = one.endsAt }
    }

    /// What fires at a time in seconds.
    func firing(at second: Int64) -> Set<Labels> {
        Set(ends.filter { $0.value > RuleTimeline.at(second) }.keys)
    }
}
