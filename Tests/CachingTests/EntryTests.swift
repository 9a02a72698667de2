import Caching
import Planning
import TestSupport
import Testing
import TimeSeries

/// Entries of the store as they come back: whole, or spoiled.
@Suite struct EntryTests {
    private static let grid = TimeGrid(start: 0, end: 299_000, step: 1000)
    private static let key = AnswerKey(source: AnswerSource("eu-1"), query: "x")

    private static func lookup(_ key: AnswerKey = key, grid: TimeGrid = grid) -> RangeLookup {
        RangeLookup(
            key, grid: grid, reach: DataReach(), settledUntil: .max, dataStart: nil)
    }

    private static func entries(
        of answer: RangeAnswer, key: AnswerKey = key
    ) -> [String: [UInt8]] {
        var lookup = lookup(key)
        lookup.add(answer, for: grid)
        var result: [String: [UInt8]] = [:]
        for update in lookup.updates() { result[update.key] = update.bytes() }
        return result
    }

    private static func answer(_ entries: [String: [UInt8]]) -> RangeAnswer? {
        var lookup = lookup()
        lookup.take(entries)
        return lookup.missing(maximumPoints: 11_000).isEmpty ? lookup.assembled() : nil
    }

    /// Series with gaps, odd numbers and native histograms.
    private static func generated(_ random: inout SeededGenerator) -> RangeAnswer {
        var answer = RangeAnswer()
        let bounds = [1.0, 3, 5, 12]
        for number in 0..<Int.random(in: 0...6, using: &random) {
            var series = GridSeries(
                labels: ["__name__": "x", "i": "\(number)", "é": "\u{1F600}\n"],
                count: grid.count)
            let kind = Int.random(in: 0..<4, using: &random)
            var shown: [(Int, ShownHistogram)] = []
            for place in 0..<grid.count where Int.random(in: 0..<8, using: &random) > 0 {
                switch kind {
                case 0: series.values[place] = Double(place / 7)
                case 1:
                    series.values[place] =
                        [.nan, .infinity, -0.0, 1e-300, 5][
                            Int.random(in: 0..<5, using: &random)]
                case 2:
                    series.values[place] = Double.random(in: 0...1, using: &random)
                default:
                    let layout: NativeHistogram.Layout =
                        number.isMultiple(of: 2) ? .custom(bounds: bounds) : .exponential(schema: 2)
                    var histogram = NativeHistogram(
                        layout: layout, count: Double(place), sum: .nan,
                        positive: HistogramBuckets(
                            first: Int.random(in: 0...1, using: &random),
                            counts: [1, Double(place), 0, 2]))
                    if case .exponential = layout {
                        histogram.zeroThreshold = 0.001
                        histogram.zeroCount = 1
                        histogram.negative = HistogramBuckets(first: 2, counts: [3])
                    }
                    shown.append(
                        (
                            place,
                            ShownHistogram(
                                count: histogram.count, sum: histogram.sum,
                                buckets: histogram.buckets)
                        ))
                }
            }
            let read = NativeHistogram.histograms(of: shown.map(\.1)) ?? []
            series.histograms = zip(shown, read).map {
                GridSeries.HistogramPoint(index: $0.0, histogram: $1)
            }
            if !series.isEmpty { answer.series.append(series) }
        }
        if Bool.random(using: &random) {
            answer.warnings = ["PromQL warning: a", "PromQL warning: b"]
        }
        return answer
    }

    @Test(arguments: 0..<60)
    func whatIsReadIsWhatWasWritten(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let answer = Self.generated(&random)
        let isSame = Self.answer(Self.entries(of: answer)) == answer
        #expect(isSame)
    }

    @Test func spoiledEntriesAreMisses() {
        var random = SeededGenerator(seed: 11)
        var answer = Self.generated(&random)
        while answer.series.count < 4 { answer = Self.generated(&random) }
        let entries = Self.entries(of: answer)
        for (key, bytes) in entries {
            for count in 0..<bytes.count {
                var spoiled = entries
                spoiled[key] = Array(bytes.prefix(count))
                expectNoWrongAnswer(spoiled, answer)
            }
            for place in bytes.indices {
                var spoiled = entries
                spoiled[key]?[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                expectNoWrongAnswer(spoiled, answer)
            }
            for other in entries.values {
                var spoiled = entries
                spoiled[key] = other + [0]
                expectNoWrongAnswer(spoiled, answer)
            }
        }
    }

    /// The index says only where else to look; blocks that are spoiled are asked anew.
    private func expectNoWrongAnswer(_ entries: [String: [UInt8]], _ answer: RangeAnswer) {
        let found = Self.answer(entries)
        #expect(found == nil || found == answer)
    }

    @Test func everySpoiledBlockIsAMiss() {
        let answer = RangeAnswer.distinct(Self.grid)
        let entries = Self.entries(of: answer).filter { $0.key.hasPrefix("b") }
        #expect(entries.count == 2)
        for (key, bytes) in entries {
            for place in bytes.indices {
                var spoiled = entries
                spoiled[key]?[place] ^= 0x10
                #expect(Self.answer(spoiled) == nil)
            }
        }
    }

    @Test func anEntryUnderAnotherKeyIsAMiss() {
        let entries = Self.entries(of: RangeAnswer.distinct(Self.grid))
        let keys = entries.keys.filter { $0.hasPrefix("b") }.sorted()
        var swapped = entries
        swapped[keys[0]] = entries[keys[1]]
        swapped[keys[1]] = entries[keys[0]]
        #expect(Self.answer(swapped) == nil)
    }

    @Test(arguments: [
        AnswerKey(source: AnswerSource("eu-2"), query: "x"),
        AnswerKey(source: AnswerSource("eu-1"), query: "y"),
        AnswerKey(source: AnswerSource("eu-1x"), query: ""),
        AnswerKey(source: AnswerSource("eu-1"), query: "x", lookback: 0),
        AnswerKey(source: AnswerSource("eu-1"), query: "x", lookback: 300_000),
    ])
    func otherQuestionsHaveOtherKeys(_ other: AnswerKey) {
        let keys = Set(Self.lookup().firstKeys)
        #expect(keys.isDisjoint(with: Self.lookup(other).firstKeys))
    }

    @Test func stepsAndPhasesHaveKeysOfTheirOwn() {
        let keys = Set(Self.lookup().firstKeys.filter { $0.hasPrefix("b") })
        for grid in [
            TimeGrid(start: 1, end: 299_001, step: 1000),
            TimeGrid(start: 0, end: 299_000, step: 500),
            TimeGrid(start: -1_000_000, end: -500_000, step: 1000),
        ] {
            let other = Self.lookup(grid: grid).firstKeys.filter { $0.hasPrefix("b") }
            #expect(keys.isDisjoint(with: other))
        }
    }

    /// A change here makes all that gateways share of no use.
    @Test func keysStayWhatTheyAre() {
        #expect(
            Self.lookup().firstKeys == [
                "b1:1a9ccfc10d15730c197f44e1525d9c61", "b1:9ab30730af31ad2f68a343c1f18461bb",
                "x1:68f92cffa0f0bd792022e1055b7708ac",
            ])
    }

    @Test func blocksLargerThanTheLimitAreNotKept() {
        var limits = CachingLimits()
        limits.maximumBlockBytes = 3000
        var lookup = RangeLookup(
            Self.key, grid: Self.grid, reach: DataReach(), settledUntil: .max, dataStart: nil,
            limits: limits)
        lookup.add(RangeAnswer.distinct(Self.grid), for: Self.grid)
        let sizes = lookup.updates().filter { $0.key.hasPrefix("b") }.map { $0.bytes()?.count }
        #expect(sizes.count == 2)
        #expect(sizes.first == .some(nil))
        // What another gateway with larger limits has kept is not read either.
        var reader = RangeLookup(
            Self.key, grid: Self.grid, reach: DataReach(), settledUntil: .max, dataStart: nil,
            limits: limits)
        reader.take(Self.entries(of: RangeAnswer.distinct(Self.grid)))
        #expect(reader.missing(maximumPoints: 11_000).first?.start == 0)
    }

    // MARK: Whole answers

    private static func slot(samples: Bool, time: Int64 = 5000) -> AnswerSlot {
        AnswerSlot(
            key, time: time, wantsSamples: samples, reach: DataReach(), settledUntil: .max,
            dataStart: nil)
    }

    @Test(arguments: 0..<20)
    func instantAnswersAreReadAsTheyWereWritten(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var answer = Self.generated(&random)
        answer.series = answer.series.compactMap { series in
            var series = series
            series.values = [series.values[7]]
            series.histograms = series.histograms.filter { $0.index == 7 }.map {
                .init(index: 0, histogram: $0.histogram)
            }
            let read = NativeHistogram.histograms(
                of: series.histograms.map {
                    ShownHistogram(
                        count: $0.histogram.count, sum: $0.histogram.sum,
                        buckets: $0.histogram.buckets)
                })
            for (place, histogram) in (read ?? []).enumerated() {
                series.histograms[place].histogram = histogram
            }
            return series.isEmpty ? nil : series
        }
        let stored = StoredAnswer(answer: answer)
        let slot = Self.slot(samples: false)
        let bytes = slot.bytes(of: stored)
        #expect(bytes.flatMap { slot.answer(from: $0) } == stored)
        #expect(bytes.flatMap { Self.slot(samples: false, time: 5001).answer(from: $0) } == nil)
        #expect(bytes.flatMap { Self.slot(samples: true).answer(from: $0) } == nil)
    }

    @Test(arguments: 0..<20)
    func windowsOfSamplesAreReadAsTheyWereWritten(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let answer = Self.generated(&random)
        let samples = answer.series.map { series in
            let places = series.values.indices.filter { !Absent.isAbsent(series.values[$0]) }
            return SampleColumns(
                labels: series.labels,
                times: places.map { Int64($0) * 15_000 + 1_700_000_000_007 },
                values: places.map { series.values[$0] },
                histogramTimes: series.histograms.map { Int64($0.index) * 15_000 - 40 },
                histograms: series.histograms.map(\.histogram))
        }
        let stored = StoredAnswer(
            answer: RangeAnswer(warnings: answer.warnings), samples: samples)
        let slot = Self.slot(samples: true)
        guard let bytes = slot.bytes(of: stored) else {
            Issue.record("the answer is kept")
            return
        }
        // NaN is the same here, which it is not for `==`.
        func bits(_ answer: StoredAnswer?) -> [[UInt64]] {
            answer?.samples.map { $0.values.map(\.bitPattern) } ?? []
        }
        func rest(_ answer: StoredAnswer?) -> [SampleColumns] {
            answer?.samples.map { one in
                SampleColumns(
                    labels: one.labels, times: one.times, values: one.times.map { _ in 0 },
                    histogramTimes: one.histogramTimes, histograms: one.histograms)
            } ?? []
        }
        let found = slot.answer(from: bytes)
        #expect(found?.answer == stored.answer)
        #expect(bits(found) == bits(stored))
        #expect(rest(found) == rest(stored))
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(slot.answer(from: Array(bytes.prefix(count))) == nil)
        }
        for place in stride(from: 0, to: bytes.count, by: 5) {
            var spoiled = bytes
            spoiled[place] ^= 0x40
            #expect(slot.answer(from: spoiled) == nil)
        }
    }

    @Test func incompleteInstantAnswersAreNotKept() {
        let stored = StoredAnswer(answer: RangeAnswer(warnings: ["remote read failed"]))
        #expect(Self.slot(samples: false).bytes(of: stored) == nil)
        #expect(Self.slot(samples: true).bytes(of: stored) == nil)
    }
}
