import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// How the functions of buckets are computed, by their names.
    private enum BucketFunction {
        /// `histogram_quantile(φ, v)`.
        case quantile
        /// `histogram_quantiles(v, "label", φ…)`.
        case quantiles
        /// `histogram_fraction(lower, upper, v)`.
        case fraction
    }

    private static let bucketFunctions: [String: BucketFunction] = [
        "histogram_fraction": .fraction,
        "histogram_quantile": .quantile,
        "histogram_quantiles": .quantiles,
    ]

    mutating func bucketed(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let function = Self.bucketFunctions[node.function.name] else {
            throw .unsupported(node.function.name + "()")
        }
        let arguments = node.arguments
        var result: [GridSeries] = []
        switch function {
        case .quantile:
            let ratios = try quantileRatios(0, of: node, on: grid)
            let (histograms, natives) = try histograms(arguments[1], of: node, on: grid)
            result = try quantileColumns(natives, ratios, of: node)
            result += try quantileColumns(histograms, ratios, of: node, on: grid)
        case .quantiles:
            let (histograms, natives) = try histograms(arguments[0], of: node, on: grid)
            let label = try text(arguments[1], on: grid)
            guard !label.isEmpty else { throw .invalidLabelName(label) }
            for index in arguments.indices.dropFirst(2) {
                let ratios = try quantileRatios(index, of: node, on: grid)
                let columns =
                    try quantileColumns(natives, ratios, of: node)
                    + quantileColumns(histograms, ratios, of: node, on: grid)
                result += toldApart(columns, by: label, ratios.map(GoWords.openMetrics))
            }
        case .fraction:
            let lower = try scalar(arguments[0], on: grid)
            let upper = try scalar(arguments[1], on: grid)
            let (histograms, natives) = try histograms(arguments[2], of: node, on: grid)
            result = try columns(natives, of: node) { histogram, time in
                histogram.fraction(from: lower[time], to: upper[time])
            }
            result += try columns(histograms, on: grid) { buckets, time in
                buckets.fraction(lower[time], upper[time])
            }
        }
        return try result.unified(.atOtherTimes)
    }

    private mutating func quantileRatios(
        _ argument: Int, of node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [Double] {
        let ratios = try scalar(node.arguments[argument], on: grid)
        for ratio in ratios where !Quantile.isValid(ratio) {
            annotations.warn(
                Remarks.invalidQuantile(ratio), at: node.sources.argument(argument))
        }
        return ratios
    }

    /// The columns with a label that says which quantile they are at each time; most often that is
    /// one for all times.
    private func toldApart(
        _ columns: [GridSeries], by label: String, _ texts: [String]
    ) -> [GridSeries] {
        Set(texts).sorted().flatMap { text in
            columns.map { column in
                GridSeries(
                    labels: column.labels.setting(label, to: text),
                    values: zip(column.values, texts).map { $1 == text ? $0 : Absent.value },
                    dropsMetricName: column.dropsMetricName)
            }
        }
    }

    private mutating func quantileColumns(
        _ histograms: [BucketHistogram], _ ratios: [Double], of node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        var forced = ForcedMonotonicity()
        let result = try columns(histograms, on: grid) { buckets, time in
            buckets.quantile(ratios[time]) { forced.note($0, at: grid.time(at: time)) }
        }
        if let repairs = forced.repairs {
            annotations.inform(
                Remarks.forcedMonotonicity, about: repairs,
                at: node.sources.argument(vectorArgument(of: node)).bytes)
        }
        return result
    }

    /// Which argument the histograms are.
    private func vectorArgument(of node: CallNode) -> Int {
        node.function.arguments.firstIndex(of: .vector) ?? 0
    }

    // MARK: Histograms

    /// The bucket series of one histogram, in order of their bounds.
    private struct BucketHistogram {
        /// Those of the buckets without `le`.
        var labels: Labels
        var buckets: [(bound: Double, values: [Double])] = []
    }

    private mutating func histograms(
        _ input: PlanNode, of node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> (classic: [BucketHistogram], native: [GridSeries]) {
        var places: [Labels: Int] = [:]
        var result: [BucketHistogram] = []
        var natives: [GridSeries] = []
        let place = node.sources.argument(vectorArgument(of: node))
        for series in try vector(input, on: grid) {
            if !series.histograms.isEmpty { natives.append(series) }
            if series.values.allSatisfy(Absent.isAbsent) { continue }
            let text = series.labels["le"] ?? ""
            guard let bound = NumberText.read(text) else {
                annotations.warn(
                    Remarks.invalidBound(text, metric: series.labels.metricName), at: place)
                continue
            }
            let labels = series.labels.removing(["le"])
            let place = places[labels] ?? result.count
            if place == result.count {
                places[labels] = place
                result.append(BucketHistogram(labels: labels))
            }
            result[place].buckets.append((bound, series.values))
        }
        for index in result.indices {
            result[index].buckets.sort { $0.bound < $1.bound }
        }
        for native in natives.indices {
            guard let classic = places[natives[native].labels] else { continue }
            dropMixed(&natives[native], &result[classic], at: place)
        }
        return (result, natives)
    }

    /// A native histogram beside a classic one with its labels: neither counts.
    private mutating func dropMixed(
        _ native: inout GridSeries, _ classic: inout BucketHistogram, at place: SourceRange
    ) {
        let mixed = Set(native.histograms.map(\.index)).filter { time in
            classic.buckets.contains { !Absent.isAbsent($0.values[time]) }
        }
        if mixed.isEmpty { return }
        annotations.warn(Remarks.mixedBuckets(metric: native.labels.metricName), at: place)
        native.histograms.removeAll { mixed.contains($0.index) }
        for bucket in classic.buckets.indices {
            for time in mixed { classic.buckets[bucket].values[time] = Absent.value }
        }
    }

    // MARK: Columns

    private mutating func quantileColumns(
        _ natives: [GridSeries], _ ratios: [Double], of node: CallNode
    ) throws(EvaluationFailure) -> [GridSeries] {
        try columns(natives, of: node) { histogram, time in histogram.quantile(ratios[time]) }
    }

    /// A number for each native histogram.
    private mutating func columns(
        _ natives: [GridSeries], of node: CallNode,
        _ kernel: (NativeHistogram, Int) -> (value: Double, nan: NativeHistogram.NaNInfluence)
    ) throws(EvaluationFailure) -> [GridSeries] {
        let place = node.sources.argument(vectorArgument(of: node))
        var result: [GridSeries] = []
        for series in natives {
            try budget.work(onHistogramsOf: series)
            var values = [Double](repeating: Absent.value, count: series.values.count)
            let metric = names.labels(ofComputedFrom: series.labels).metricName
            for point in series.histograms {
                let (value, nan) = kernel(point.histogram, point.index)
                values[point.index] = value
                switch nan {
                case .none: break
                case .isResult:
                    annotations.inform(Remarks.quantileIsNaN(metric: metric), at: place)
                case .skewsResult:
                    annotations.inform(Remarks.quantileIsSkewed(metric: metric), at: place)
                case .isLeftOut:
                    annotations.inform(Remarks.fractionLeavesOutNaN(metric: metric), at: place)
                }
            }
            result.append(names.computed(from: series, values: values))
        }
        return result
    }

    private mutating func columns(
        _ histograms: [BucketHistogram], on grid: TimeGrid,
        _ kernel: (inout Buckets, Int) -> Double
    ) throws(EvaluationFailure) -> [GridSeries] {
        try budget.charge(histograms.count * grid.count)
        var result: [GridSeries] = []
        result.reserveCapacity(histograms.count)
        var buckets = Buckets()
        for histogram in histograms {
            try budget.work(histogram.buckets.count * grid.count)
            var one = names.computed(
                from: GridSeries(labels: histogram.labels, values: []),
                values: [Double](repeating: Absent.value, count: grid.count))
            for time in 0..<grid.count {
                buckets.removeAll()
                for bucket in histogram.buckets where !Absent.isAbsent(bucket.values[time]) {
                    buckets.add(bucket.values[time], upTo: bucket.bound)
                }
                if !buckets.isEmpty { one.values[time] = kernel(&buckets, time) }
            }
            result.append(one)
        }
        return result
    }
}

/// Where buckets had to be made monotonic, over all histograms and times of a call.
private struct ForcedMonotonicity {
    private var all: Buckets.Repair?
    private var count = 0
    private var firstTime = Int64.max
    private var lastTime = Int64.min

    mutating func note(_ repair: Buckets.Repair, at time: Int64) {
        all = all?.joined(with: repair) ?? repair
        count += 1
        firstTime = min(firstTime, time)
        lastTime = max(lastTime, time)
    }

    /// Nil where nothing was forced.
    var repairs: BucketRepairs? {
        guard let all else { return nil }
        return BucketRepairs(
            bounds: all.leastBound...all.greatestBound, difference: all.greatestDifference,
            differenceText: GoWords.twoDigits(all.greatestDifference), count: count,
            firstTime: GoWords.time(firstTime), lastTime: GoWords.time(lastTime))
    }
}
