/// What a number is measured in, as far as the metric's name says.
struct MeasureUnit: Hashable, Sendable {
    enum Dimension: String, Hashable, Sendable {
        case time
        case size
        case share
        case temperature
    }

    /// As it stands in names, in the plural.
    var name: String
    var dimension: Dimension
    /// How many of the dimension's base unit one is.
    var factor: Double

    /// All that are told from names, by the last word of the name.
    private static let byWord: [String: MeasureUnit] = {
        let rows: [(words: [String], dimension: Dimension, factor: Double)] = [
            (["nanoseconds", "ns"], .time, 1e-9), (["microseconds", "us"], .time, 1e-6),
            (["milliseconds", "ms", "millis"], .time, 1e-3), (["seconds"], .time, 1),
            (["minutes"], .time, 60), (["hours"], .time, 3600), (["days"], .time, 86_400),
            (["bytes"], .size, 1), (["kilobytes", "kb"], .size, 1e3),
            (["megabytes", "mb"], .size, 1e6), (["gigabytes", "gb"], .size, 1e9),
            (["kibibytes"], .size, 1024), (["mebibytes"], .size, 1_048_576),
            (["gibibytes"], .size, 1_073_741_824),
            (["ratio"], .share, 1), (["percent", "percentage"], .share, 0.01),
            (["celsius"], .temperature, 1),
        ]
        var result: [String: MeasureUnit] = [:]
        for row in rows {
            for word in row.words {
                result[word] = MeasureUnit(
                    name: row.words[0], dimension: row.dimension, factor: row.factor)
            }
        }
        return result
    }()

    static let seconds = MeasureUnit(name: "seconds", dimension: .time, factor: 1)

    /// Words behind the unit that change nothing about it.
    private static let endings: Set<String> = ["total", "sum", "bucket", "max", "min", "avg"]

    /// Of a metric's values; nil where its name says nothing.
    init?(metric: String) {
        // A recorded name says in its last part what was done: `job:latency_seconds:p95`.
        let parts = metric.split(separator: ":")
        let middle = parts.count == 3 ? parts[1] : metric[...]
        var words = middle.split(separator: "_").map(String.init)
        // `_count` counts observations, whatever they are measured in.
        while let last = words.last, Self.endings.contains(last) { words.removeLast() }
        guard let last = words.last, let unit = Self.byWord[last] else { return nil }
        self = unit
    }

    init(name: String, dimension: Dimension, factor: Double) {
        self.name = name
        self.dimension = dimension
        self.factor = factor
    }

    /// The unit of numbers that are divided by `divisor`; nil where it has no name.
    func divided(by divisor: Double) -> MeasureUnit? {
        let wanted = factor * divisor
        return Self.byWord.values.first {
            $0.dimension == dimension && abs($0.factor - wanted) <= wanted.magnitude * 1e-9
        }
    }
}
