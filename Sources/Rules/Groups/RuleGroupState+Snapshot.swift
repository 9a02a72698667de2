import Clusters
import TimeSeries

extension RuleGroupState {
    /// What outlives the process, and is told to other gateways.
    public func snapshot() -> GroupSnapshot {
        var result = GroupSnapshot()
        for (key, index) in places {
            let rule = rules[index]
            var verdicts = rule.alerts.mapValues {
                AlertVerdict($0, base: rule.bases[$0.labels])
            }
            for (labels, evidence) in rule.endings {
                verdicts[labels] = verdicts[labels] ?? AlertVerdict(alert: nil, evidence: evidence)
            }
            result.rules[key] = RuleSnapshot(
                completeAt: rule.completeAt, evaluatedAt: rule.lastResultAt, verdicts: verdicts)
            guard let time = rule.lastResultAt, rule.health == .good else { continue }
            for cluster in rule.lastCoverage.missing {
                let known = result.absences[cluster.id]
                result.absences[cluster.id] = GroupSnapshot.ClusterAbsence(
                    externalLabels: cluster.externalLabels,
                    since: max(cluster.since, known?.since ?? .min),
                    lastMissingAt: max(time, known?.lastMissingAt ?? .min))
            }
        }
        return result
    }

    /// Goes on where a snapshot ends, after a start: before the first evaluation, which is that of
    /// `time`. From here on the series of alerts are written. All alerts count as never told.
    public mutating func restore(_ snapshot: GroupSnapshot, at time: Int64) {
        // So that a cluster that is missing still is so since then.
        let latest = (snapshot.evaluatedAt ?? time) - 2 * interval
        let missing = snapshot.absences.filter { $0.value.lastMissingAt >= latest }.map {
            MissingCluster(
                id: $0.key, externalLabels: $0.value.externalLabels, since: $0.value.since)
        }
        for index in rules.indices where !missing.isEmpty {
            rules[index].lastCoverage = RuleCoverage(missing: missing)
        }
        for (key, index) in places {
            defer { rules[index].isRestored = true }
            guard let kept = snapshot.rules[key] else { continue }
            rules[index].completeAt = kept.completeAt.map { min($0, time) }
            rules[index].lastResultAt = kept.evaluatedAt.map { min($0, time) }
            for (labels, verdict) in kept.verdicts {
                guard let alert = verdict.alert else {
                    rules[index].endings[labels] = verdict.evidence
                    continue
                }
                rules[index].alerts[labels] = resumed(alert, at: time)
                rules[index].bases[labels] = verdict.base
            }
        }
    }

    /// An alert as it goes on after a time in which nobody evaluated its rule: that time does not
    /// count. One that waited, and for longer than an outage may last, begins anew.
    private func resumed(_ alert: AlertInstance, at time: Int64) -> AlertInstance? {
        var alert = alert
        // A clock that was ahead must not keep evidence from counting now.
        alert.certainAt = alert.certainAt.map { min($0, time) }
        alert.lastEvaluatedAt = min(alert.lastEvaluatedAt, time)
        let gap = time - alert.lastEvaluatedAt
        // One evaluation may be missed, as while the process runs.
        guard alert.isActive, gap > 2 * interval else { return alert }
        if alert.state == .pending {
            if gap > settings.outageTolerance { return nil }
            alert.activeAt += gap
        }
        if let since = alert.keepFiringSince { alert.keepFiringSince = since + gap }
        alert.lastEvaluatedAt = time
        return alert
    }

    /// Takes over what other gateways know for certain, later than this one does, as of evaluations
    /// up to that of `time`: before that evaluation, so that it goes on from what all know, and once
    /// more after it, before its alerts are told. Where both know equally well, each keeps its own.
    public mutating func adopt(_ snapshot: GroupSnapshot, through time: Int64) {
        for (key, index) in places {
            guard let theirs = snapshot.rules[key] else { continue }
            rules[index].adopt(theirs, through: time)
        }
    }

    /// The notifications of a rule's evaluation that still hold after what was adopted since: what
    /// is over is told as such, and nothing is said of what is only waiting or never was.
    public mutating func confirmed(
        _ notifications: [AlertNotification], rule index: Int
    ) -> [AlertNotification] {
        notifications.compactMap { told in
            guard let alert = rules[index].alerts[told.labels], alert.state != .pending else {
                return nil
            }
            var result = told
            result.annotations = alert.toldAnnotations
            result.startsAt = alert.firedAt ?? alert.activeAt
            result.isResolved = alert.state == .inactive
            if let resolved = alert.resolvedAt, result.isResolved {
                result.endsAt = resolved
                let sent = max(resolved, rules[index].lastEvaluatedAt ?? resolved)
                rules[index].alerts[told.labels]?.lastSentAt = sent
            } else if told.isResolved {
                // It goes on; the next evaluation tells of it.
                return nil
            }
            return result
        }
    }

    /// The alert rules by what they are known by.
    private var places: [(key: GroupSnapshot.RuleKey, index: Int)] {
        var numbers: [RuleState.Identity: Int] = [:]
        var result: [(key: GroupSnapshot.RuleKey, index: Int)] = []
        for (index, rule) in rules.enumerated() where rule.rule.alert != nil {
            let number = numbers[rule.identity, default: 0]
            numbers[rule.identity] = number + 1
            let key = GroupSnapshot.RuleKey(
                name: rule.rule.name, labels: rule.labels, number: number)
            result.append((key, index))
        }
        return result
    }
}

extension RuleState {
    /// What this gateway knows of an alert.
    private func evidence(of labels: Labels) -> AlertEvidence {
        let absence = AlertEvidence.absence(at: completeAt)
        return max(alerts[labels]?.evidence ?? endings[labels] ?? absence, absence)
    }

    mutating func adopt(_ theirs: RuleSnapshot, through time: Int64) {
        let labels = Set(alerts.keys).union(theirs.verdicts.keys)
        for labels in labels {
            let verdict = theirs.verdict(of: labels)
            guard let certain = verdict.evidence.certainAt, certain <= time,
                certain > (evidence(of: labels).certainAt ?? .min)
            else { continue }
            if let alert = verdict.base ?? verdict.alert {
                takeOver(alert)
            } else {
                end(labels, certain, verdict.evidence)
            }
        }
        if let theirs = theirs.completeAt, theirs <= time {
            completeAt = max(completeAt ?? theirs, theirs)
        }
    }

    private mutating func takeOver(_ alert: AlertInstance) {
        var taken = alert
        if let own = alerts[alert.labels], own.state == alert.state {
            taken.lastSentAt = own.lastSentAt
            taken.validUntil = own.validUntil
        }
        endings[alert.labels] = nil
        bases[alert.labels] = nil
        alerts[alert.labels] = taken
    }

    /// The alert is over for certain, and the others no longer tell so.
    private mutating func end(_ labels: Labels, _ time: Int64, _ evidence: AlertEvidence) {
        bases[labels] = nil
        guard var alert = alerts[labels], alert.state != .pending else {
            alerts[labels] = nil
            endings[labels] = evidence
            return
        }
        if alert.state == .firing {
            alert.state = .inactive
            alert.resolvedAt = time
            alert.lastSentAt = nil
        }
        alert.hold = nil
        alert.partial = []
        alert.needsConfirmation = false
        alert.keepFiringSince = nil
        alert.certainAt = evidence.certainAt
        alert.lastEvaluatedAt = evidence.evaluatedAt
        alerts[labels] = alert
    }
}
