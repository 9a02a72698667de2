import Meshes
import Testing

/// Percentiles of buckets that are summed over many reports.
@Suite struct LatencyBucketsTests {
    private static func sum(_ histograms: [[(Double, Double)]]) -> LatencyBuckets {
        var buckets = LatencyBuckets()
        for histogram in histograms {
            for (bound, rate) in histogram { buckets.add(rate, upTo: bound) }
        }
        return buckets
    }

    @Test func quantilesAreInterpolatedInTheirBucket() {
        let one = Self.sum([[(10, 1), (20, 3), (.infinity, 4)]])
        #expect(one.quantile(0.25) == 10)
        #expect(one.quantile(0.5) == 15)
        #expect(one.quantile(0.125) == 5)
        // Of the last bucket only the lower bound is known.
        #expect(one.quantile(0.99) == 20)
    }

    @Test func theOrderOfBucketsDoesNotMatter() {
        let one = Self.sum([[(.infinity, 4), (20, 3), (10, 1)]])
        #expect(one.quantile(0.5) == 15)
    }

    @Test func aSumHasTheQuantilesOfAllRequestsRatherThanTheirMean() {
        let fast = [(10.0, 90.0), (1000, 90), (.infinity, 90)]
        let slow = [(10.0, 0.0), (1000, 10), (.infinity, 10)]
        #expect(Self.sum([fast, slow]).quantile(0.9) == 10)
    }

    @Test func onlyBoundsThatAllHaveCount() {
        let fine = [(10.0, 2.0), (50, 4), (100, 4), (.infinity, 4)]
        let coarse = [(100.0, 4.0), (.infinity, 4)]
        // Over 10 and 50 the sum would lack the requests of the second.
        #expect(Self.sum([fine, coarse]).quantile(0.5) == 50)
        #expect(Self.sum([fine, [(20.0, 1.0), (.infinity, 1)]]).quantile(0.5) == nil)
    }

    @Test func withoutRequestsOrBoundsThereIsNone() {
        #expect(Self.sum([]).quantile(0.5) == nil)
        #expect(Self.sum([[(10, 0), (.infinity, 0)]]).quantile(0.5) == nil)
        #expect(Self.sum([[(.infinity, 5)]]).quantile(0.5) == nil)
        #expect(Self.sum([[(10, 5)]]).quantile(0.5) == nil)
    }

    @Test func whatIsNoRateIsPassedOver() {
        let one = Self.sum([[(10, 1), (20, .nan), (20, -1), (.nan, 3), (.infinity, 2)]])
        #expect(one.quantile(0.5) == 10)
    }

    @Test func countsThatFallByMoreThanAHundredthGiveNoQuantile() {
        #expect(Self.sum([[(10, 2), (20, 1.9), (.infinity, 4)]]).quantile(0.5) == nil)
        let apart = Self.sum([[(10, 2), (20, 1.97), (.infinity, 4)]])
        #expect(apart.quantile(0.5) == 10)
    }
}
