/// A series with at most one value at each time of a grid: what a cluster answers, and what every
/// operator of the gateway takes and gives.
public struct GridSeries: Hashable, Sendable {
    public var labels: Labels
    /// One value for each time of the grid; `Absent.value` where the series has none. A native
    /// histogram's place holds `Absent.value` here.
    public var values: [Double]
    /// Native histograms by place on the grid, ordered by place; empty for most series.
    public var histograms: [HistogramPoint]
    /// Whether the metric's name is to be dropped at the end of the query, because the values are
    /// computed from those of the metric. Only where names are dropped late (`NameRemoval`).
    public var dropsMetricName = false

    public struct HistogramPoint: Hashable, Sendable {
        /// The place on the grid.
        public var index: Int
        public var histogram: NativeHistogram

        public init(index: Int, histogram: NativeHistogram) {
            self.index = index
            self.histogram = histogram
        }
    }

    public init(
        labels: Labels, values: [Double], histograms: [HistogramPoint] = [],
        dropsMetricName: Bool = false
    ) {
        self.labels = labels
        self.values = values
        self.histograms = histograms
        self.dropsMetricName = dropsMetricName
    }

    /// A series without any value yet.
    public init(labels: Labels, count: Int) {
        self.init(labels: labels, values: [Double](repeating: Absent.value, count: count))
    }

    /// Whether the series has no value at all; such a series is in no answer.
    public var isEmpty: Bool { histograms.isEmpty && values.allSatisfy(Absent.isAbsent) }

    // Values compare by bits: an answer is the same where its bytes are the same.
    public static func == (left: GridSeries, right: GridSeries) -> Bool {
        left.labels == right.labels && left.histograms == right.histograms
            && left.dropsMetricName == right.dropsMetricName
            && left.values.elementsEqual(right.values) { $0.bitPattern == $1.bitPattern }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(labels) }
}

/// The mark of a place without a value: the NaN that Prometheus uses for staleness, which no
/// answer ever holds. Arithmetic on it gives another NaN, so kernels ask first.
public enum Absent {
    public static let bits: UInt64 = 0x7ff0_0000_0000_0002
    public static var value: Double { Double(bitPattern: bits) }

    @inlinable
    public static func isAbsent(_ value: Double) -> Bool { value.bitPattern == bits }
}

/// A series' own samples, as a root range selector (`x[5m]`) answers them.
public struct SampledSeries: Hashable, Sendable {
    public var labels: Labels
    public var samples: [Sample]

    public struct Sample: Hashable, Sendable {
        /// Milliseconds since the Unix epoch.
        public var time: Int64
        public var value: Value

        public init(time: Int64, value: Value) {
            self.time = time
            self.value = value
        }
    }

    public enum Value: Hashable, Sendable {
        case float(Double)
        case histogram(NativeHistogram)
    }

    public init(labels: Labels, samples: [Sample]) {
        self.labels = labels
        self.samples = samples
    }

    /// The samples of columns in order of their times.
    public init(_ columns: SampleColumns) {
        labels = columns.labels
        samples = zip(columns.times, columns.values).map { Sample(time: $0, value: .float($1)) }
        guard !columns.histograms.isEmpty else { return }
        samples += zip(columns.histogramTimes, columns.histograms).map {
            Sample(time: $0, value: .histogram($1))
        }
        samples.sort { $0.time < $1.time }
    }
}
