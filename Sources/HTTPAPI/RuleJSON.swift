import Alerting
import Clusters
import PromQL
import PrometheusAPI
import Rules
import TimeSeries

// Rules and alerts as Prometheus's API tells them: the same members in the same order. Each rule and
// alert has one more, `federation`, which says what missing clusters mean for it; clients that know
// nothing of it need not.

extension GroupReport {
    /// With `sight` only what it shows.
    func json(_ sight: AlertSight?) -> JSONValue {
        let isShown = sight.map { $0.shows(state.group.name) && $0.shows(state.group.file) }
        let rules = state.rules.indices.compactMap { index -> JSONValue? in
            // A group without rules is not told of.
            if isShown == false { return nil }
            if let sight { return state.rules[index].json(seenBy: sight) }
            let duration = index < ruleDurations.count ? ruleDurations[index] : .zero
            let findings = index < ruleFindings.count ? ruleFindings[index] : []
            return state.rules[index].json(duration: duration, findings: findings)
        }
        return [
            "name": .string(state.group.name), "file": .string(state.group.file),
            "rules": .array(rules), "interval": .number(Double(state.interval) / 1000),
            "limit": .integer(Int64(state.group.limit)),
            "evaluationTime": .number(duration.inSeconds),
            "lastEvaluation": .time(evaluatedAt),
        ]
    }
}

extension RuleState {
    fileprivate func json(duration: Duration, findings: [LintFinding]) -> JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue) { members.append(.init(name, value)) }
        if rule.alert != nil { add("state", .string(state.rawValue)) }
        add("name", .string(rule.name))
        add("query", .string(rule.expression.text()))
        if let terms = rule.alert {
            add("duration", .number(Double(terms.holdDuration) / 1000))
            add("keepFiringFor", .number(Double(terms.keepFiringFor) / 1000))
            add("labels", .texts(labels))
            add("annotations", .texts(Self.ordered(terms.annotations)))
            add("alerts", .array(activeAlerts.map { $0.json(of: self, nil) }))
        } else if !labels.isEmpty {
            add("labels", .texts(labels))
        }
        add("health", .string(health.rawValue))
        if let lastFailure { add("lastError", .string(lastFailure)) }
        add("evaluationTime", .number(duration.inSeconds))
        add("lastEvaluation", .time(lastEvaluatedAt))
        add("type", rule.alert == nil ? "recording" : "alerting")
        add("federation", federation(findings))
        return .object(members)
    }

    /// What a sight shows of the rule: nothing but what its visible alerts say. That it is evaluated,
    /// for how many others it is pending and what it lacks is about clusters that are not seen.
    fileprivate func json(seenBy sight: AlertSight) -> JSONValue? {
        let alerts = activeAlerts(sight)
        guard let terms = rule.alert, !alerts.isEmpty, sight.shows(rule.name) else { return nil }
        let isFiring = alerts.contains { $0.state == .firing }
        let text = rule.expression.text()
        func shown(_ texts: [RuleText]) -> [RuleText] {
            Self.ordered(texts).filter { sight.shows($0.name) && sight.shows($0.text) }
        }
        return [
            "state": .string(isFiring ? "firing" : "pending"), "name": .string(rule.name),
            "query": .string(sight.shows(text) ? text : ""),
            "duration": .number(Double(terms.holdDuration) / 1000),
            "keepFiringFor": .number(Double(terms.keepFiringFor) / 1000),
            "labels": .texts(shown(labels)), "annotations": .texts(shown(terms.annotations)),
            "alerts": .array(alerts.map { $0.json(of: self, sight) }),
            "health": .string(health.rawValue), "evaluationTime": 0,
            "lastEvaluation": .time(lastEvaluatedAt), "type": "alerting",
        ]
    }

    /// The active alerts that are told.
    func activeAlerts(_ sight: AlertSight?) -> [AlertInstance] {
        guard let sight else { return activeAlerts }
        return activeAlerts.filter(sight.shows)
    }

    private static func ordered(_ texts: [RuleText]) -> [RuleText] {
        texts.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private func federation(_ findings: [LintFinding]) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("missing", .clusters(lastCoverage.missing)),
            .init("held", .integer(Int64(heldAlertCount))),
            .init("certainty", .string(certainty.rawValue)),
        ]
        if let heldSince { members.append(.init("heldSince", .time(heldSince))) }
        members.append(.init("policy", policy.json))
        if !findings.isEmpty {
            members.append(.init("lint", .array(findings.map(\.json))))
        }
        return .object(members)
    }
}

extension RulePolicy {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("onPartial", .string(onPartial.rawValue)),
            .init("partialGrace", .number(Double(partialGrace) / 1000)),
            .init("maxHold", .number(Double(maxHold) / 1000)),
            .init("afterHold", .string(afterHold.rawValue)),
        ]
        if let clusters {
            members.append(.init("clusters", .array(clusters.sorted().map { .string($0) })))
        }
        return .object(members)
    }
}

extension LintFinding {
    fileprivate var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "message": .string(message),
            "clusters": .array(clusters.map { .string($0) }),
        ]
    }
}

extension AlertInstance {
    /// An alert of the rule; with `sight` only what it shows.
    func json(of rule: RuleState, _ sight: AlertSight?) -> JSONValue {
        let annotations = toldAnnotations.filter { sight?.shows($0.text) ?? true }
        let missing = rule.missing(for: self).filter { sight?.shows($0.id) ?? true }
        var members: [JSONValue.Member] = [
            .init(
                "labels", .object(labels.pairs.map { .init($0.name, .string($0.value)) })),
            .init("annotations", .texts(annotations)),
            .init("state", .string(state.rawValue)), .init("activeAt", .time(activeAt)),
        ]
        if let keepFiringSince {
            members.append(.init("keepFiringSince", .time(keepFiringSince)))
        }
        members.append(.init("value", .string(valueText)))
        var federation: [JSONValue.Member] = [
            .init("missing", .clusters(missing)),
            .init("certainty", .string(certainty.rawValue)),
        ]
        if let hold { federation.append(.init("heldSince", .time(hold.since))) }
        members.append(.init("federation", .object(federation)))
        return .object(members)
    }

    /// Always with an exponent. Prometheus tells nothing of a histogram here but a zero.
    private var valueText: String {
        guard case .float(let number) = value else { return "0e+00" }
        let text = NumberText.exponential(number)
        return number.isFinite ? text.lowercased() : text
    }
}

extension JSONValue {
    fileprivate static func texts(_ texts: [RuleText]) -> JSONValue {
        .object(texts.map { Member($0.name, .string($0.text)) })
    }

    /// A time in milliseconds since the Unix epoch; none is Go's zero.
    fileprivate static func time(_ milliseconds: Int64?) -> JSONValue {
        .string(milliseconds.map(APITime.text) ?? "0001-01-01T00:00:00Z")
    }

    fileprivate static func clusters(_ missing: [MissingCluster]) -> JSONValue {
        .array(
            missing.map {
                ["cluster": .string($0.id.name), "since": .string(APITime.text($0.since))]
            })
    }
}
