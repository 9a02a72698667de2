/// What queries about a data set speak of.
struct QueryVocabulary: Sendable {
    struct Metric: Sendable {
        enum Kind: Sendable {
            case gauge, counter, classicBuckets, nativeHistogram, info
        }

        var name: String
        var kind: Kind
        /// The names of its own labels.
        var labels: [String]
    }

    var metrics: [Metric]
    /// The values of each label, the external ones included.
    var values: [String: [String]]
    /// The names of the external labels; what it moves aside (`exported_…`) is among `values`.
    var externalNames: [String]
    /// When there are samples, milliseconds.
    var times: ClosedRange<Int64>
    /// The distance of samples, milliseconds.
    var interval: Int64
    /// Some numbers that are in the data.
    var numbers: [Double]
    /// Whether there are native histograms.
    var hasHistograms: Bool

    /// All names of labels, in a fixed order.
    var labelNames: [String] { values.keys.sorted() }

    /// The names of labels that no external one is.
    var ownNames: [String] { labelNames.filter { !externalNames.contains($0) } }
}
