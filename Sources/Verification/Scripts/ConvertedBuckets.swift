import TimeSeries

/// Turns classic histograms into native ones with custom bounds, as `load_with_nhcb` does and as
/// Prometheus does at a scrape (`util/convertnhcb`).
struct ConvertedBuckets {
    /// What is known of each histogram at each time.
    private var parts: [Labels: [Int64: Parts]] = [:]
    /// In the order of the script.
    private var order: [Labels] = []

    fileprivate struct Parts {
        /// Upper bounds and what lies below them, ascending.
        var buckets: [(bound: Double, count: Double)] = []
        var count: Double?
        var sum = 0.0
    }

    /// Notes a series that is part of a classic histogram by its name; others mean nothing here.
    mutating func add(_ series: SampleColumns) throws(ScriptMistake) {
        guard let metric = series.labels.metricName else { return }
        for (suffix, role) in Self.roles where metric.hasSuffix(suffix) {
            var bound = Double.infinity
            if role == .bucket {
                guard let text = series.labels["le"] else {
                    throw ScriptMistake("\(series.labels) has no bound")
                }
                guard let value = NumberText.read(text), !value.isNaN else { return }
                bound = value
            }
            let base = series.labels.setting("le", to: "")
                .setting(Labels.metricNameLabel, to: String(metric.dropLast(suffix.count)))
            if parts[base] == nil { order.append(base) }
            for (time, value) in zip(series.times, series.values) {
                var one = parts[base]?[time] ?? Parts()
                switch role {
                case .bucket: try one.add(bound, value)
                case .count: one.count = value
                case .sum: one.sum = value
                }
                parts[base, default: [:]][time] = one
            }
            return
        }
    }

    private enum Role {
        case bucket, count, sum
    }

    private static let roles: [(suffix: String, role: Role)] = [
        ("_bucket", .bucket), ("_sum", .sum), ("_count", .count),
    ]

    /// The native histograms.
    func series() throws(ScriptMistake) -> [SampleColumns] {
        var result: [SampleColumns] = []
        for labels in order {
            var columns = SampleColumns(labels: labels)
            for (time, one) in (parts[labels] ?? [:]).sorted(by: { $0.key < $1.key }) {
                columns.set(.histogram(try one.histogram()), at: time)
            }
            result.append(columns)
        }
        return result
    }
}

extension ConvertedBuckets.Parts {
    mutating func add(_ bound: Double, _ count: Double) throws(ScriptMistake) {
        if count < 0 { throw ScriptMistake("a bucket with a negative count") }
        let place = buckets.firstIndex { $0.bound >= bound } ?? buckets.count
        // Of two spellings of one bound the first counts.
        if place < buckets.count, buckets[place].bound == bound { return }
        if place > 0, count < buckets[place - 1].count {
            throw ScriptMistake("buckets whose counts are not cumulative")
        }
        if place < buckets.count, count > buckets[place].count {
            throw ScriptMistake("buckets whose counts are not cumulative")
        }
        buckets.insert((bound, count), at: place)
    }

    func histogram() throws(ScriptMistake) -> NativeHistogram {
        guard let count = count ?? buckets.last?.count else {
            throw ScriptMistake("a histogram with neither buckets nor a count")
        }
        var buckets = buckets
        if buckets.last?.bound != .infinity { buckets.append((.infinity, count)) }
        guard buckets.last?.count == count else {
            throw ScriptMistake("a histogram whose count is not that of its last bucket")
        }
        var before = 0.0
        let counts = buckets.map { bucket in
            defer { before = bucket.count }
            return bucket.count - before
        }
        return NativeHistogram(
            layout: .custom(bounds: buckets.dropLast().map(\.bound)), count: count, sum: sum,
            positive: HistogramBuckets(first: 0, counts: counts)
        ).compacted()
    }
}
