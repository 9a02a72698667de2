import TimeSeries

// About how much memory values take: what they are made of, and what each array and label set has
// beside it.

extension GridSeries {
    var heldBytes: Int { 400 + 8 * values.count + 256 * histograms.count }
}

extension QueryValue {
    /// About how many bytes of memory it takes.
    var heldBytes: Int {
        switch self {
        case .vector(let series, _): series.reduce(0) { $0 + $1.heldBytes }
        case .samples(let series): series.reduce(0) { $0 + 400 + 32 * $1.samples.count }
        case .scalar(let values, _): 8 * values.count
        case .string(let text, _): text.utf8.count
        }
    }
}
