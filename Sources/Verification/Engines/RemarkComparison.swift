import TimeSeries

/// Holds the remarks on many clusters' answer against those on that of all samples together: their
/// words and their places in the query. Some cannot be the same:
/// - An answer does not show whether the counters of a histogram were reset, so nothing is said of
///   resets that conflict where sums of clusters meet.
/// - An answer shows no bounds of buckets that hold nothing, so it is not known whether the custom
///   bounds of several clusters had to be reconciled.
/// - An answer does not show whether a histogram is a gauge or a counter, which functions over points
///   of answers would remark.
/// - Where one side of an operation has nothing in a cluster, for a condition on its external labels,
///   the cluster is not asked the other: nothing can come of it, and nothing is remarked on it. Or it
///   is asked the other alone: what is remarked on that has a place only where it is clear whether
///   the side is meant or the operation.
/// - How far buckets had to be repaired is told with few digits, and rounding may change the last.
///   So of repairs, only that there were some is compared, and where.
struct RemarkComparison {
    /// Whether a part of the query is over points of answers.
    var looksAtPoints: Bool
    /// Whether some cluster is not asked some part of the query.
    var isNotAskedEverywhere: Bool
    /// Whether clusters remark this on a part of the query alone; the words without their place.
    var isRemarkedApart: (String) -> Bool

    /// What differs, or nil.
    func difference(_ wanted: Set<String>, _ found: Set<String>) -> String? {
        let wanted = Set(wanted.map(Self.withoutRepairs))
        let found = Set(found.map(Self.withoutRepairs))
        let missing = wanted.subtracting(found).filter {
            !isUnknown($0) && !isLeftOut($0, of: found)
        }
        if let first = missing.min() {
            let alike = found.filter { Self.words(of: $0) == Self.words(of: first) }
            return "not remarked: \(first)" + (alike.isEmpty ? "" : "; but \(alike)")
        }
        let extra = found.subtracting(wanted).filter { remark in
            !isUnknown(remark)
                && !(isNotAskedEverywhere && wanted.contains { Self.words(of: $0) == remark })
        }
        return extra.min().map { "remarked: \($0)" }
    }

    /// Whether the remark, or just its place, may be missing for what some clusters are not asked.
    private func isLeftOut(_ remark: String, of found: Set<String>) -> Bool {
        guard isNotAskedEverywhere else { return false }
        let words = Self.words(of: remark)
        if found.contains(where: { Self.words(of: $0) == words }) { return found.contains(words) }
        return isRemarkedApart(words)
    }

    private func isUnknown(_ remark: String) -> Bool {
        Self.unknown.contains { remark.hasPrefix($0) }
            || looksAtPoints && remark.hasPrefix(Self.unknownOfPoints)
    }

    /// A remark without how far buckets were repaired: from which, by how much and how often.
    private static func withoutRepairs(_ remark: String) -> String {
        guard let (text, _) = BucketRepairs.split(remark) else { return remark }
        return text
            + (remark.last == ")" ? remark[(remark.lastIndex(of: " ") ?? remark.endIndex)...] : "")
    }

    private static let unknown = [
        "PromQL warning: conflicting counter resets during histogram ",
        "PromQL info: mismatched custom buckets were reconciled during ",
    ]

    private static let unknownOfPoints = "PromQL warning: this native histogram metric is not a "

    /// A remark without its place.
    static func words(of remark: String) -> String {
        guard remark.last == ")", let end = remark.lastIndex(of: "("), end > remark.startIndex
        else {
            return remark
        }
        return String(remark[..<remark.index(before: end)])
    }
}
