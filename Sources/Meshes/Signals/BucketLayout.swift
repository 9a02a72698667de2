/// What makes a percentile less exact than the bounds of meshes' own histograms do.
public enum LatencyLimit: String, Hashable, Sendable, CaseIterable {
    /// The histograms behind it have different bounds: those alone count that all of them have.
    case commonBounds
    /// It lies beyond the last bound, and may be more than is told.
    case lastBucket
    /// It lies in a bucket that is wider than any of Envoy's.
    case wideBucket
    /// There is none: counts fall as bounds rise, so some of what was added lacks bounds.
    case contradictory
}

/// The bounds that percentiles of a subject are read from, and what they do to these.
struct BucketLayout {
    /// Milliseconds, ordered; +Inf is the last.
    private let bounds: [Double]
    private(set) var limits: Set<LatencyLimit> = []
    /// The widest bucket that a percentile lies in.
    private var widest: (start: Double, end: Double)?

    /// How many times its beginning a bucket's end may be: Envoy's are 1 to 5 ms, 60 to 300 s.
    private static let widestRatio = 5.0
    /// A bucket that begins below begins here, milliseconds: else all that begin at 0 are wide.
    private static let leastStart = 2.0

    /// `isCommon` is whether bounds were left out that some histograms have and others do not.
    init(bounds: [Double], isCommon: Bool) {
        self.bounds = bounds
        if isCommon { limits.insert(.commonBounds) }
    }

    /// Notes a percentile, milliseconds.
    mutating func note(_ time: Double) {
        guard bounds.count > 1 else { return }
        if time >= bounds[bounds.count - 2] {
            limits.insert(.lastBucket)
            return
        }
        guard let place = bounds.firstIndex(where: { $0 >= time }) else { return }
        let bucket = (start: place > 0 ? bounds[place - 1] : 0, end: bounds[place])
        guard Self.ratio(of: bucket) > Self.widestRatio else { return }
        limits.insert(.wideBucket)
        if widest.map({ Self.ratio(of: $0) < Self.ratio(of: bucket) }) ?? true { widest = bucket }
    }

    /// Notes that the buckets have no percentile though there are requests.
    mutating func noteUnknown() {
        if bounds.count > 1 { limits.insert(.contradictory) }
    }

    private static func ratio(of bucket: (start: Double, end: Double)) -> Double {
        bucket.end / max(bucket.start, leastStart)
    }

    /// What is to be said where the percentile comes from; empty where nothing is.
    var words: String {
        var words = ""
        // Fewer bounds are less exact, and as true.
        if limits.contains(.commonBounds) { words += ", by the bounds that all have" }
        if limits.contains(.lastBucket), bounds.count > 1 {
            words += ", beyond the last bound of \(ShownNumber.short(bounds[bounds.count - 2])) ms"
        }
        if let widest {
            words +=
                ", in a bucket of \(ShownNumber.short(widest.start)) to "
                + "\(ShownNumber.short(widest.end)) ms"
        }
        return words
    }

    /// Why there is no percentile.
    var because: String {
        if bounds.count <= 1 { return "the histograms of the reports have no bounds in common" }
        return limits.contains(.contradictory)
            ? "counts fall as bounds rise: proxies behind one report have different bounds"
            : "there are no requests"
    }
}

extension SignalReport {
    /// What people should know of the percentiles, a sentence each.
    public var warnings: [String] {
        LatencyLimit.allCases.compactMap { limit in
            guard let words = limit.warning else { return nil }
            var names: [String] = []
            for subject in subjects
            where subject.signals.values.contains(where: { $0.limits.contains(limit) }) {
                let name = subject.subject.shownName
                if names.last != name { names.append(name) }
            }
            guard !names.isEmpty else { return nil }
            let shown = names.prefix(3).joined(separator: ", ")
            let rest = names.count > 3 ? " and \(names.count - 3) others" : ""
            return "\(words): \(shown)\(rest)"
        }
    }
}

extension LatencyLimit {
    /// Nil where the percentile's own words are enough.
    fileprivate var warning: String? {
        switch self {
        case .commonBounds:
            "histograms of different bounds were added by the bounds that all of them have"
        case .lastBucket:
            "percentiles beyond the last bound of a histogram may be more than is told"
        case .wideBucket: nil
        case .contradictory:
            "buckets contradict each other, as proxies have different bounds, and give no percentiles"
        }
    }
}

extension SignalSubject {
    fileprivate var shownName: String {
        let service = [namespace, self.service].filter { !$0.isEmpty }.joined(separator: "/")
        switch kind {
        case .service: return service
        case .edge:
            let caller = [source?.namespace, source?.service].compactMap { $0 }
                .filter { !$0.isEmpty }.joined(separator: "/")
            return "\(caller.isEmpty ? "unknown" : caller) → \(service)"
        case .cluster: return cluster ?? "all clusters"
        case .mesh: return "the mesh"
        }
    }
}
