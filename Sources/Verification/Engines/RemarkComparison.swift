import TimeSeries

/// Holds the remarks on many clusters' answer against those on that of all samples together: their
/// words and their places in the query. Some cannot be the same:
/// - An answer does not show whether the counters of a histogram were reset, so nothing is said of
///   resets that conflict where sums of clusters meet.
/// - An answer shows no bounds of buckets that hold nothing, so it is not known whether the custom
///   bounds of several clusters had to be reconciled.
/// - Where one side of an operation has nothing in a cluster, for a condition on its external labels,
///   the cluster is not asked the other: nothing can come of it, and nothing is remarked on it.
struct RemarkComparison {
    /// Whether clusters remark this on a part of the query that some are not asked within the whole;
    /// the words without their place.
    var isLeftOut: (String) -> Bool

    /// What differs, or nil.
    func difference(_ wanted: Set<String>, _ found: Set<String>) -> String? {
        let missing = wanted.subtracting(found).filter {
            !Self.isUnknown($0) && !isLeftOut(Self.words(of: $0))
        }
        if let first = missing.min() {
            let alike = found.filter { Self.words(of: $0) == Self.words(of: first) }
            return "not remarked: \(first)" + (alike.isEmpty ? "" : "; but \(alike)")
        }
        let extra = found.subtracting(wanted).filter { !Self.isUnknown($0) }
        return extra.min().map { "remarked: \($0)" }
    }

    private static let unknown = [
        "PromQL warning: conflicting counter resets during histogram ",
        "PromQL info: mismatched custom buckets were reconciled during ",
    ]

    private static func isUnknown(_ remark: String) -> Bool {
        unknown.contains { remark.hasPrefix($0) }
    }

    /// A remark without its place.
    static func words(of remark: String) -> String {
        guard let end = remark.lastIndex(of: "("), remark.last == ")" else { return remark }
        return String(remark[..<end])
    }
}
