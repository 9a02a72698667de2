import TimeSeries

/// Holds the answer of many clusters against that of all samples together: labels, times and the
/// number of points exactly, values within rounding.
struct AnswerComparison {
    /// Where nothing cancels out.
    private static let tolerance = 1e-12
    /// Of the largest term, where terms cancel each other out.
    private static let toleranceOfTerms = 1e-9

    /// The answer of all samples together when they are a little off.
    var disturbed: (Disturbance) -> EngineAnswer
    /// The greatest time that the query speaks of, seconds; 0 where it speaks of none. Times cannot
    /// be a little off, so what cancels out of them is known by their size.
    var greatestTime: Double
    /// Whether the query makes labels of values (`count_values`).
    var labelsAreValues: Bool
    /// The answers of all samples together when series are looked at in other orders; none where the
    /// query chooses no series. Which of equal ones are chosen hangs on that order and on all that
    /// was looked at before, and clusters that each choose their own do not show all of it.
    var reordered: () -> [EngineAnswer]
    /// Whether the query is a ranking itself, so that at least the values must be the same.
    var isRanking: Bool
    /// Whether all samples together fail with this text in some part of the query.
    var failsSomewhere: (String) -> Bool
    var remarks: RemarkComparison

    /// What differs, or nil.
    func difference(_ wanted: EngineAnswer, _ found: EngineAnswer) -> String? {
        switch (wanted, found) {
        case (.failure(let wanted), .failure(let found)):
            return areAlike(wanted, found)
                ? nil : "fails with '\(found.text)', and all samples with '\(wanted.text)'"
        case (.failure(let failure), .value(let value, _)):
            // Only all series together show it; the parts may be right each for itself.
            if failure.kind == .comparison { return nil }
            return "gives \(AnswerText.short(value)); all samples fail: \(failure.text)"
        case (.value(let value, _), .failure(let failure)):
            return "fails: \(failure.text); all samples give \(AnswerText.short(value))"
        case (.value(let wanted, let wantedRemarks), .value(let found, let foundRemarks)):
            return difference(wanted, found)
                ?? remarks.difference(wantedRemarks.warnings, foundRemarks.warnings)
                ?? remarks.difference(wantedRemarks.infos, foundRemarks.infos)
        }
    }

    /// Whether two failures say the same, whichever series they name. Of several mistakes in a query
    /// any may be found first.
    private func areAlike(_ wanted: EngineFailure, _ found: EngineFailure) -> Bool {
        wanted.text == found.text || (wanted.kind == .comparison && found.kind == .comparison)
            || (wanted.kind == .comparison && found.kind == .evaluation)
            || (wanted.kind != .unsupported && failsSomewhere(found.text))
    }

    private func difference(_ wanted: QueryValue, _ found: QueryValue) -> String? {
        switch (wanted, found) {
        case (.string(let wanted, _), .string(let found, _)):
            return wanted == found ? nil : "\(GoText.quoted(found)) is not \(GoText.quoted(wanted))"
        case (.scalar(let wanted, let grid), .scalar(let found, _)):
            let series = (
                [GridSeries(labels: Labels(), values: wanted)],
                [GridSeries(labels: Labels(), values: found)]
            )
            return difference(grid, series.0, series.1)
        case (.vector(let wanted, let grid), .vector(let found, _)):
            return difference(grid, wanted, found)
        case (.samples(let wanted), .samples(let found)):
            return difference(wanted, found)
        default:
            return "\(AnswerText.short(found)), not \(AnswerText.short(wanted))"
        }
    }

    private func difference(
        _ grid: TimeGrid, _ wanted: [GridSeries], _ found: [GridSeries]
    ) -> String? {
        guard let difference = plainDifference(grid, wanted, found) else { return nil }
        if isRanking {
            guard Self.haveEqualRanks(wanted, found, on: grid) else { return difference }
            if Set(wanted.map(\.labels)) == Set(found.map(\.labels)) { return nil }
        }
        let hangsOnOrder = reordered().contains { answer in
            answer.series.map { plainDifference(grid, wanted, $0) != nil } ?? true
        }
        if hangsOnOrder { return nil }
        // Of numbers that became labels the last digits say nothing, and two may be one.
        return labelsAreValues
            ? plainDifference(grid, wanted.withRoundedLabels, found.withRoundedLabels)
            : difference
    }

    private func plainDifference(
        _ grid: TimeGrid, _ wanted: [GridSeries], _ found: [GridSeries]
    ) -> String? {
        if let difference = differenceOfLabels(wanted.map(\.labels), found.map(\.labels)) {
            return difference
        }
        var doubtful: [(series: Int, index: Int)] = []
        for (place, (one, other)) in zip(wanted, found).enumerated() {
            for index in 0..<grid.count {
                let isEqual = Self.areEqual(one.point(at: index), other.point(at: index))
                if isEqual == .no {
                    return difference(one, other, at: index, on: grid)
                }
                if isEqual == .perhaps { doubtful.append((place, index)) }
            }
        }
        if doubtful.isEmpty { return nil }
        let reach = reach(of: doubtful, wanted)
        for ((place, index), reach) in zip(doubtful, reach)
        where !((wanted[place].values[index] - found[place].values[index]).magnitude <= reach) {
            return difference(wanted[place], found[place], at: index, on: grid)
        }
        return nil
    }

    /// Whether the same values are there at each time, whichever series have them.
    private static func haveEqualRanks(
        _ wanted: [GridSeries], _ found: [GridSeries], on grid: TimeGrid
    ) -> Bool {
        func values(_ series: [GridSeries], _ index: Int) -> [Double] {
            series.map { $0.values[index] }.filter { !Absent.isAbsent($0) && !$0.isNaN }.sorted()
        }
        return (0..<grid.count).allSatisfy { index in
            let (wanted, found) = (values(wanted, index), values(found, index))
            return wanted.count == found.count
                && zip(wanted, found).allSatisfy { areEqual($0, $1) == .yes }
        }
    }

    private func difference(
        _ wanted: GridSeries, _ found: GridSeries, at index: Int, on grid: TimeGrid
    ) -> String {
        "\(wanted.labels) is \(AnswerText.exact(found.point(at: index))) at "
            + "\(NumberText.timestamp(grid.time(at: index))), not "
            + AnswerText.exact(wanted.point(at: index))
    }

    private func difference(_ wanted: [SampledSeries], _ found: [SampledSeries]) -> String? {
        if let difference = differenceOfLabels(wanted.map(\.labels), found.map(\.labels)) {
            return difference
        }
        for (one, other) in zip(wanted, found) {
            let wanted = SeriesPoints(one)
            let found = SeriesPoints(other)
            let isEqual =
                wanted.points.count == found.points.count
                && zip(wanted.points, found.points).allSatisfy {
                    $0.time == $1.time && Self.areEqual($0.point, $1.point) == .yes
                }
            if !isEqual { return "\(one.labels) is \(found.text), not \(wanted.text)" }
        }
        return nil
    }

    private func differenceOfLabels(_ wanted: [Labels], _ found: [Labels]) -> String? {
        if wanted == found { return nil }
        if let missing = wanted.first(where: { !found.contains($0) }) {
            return "\(missing) is missing, of \(wanted.count) series"
        }
        if let extra = found.first(where: { !wanted.contains($0) }) {
            return "\(extra) is there beside \(wanted.count) series"
        }
        return "the order is \(found), not \(wanted)"
    }

    // MARK: Numbers

    private enum Equality {
        case yes, no
        /// Equal but for an error that rounding may or may not explain.
        case perhaps
    }

    private static func areEqual(_ wanted: SequencePoint, _ found: SequencePoint) -> Equality {
        switch (wanted, found) {
        case (.omitted, .omitted): .yes
        case (.float(let wanted), .float(let found)): areEqual(wanted, found)
        case (.histogram(let wanted, _), .histogram(let found, _)):
            ShownEquality.areEqual(wanted, found, within: tolerance) ? .yes : .no
        default: .no
        }
    }

    private static func areEqual(_ wanted: Double, _ found: Double) -> Equality {
        if wanted == found || (wanted.isNaN && found.isNaN) { return .yes }
        guard wanted.isFinite, found.isFinite else { return .no }
        let scale = max(wanted.magnitude, found.magnitude)
        return (wanted - found).magnitude <= tolerance * scale ? .yes : .perhaps
    }

    /// How far each of the values may be off.
    private func reach(
        of places: [(series: Int, index: Int)], _ wanted: [GridSeries]
    ) -> [Double] {
        var result = [Double](
            repeating: Self.tolerance * greatestTime, count: places.count)
        for seed in 1...3 as ClosedRange<UInt64> {
            guard case .value(let value, _) = disturbed(Disturbance(seed: seed)) else { continue }
            guard let series = value.series else { continue }
            for (number, (place, index)) in places.enumerated() {
                guard let one = series.first(where: { $0.labels == wanted[place].labels }) else {
                    continue
                }
                let effect = (one.values[index] - wanted[place].values[index]).magnitude
                // An effect as small as its cause says that nothing cancels out.
                guard effect.isFinite,
                    effect > 8 * Disturbance.size * wanted[place].values[index].magnitude
                else { continue }
                let ofTerms = effect / Disturbance.size * Self.toleranceOfTerms
                result[number] = max(result[number], ofTerms)
            }
        }
        return result
    }
}

extension EngineAnswer {
    fileprivate var series: [GridSeries]? {
        guard case .value(let value, _) = self else { return nil }
        return value.series
    }
}

extension QueryValue {
    /// A scalar as a series without labels.
    fileprivate var series: [GridSeries]? {
        switch self {
        case .vector(let series, _): series
        case .scalar(let values, _): [GridSeries(labels: Labels(), values: values)]
        case .samples, .string: nil
        }
    }
}

extension [GridSeries] {
    /// With the numbers in labels rounded, and what became equal put together.
    fileprivate var withRoundedLabels: [GridSeries] {
        var places: [Labels: Int] = [:]
        var result: [GridSeries] = []
        for var series in self {
            series.labels = series.labels.withRoundedNumbers
            guard let place = places[series.labels] else {
                places[series.labels] = result.count
                result.append(series)
                continue
            }
            for index in series.values.indices where !Absent.isAbsent(series.values[index]) {
                let other = result[place].values[index]
                result[place].values[index] =
                    series.values[index] + (Absent.isAbsent(other) ? 0 : other)
            }
        }
        return result.sorted { $0.labels < $1.labels }
    }
}

extension Labels {
    /// With the numbers that `count_values` writes into labels rounded: sums may differ in their last
    /// digit. Of a histogram's text the count counts: an answer does not show all of its buckets.
    fileprivate var withRoundedNumbers: Labels {
        Labels(
            pairs.map { name, value in
                if value.hasPrefix("{count:") {
                    return (name, String(value.prefix { $0 != "," }))
                }
                guard let number = NumberText.read(value), number.isFinite, number != 0
                else { return (name, value) }
                let unit = (number.magnitude * 1e-11).binade
                return (name, NumberText.sample((number / unit).rounded() * unit))
            })
    }
}
