import Clusters
import Federation
import MeshHealth
import TimeSeries

/// What the clusters' metrics tell of control planes, of the last round; and of clusters that did not
/// answer in it what they told before, as far as that still holds.
struct MetricKnowledge: Sendable {
    private(set) var assessment: MetricAssessment
    private(set) var connected: QueryValue?
    private(set) var versions: QueryValue?
    /// The clusters that did not answer all of it, and why; by name.
    private(set) var missing: [Coverage.Missing]
    /// The clusters that answered any of it.
    private(set) var answered: Set<ClusterID>
    /// What all clusters were asked for in vain.
    private(set) var unansweredKinds: Set<IssueKind>
    /// When it was asked, milliseconds since the Unix epoch.
    let time: Int64
    private var components: [ComponentID: Known<MetricHealth>] = [:]
    private var issues: [Known<ConfigurationIssue>] = []
    private var certificatesByQuery: [String: [Known<Certificate>]] = [:]

    /// Something, and when it was told.
    private struct Known<Value: Sendable>: Sendable {
        var value: Value
        /// Milliseconds since the Unix epoch.
        var time: Int64
    }

    /// A certificate's end stays, and most are renewed long before it.
    private static let certificatesKept: Int64 = 3_600_000
    /// Afterwards a component that nothing tells of is forgotten.
    private static let componentsKept: Int64 = 3_600_000

    var certificates: [Certificate] {
        CertificateQuery.all.flatMap { certificatesByQuery[$0.name] ?? [] }.map(\.value)
    }

    /// The clusters of whose metrics not all is known.
    var missingNames: Set<String> { Set(missing.map(\.cluster.name)) }

    init(
        _ replies: [MetricReply], after earlier: MetricKnowledge?, at time: Int64,
        _ settings: ControlPlaneSettings
    ) {
        self.time = time
        answered = Set(replies.flatMap(\.coverage.present))
        missing = Self.missing(replies)
        unansweredKinds = []
        var presence: [MetricSource: MetricAnswer] = [:]
        var before: [MetricSource: MetricAnswer] = [:]
        var answers: [String: MetricAnswer] = [:]
        for reply in replies {
            switch reply.question.about {
            case .presence(let source): presence[source] = reply.answer
            case .earlier(let source): before[source] = reply.answer
            case .rule(let rule):
                answers[rule.name] = reply.answer
                if reply.answer == nil, case .issue(let kind, _) = rule.outcome {
                    unansweredKinds.insert(kind)
                }
            case .connected: connected = reply.value
            case .versions:
                versions = reply.value
                if reply.answer == nil { unansweredKinds.insert(.versionSkew) }
            case .certificates: break
            }
        }
        assessment = MetricAssessment(
            presence: presence, answers: answers, earlier: before, rules: settings.rules)
        let isUnanswered = presence.count < MetricSource.allCases.count
        keepComponents(of: earlier, evenAnswered: isUnanswered)
        keepIssues(of: earlier, for: settings.lookback.wholeMilliseconds)
        keepCertificates(replies, of: earlier)
    }

    private static func missing(_ replies: [MetricReply]) -> [Coverage.Missing] {
        var first: [ClusterID: Coverage.Missing] = [:]
        for missing in replies.lazy.flatMap(\.coverage.missing) {
            first[missing.cluster] = first[missing.cluster] ?? missing
        }
        return first.values.sorted { $0.cluster < $1.cluster }
    }

    // MARK: Clusters that did not answer

    /// Of a component that was there and whose cluster does not answer nothing is known; that it was
    /// well is told as what it is: of before.
    private mutating func keepComponents(of earlier: MetricKnowledge?, evenAnswered: Bool) {
        for component in assessment.components {
            components[component.id] = Known(value: component, time: time)
        }
        let missing = missingNames
        var silent: [MetricHealth] = []
        for (id, known) in earlier?.components ?? [:]
        where components[id] == nil && (evenAnswered || missing.contains(id.cluster))
            && time - known.time <= Self.componentsKept
        {
            components[id] = known
            let age = DurationText.text(milliseconds: (time - known.time) / 1000 * 1000)
            silent.append(
                MetricHealth(
                    id: id, state: .unknown,
                    detail: "its cluster's Prometheus does not answer; \(age) ago: "
                        + known.value.detail, findings: [], unanswered: []))
        }
        assessment.add(components: silent, issues: [])
    }

    /// As far as the rules look back, an issue of before may still be one.
    private mutating func keepIssues(of earlier: MetricKnowledge?, for lookback: Int64) {
        issues = assessment.issues.map { Known(value: $0, time: time) }
        let missing = missingNames
        let present = Set(assessment.issues.map(IssueKey.init))
        let kept = (earlier?.issues ?? []).filter { known in
            let isOpen =
                missing.contains(known.value.component.cluster)
                || unansweredKinds.contains(known.value.kind)
            return isOpen && time - known.time <= lookback
                && !present.contains(IssueKey(known.value))
        }
        issues += kept
        assessment.add(components: [], issues: kept.map(\.value))
    }

    private mutating func keepCertificates(
        _ replies: [MetricReply], of earlier: MetricKnowledge?
    ) {
        for reply in replies {
            guard case .certificates(let query) = reply.question.about else { continue }
            let told = reply.value.map { query.certificates($0, at: time / 1000) } ?? []
            let missing = Set(reply.coverage.missing.map(\.cluster.name))
            let kept = (earlier?.certificatesByQuery[query.name] ?? []).filter { known in
                (reply.isUnanswered || missing.contains(known.value.cluster))
                    && time - known.time <= Self.certificatesKept
            }
            certificatesByQuery[query.name] =
                told.map { Known(value: $0, time: time) } + kept
        }
    }
}

/// What makes two issues the same one.
private struct IssueKey: Hashable {
    var kind: IssueKind
    var cluster: String
    var subject: String

    init(_ issue: ConfigurationIssue) {
        kind = issue.kind
        cluster = issue.component.cluster
        subject = issue.subject
    }
}
