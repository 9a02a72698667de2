import Clusters
import Rules
import TestSupport
import TimeSeries

/// Makes snapshots with few names and times, so that two speak of the same alerts.
struct SnapshotMaker {
    private var random: SeededGenerator

    init(_ random: SeededGenerator) { self.random = random }

    private mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &random)
    }

    private mutating func flag() -> Bool { Bool.random(using: &random) }

    private mutating func time() -> Int64 { RuleTimeline.at(number(0...5) * 60) }

    mutating func snapshot() -> GroupSnapshot {
        var result = GroupSnapshot()
        for name in ["A", "B"] where flag() || name == "A" {
            for number in 0...Int(number(0...1)) {
                let key = GroupSnapshot.RuleKey(
                    name: name, labels: flag() ? [] : [RuleText(name: "severity", text: "ä")],
                    number: number)
                result.rules[key] = rule()
            }
        }
        for name in ["eu", "us"] where flag() {
            result.absences[ClusterID(name)] = GroupSnapshot.ClusterAbsence(
                externalLabels: ["cluster": name], since: time(), lastMissingAt: time())
        }
        return result
    }

    private mutating func rule() -> RuleSnapshot {
        var verdicts: [Labels: AlertVerdict] = [:]
        for name in ["a", "b", "c", "d"] where flag() {
            let evidence = AlertEvidence(
                certainAt: flag() ? time() : nil, evaluatedAt: time())
            let labels: Labels = ["alertname": "A", "name": name]
            let alert = flag() || flag() ? alert(labels, evidence) : nil
            var base = alert == nil || flag() ? nil : self.alert(labels, evidence)
            base?.lastEvaluatedAt = time()
            verdicts[labels] = AlertVerdict(alert: alert, base: base, evidence: evidence)
        }
        return RuleSnapshot(
            completeAt: flag() ? time() : nil, evaluatedAt: flag() ? time() : nil,
            verdicts: verdicts)
    }

    private mutating func alert(_ labels: Labels, _ evidence: AlertEvidence) -> AlertInstance {
        var result = AlertInstance(
            labels: labels, origin: ["name": labels["name"] ?? ""],
            annotations: flag() ? [] : [RuleText(name: "summary", text: "\(number(0...1))")],
            value: value(), activeAt: time())
        result.state = [.inactive, .pending, .firing].randomElement(using: &random) ?? .firing
        result.firedAt = flag() ? time() : nil
        result.resolvedAt = result.state == .inactive ? time() : nil
        result.keepFiringSince = flag() ? time() : nil
        if flag() {
            result.hold = AlertInstance.Hold(
                since: time(), clusters: [RuleTimeline.cluster("eu", since: number(0...9))])
        }
        result.needsConfirmation = flag()
        result.partial = flag() ? [ClusterID("us")] : []
        result.certainAt = evidence.certainAt
        result.lastEvaluatedAt = evidence.evaluatedAt
        return result
    }

    private mutating func value() -> SampledSeries.Value {
        if flag() { return .float(Double(number(-2...2)) / 3) }
        var histogram = NativeHistogram(
            layout: flag() ? .exponential(schema: 3) : .custom(bounds: [0.5, 1, 2.5]),
            count: 7, sum: 0.1, positive: HistogramBuckets(first: 0, counts: [1, 2, 4]),
            resetHint: flag() ? .gauge : .reset)
        histogram.zeroThreshold = 0.001
        histogram.isPartlyKnown = flag()
        return .histogram(histogram)
    }
}
