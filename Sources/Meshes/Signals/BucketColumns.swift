import TimeSeries

/// Buckets of classic histograms at each time of a grid, summed over reports.
///
/// Buckets of different layouts cannot be added bound by bound: a sum over a bound that one of them
/// lacks is too low. So only the bounds that all have count, and `isCoarse` says so.
struct BucketColumns: Sendable {
    /// The bounds of all summands, milliseconds, ordered; +Inf is the last.
    let bounds: [Double]
    private let columns: RateColumns<Double>
    /// Whether bounds were left out.
    let isCoarse: Bool

    /// Each summand has a column for each of its bounds.
    init(_ summands: [RateColumns<Double>]) {
        let layouts = summands.map { Set($0.columns.keys) }
        let common = layouts.dropFirst().reduce(layouts.first ?? []) { $0.intersection($1) }
        var columns = RateColumns<Double>()
        for summand in summands {
            for bound in common {
                if let values = summand[bound] { columns.add(values, to: bound) }
            }
        }
        bounds = common.sorted()
        self.columns = columns
        isCoarse = layouts.contains { $0 != common }
    }

    func quantile(_ ratio: Double, at index: Int) -> BucketCounts.Quantile {
        let counts = bounds.compactMap { bound -> Double? in
            guard let value = columns[bound]?[index], !Absent.isAbsent(value), !value.isNaN else {
                return nil
            }
            return value
        }
        if counts.isEmpty, !bounds.isEmpty { return .noRequests }
        // A bound without a value is a layout that has changed.
        guard counts.count == bounds.count else { return .unknown }
        return BucketCounts(bounds: bounds, counts: counts).quantile(ratio)
    }
}
