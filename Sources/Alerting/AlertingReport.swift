import Clusters
import Rules
import TimeSeries

/// What is to be told of the rules at one moment.
package struct AlertingReport: Sendable {
    /// In the order of files and of the groups in them.
    package var groups: [GroupReport] = []
    package var alertmanagers: [AlertmanagerReport] = []
    /// Whose alerts are told; nil for all.
    package var sight: AlertSight?

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

/// What somebody may be told of rules and alerts who sees a part of the fleet: alerts that are one
/// visible cluster's own by their label `cluster`. Rules are about the whole fleet: of them only what
/// these alerts say is told.
package struct AlertSight: Sendable {
    /// The names of the clusters in view.
    private let seen: Set<String>
    /// The names of all others.
    private let hidden: Set<String>

    package init(seen: Set<String>, hidden: Set<String>) {
        self.seen = seen
        self.hidden = hidden
    }

    package func shows(_ alert: AlertInstance) -> Bool {
        alert.labels[Cluster.label].map(seen.contains) ?? false
    }

    package func shows(_ cluster: ClusterID) -> Bool { seen.contains(cluster.name) }

    /// Whether a text of a rule may be told: it names no other cluster.
    package func shows(_ text: String) -> Bool {
        text.split { !Self.isOfName($0) }.allSatisfy { !hidden.contains(String($0)) }
            && !hidden.contains { Self.isUnusual($0) && text.contains($0) }
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "-" || character == "_"
    }

    /// Whether a name is more than one word.
    private static func isUnusual(_ name: String) -> Bool { !name.allSatisfy(isOfName) }
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
