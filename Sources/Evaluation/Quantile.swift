/// Quantiles of values.
enum Quantile {
    /// The quantile of values in any order, interpolated between neighbours; NaN counts as least.
    /// The values are put in order.
    static func of(_ values: inout [Double], _ ratio: Double) -> Double {
        if values.isEmpty || ratio.isNaN { return .nan }
        if ratio < 0 { return -.infinity }
        if ratio > 1 { return .infinity }
        values.sort { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let last = Double(values.count - 1)
        let rank = ratio * last
        let lower = max(0, rank.rounded(.down))
        let upper = min(last, lower + 1)
        let weight = rank - rank.rounded(.down)
        return values[Int(lower)] * (1 - weight) + values[Int(upper)] * weight
    }

    /// Whether a ratio is one, so that no warning is due.
    static func isValid(_ ratio: Double) -> Bool { ratio >= 0 && ratio <= 1 }
}
