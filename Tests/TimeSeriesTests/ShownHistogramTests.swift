import TestSupport
import Testing
import TimeSeries

private func shown(_ histogram: NativeHistogram) -> ShownHistogram {
    ShownHistogram(count: histogram.count, sum: histogram.sum, buckets: histogram.buckets)
}

struct ShownHistogramTests {
    @Test(arguments: [
        "{{count:4 sum:5 buckets:[1 0 3]}}",
        "{{schema:1 count:3 sum:2 z_bucket:1 z_bucket_w:0.25 offset:2 buckets:[2]}}",
        "{{schema:3 count:3 z_bucket:1 z_bucket_w:0.001 offset:-7 buckets:[2 0.5] n_buckets:[1]}}",
        "{{schema:-4 count:2 n_offset:-3 n_buckets:[1 1]}}",
        "{{schema:8 count:2 offset:-300 buckets:[1 -1]}}",
        // The innermost bucket overlaps the zero bucket.
        "{{count:3 z_bucket:1 z_bucket_w:0.001 offset:-9 buckets:[1 1]}}",
        "{{count:3 z_bucket_w:0.001 offset:-9 buckets:[1 1] n_offset:-9 n_buckets:[1 1]}}",
        // The greatest finite number and +Inf.
        "{{count:2 offset:1024 buckets:[1 1]}}",
        "{{schema:-53 count:3 custom_values:[1 2.5 10] buckets:[1 1 0 1]}}",
        "{{schema:-53 count:3 custom_values:[-1 0.1] offset:1 buckets:[1]}}",
        "{{schema:-53 count:3 custom_values:[0 1] offset:1 buckets:[1]}}",
    ])
    func theLayoutIsSeenInTheBounds(_ text: String) throws {
        let whole = try histogram(text)
        let read = try #require(NativeHistogram(shown(whole)))
        #expect(read.description == text)
        #expect(read.buckets == whole.buckets)
    }

    @Test func whereNothingIsShownAnythingCanBeAdded() throws {
        let empty = try #require(NativeHistogram(ShownHistogram(count: 0, sum: 0)))
        for text in [
            "{{schema:2 count:1 z_bucket:1 z_bucket_w:1}}",
            "{{schema:-53 count:1 custom_values:[3] buckets:[1]}}",
        ] {
            let other = try histogram(text)
            #expect(try empty.adding(other).histogram == other)
            #expect(try other.adding(empty).histogram == other)
        }
    }

    @Test func aSeriesWithCustomBoundsHasThemEverywhere() throws {
        let series = try [
            "{{schema:-53 count:1 custom_values:[1 2 5] offset:1 buckets:[1]}}",
            "{{schema:-53 count:1 custom_values:[1 2 5] offset:2 buckets:[1]}}",
        ].map { shown(try histogram($0)) }
        let read = try #require(NativeHistogram.histograms(of: series))
        #expect(read.map(\.hasCustomBounds) == [true, true])
        #expect(try #require(NativeHistogram.histograms(of: [series[0]]))[0].schema == 0)
    }

    @Test func partsOfOneCustomLayoutAddUp() throws {
        let low = shown(
            try histogram("{{schema:-53 count:1 custom_values:[1 2 5] offset:1 buckets:[1]}}"))
        let high = shown(
            try histogram("{{schema:-53 count:3 custom_values:[1 2 5] offset:2 buckets:[3]}}"))
        let (sum, conflicts) = try #require(NativeHistogram(low))
            .adding(try #require(NativeHistogram(high)))
        #expect(conflicts == [])
        #expect(
            sum.description == "{{schema:-53 count:4 custom_values:[1 2 5] offset:1 buckets:[1 3]}}"
        )
    }

    @Test func customLayoutsThatCannotBeOneKeepWhatBothMayHave() throws {
        let left = shown(
            try histogram("{{schema:-53 count:2 custom_values:[0 3 5] offset:1 buckets:[1 1]}}"))
        let right = shown(
            try histogram("{{schema:-53 count:1 custom_values:[2 5] offset:1 buckets:[1]}}"))
        let (sum, conflicts) = try #require(NativeHistogram(left))
            .adding(try #require(NativeHistogram(right)))
        #expect(conflicts == .bounds)
        #expect(
            sum.description == "{{schema:-53 count:3 custom_values:[0 5] offset:1 buckets:[3]}}")
    }

    @Test(arguments: [
        [NativeHistogram.Bucket(boundaries: .openLeft, lower: 2, upper: 1, count: 1)],
        [.init(boundaries: .openBoth, lower: 1, upper: 2, count: 1)],
        [.init(boundaries: .openRight, lower: -3, upper: -1, count: 1)],
        [.init(boundaries: .closedBoth, lower: 1, upper: 2, count: 1)],
        [.init(boundaries: .openLeft, lower: .nan, upper: 2, count: 1)],
        [
            .init(boundaries: .openLeft, lower: 1, upper: 2, count: 1),
            .init(boundaries: .openLeft, lower: 1.5, upper: 3, count: 1),
        ],
        [
            .init(boundaries: .openLeft, lower: 1, upper: .infinity, count: 1),
            .init(boundaries: .openLeft, lower: 3, upper: 4, count: 1),
        ],
    ])
    func bucketsOfNoLayoutAreRefused(_ buckets: [NativeHistogram.Bucket]) {
        #expect(NativeHistogram(ShownHistogram(count: 1, sum: 1, buckets: buckets)) == nil)
    }

    @Test func anyHistogramIsShownAgainAsItWas() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<2_000 {
            var histogram = NativeHistogram(
                layout: .exponential(schema: Int.random(in: -4...8, using: &generator)),
                positive: buckets(using: &generator))
            histogram.negative = buckets(using: &generator)
            histogram.zeroThreshold = [0, 1e-6, 0.001, 0.3].randomElement(using: &generator) ?? 0
            histogram.zeroCount = Double(Int.random(in: 0...1, using: &generator))
            // A bucket within the zero bucket is shown turned round; no histogram has one.
            guard histogram.buckets.allSatisfy({ $0.lower <= $0.upper }) else { continue }
            let first = shown(histogram)
            let read = try #require(NativeHistogram(first), "\(histogram)")
            #expect(shown(read) == first)
        }
    }

    private func buckets(using generator: inout SeededGenerator) -> HistogramBuckets {
        HistogramBuckets(
            first: Int.random(in: -60...60, using: &generator),
            counts: (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                Double(Int.random(in: 0...3, using: &generator)) / 2
            })
    }
}
