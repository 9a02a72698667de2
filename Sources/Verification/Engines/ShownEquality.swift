import TimeSeries

/// Equality of native histograms as far as answers show them: an answer has the buckets that hold
/// something, with their bounds. What a cluster's answer does not show cannot be known to the gateway:
/// - how wide a zero bucket is that holds nothing, so the sum's may be narrower,
/// - that there is a bucket at all that holds nothing, which a factor of NaN would turn into NaN,
/// - a zero bucket that holds less than nothing, as in `-x`, which is not shown either.
enum ShownEquality {
    /// Counts may be off by `tolerance` of the whole.
    static func areEqual(
        _ wanted: NativeHistogram, _ found: NativeHistogram, within tolerance: Double
    ) -> Bool {
        func areEqual(_ left: Double, _ right: Double, _ scale: Double) -> Bool {
            left == right || (left.isNaN && right.isNaN)
                || (left - right).magnitude <= tolerance * scale
        }
        let scale = max(wanted.count.magnitude, found.count.magnitude)
        guard areEqual(wanted.count, found.count, scale),
            areEqual(wanted.sum, found.sum, max(wanted.sum.magnitude, found.sum.magnitude))
        else { return false }
        var wantedBuckets = wanted.buckets.filter { !$0.count.isNaN }
        let foundBuckets = found.buckets.filter { !$0.count.isNaN }
        if found.zeroCount == 0 { wantedBuckets.removeAll(where: isZeroBucket) }
        return wantedBuckets.count == foundBuckets.count
            && zip(wantedBuckets, foundBuckets).allSatisfy { wanted, found in
                haveEqualBounds(wanted, found) && areEqual(wanted.count, found.count, scale)
            }
    }

    private static func haveEqualBounds(
        _ wanted: NativeHistogram.Bucket, _ found: NativeHistogram.Bucket
    ) -> Bool {
        guard wanted.boundaries == found.boundaries else { return false }
        if wanted.lower == found.lower, wanted.upper == found.upper { return true }
        return isZeroBucket(wanted) && isZeroBucket(found) && found.upper <= wanted.upper
    }

    private static func isZeroBucket(_ bucket: NativeHistogram.Bucket) -> Bool {
        bucket.boundaries == .closedBoth && bucket.lower == -bucket.upper
    }
}
