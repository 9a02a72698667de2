import Clusters
import Planning
import PromQL
import TimeSeries

/// One evaluation of one rule: the transitions, and what comes of them.
struct RuleEvaluation {
    let time: Int64
    let queryOffset: Int64
    let interval: Int64
    let limit: Int
    let settings: RuleSettings
    let lookups: [RuleLookup: TemplateAnswer]
    var outcome = RuleOutcome()
    /// What must be asked before the evaluation can be done.
    var needs: [RuleLookup] = []

    init(
        time: Int64, queryOffset: Int64, interval: Int64, limit: Int, settings: RuleSettings,
        lookups: [RuleLookup: TemplateAnswer]
    ) {
        self.time = time
        self.queryOffset = queryOffset
        self.interval = interval
        self.limit = limit
        self.settings = settings
        self.lookups = lookups
    }

    /// The time that samples have.
    var sampleTime: Int64 { time - queryOffset }

    /// The evaluation fails. Nothing changes, but that alerts go on being told: otherwise
    /// Alertmanager would take them for resolved.
    mutating func fail(_ reason: String, _ state: inout RuleState) {
        state.health = .bad
        state.lastFailure = reason
        outcome.failure = reason
        send(&state)
    }

    private mutating func succeed(_ samples: [RuleSample], _ state: inout RuleState) {
        state.health = .good
        state.lastFailure = nil
        outcome.samples = samples
        let series = Set(samples.map(\.labels))
        for ended in state.series.subtracting(series).sorted() {
            outcome.samples.append(.end(of: ended, at: sampleTime))
        }
        state.series = series
    }

    // MARK: Recording

    mutating func record(
        _ elements: [RuleElement], _ coverage: RuleCoverage, _ state: inout RuleState
    ) {
        var samples: [RuleSample] = []
        var seen: Set<Labels> = []
        for element in elements {
            var builder = LabelsBuilder(element.labels)
            builder.set(Labels.metricNameLabel, state.rule.name)
            for label in state.labels { builder.set(label.name, label.text) }
            let labels = builder.labels()
            guard seen.insert(labels).inserted else {
                return fail(
                    "vector contains metrics with the same labelset after applying rule labels",
                    &state)
            }
            let dependsOnMissing = coverage.missing.contains {
                state.effect.depends(element.labels, on: $0.externalLabels)
            }
            samples.append(
                RuleSample(
                    labels: labels, time: sampleTime, value: element.value,
                    isPartial: dependsOnMissing))
        }
        if limit > 0, samples.count > limit {
            return fail(
                "exceeded limit of \(limit) with \(samples.count) series", &state)
        }
        succeed(samples, &state)
    }

    // MARK: Alerts

    mutating func alert(
        _ elements: [RuleElement], _ coverage: RuleCoverage, _ state: inout RuleState
    ) {
        guard let terms = state.rule.alert else { return }
        guard let found = candidates(elements, state) else {
            // A second pass, once what templates ask is known.
            if needs.isEmpty {
                fail(
                    "vector contains metrics with the same labelset after applying alert labels",
                    &state)
            }
            return
        }
        let judgement = Judgement(state, coverage, at: time)
        let proven = provenAbsences(found, judgement, state)
        if !needs.isEmpty { return }
        var alerts = alerts(found, judgement, state)
        var samples: [RuleSample] = []
        var endings = state.endings
        var bases: [Labels: AlertInstance] = [:]
        var activeCount = 0
        for labels in alerts.keys.sorted() {
            guard var alert = alerts[labels] else { continue }
            let fate =
                found[labels] == nil
                ? absent(&alert, terms, judgement, proven.contains(alert.origin))
                : present(&alert, terms, judgement)
            if fate != .forgotten, !isJudged(alert.certainAt) {
                bases[labels] = state.certainVersion(of: labels)
            }
            alerts[labels] = fate == .forgotten ? nil : alert
            endings[labels] = fate == .forgotten ? alert.evidence : nil
            guard fate == .active else { continue }
            activeCount += 1
            if state.isRestored { samples += self.samples(of: alert, state) }
        }
        if limit > 0, activeCount > limit {
            // It is decreed that they are over, whoever else may know of them.
            state.alerts = [:]
            state.endings = [:]
            state.bases = [:]
            state.completeAt = time
            return fail("exceeded limit of \(limit) with \(activeCount) alerts", &state)
        }
        state.alerts = alerts
        state.bases = bases
        state.endings = endings.filter {
            time - $0.value.evaluatedAt <= settings.resolvedRetention
        }
        state.lastResultAt = time
        if judgement.isComplete {
            state.completeAt = time
            state.endings = [:]
        }
        succeed(samples, &state)
        send(&state)
    }

    /// The alerts of before with what the answer says of them, and those that begin with it.
    private func alerts(
        _ found: [Labels: AlertInstance], _ judgement: Judgement, _ state: RuleState
    ) -> [Labels: AlertInstance] {
        var alerts = state.alerts
        for (labels, candidate) in found {
            let certainAt = [
                alerts[labels]?.certainAt, state.endings[labels]?.certainAt, state.completeAt,
            ].compactMap(\.self).max()
            if var alert = alerts[labels], alert.isActive {
                alert.value = candidate.value
                alert.annotations = candidate.annotations
                alert.origin = candidate.origin
                alerts[labels] = alert
            } else if judgement.presence(candidate.origin) != .deficit, !isJudged(certainAt) {
                var begun = candidate
                begun.certainAt = certainAt
                alerts[labels] = begun
            }
        }
        return alerts
    }

    /// What becomes of an alert in an evaluation.
    private enum Fate {
        /// It is pending or firing.
        case active
        /// It is over, and still told.
        case over
        case forgotten
    }

    /// Whether another gateway has already judged, for certain, what is evaluated now. What is seen
    /// twice at one time counts once, and one that comes later goes on from what the other made of
    /// it.
    private func isJudged(_ certainAt: Int64?) -> Bool {
        certainAt.map { $0 >= time } ?? false
    }

    /// Its condition holds as far as the answer knows.
    private func present(
        _ alert: inout AlertInstance, _ terms: AlertTerms, _ judgement: Judgement
    ) -> Fate {
        if isJudged(alert.certainAt) { return alert.isActive ? .active : .over }
        let presence = judgement.presence(alert.origin)
        if judgement.knowsPresence(alert.origin) { alert.certainAt = time }
        alert.partial =
            judgement.isBestEffort || presence == .eitherWay
            ? judgement.missing(for: alert.origin).map(\.id) : []
        if presence == .deficit {
            hold(&alert, judgement)
            return .active
        }
        release(&alert)
        alert.needsConfirmation = false
        alert.keepFiringSince = nil
        let grace = presence == .eitherWay ? judgement.policy.partialGrace : 0
        if alert.state == .pending, time - alert.activeAt >= terms.holdDuration + grace {
            alert.state = .firing
            alert.firedAt = time
        }
        // A `for` that a reload has made longer is waited for again, as in Prometheus.
        if alert.state == .firing, time - alert.activeAt < terms.holdDuration {
            alert.state = .pending
            alert.firedAt = nil
            alert.lastSentAt = nil
        }
        return .active
    }

    /// Its condition does not hold as far as the answer knows.
    private func absent(
        _ alert: inout AlertInstance, _ terms: AlertTerms, _ judgement: Judgement,
        _ isProven: Bool
    ) -> Fate {
        if isJudged(alert.certainAt) { return alert.isActive ? .active : .over }
        let isKnown = isProven || judgement.knowsAbsence(alert.origin)
        if isKnown { alert.certainAt = time }
        guard alert.isActive else {
            if isKnown { alert.lastEvaluatedAt = time }
            if let resolved = alert.resolvedAt, time - resolved > settings.resolvedRetention {
                return .forgotten
            }
            return .over
        }
        // The policy may end what a cluster left behind that was given up, but not what another
        // gateway still sees.
        let isSeen = alert.certainAt.map { time - $0 < judgement.policy.maxHold } ?? false
        if !isKnown, judgement.mayBeThere(alert.origin) || isSeen && !judgement.isBestEffort {
            hold(&alert, judgement)
            return .active
        }
        release(&alert)
        alert.partial = []
        if alert.state == .pending { return .forgotten }
        if alert.needsConfirmation {
            // It was held: what is seen once may be the end of the outage rather than of the alert.
            alert.needsConfirmation = false
            return .active
        }
        if terms.keepFiringFor > 0 {
            let since = alert.keepFiringSince ?? time
            alert.keepFiringSince = since
            if time - since < terms.keepFiringFor { return .active }
        }
        alert.state = .inactive
        alert.resolvedAt = time
        return .over
    }

    /// Nobody knows: the alert stays what it is, and no clock of its own goes on.
    private func hold(_ alert: inout AlertInstance, _ judgement: Judgement) {
        advance(&alert)
        alert.partial = []
        alert.hold = AlertInstance.Hold(
            since: alert.hold?.since ?? time, clusters: judgement.missing(for: alert.origin))
        alert.needsConfirmation = alert.state == .firing
    }

    /// It is known again. The time since it was last unknown does not count either: nobody knows
    /// when in it the condition began or ended.
    private func release(_ alert: inout AlertInstance) {
        if alert.hold != nil { advance(&alert) }
        alert.hold = nil
        alert.lastEvaluatedAt = time
    }

    private func advance(_ alert: inout AlertInstance) {
        let gap = max(0, time - max(alert.lastEvaluatedAt, alert.activeAt))
        if alert.state == .pending { alert.activeAt += gap }
        if let since = alert.keepFiringSince { alert.keepFiringSince = since + gap }
        alert.lastEvaluatedAt = time
    }

    // MARK: Proofs

    /// The origins that are certainly no longer in the answer: asked only where an alert would
    /// otherwise be held.
    private mutating func provenAbsences(
        _ found: [Labels: AlertInstance], _ judgement: Judgement, _ state: RuleState
    ) -> Set<Labels> {
        guard let witness = state.witness else { return [] }
        let isNeeded = state.alerts.contains { labels, alert in
            alert.isActive && found[labels] == nil && judgement.mayBeThere(alert.origin)
        }
        guard isNeeded else { return [] }
        let lookup = RuleLookup(query: witness.text(), time: sampleTime)
        switch lookups[lookup] {
        case nil:
            needs.append(lookup)
            return []
        case .failure: return []
        case .samples(let samples):
            return Set(samples.map { $0.labels.removingMetricName() })
        }
    }

    // MARK: Series

    private func samples(of alert: AlertInstance, _ state: RuleState) -> [RuleSample] {
        var builder = LabelsBuilder()
        // As in Prometheus, the text of a label counts where its template gave nothing.
        for label in state.labels { builder.set(label.name, label.text) }
        for (name, value) in alert.labels.pairs { builder.set(name, value) }
        builder.set("alertname", state.rule.name)
        builder.set(Labels.metricNameLabel, AlertSeries.forState)
        let forState = builder.labels()
        builder.set(Labels.metricNameLabel, AlertSeries.alerts)
        builder.set("alertstate", alert.state.rawValue)
        let seconds = (Double(alert.activeAt) / 1000).rounded(.down)
        return [
            RuleSample(labels: builder.labels(), time: sampleTime, value: .float(1)),
            RuleSample(labels: forState, time: sampleTime, value: .float(seconds)),
        ]
    }

    // MARK: Sending

    /// Tells of alerts that are to be told of now.
    private mutating func send(_ state: inout RuleState) {
        for labels in state.alerts.keys.sorted() {
            guard var alert = state.alerts[labels], needsSending(alert) else { continue }
            alert.lastSentAt = time
            // Two evaluations, or two messages, may be lost before it counts as ended.
            alert.validUntil = time + 4 * max(interval, settings.resendDelay)
            state.alerts[labels] = alert
            outcome.notifications.append(
                AlertNotification(
                    labels: alert.labels, annotations: alert.toldAnnotations,
                    startsAt: alert.firedAt ?? alert.activeAt,
                    endsAt: alert.resolvedAt ?? alert.validUntil ?? time,
                    isResolved: alert.resolvedAt != nil,
                    expression: state.rule.expression.text()))
        }
    }

    private func needsSending(_ alert: AlertInstance) -> Bool {
        if alert.state == .pending { return false }
        guard let sent = alert.lastSentAt else { return true }
        if let resolved = alert.resolvedAt, resolved > sent { return true }
        return sent + settings.resendDelay < time
    }
}

/// The names of the series that alerts make.
enum AlertSeries {
    static let alerts = "ALERTS"
    static let forState = "ALERTS_FOR_STATE"
}
