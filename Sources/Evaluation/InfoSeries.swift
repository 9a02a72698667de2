import Planning
import TimeSeries

extension Evaluator {
    /// `info(v)`: the labels of info series set on the series that they are about. At each time the
    /// newest of the info series with the same name and identifying labels counts.
    mutating func informed(
        _ node: InfoNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let input = try vector(node.input, on: grid)
        let given = try information(of: node, on: grid)
        let samples = node.samples.map { inputs.fragments[$0].samples } ?? []
        let join = InfoJoin(node, input, given, samples, grid)
        try budget.charge((input.count + given.count) * grid.count)
        if let histogram = join.information.first(where: { !$0.histograms.isEmpty }) {
            throw .infoIsHistogram(histogram.labels)
        }
        let times: [InfoJoin.Signature: [Int]]?
        do {
            times = input.isEmpty ? nil : try join.newest()
        } catch EvaluationFailure.duplicateInfo(_, _, nil) where node.samples == nil {
            cancelledSums.insert(node.origin)
            return []
        } catch {
            throw error
        }
        var result: [GridSeries] = []
        for series in input {
            try budget.work(grid.count)
            guard !join.isInformation(series.labels), let times else {
                result.append(series)
                continue
            }
            var places: [Labels: Int] = [:]
            for time in 0..<grid.count where series.isPresent(at: time) {
                let matches = join.matches(of: series.labels, at: time, in: times)
                guard let labels = try join.labels(of: series.labels, with: matches) else {
                    continue
                }
                let place = places[labels] ?? result.count
                if place == result.count {
                    places[labels] = place
                    result.append(GridSeries(labels: labels, count: grid.count))
                    try budget.charge(grid.count)
                }
                result[place].values[time] = series.values[time]
                if !series.histograms.isEmpty {
                    result[place].histograms += series.histograms.filter { $0.index == time }
                }
            }
        }
        return try result.unified(.atOtherTimes)
    }

    /// The info series that count. Where only some of their samples do, the values are the times of
    /// these.
    private mutating func information(
        of node: InfoNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let series = try vector(node.information, on: grid)
        guard let reach = node.reach else { return series }
        let counting = CountingInfo(
            reach: reach, grid: grid, samples: node.samples.map { inputs.fragments[$0].samples })
        guard let latest = reach.latest else { return counting.series(from: series) }
        return counting.series(from: series, later: try vector(latest, on: grid))
    }
}

/// Series and the info series that may belong to them.
private struct InfoJoin {
    /// Those that any series may want, with their names.
    private(set) var information: [GridSeries] = []
    private let hasTimes: Bool
    private let nameMatchers: [Matcher]
    /// Conditions on other labels than the name; where there are some, only these labels are taken.
    private let dataMatchers: [Matcher]
    private let identifying = LabelNames(InfoNode.identifyingLabels)
    private var names: [String] = []
    private let grid: TimeGrid
    /// The times of samples of each info series, where these are known.
    private var sampleTimes: [Labels: [Int64]] = [:]

    /// Name and identifying labels.
    struct Signature: Hashable {
        var name: String
        var labels: Labels
    }

    init(
        _ node: InfoNode, _ input: [GridSeries], _ given: [GridSeries],
        _ samples: [SampleColumns], _ grid: TimeGrid
    ) {
        self.grid = grid
        for series in samples { sampleTimes[series.labels] = series.times }
        hasTimes = node.hasTimes || node.reach != nil
        nameMatchers = node.matchers.filter { $0.name == Labels.metricNameLabel }
        dataMatchers = node.matchers.filter { $0.name != Labels.metricNameLabel }
        // An info series counts where each identifying label that some series has is one of theirs.
        var wanted: [String: Set<String>] = [:]
        for series in input where !isInformation(series.labels) {
            for name in InfoNode.identifyingLabels {
                if let value = series.labels[name] { wanted[name, default: []].insert(value) }
            }
        }
        if wanted.isEmpty { return }
        var seen: Set<String> = []
        for var series in given
        where wanted.allSatisfy({ $0.value.contains(series.labels[$0.key] ?? "") }) {
            if let name = node.name {
                series.labels = series.labels.setting(Labels.metricNameLabel, to: name)
            }
            information.append(series)
        }
        // Which two are told of as duplicates depends on the order, and must not on the clusters.
        information.arrange(byLabels: \.labels)
        for series in information {
            let name = series.labels.metricName ?? ""
            if seen.insert(name).inserted { names.append(name) }
        }
    }

    /// Whether a series is an info series itself, which stays as it is.
    func isInformation(_ labels: Labels) -> Bool {
        nameMatchers.allSatisfy { $0.matches(labels.metricName ?? "") }
    }

    /// For each signature the place of the newest info series at each time, -1 where there is none.
    func newest() throws(EvaluationFailure) -> [Signature: [Int]] {
        var result: [Signature: [Int]] = [:]
        for (place, series) in information.enumerated() {
            let signature = Signature(
                name: series.labels.metricName ?? "", labels: series.labels.keeping(identifying))
            var places =
                result.removeValue(forKey: signature) ?? [Int](repeating: -1, count: grid.count)
            for time in 0..<grid.count where !Absent.isAbsent(series.values[time]) {
                let other = places[time]
                if other >= 0 {
                    guard try isNewer(place, than: other, at: time) else { continue }
                }
                places[time] = place
            }
            result[signature] = places
        }
        return result
    }

    /// Whether an info series is newer at a time than another with the same signature.
    private func isNewer(
        _ place: Int, than other: Int, at index: Int
    ) throws(EvaluationFailure) -> Bool {
        let mine = sampleTime(of: place, at: index)
        let theirs = sampleTime(of: other, at: index)
        guard let mine, let theirs, mine != theirs else {
            throw .duplicateInfo(
                first: information[other].labels, second: information[place].labels,
                time: theirs == nil ? nil : mine)
        }
        return mine > theirs
    }

    /// The time of the sample that an info series has at a time, seconds; nil where it is unknown.
    private func sampleTime(of place: Int, at index: Int) -> Double? {
        if hasTimes { return information[place].values[index] }
        let now = grid.time(at: index)
        return sampleTimes[information[place].labels]?.last { $0 <= now }.map { Double($0) / 1000 }
    }

    /// The info series of a series at a time, at most one of each name.
    func matches(of labels: Labels, at time: Int, in newest: [Signature: [Int]]) -> [Labels] {
        let own = labels.keeping(identifying)
        return names.compactMap { name in
            guard let place = newest[Signature(name: name, labels: own)]?[time], place >= 0 else {
                return nil
            }
            return information[place].labels
        }
    }

    /// The labels of a series with those of its info series; nil where it needs one and has none.
    func labels(
        of series: Labels, with matches: [Labels]
    ) throws(EvaluationFailure) -> Labels? {
        if matches.isEmpty { return dataMatchers.allSatisfy(\.matchesEmpty) ? series : nil }
        var added: [String: String] = [:]
        for labels in matches {
            for (name, value) in labels.pairs where name != Labels.metricNameLabel {
                if !dataMatchers.isEmpty, !dataMatchers.contains(where: { $0.name == name }) {
                    continue
                }
                if let other = added[name], other != value { throw .conflictingInfoLabel(name) }
                if series[name] == nil { added[name] = value }
            }
        }
        return added.isEmpty ? series : series.setting(Labels(added.map { ($0.key, $0.value) }))
    }
}
