import TimeSeries

/// The last sample of a series `ALERTS_FOR_STATE` before the process ended.
public struct ForStateSample: Hashable, Sendable {
    public var labels: Labels
    /// Milliseconds since the Unix epoch.
    public var time: Int64
    /// When the alert became active, seconds since the Unix epoch; `Absent.value` where it was over.
    public var value: Double

    public init(labels: Labels, time: Int64, value: Double) {
        self.labels = labels
        self.time = time
        self.value = value
    }
}

extension RuleGroupState {
    /// The series that tell since when a rule's alerts were active, and the earliest time at which
    /// they count. Nil for a rule that needs none: its alerts wait so little that they begin anew.
    public func restoration(
        _ index: Int, at time: Int64
    ) -> (matchers: [Matcher], start: Int64)? {
        guard let terms = rules[index].rule.alert, terms.holdDuration >= settings.forGracePeriod
        else { return nil }
        var matchers = [Matcher(Labels.metricNameLabel, equal: AlertSeries.forState)]
        for label in rules[index].labels where !label.text.contains("{{") {
            matchers.append(Matcher(label.name, equal: label.text))
        }
        matchers.append(Matcher("alertname", equal: rules[index].rule.name))
        return (matchers, time - settings.outageTolerance)
    }

    /// Goes on waiting where alerts waited before the process ended: `time` is now, after the first
    /// evaluations. From here on the series of alerts are written.
    public mutating func restore(_ index: Int, from samples: [ForStateSample], at time: Int64) {
        defer { rules[index].isRestored = true }
        guard let terms = rules[index].rule.alert, terms.holdDuration >= settings.forGracePeriod
        else { return }
        for sample in samples where !Absent.isAbsent(sample.value) {
            let labels = sample.labels.removingMetricName()
            guard sample.value.magnitude < 1e15 else { continue }
            let start = restoredStart(sample, terms.holdDuration, at: time)
            rules[index].alerts[labels]?.activeAt = start
        }
    }

    private func restoredStart(
        _ sample: ForStateSample, _ holdDuration: Int64, at time: Int64
    ) -> Int64 {
        // Prometheus reckons in whole seconds here.
        let downAt = sample.time / 1000 * 1000
        let activeAt = Int64(sample.value) * 1000
        let remaining = holdDuration - (downAt - activeAt)
        // It was firing: the next evaluation makes it so again.
        if remaining <= 0 { return activeAt }
        if remaining < settings.forGracePeriod {
            return time + settings.forGracePeriod - holdDuration
        }
        // The time in which nobody looked does not count.
        return activeAt + (time - downAt)
    }
}
