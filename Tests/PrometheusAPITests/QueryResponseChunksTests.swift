import PrometheusAPI
import TestSupport
import Testing
import TimeSeries

struct QueryResponseChunksTests {
    private let instant = TimeGrid(instant: 1_700_000_000_500)

    @Test func annotationsAndStatsHaveTheirPlacesAndOrder() {
        var annotations = Annotations()
        annotations.warn("cluster \"b\" is missing")
        annotations.warn("a<b")
        annotations.inform("i")
        let bytes = written(
            .vector([], grid: instant), .instant, annotations: annotations,
            stats: ["samples": ["peakSamples": 3, "seconds": 7.31e-07]])
        #expect(
            text(bytes)
                == #"{"status":"success","data":{"resultType":"vector","result":[],"stats":{"samples":{"peakSamples":3,"seconds":7.31e-07}}},"warnings":["a\u003cb","cluster \"b\" is missing"],"infos":["i"]}"#
        )
    }

    @Test func labelSetsAreEscapedAsPrometheus3DoesIt() {
        let series = GridSeries(labels: ["a": "<b> & \"c\"\u{2028}\n\u{1}é"], values: [1])
        #expect(
            text(written(.vector([series], grid: instant), .instant)).contains(
                "{\"a\":\"<b> & \\\"c\\\"\u{2028}\\n\\u0001é\"}"))
        #expect(
            text(written(.vector([series], grid: instant), .instant, labelEscaping: .html))
                .contains(#"{"a":"\u003cb\u003e \u0026 \"c\"\u2028\n\u0001é"}"#))
    }

    @Test func aSeriesWithoutAValueIsLeftOut() {
        let grid = TimeGrid(start: 0, end: 1000, step: 1000)
        let series = [
            GridSeries(labels: ["a": "1"], count: 2),
            GridSeries(labels: ["a": "2"], values: [1, 2]),
            GridSeries(labels: ["a": "3"], count: 2),
        ]
        #expect(
            text(written(.vector(series, grid: grid), .range))
                == #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"2"},"values":[[0,"1"],[1,"2"]]}]}}"#
        )
        let vector = [
            GridSeries(labels: ["a": "1"], count: 1),
            GridSeries(labels: ["a": "2"], values: [.nan]),
        ]
        #expect(
            text(written(.vector(vector, grid: instant), .instant))
                == #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"2"},"value":[1700000000.500,"NaN"]}]}}"#
        )
        let windows = [SampledSeries(labels: [:], samples: [])]
        #expect(
            text(written(.samples(windows), .instant))
                == #"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
    }

    @Test func aScalarOverARangeIsASeriesWithoutLabels() {
        let grid = TimeGrid(start: 0, end: 1000, step: 1000)
        #expect(
            text(written(.scalar([1e-7, 2], grid: grid), .range))
                == #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1e-07"],[1,"2"]]}]}}"#
        )
    }

    @Test func piecesAreOfTheSizeAskedForAndJoinToTheSame() {
        var generator = SeededGenerator(seed: 3)
        let grid = TimeGrid(start: 0, end: 99_000, step: 1000)
        let value = QueryValue.vector(randomSeries(20, grid, using: &generator), grid: grid)
        let whole = written(value, .range, chunkSize: .max)
        for size in [1, 10, 100, 4096] {
            let pieces = Array(QueryResponseChunks(value, form: .range, chunkSize: size))
            #expect(Array(pieces.joined()) == whole)
            #expect(pieces.dropLast().allSatisfy { $0.count >= size && $0.count < size + 2000 })
            #expect(pieces.allSatisfy { !$0.isEmpty })
        }
    }

    // MARK: There and back

    @Test(arguments: 0..<40)
    func aMatrixIsTheSameAfterWritingAndReading(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let count = Int64.random(in: 1...50, using: &generator)
        let step = Int64.random(in: 1...100_000, using: &generator)
        let start = Int64.random(in: -2_000_000_000_000...2_000_000_000_000, using: &generator)
        let grid = TimeGrid(start: start, end: start + (count - 1) * step, step: step)
        let series = randomSeries(12, grid, using: &generator)
        let body = written(
            .vector(series, grid: grid), .range,
            labelEscaping: Bool.random(using: &generator) ? .plain : .html)
        let pieces = body.randomPieces(upTo: 400, using: &generator)
        #expect(decoded(pieces, .grid(grid)).series == series.filter { !$0.isEmpty })
    }

    @Test(arguments: 0..<20)
    func aVectorIsTheSameAfterWritingAndReading(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let series = randomSeries(30, instant, using: &generator)
        let body = written(.vector(series, grid: instant), .instant)
        #expect(decoded(body, .grid(instant)).series == series.filter { !$0.isEmpty })
    }

    @Test(arguments: 0..<20)
    func windowsAreTheSameAfterWritingAndReading(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let series = (0..<10).map { _ in
            let count = Int.random(in: 1...9, using: &generator)
            return SampledSeries(
                labels: randomLabels(using: &generator),
                samples: (0..<count).map { index in
                    let time = Int64(index) * 777 - 1000
                    return Int.random(in: 0...3, using: &generator) == 0
                        ? .init(time: time, value: .histogram(randomHistogram(using: &generator)))
                        : .init(
                            time: time,
                            value: .float(Double.random(in: -1e9...1e9, using: &generator)))
                })
        }
        let body = written(.samples(series), .instant)
        #expect(try decoded(body, .samples).get().value == .samples(series))
    }

    private func randomSeries(
        _ count: Int, _ grid: TimeGrid, using generator: inout SeededGenerator
    ) -> [GridSeries] {
        (0..<count).map { _ in
            var series = GridSeries(labels: randomLabels(using: &generator), count: grid.count)
            for index in 0..<grid.count {
                switch Int.random(in: 0...9, using: &generator) {
                case 0, 1: break
                case 2:
                    series.histograms.append(
                        .init(index: index, histogram: randomHistogram(using: &generator)))
                case 3: series.values[index] = Double(Int.random(in: -99...99, using: &generator))
                case 4:
                    let special = [
                        Double.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 1e-7, 1e21,
                    ]
                    series.values[index] = special.randomElement(using: &generator) ?? 0
                default:
                    let value = Double(
                        bitPattern: UInt64.random(in: 0..<0x7ff0 << 48, using: &generator))
                    series.values[index] = Bool.random(using: &generator) ? value : -value
                }
            }
            return series
        }
    }

    private func randomLabels(using generator: inout SeededGenerator) -> Labels {
        let names = [
            "__name__", "job", "Zone", "le", "é", "a\"b", String(repeating: "n", count: 130),
        ]
        let values = ["", "x", "<&>\u{2028}", "\u{1}\t\\", "😀", String(repeating: "v", count: 300)]
        return Labels(
            (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                (
                    names.randomElement(using: &generator) ?? "",
                    values.randomElement(using: &generator) ?? ""
                )
            })
    }

    /// A histogram as an answer shows it.
    private func randomHistogram(using generator: inout SeededGenerator) -> NativeHistogram {
        var histogram = NativeHistogram(
            layout: .exponential(schema: Int.random(in: -4...8, using: &generator)),
            count: Double(Int.random(in: 0...100, using: &generator)), sum: 0.1 + 0.2,
            positive: randomBuckets(using: &generator))
        histogram.negative = randomBuckets(using: &generator)
        histogram.zeroCount = Double(Int.random(in: 0...1, using: &generator))
        histogram.zeroThreshold = histogram.zeroCount * 1e-300
        let shown = ShownHistogram(
            count: histogram.count, sum: histogram.sum, buckets: histogram.buckets)
        return NativeHistogram(shown) ?? histogram
    }

    private func randomBuckets(using generator: inout SeededGenerator) -> HistogramBuckets {
        HistogramBuckets(
            first: Int.random(in: -60...60, using: &generator),
            counts: (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                Double(Int.random(in: 0...3, using: &generator)) / 2
            })
    }
}
