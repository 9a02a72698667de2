import Planning
import PromQL
import TimeSeries

/// A rule between two evaluations.
public struct RuleState: Sendable {
    public enum Health: String, Hashable, Sendable {
        case unknown
        case good = "ok"
        case bad = "err"
    }

    public let rule: Rule
    /// The group's labels and the rule's own.
    public let labels: [RuleText]
    public let policy: RulePolicy
    public internal(set) var health = Health.unknown
    public internal(set) var lastFailure: String?
    /// When it was last evaluated, milliseconds since the Unix epoch.
    public internal(set) var lastEvaluatedAt: Int64?
    /// Whose data the last answer lacked.
    public internal(set) var lastCoverage = RuleCoverage.complete
    /// The alerts by their labels, those among them that are over and still told.
    public internal(set) var alerts: [Labels: AlertInstance] = [:]
    /// Whether the series of alerts are written: not before their state was restored.
    public internal(set) var isRestored: Bool
    /// The series of the last evaluation.
    var series: Set<Labels> = []
    /// When it was last evaluated with a result, here or by another gateway before it was restored.
    var lastResultAt: Int64?
    /// When it was last evaluated with all clusters there, by anybody who shares the group's state:
    /// what is none of its alerts was over then.
    public internal(set) var completeAt: Int64?
    /// What is known of alerts that are over and forgotten, and that another gateway might still
    /// hold. None that `completeAt` says too.
    var endings: [Labels: AlertEvidence] = [:]
    /// Alerts as they were when last known for certain, of those that were evaluated without
    /// certainty since.
    var bases: [Labels: AlertInstance] = [:]
    /// What missing clusters mean for the expression.
    public internal(set) var effect: MissingDataEffect
    /// What proves that an alert is over though clusters are missing.
    var witness: Expression?
    let templates: AlertTemplates

    init(
        _ rule: Rule, in group: RuleGroup, policy: RulePolicy, effect: MissingDataEffect,
        witness: Expression?, isRestored: Bool
    ) {
        self.rule = rule
        labels = group.labels(of: rule)
        self.policy = policy
        self.effect = effect
        self.witness = witness
        self.isRestored = isRestored
        templates = AlertTemplates(rule, labels: labels)
    }

    /// The worst state of its alerts.
    public var state: AlertInstance.State {
        alerts.values.map(\.state).max() ?? .inactive
    }

    /// Pending and firing alerts, ordered by labels.
    public var activeAlerts: [AlertInstance] {
        alerts.values.filter(\.isActive).sorted { $0.labels < $1.labels }
    }

    /// An alert as it was when last known for certain.
    func certainVersion(of labels: Labels) -> AlertInstance? {
        if let base = bases[labels] { return base }
        guard let alert = alerts[labels], alert.certainAt == alert.lastEvaluatedAt else {
            return nil
        }
        return alert
    }

    /// By which rules before and after a reload are the same.
    struct Identity: Hashable {
        var name: String
        var labels: [RuleText]
    }

    var identity: Identity { Identity(name: rule.name, labels: labels) }
}

/// The texts of an alert rule, read once.
struct AlertTemplates: Sendable {
    struct Text: Sendable {
        var name: String
        var template: Result<Template, TemplateError>
    }

    let labels: [Text]
    let annotations: [Text]

    init(_ rule: Rule, labels: [RuleText]) {
        func read(_ texts: [RuleText]) -> [Text] {
            texts.map { text in
                Text(
                    name: text.name,
                    template: Result { () throws(TemplateError) in
                        try Template(text.text, alert: rule.name)
                    })
            }
        }
        self.labels = rule.alert == nil ? [] : read(labels)
        annotations = read(rule.alert?.annotations ?? [])
    }
}
