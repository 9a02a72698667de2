import TimeSeries

/// Holds answers against what a script expects. Every function gives what differs, or nil.
struct ExpectationCheck {
    let expectation: ScriptExpectation
    /// The times of the expected points.
    let grid: TimeGrid

    init(_ evaluation: ScriptEvaluation) {
        expectation = evaluation.expectation
        if let window = expectation.window {
            grid = TimeGrid(start: window.start, end: window.end, step: max(1, window.step))
        } else {
            switch evaluation.times {
            case .instant(let time): grid = TimeGrid(instant: time)
            case .range(let start, let end, let step):
                grid = TimeGrid(start: start, end: end, step: step)
            }
        }
    }

    // MARK: Failures and annotations

    func difference(_ failure: EngineFailure) -> String? {
        guard expectation.fails else { return "fails: \(failure.text)" }
        for rule in expectation.failures where !rule.accepts(failure.text) {
            return "should fail with \(rule.words), and fails: \(failure.text)"
        }
        return nil
    }

    func difference(_ annotations: Annotations) -> String? {
        difference(expectation.warnings, annotations.warnings, "warning")
            ?? difference(expectation.infos, annotations.infos, "info")
    }

    private func difference(
        _ wanted: ScriptExpectation.Remarks, _ texts: Set<String>, _ kind: String
    ) -> String? {
        let list = texts.sorted().map(GoText.quoted).joined(separator: ", ")
        if wanted.mustBeAbsent, !texts.isEmpty { return "unexpected \(kind): \(list)" }
        if wanted.mustBePresent, texts.isEmpty { return "no \(kind)" }
        guard !wanted.rules.isEmpty else { return nil }
        for rule in wanted.rules where !texts.contains(where: rule.accepts) {
            return "no \(kind) is \(rule.words)" + (texts.isEmpty ? "" : "; there is \(list)")
        }
        for text in texts.sorted() where !wanted.rules.contains(where: { $0.accepts(text) }) {
            return "unexpected \(kind): \(GoText.quoted(text))"
        }
        return nil
    }

    // MARK: Values

    /// Whether the answer to the evaluation's own query is the expected one.
    func difference(_ value: QueryValue, isRange: Bool) -> String? {
        switch (value, expectation.value) {
        case (.string(let text, _), .string(let wanted)):
            return text == wanted ? nil : "gives \(GoText.quoted(text))"
        case (.scalar(let values, let grid), _) where isRange:
            // A range query over a scalar has one series.
            return difference(
                matrix: [SeriesPoints(GridSeries(labels: Labels(), values: values), on: grid)])
        case (.scalar(let values, _), .scalar(let wanted)):
            return AlmostEqual.floats(wanted, values[0])
                ? nil : "gives \(NumberText.literal(values[0]))"
        case (.vector(let series, let grid), _) where isRange:
            return difference(matrix: series.map { SeriesPoints($0, on: grid) })
        case (.vector(let series, _), .series(let wanted)):
            return difference(vector: series.map { ($0.labels, $0.point(at: 0)) }, wanted)
        case (.samples(let series), .series):
            return difference(matrix: series.map(SeriesPoints.init))
        case (.scalar(let values, _), _): return "gives the scalar \(values)"
        case (.string(let text, _), _): return "gives the text \(GoText.quoted(text))"
        default: return "gives \(AnswerText.short(value))"
        }
    }

    /// Whether the middle of a range query around an instant is the expected answer.
    func difference(_ value: QueryValue, atPlace place: Int) -> String? {
        switch (value, expectation.value) {
        case (.scalar(let values, _), .scalar(let wanted)):
            return AlmostEqual.floats(wanted, values[place])
                ? nil : "gives \(NumberText.literal(values[place]))"
        case (.vector(let series, _), .series(let wanted)):
            let points = series.map { ($0.labels, $0.point(at: place)) }
                .filter { !$0.1.isOmitted }
            return difference(vector: points, wanted)
        default: return "gives \(AnswerText.short(value))"
        }
    }

    private func difference(
        vector: [(labels: Labels, point: SequencePoint)], _ wanted: [ScriptExpectation.Series]
    ) -> String? {
        for (place, found) in vector.enumerated() {
            guard let index = wanted.firstIndex(where: { $0.labels == found.labels }) else {
                return "gives \(found.labels) \(AnswerText.point(found.point)), unexpectedly"
            }
            if expectation.isOrdered, index != place {
                return "gives \(found.labels) at place \(place + 1), not \(index + 1)"
            }
            let point = wanted[index].points.first ?? .float(0)
            if !AlmostEqual.points(point, found.point) {
                return "gives \(found.labels) \(AnswerText.point(found.point)), expected "
                    + AnswerText.point(point)
            }
        }
        let missing = wanted.first { one in !vector.contains { $0.labels == one.labels } }
        return missing.map { "does not give \($0.labels)" }
    }

    private func difference(matrix: [SeriesPoints]) -> String? {
        guard case .series(let wanted) = expectation.value else {
            return "gives series, expected one value"
        }
        if expectation.isOrdered { return "a range query has no order" }
        for (one, next) in zip(matrix, matrix.dropFirst()) where next.labels < one.labels {
            return "gives \(one.labels) before \(next.labels)"
        }
        for found in matrix {
            guard let one = wanted.first(where: { $0.labels == found.labels }) else {
                return "gives \(found.labels) \(found.text), unexpectedly"
            }
            if one.points.count > grid.count {
                return "expects more points of \(one.labels) than the times can have"
            }
            let points = one.points.enumerated().filter { !$0.element.isOmitted }
                .map { (time: grid.time(at: $0.offset), point: $0.element) }
            let isEqual =
                points.count == found.points.count
                && zip(points, found.points).allSatisfy {
                    $0.time == $1.time && AlmostEqual.points($0.point, $1.point)
                }
            if !isEqual {
                return "gives \(found.labels) \(found.text), expected "
                    + SeriesPoints(labels: one.labels, points: points).text
            }
        }
        let missing = wanted.first { one in !matrix.contains { $0.labels == one.labels } }
        return missing.map { "does not give \($0.labels)" }
    }
}

/// A series' points with their times, milliseconds.
struct SeriesPoints {
    var labels: Labels
    var points: [(time: Int64, point: SequencePoint)]

    init(labels: Labels, points: [(time: Int64, point: SequencePoint)]) {
        self.labels = labels
        self.points = points
    }

    init(_ series: GridSeries, on grid: TimeGrid) {
        labels = series.labels
        points = []
        for index in 0..<grid.count {
            let point = series.point(at: index)
            if !point.isOmitted { points.append((grid.time(at: index), point)) }
        }
    }

    init(_ series: SampledSeries) {
        labels = series.labels
        points = series.samples.map { sample in
            switch sample.value {
            case .float(let value): (sample.time, .float(value))
            case .histogram(let histogram): (sample.time, .histogram(histogram, hasHint: true))
            }
        }
    }

    init(_ series: SampleColumns) {
        labels = series.labels
        points = zip(series.times, series.values).map { ($0, .float($1)) }
        points += zip(series.histogramTimes, series.histograms).map {
            ($0, .histogram($1, hasHint: true))
        }
        points.sort { $0.time < $1.time }
    }

    /// `1 @0 2 @60`.
    var text: String {
        let words = points.map {
            "\(AnswerText.point($0.point)) @\(NumberText.timestamp($0.time))"
        }
        return words.isEmpty ? "no points" : words.joined(separator: " ")
    }
}

extension GridSeries {
    func point(at index: Int) -> SequencePoint {
        if let found = histograms.first(where: { $0.index == index }) {
            return .histogram(found.histogram, hasHint: true)
        }
        return Absent.isAbsent(values[index]) ? .omitted : .float(values[index])
    }
}
