import Testing
import TimeSeries

struct ExponentialBoundsTests {
    @Test(arguments: -4...8)
    func aBucketIsFoundByItsBound(_ schema: Int) {
        let bucketsOfAPower = schema < 0 ? 1 : 1 << schema
        for index in stride(from: -60 * bucketsOfAPower, to: 60 * bucketsOfAPower, by: 7) {
            let bound = ExponentialBounds.upperBound(ofBucket: index, schema: schema)
            guard bound.isNormal else { continue }
            #expect(ExponentialBounds.bucket(endingAt: bound, schema: schema) == index)
            #expect(bound > ExponentialBounds.upperBound(ofBucket: index - 1, schema: schema))
            #expect(ExponentialBounds.bucket(endingAt: bound.nextUp, schema: schema) == nil)
        }
        #expect(ExponentialBounds.upperBound(ofBucket: 0, schema: schema) == 1)
    }

    @Test(arguments: -4...8)
    func theLastFiniteBucketEndsAtTheGreatestNumber(_ schema: Int) throws {
        let greatest = Double.greatestFiniteMagnitude
        let last = try #require(ExponentialBounds.bucket(endingAt: greatest, schema: schema))
        #expect(ExponentialBounds.upperBound(ofBucket: last, schema: schema) == greatest)
        #expect(ExponentialBounds.upperBound(ofBucket: last + 1, schema: schema) == .infinity)
        #expect(ExponentialBounds.bucket(endingAt: .infinity, schema: schema) == last + 1)
    }

    /// By Prometheus's own answers and its table.
    @Test(
        arguments: [
            (1, 1, 1.414213562373095), (0, -2, 0.25), (2, 3, 0.8408964152537144 * 2),
            (3, 8, 2), (8, -1, 0.9972960560854698), (-1, 3, 64), (-4, -1, 0x1p-16),
            (0, -1074, 0x1p-1074), (0, -1075, 0), (-4, -68, 0),
        ] as [(Int, Int, Double)])
    func boundsAreThoseOfPrometheus(_ schema: Int, _ index: Int, _ bound: Double) {
        #expect(ExponentialBounds.upperBound(ofBucket: index, schema: schema) == bound)
    }
}
