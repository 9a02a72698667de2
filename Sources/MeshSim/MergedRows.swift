/// Rows of a family of metrics, of which several may bear the same labels: proxies that cannot tell
/// two callers apart count both as one.
struct MergedRows: Sendable {
    private var order: [String] = []
    private var rows: [String: (labels: Labels, tally: Tally, causes: [FaultCourse?])] = [:]

    /// Adds requests that are counted under these labels.
    mutating func add(_ labels: Labels, _ tally: Tally, cause: FaultCourse? = nil) {
        let key = labels.text
        if rows[key] == nil {
            order.append(key)
            rows[key] = (labels, tally, [cause])
        } else {
            rows[key]?.tally.parts += tally.parts
            rows[key]?.causes.append(cause)
        }
    }

    /// As metrics of a counter, in the order in which their labels first came.
    var counters: [Metric] { metrics { .number($0.count(at:)) } }

    /// Counters that rise by `amount` with every event.
    func counters(times amount: Double) -> [Metric] {
        metrics { tally in .number { tally.count(at: $0) * amount } }
    }

    /// Gauges of what follows from how often it happens a second.
    func gauges(_ value: @escaping @Sendable (Double) -> Double) -> [Metric] {
        metrics { tally in .number { value(tally.rate(at: $0)) } }
    }

    /// As metrics of a histogram.
    var histograms: [Metric] { metrics { .durations($0) } }

    private func metrics(_ measure: (Tally) -> Metric.Measure) -> [Metric] {
        order.compactMap { key in
            rows[key].map { row in
                // What only one fault brings about appears with it; what several do is there from
                // the start.
                let isSeldom = row.causes.count == 1
                return Metric(
                    labels: row.labels, measure: measure(row.tally),
                    cause: isSeldom ? row.causes[0] : nil)
            }
        }
    }
}
