import Testing
import TimeSeries

struct NativeHistogramTests {
    /// Sums of two, both ways round.
    @Test(arguments: [
        (
            "{{count:2 sum:1 buckets:[1 1]}}", "{{count:1 sum:2 offset:2 buckets:[1]}}",
            "{{count:3 sum:3 buckets:[1 1 1]}}"
        ),
        // The coarser schema is kept.
        (
            "{{schema:1 count:4 buckets:[1 1 1 1]}}", "{{count:1 offset:5 buckets:[1]}}",
            "{{count:5 buckets:[1 2 1 0 0 1]}}"
        ),
        (
            "{{schema:-2 count:1 buckets:[1]}}", "{{schema:2 count:3 offset:1 buckets:[1 1 1]}}",
            "{{schema:-2 count:4 buckets:[1 3]}}"
        ),
        // The wider zero bucket is kept, and takes in what lies within.
        (
            "{{count:3 z_bucket:1 z_bucket_w:1 offset:1 buckets:[2]}}",
            "{{count:4 z_bucket:1 z_bucket_w:0.25 offset:-1 buckets:[1 1] n_buckets:[1]}}",
            "{{count:7 z_bucket:5 z_bucket_w:1 offset:1 buckets:[2]}}"
        ),
        // It grows until it ends at a bound of what is not empty.
        (
            "{{count:1 z_bucket:1 z_bucket_w:3}}", "{{count:3 offset:1 buckets:[0 2 1]}}",
            "{{count:4 z_bucket:3 z_bucket_w:4 offset:3 buckets:[1]}}"
        ),
        (
            "{{count:1 z_bucket:1 z_bucket_w:3}}", "{{count:3 offset:1 buckets:[0 0 1]}}",
            "{{count:4 z_bucket:1 z_bucket_w:3 offset:3 buckets:[1]}}"
        ),
        // Custom bounds that both have are kept.
        (
            "{{schema:-53 count:6 custom_values:[1 2 3] buckets:[1 1 2 2]}}",
            "{{schema:-53 count:4 custom_values:[2 4] buckets:[1 2 1]}}",
            "{{schema:-53 count:10 custom_values:[2] buckets:[3 7]}}"
        ),
        (
            "{{schema:-53 count:3 custom_values:[1] buckets:[1 2]}}",
            "{{schema:-53 count:3 custom_values:[2] buckets:[1 2]}}",
            "{{schema:-53 count:6 custom_values:[] buckets:[6]}}"
        ),
    ])
    func aSumHasWhatBothHave(_ left: String, _ right: String, _ sum: String) throws {
        #expect(
            try histogram(left).adding(histogram(right)).histogram.compacted().description == sum)
        #expect(
            try histogram(right).adding(histogram(left)).histogram.compacted().description == sum)
    }

    @Test func whatIsAddedCanBeTakenAway() throws {
        let small = try histogram("{{count:3 sum:1 buckets:[1 0 2] n_offset:2 n_buckets:[1]}}")
        let great = try histogram("{{count:9 sum:2 buckets:[3 1 5]}}")
        let sum = try great.adding(small).histogram
        #expect(try sum.subtracting(small).histogram.compacted() == great)
    }

    @Test func boundsThatDifferAreReported() throws {
        let left = try histogram("{{schema:-53 custom_values:[1 2]}}")
        let right = try histogram("{{schema:-53 custom_values:[1 3]}}")
        #expect(try left.adding(right).conflicts == .bounds)
        #expect(try left.adding(left).conflicts == [])
    }

    @Test(arguments: [
        ("gauge", "reset", "gauge", false), ("unknown", "not_reset", "unknown", false),
        ("reset", "not_reset", "unknown", true), ("reset", "reset", "reset", false),
    ])
    func aSumHasTheHintOfBoth(_ left: String, _ right: String, _ both: String, _ collide: Bool)
        throws
    {
        let left = try histogram("{{counter_reset_hint:\(left)}}")
        let right = try histogram("{{counter_reset_hint:\(right)}}")
        for (histogram, conflicts) in [try left.adding(right), try right.adding(left)] {
            #expect(
                try histogram.resetHint
                    == TimeSeriesTests.histogram("{{counter_reset_hint:\(both)}}").resetHint)
            #expect(conflicts == (collide ? .resetHints : []))
        }
    }

    @Test func exponentialAndCustomBucketsHaveNoSum() throws {
        let exponential = try histogram("{{count:1 buckets:[1]}}")
        let custom = try histogram("{{schema:-53 count:1 custom_values:[1] buckets:[1]}}")
        #expect(throws: IncompatibleHistograms()) { try exponential.adding(custom) }
        #expect(throws: IncompatibleHistograms()) { try custom.subtracting(exponential) }
    }

    @Test func aSumOfManyCarriesRoundingErrors() throws {
        let terms = try [1e16, 1, 1, -1e16].map {
            try histogram("{{count:\($0) sum:\($0) z_bucket:\($0) buckets:[\($0)]}}")
        }
        var sum = HistogramSum(terms[0])
        for term in terms.dropFirst() { _ = try sum.add(term) }
        #expect(sum.value.description == "{{count:2 sum:2 z_bucket:2 buckets:[2]}}")
    }

    @Test func factorsChangeEveryCount() throws {
        let one = try histogram(
            "{{count:4 sum:3 z_bucket:1 z_bucket_w:0.5 buckets:[2] n_buckets:[1]}}")
        #expect(
            one.multiplied(by: -2).description
                == "{{count:-8 sum:-6 z_bucket:-2 z_bucket_w:0.5 counter_reset_hint:gauge buckets:[-4] n_buckets:[-2]}}"
        )
        #expect(
            one.divided(by: 2).description
                == "{{count:2 sum:1.5 z_bucket:0.5 z_bucket_w:0.5 buckets:[1] n_buckets:[0.5]}}")
        #expect(
            one.divided(by: 0).description
                == "{{count:+Inf sum:+Inf z_bucket:+Inf z_bucket_w:0.5}}")
    }

    /// What comes after what, and whether that is a reset.
    @Test(arguments: [
        ("{{count:3 buckets:[1 2]}}", "{{count:3 buckets:[1 2]}}", false),
        ("{{count:3 buckets:[1 2]}}", "{{count:2 buckets:[1 1]}}", true),
        ("{{count:3 buckets:[1 2]}}", "{{count:9 buckets:[9]}}", true),
        ("{{count:3 buckets:[1 2]}}", "{{count:9 buckets:[0 9]}}", true),
        ("{{count:3 buckets:[1 2]}}", "{{count:9 counter_reset_hint:not_reset}}", false),
        ("{{count:3 buckets:[1 2]}}", "{{count:9 buckets:[9] counter_reset_hint:gauge}}", true),
        ("{{count:3}}", "{{count:3 counter_reset_hint:reset}}", true),
        ("{{count:3 buckets:[1 2 0]}}", "{{count:4 buckets:[1 3]}}", false),
        ("{{count:3 n_buckets:[3]}}", "{{count:4 n_buckets:[2 2]}}", true),
        ("{{schema:1 count:2 buckets:[1 1]}}", "{{count:2 buckets:[1 1]}}", false),
        ("{{schema:1 count:2 buckets:[1 1]}}", "{{count:2 buckets:[2]}}", true),
        ("{{count:2}}", "{{schema:1 count:2}}", true),
        ("{{count:1 z_bucket:1 z_bucket_w:0.5}}", "{{count:1 z_bucket:1 z_bucket_w:0.25}}", true),
        ("{{count:1 z_bucket:1}}", "{{count:1 z_bucket:0}}", true),
        (
            "{{count:3 z_bucket:1 offset:-1 buckets:[2]}}", "{{count:3 z_bucket:3 z_bucket_w:0.5}}",
            false
        ),
        (
            "{{count:3 z_bucket:1 offset:-1 buckets:[2]}}", "{{count:3 z_bucket:3 z_bucket_w:0.4}}",
            true
        ),
        ("{{count:2}}", "{{schema:-53 count:2}}", true),
        ("{{schema:-53 count:2}}", "{{count:2}}", true),
        (
            "{{schema:-53 count:2 custom_values:[1 2] buckets:[1 1]}}",
            "{{schema:-53 count:2 custom_values:[1 2] buckets:[2]}}", true
        ),
        (
            "{{schema:-53 count:2 custom_values:[1 2] buckets:[1 1]}}",
            "{{schema:-53 count:2 custom_values:[2] buckets:[2]}}", false
        ),
        (
            "{{schema:-53 count:2 custom_values:[1 2] buckets:[1 1]}}",
            "{{schema:-53 count:2 custom_values:[2 3] buckets:[1 1]}}", true
        ),
    ])
    func aResetIsSeen(_ before: String, _ after: String, _ isReset: Bool) throws {
        #expect(try histogram(after).isReset(after: histogram(before)) == isReset)
    }
}
