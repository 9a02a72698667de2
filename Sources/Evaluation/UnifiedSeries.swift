import TimeSeries

extension Labels {
    /// The labels that say what a series measures. What is computed from it measures something
    /// else, so operations drop them.
    private static let metricLabels: LabelNames = [metricNameLabel, "__type__", "__unit__"]

    /// The labels of something that is computed from the series.
    var withoutMetric: Labels { removing(Self.metricLabels) }
}

extension GridSeries {
    /// Whether there is a float or a histogram at a time.
    func isPresent(at time: Int) -> Bool {
        !Absent.isAbsent(values[time]) || place(ofHistogramAt: time) != nil
    }
}

/// When two series may have the same labels.
enum SameLabels {
    /// Where they are not there at the same time: they are one series then. So it is with what
    /// Prometheus computes time by time.
    case atOtherTimes
    /// Not at all, as with what Prometheus computes series by series.
    case never
}

extension [GridSeries] {
    /// The series with each label set once, in order of first appearance. Fails where two that may
    /// not be one have the same labels.
    func unified(_ allowed: SameLabels) throws(EvaluationFailure) -> [GridSeries] {
        if count < 2 { return self }
        var places: [Labels: Int] = [:]
        places.reserveCapacity(count)
        // Stays empty until a label set comes for the second time.
        var result: [GridSeries] = []
        for (index, series) in enumerated() {
            let next = result.isEmpty ? index : result.count
            guard let place = places.updateValue(next, forKey: series.labels) else {
                if !result.isEmpty { result.append(series) }
                continue
            }
            places[series.labels] = place
            if result.isEmpty { result = Array(self[..<index]) }
            try result[place].take(series, allowed)
        }
        return result.isEmpty ? self : result
    }
}

extension GridSeries {
    /// Takes in what a series with the same labels has.
    fileprivate mutating func take(
        _ other: GridSeries, _ allowed: SameLabels
    ) throws(EvaluationFailure) {
        if other.isEmpty { return }
        guard !isEmpty else {
            self = other
            return
        }
        guard allowed == .atOtherTimes else { throw .duplicateLabels }
        for time in values.indices where other.isPresent(at: time) {
            if isPresent(at: time) { throw .duplicateLabels }
            values[time] = other.values[time]
        }
        guard !other.histograms.isEmpty else { return }
        histograms = (histograms + other.histograms).sorted { $0.index < $1.index }
    }
}
