import TimeSeries

/// Answers as text for people, in the notation of scripts.
enum AnswerText {
    static func point(_ point: SequencePoint) -> String {
        switch point {
        case .omitted: "_"
        case .float(let value):
            Absent.isAbsent(value) ? "stale" : NumberText.literal(value)
        case .histogram(let histogram, _): "\(histogram)"
        }
    }

    /// With every digit.
    static func exact(_ point: SequencePoint) -> String {
        if case .float(let value) = point { return NumberText.sample(value) }
        return self.point(point)
    }

    /// The kind of a value and how much there is of it.
    static func short(_ value: QueryValue) -> String {
        switch value {
        case .vector(let series, _): "\(series.count) series"
        case .samples(let series): "windows of \(series.count) series"
        case .scalar(let values, _): "the scalar \(values.map(NumberText.literal))"
        case .string(let text, _): "the text \(GoText.quoted(text))"
        }
    }

    /// An answer with all its points.
    static func long(_ answer: EngineAnswer) -> String {
        switch answer {
        case .failure(let failure): return "fails: \(failure.text)"
        case .value(.vector(let series, let grid), _):
            return list(series.map { SeriesPoints($0, on: grid) })
        case .value(.samples(let series), _): return list(series.map { SeriesPoints($0) })
        case .value(let value, _): return short(value)
        }
    }

    private static func list(_ series: [SeriesPoints]) -> String {
        if series.isEmpty { return "nothing" }
        return series.map { "\n  \($0.labels) \($0.text)" }.joined()
    }
}
