import Clusters
import Rules

/// What is to be told of the rules at one moment.
package struct AlertingReport: Sendable {
    /// In the order of files and of the groups in them.
    package var groups: [GroupReport] = []
    package var alertmanagers: [AlertmanagerReport] = []

    package init(groups: [GroupReport] = [], alertmanagers: [AlertmanagerReport] = []) {
        self.groups = groups
        self.alertmanagers = alertmanagers
    }
}

/// A group as it was after its last evaluation.
package struct GroupReport: Sendable {
    package var state: RuleGroupState
    /// The time of the last evaluation, milliseconds since the Unix epoch; nil before the first.
    package var evaluatedAt: Int64?
    /// How long the last evaluation took.
    package var duration: Duration = .zero
    /// The same for each rule.
    package var ruleDurations: [Duration]
    /// What was found wrong with each rule beside the clusters' data.
    package var ruleFindings: [[LintFinding]]
    /// Evaluations that were due and not made.
    package var missedCount: Int64 = 0

    package init(state: RuleGroupState) {
        self.state = state
        ruleDurations = [Duration](repeating: .zero, count: state.rules.count)
        ruleFindings = [[LintFinding]](repeating: [], count: state.rules.count)
    }
}

/// An Alertmanager that alerts are sent to.
package struct AlertmanagerReport: Hashable, Sendable {
    /// The address that alerts are posted to, `/api/v2/alerts` at its end, without a name and
    /// password.
    package var url: String
    /// Why the last attempt failed; nil where it did not.
    package var lastError: String?

    package init(url: String, lastError: String? = nil) {
        self.url = url
        self.lastError = lastError
    }
}

extension GroupReport {
    /// The alerts that stay as they are because clusters are missing.
    package var heldCount: Int {
        state.rules.reduce(0) { $0 + $1.activeAlerts.count { $0.hold != nil } }
    }

    /// The clusters that the last evaluation lacked.
    package var missingClusters: Set<ClusterID> {
        Set(state.rules.flatMap { $0.lastCoverage.missing.map(\.id) })
    }
}
