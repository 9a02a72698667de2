import Clusters
import TimeSeries

extension GroupSnapshot {
    public var bytes: [UInt8] {
        var writer = SnapshotWriter()
        writer.append(byte: SnapshotWriter.version)
        writer.append(count: rules.count)
        for (key, rule) in rules.sorted(by: { $0.key < $1.key }) {
            writer.append(text: key.name)
            writer.append(key.labels)
            writer.append(signed: Int64(key.number))
            writer.append(rule.completeAt)
            writer.append(rule.evaluatedAt)
            writer.append(count: rule.verdicts.count)
            for (labels, verdict) in rule.verdicts.sorted(by: { $0.key < $1.key }) {
                writer.append(verdict.evidence.certainAt)
                writer.append(signed: verdict.evidence.evaluatedAt)
                writer.append(labels)
                writer.append(verdict)
            }
        }
        writer.append(count: absences.count)
        for (id, absence) in absences.sorted(by: { $0.key < $1.key }) {
            writer.append(text: id.name)
            writer.append(absence.externalLabels)
            writer.append(signed: absence.since)
            writer.append(signed: absence.lastMissingAt)
        }
        return writer.bytes
    }

    /// What `bytes` gave; whatever else they are, they fail and never trap.
    public init(bytes: [UInt8]) throws(SnapshotFailure) {
        var reader = SnapshotReader(bytes)
        let version = try reader.byte()
        guard version == SnapshotWriter.version else { throw .version(version) }
        for _ in 0..<(try reader.count()) {
            let name = try reader.text()
            let labels = try reader.ruleTexts()
            guard let number = Int(exactly: try reader.time()), number >= 0 else {
                throw .malformed
            }
            let key = RuleKey(name: name, labels: labels, number: number)
            rules[key] = try Self.rule(&reader)
        }
        for _ in 0..<(try reader.count()) {
            let id = ClusterID(try reader.text())
            let labels = try reader.labels()
            let since = try reader.time()
            absences[id] = ClusterAbsence(
                externalLabels: labels, since: since, lastMissingAt: try reader.time())
        }
        try reader.requireEnd()
    }

    private static func rule(
        _ reader: inout SnapshotReader
    ) throws(SnapshotFailure) -> RuleSnapshot {
        let completeAt = try reader.optionalTime()
        let evaluatedAt = try reader.optionalTime()
        var verdicts: [Labels: AlertVerdict] = [:]
        for _ in 0..<(try reader.count()) {
            let certainAt = try reader.optionalTime()
            let evidence = AlertEvidence(certainAt: certainAt, evaluatedAt: try reader.time())
            let labels = try reader.labels()
            var alert = try reader.optionalAlert()
            alert?.certainAt = evidence.certainAt
            alert?.lastEvaluatedAt = evidence.evaluatedAt
            var base = try reader.optionalAlert()
            base?.certainAt = evidence.certainAt
            let baseTime = try reader.optionalTime()
            guard (alert?.labels ?? labels) == labels, (base?.labels ?? labels) == labels,
                (base == nil) == (baseTime == nil)
            else { throw .malformed }
            if let baseTime { base?.lastEvaluatedAt = baseTime }
            verdicts[labels] = AlertVerdict(alert: alert, base: base, evidence: evidence)
        }
        return RuleSnapshot(completeAt: completeAt, evaluatedAt: evaluatedAt, verdicts: verdicts)
    }
}
