import Alerting
import Federation
import PrometheusAPI
import Rules
import TimeSeries

extension Handlers {
    // `/api/v1/rules`
    func rules(_ call: Call) async throws(ErrorResponse) -> Answer {
        let selection = try RuleSelection(call)
        let told = try await clusterRules(.groups, call)
        let report = dependencies.alerting()
        var groups = ownGroups(of: report).map { ListedRuleGroup(json: $0.json(report.sight)) }
        for cluster in told.value {
            groups += cluster.elements.map {
                ListedRuleGroup(json: $0, externalLabels: cluster.externalLabels)
            }
        }
        return answer(try selection.page(of: groups), told)
    }

    // `/api/v1/alerts`
    func alerts(_ call: Call) async throws(ErrorResponse) -> Answer {
        let told = try await clusterRules(.alerts, call)
        var alerts: [JSONValue] = []
        let report = dependencies.alerting()
        for group in ownGroups(of: report) {
            for rule in group.state.rules {
                alerts += rule.activeAlerts(report.sight).map { $0.json(of: rule, report.sight) }
            }
        }
        alerts += told.value.flatMap(\.elements)
        return answer(["alerts": .array(alerts)], told)
    }

    // `/api/v1/alertmanagers`
    func alertmanagers(_: Call) -> Answer {
        let active = dependencies.alerting().alertmanagers.map { manager -> JSONValue in
            ["url": .string(manager.url)]
        }
        return Answer(data: [
            "activeAlertmanagers": .array(active), "droppedAlertmanagers": .array([]),
        ])
    }

    /// The gateway's own groups, ordered as Prometheus orders its.
    private func ownGroups(of report: AlertingReport) -> [GroupReport] {
        report.groups.sorted { left, right in
            let (left, right) = (left.state.group, right.state.group)
            if left.file == right.file {
                return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
            }
            return left.file.utf8.lexicographicallyPrecedes(right.file.utf8)
        }
    }

    /// What the clusters say of their own rules, as far as they are asked.
    private func clusterRules(
        _ subject: ClusterRulesRequest.Subject, _ call: Call
    ) async throws(ErrorResponse) -> MetadataAnswer<[ClusterRules]> {
        let partialResponse = try partialResponse(call)
        guard
            let request = ClusterChoice(call).request(subject, partialResponse: partialResponse)
        else { return MetadataAnswer(value: []) }
        do {
            return try await queries.rules(request)
        } catch {
            throw ErrorResponse(error)
        }
    }

    private func answer(
        _ data: JSONValue, _ told: MetadataAnswer<[ClusterRules]>
    ) -> Answer {
        Answer(
            .bytes(ResponseText.success(data, annotations: told.annotations)), type: .json,
            coverage: told.coverage)
    }
}
