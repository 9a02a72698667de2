import TimeSeries

/// Makes data sets of everything that has gone wrong somewhere: counters with resets, gaps, stale
/// markers, NaN and infinities, buckets that differ by cluster, series that only one cluster has,
/// own labels of external names, floats beside native histograms.
struct TrialDataMaker {
    private let seed: UInt64
    private var random: SeededGenerator
    private let interval: Int64
    private let start: Int64
    private let count: Int
    private let clusters: [(id: String, labels: Labels)]
    private let externalNames: [String]
    /// Fewer bounds in some data sets, other ones in some clusters.
    private let layoutsDiffer: Bool

    init(seed: UInt64, clusterCount: Int) {
        self.seed = seed
        var random = SeededGenerator(seed: seed)
        interval = random.pick([15_000, 15_000, 30_000, 10_000])
        // Not long after the epoch: the differences of large times would be lost in rounding.
        start = random.pick([0, 600_000, 10_000_000]) + random.pick([0, 0, 3700, 12_345])
        count = Int.random(in: 30...60, using: &random)
        layoutsDiffer = random.chance(40)
        let names = ["eu-1", "us-1", "ap-1", "eu-2", "sa-1", "af-1", "us-2", "me-1"]
        let regions = ["emea", "amer", "apac"]
        let hasRegion = random.chance(50)
        let hasTier = random.chance(15)
        let isUneven = random.chance(20)
        clusters = (0..<clusterCount).map { index in
            let id = index < names.count ? names[index] : "c-\(index)"
            var labels = LabelsBuilder()
            labels.set("cluster", id)
            // Somebody forgot to label a cluster.
            if hasRegion, !(isUneven && index == clusterCount - 1) {
                labels.set("region", regions[index % regions.count])
            }
            if hasTier { labels.set("tier", "production") }
            return (id, labels.labels())
        }
        externalNames =
            ["cluster"] + (hasRegion ? ["region"] : []) + (hasTier ? ["tier"] : [])
        self.random = random
    }

    mutating func data() -> TrialData {
        var result: [TrialData.Cluster] = []
        for index in clusters.indices {
            result.append(
                TrialData.Cluster(
                    id: clusters[index].id, externalLabels: clusters[index].labels,
                    series: series(ofCluster: index)))
        }
        return TrialData(seed: seed, clusters: result, vocabulary: vocabulary(of: result))
    }

    // MARK: Series

    private static let pods = ["a-1", "a-2", "b-1"]
    private static let services = ["cart", "shop"]

    private mutating func series(ofCluster index: Int) -> [SampleColumns] {
        var result: [SampleColumns] = []
        // Clusters do not scrape at the same moments.
        let phase: Int64 = random.pick([0, 0, 1, 4321])
        func add(_ name: String, _ labels: Labels, _ points: [Point]) {
            var columns = SampleColumns(labels: labels.setting(Labels.metricNameLabel, to: name))
            for point in points { columns.set(point.value, at: point.time + phase) }
            if !columns.isEmpty { result.append(columns.withStoredHints) }
        }
        for pod in Self.pods where random.chance(85) {
            let service = pod.hasPrefix("a") ? "cart" : "shop"
            add("load", ["pod": pod, "service": service], withGaps(gauge()))
            add("flip", ["pod": pod], withGaps(flips()))
            if random.chance(60) { add("special", ["pod": pod], withGaps(specials())) }
            add("up", ["instance": pod, "job": "node"], scrapes())
        }
        for service in Self.services {
            for code in ["200", "503"] where random.chance(90) {
                let labels: Labels = ["code": code, "service": service]
                add("requests_total", labels, withGaps(counter()))
            }
            for (bound, points) in buckets(of: index) {
                let labels: Labels = ["le": bound, "service": service]
                add("latency_seconds_bucket", labels, points)
            }
            add("latency_seconds_sum", ["service": service], counter())
        }
        for service in Self.services where random.chance(85) {
            add("sizes", ["service": service], withGaps(exponential()))
            add("lanes", ["service": service], withGaps(custom()))
        }
        // One cluster still has floats where the others have native histograms, and some a mix.
        for pod in Self.pods where random.chance(60) {
            let points = random.pick([counter(), exponential(), exponential(), mixed()])
            add("odd", ["pod": pod], points)
        }
        if index == 0 { add("rare", ["pod": "a-1"], withGaps(gauge())) }
        if random.chance(40) { add("rare", ["pod": "z-9"], withGaps(gauge())) }
        // Envoy names the cluster that it sends to.
        if random.chance(70) {
            let own = random.pick(["upstream", clusters[index].id, "eu-1"])
            add("proxy_up", ["cluster": own, "pod": "a-1"], withGaps(flips()))
        }
        add("proxy_up", ["pod": "b-1"], withGaps(flips()))
        for pod in Self.pods {
            for (version, points) in versions() {
                add("target_info", ["instance": pod, "job": "node", "version": version], points)
            }
            guard random.chance(50) else { continue }
            let commit = random.pick(["c1", "c2"])
            add("build_info", ["commit": commit, "instance": pod, "job": "node"], withGaps(ones()))
        }
        return result
    }

    /// Information that changes on the way: the old series ends, or is just not written any more.
    private mutating func versions() -> [(version: String, points: [Point])] {
        let points = ones()
        guard random.chance(50) else { return [(random.pick(["v1", "v2"]), withGaps(points))] }
        let change = Int.random(in: 1..<count, using: &random)
        var old = Array(points[..<change])
        if random.chance(50) {
            old.append(Point(time: points[change].time, value: .float(Absent.value)))
        }
        return [("v1", old), ("v2", Array(points[change...]))]
    }

    // MARK: Points

    private struct Point {
        var time: Int64
        var value: SampledSeries.Value
    }

    private static func points(at times: [Int64], _ value: (Int) -> Double) -> [Point] {
        times.indices.map { Point(time: times[$0], value: .float(value($0))) }
    }

    private var times: [Int64] { (0..<count).map { start + Int64($0) * interval } }

    /// Quarters, so that most sums are exact.
    private mutating func gauge() -> [Point] {
        var value = Double(Int.random(in: -40...40, using: &random))
        return Self.points(at: times) { _ in
            value += Double(Int.random(in: -4...4, using: &random)) * 0.25
            return value
        }
    }

    private mutating func flips() -> [Point] {
        Self.points(at: times) { _ in random.chance(70) ? 5 : 10 }
    }

    private mutating func specials() -> [Point] {
        let values: [Double] = [
            .nan, .infinity, -.infinity, -0.0, 0, 1e100, -1e100, 2, 8, 1e-300, 3,
        ]
        let some = random.some(of: values, atMost: 4) + [1]
        return Self.points(at: times) { _ in random.pick(some) }
    }

    private mutating func scrapes() -> [Point] {
        Self.points(at: times) { _ in random.chance(92) ? 1 : 0 }
    }

    private func ones() -> [Point] { Self.points(at: times) { _ in 1 } }

    private mutating func counter() -> [Point] {
        var value = Double(Int.random(in: 0...50, using: &random))
        return Self.points(at: times) { _ in
            value =
                random.chance(4) ? 0 : value + Double(Int.random(in: 0...10, using: &random))
            return value
        }
    }

    private mutating func buckets(of index: Int) -> [(bound: String, points: [Point])] {
        let bounds =
            layoutsDiffer && index % 2 == 1
            ? ["0.1", "0.25", "2.5", "+Inf"] : ["0.1", "0.5", "1", "+Inf"]
        var totals = [Double](repeating: 0, count: count)
        return bounds.map { bound in
            var value = 0.0
            for place in totals.indices {
                value += Double(Int.random(in: 0...3, using: &random))
                totals[place] += value
            }
            let cumulated = totals
            return (bound, Self.points(at: times) { cumulated[$0] })
        }
    }

    /// Growing buckets on both sides of zero, begun anew now and then; the resolution changes too.
    /// An answer shows neither empty buckets nor a zero bucket below zero, as differences have it
    /// where a counter began anew.
    private mutating func exponential() -> [Point] {
        var schema = random.pick([0, 1, 2])
        let isGauge = random.chance(15)
        let isWide = random.chance(30)
        let hasZeros = random.chance(50)
        func begun() -> NativeHistogram {
            var result = NativeHistogram(layout: .exponential(schema: schema))
            result.zeroThreshold = isWide ? 0.01 : 0.001
            if isGauge { result.resetHint = .gauge }
            return result
        }
        var counts = [Double](repeating: 0, count: 8)
        var sum = 0.0
        return times.map { time in
            if !hasZeros, random.chance(4) {
                counts = [Double](repeating: 0, count: 8)
                sum = 0
                schema = random.pick([0, 1, 2])
            }
            for place in counts.indices {
                counts[place] += Double(random.pick([0, 0, 1, 2]))
            }
            sum += Double(Int.random(in: 0...20, using: &random)) * 0.25
            if !hasZeros { counts[0] = 0 }
            // Of buckets beside the zero bucket there is one: else no answer shows the resolution.
            counts[3] += 1
            var histogram = begun()
            histogram.zeroCount = counts[0]
            histogram.negative = HistogramBuckets(first: -1, counts: Array(counts[1...2]))
            histogram.positive = HistogramBuckets(first: 0, counts: Array(counts[3...]))
            histogram.count = counts.reduce(0, +)
            histogram.sum = sum
            return Point(time: time, value: .histogram(histogram.compacted()))
        }
    }

    /// Buckets between custom bounds, the same ones in all clusters: an answer does not tell of the
    /// bounds of empty buckets, so what others have in common with them is not known. None looks
    /// like an exponential one, as 1 to 2 does: an answer does not tell which is meant.
    private mutating func custom() -> [Point] {
        let bounds = [1.0, 3, 5, 12]
        var counts = [Double](repeating: 1, count: bounds.count + 1)
        return times.map { time in
            for place in counts.indices {
                counts[place] += Double(random.pick([0, 1, 2]))
            }
            let histogram = NativeHistogram(
                layout: .custom(bounds: bounds), count: counts.reduce(0, +),
                sum: counts[1] * 2.5 + counts[2] * 7,
                positive: HistogramBuckets(first: 0, counts: counts))
            return Point(time: time, value: .histogram(histogram))
        }
    }

    /// Floats that become histograms.
    private mutating func mixed() -> [Point] {
        let floats = counter()
        let histograms = exponential()
        let change = Int.random(in: 0..<count, using: &random)
        return Array(floats[..<change] + histograms[change...])
    }

    /// Samples are lost, and series end and come back.
    private mutating func withGaps(_ points: [Point]) -> [Point] {
        guard random.chance(45) else { return points }
        var result = points
        for _ in 0..<Int.random(in: 1...2, using: &random) where !result.isEmpty {
            let first = Int.random(in: 0..<result.count, using: &random)
            let length = random.pick([1, 3, 10, 25])
            let last = min(result.count, first + length)
            let marksEnd = random.chance(50)
            let time = result[first].time
            result.removeSubrange(first..<last)
            if marksEnd { result.insert(Point(time: time, value: .float(Absent.value)), at: first) }
        }
        return result
    }

    // MARK: Vocabulary

    private func vocabulary(of clusters: [TrialData.Cluster]) -> QueryVocabulary {
        var labels: [String: [String]] = [:]
        var metrics: [String: Set<String>] = [:]
        var numbers: [Double] = []
        var hasHistograms = false
        func note(_ name: String, _ value: String) {
            if !(labels[name] ?? []).contains(value) { labels[name, default: []].append(value) }
        }
        for cluster in clusters {
            for (name, value) in cluster.externalLabels.pairs { note(name, value) }
            for series in cluster.series {
                guard let metric = series.labels.metricName else { continue }
                for (name, value) in series.labels.pairs where name != Labels.metricNameLabel {
                    note(name, value)
                    metrics[metric, default: []].insert(name)
                    if externalNames.contains(name) { note("exported_" + name, value) }
                }
                if let value = series.values.last, value.isFinite, numbers.count < 30 {
                    numbers.append(value)
                }
                if !series.histograms.isEmpty { hasHistograms = true }
            }
        }
        return QueryVocabulary(
            metrics: metrics.keys.sorted().map { name in
                QueryVocabulary.Metric(
                    name: name, kind: Self.kind(of: name), labels: (metrics[name] ?? []).sorted())
            }, values: labels, externalNames: externalNames,
            times: start...start + interval * Int64(count - 1), interval: interval,
            numbers: numbers, hasHistograms: hasHistograms)
    }

    private static func kind(of name: String) -> QueryVocabulary.Metric.Kind {
        if name.hasSuffix("_bucket") { return .classicBuckets }
        if name.hasSuffix("_total") || name.hasSuffix("_sum") { return .counter }
        if name.hasSuffix("_info") { return .info }
        return ["sizes", "lanes", "odd"].contains(name) ? .nativeHistogram : .gauge
    }
}
