/// Something that is wrong with a mesh's configuration, in one cluster.
public struct ConfigurationIssue: Hashable, Sendable {
    public var kind: IssueKind
    /// Who tells of it.
    public var component: ComponentID
    /// What it is about: a type of resources, a host, a cluster; may be empty.
    public var subject: String
    /// How many there are, or how many a second, as the evidence has it.
    public var count: Double
    /// What was said; may be empty.
    public var detail: String
    /// What tells of it, each once.
    public var evidence: [Evidence]

    public init(
        _ kind: IssueKind, _ component: ComponentID, subject: String = "", count: Double = 1,
        detail: String = "", evidence: Evidence
    ) {
        self.kind = kind
        self.component = component
        self.subject = subject
        self.count = count
        self.detail = detail
        self.evidence = [evidence]
    }

    public var severity: IssueSeverity { kind.severity }

    private static let maximumEvidence = 8

    /// Issues of one kind about one thing of one cluster joined, the worst first. What replicas and
    /// metrics both tell is one issue; the greatest count and the first text stay. Numbers of metrics
    /// that name nothing are evidence of what others name.
    public static func merged(_ issues: some Sequence<ConfigurationIssue>) -> [ConfigurationIssue] {
        var merged: [Key: ConfigurationIssue] = [:]
        for issue in issues {
            let key = Key(
                kind: issue.kind, cluster: issue.component.cluster, subject: issue.subject)
            guard var known = merged[key] else {
                merged[key] = issue
                continue
            }
            known.count = max(known.count, issue.count)
            if known.detail.isEmpty { known.detail = issue.detail }
            known.absorb(issue.evidence)
            merged[key] = known
        }
        joinNameless(&merged)
        return merged.sorted { one, other in
            if one.value.severity != other.value.severity {
                return one.value.severity > other.value.severity
            }
            return one.key < other.key
        }.map(\.value)
    }

    private mutating func absorb(_ further: [Evidence]) {
        for one in further
        where evidence.count < Self.maximumEvidence && !evidence.contains(one) {
            evidence.append(one)
        }
    }

    /// Where something of a kind is named in a cluster, what names nothing is about that.
    private static func joinNameless(_ issues: inout [Key: ConfigurationIssue]) {
        let nameless = issues.keys.filter(\.subject.isEmpty)
        if nameless.isEmpty { return }
        var named: [Key: Key] = [:]
        for key in issues.keys where !key.subject.isEmpty {
            let nobody = Key(kind: key.kind, cluster: key.cluster, subject: "")
            named[nobody] = min(named[nobody] ?? key, key)
        }
        for key in nameless {
            guard let other = named[key], let issue = issues.removeValue(forKey: key) else {
                continue
            }
            issues[other]?.absorb(issue.evidence)
        }
    }

    private struct Key: Hashable, Comparable {
        var kind: IssueKind
        var cluster: String
        var subject: String

        static func < (one: Key, other: Key) -> Bool {
            (one.cluster, one.kind.rawValue, one.subject)
                < (other.cluster, other.kind.rawValue, other.subject)
        }
    }
}
