import Clusters
import PromQL
import TimeSeries

/// What planning knows of all clusters, arranged so that clusters which are asked in the same words
/// are found without looking at each: clusters of one kind differ in nothing but the values of
/// their external labels, and conditions on these are decided once for each value. Made once for
/// an inventory, read by every plan.
public struct FleetScope: Sendable {
    /// In inventory order.
    let clusters: [ClusterScope]
    /// All names of external labels of any cluster.
    let externalNames: Set<String>
    /// What the gateway observes itself.
    public var observed = ObservedMetrics.none
    private let columns: [String: Column]
    /// For each cluster the number of its kind.
    private let kinds: [Int]
    private let kindCount: Int

    /// The values of one external label.
    private struct Column {
        /// Each once; an absent label counts as empty.
        var values: [String] = []
        var places: [String: Int] = [:]
        /// For each cluster the place of its value.
        var placeOf: [Int] = []

        mutating func append(_ value: String) {
            let place = places[value] ?? values.count
            if place == values.count {
                places[value] = place
                values.append(value)
            }
            placeOf.append(place)
        }

        /// For each value whether it meets the condition.
        func verdicts(_ matcher: Matcher) -> [Bool] {
            switch matcher.operator {
            case .equal, .notEqual:
                var result = [Bool](
                    repeating: matcher.operator == .notEqual, count: values.count)
                if let place = places[matcher.value] { result[place].toggle() }
                return result
            case .matches, .notMatches:
                return values.map(matcher.matches(_:))
            }
        }
    }

    private struct Kind: Hashable {
        var capabilities: Capabilities
        var names: Set<String>
        /// All labels where the words depend on their values.
        var labels: Labels?
    }

    /// `clusters` in inventory order.
    public init(_ clusters: [ClusterScope], observed: ObservedMetrics = .none) {
        self.clusters = clusters
        self.observed = observed
        var names: Set<String> = []
        var known: [Kind: Int] = [:]
        var kinds: [Int] = []
        for cluster in clusters {
            let own = Set(cluster.externalLabels.pairs.map(\.name))
            names.formUnion(own)
            let hasConflicts = !cluster.capabilities.conflictingLabels.isEmpty
            let kind = Kind(
                capabilities: cluster.capabilities, names: own,
                labels: hasConflicts ? cluster.externalLabels : nil)
            let number = known[kind] ?? known.count
            known[kind] = number
            kinds.append(number)
        }
        externalNames = names
        self.kinds = kinds
        kindCount = known.count
        var columns: [String: Column] = [:]
        for name in names {
            var column = Column()
            for cluster in clusters { column.append(cluster.externalLabels[name] ?? "") }
            columns[name] = column
        }
        self.columns = columns
    }

    public var clusterCount: Int { clusters.count }

    /// Whether any cluster is older than a release.
    func hasClusterOlder(than version: PrometheusVersion) -> Bool {
        var seen = [Bool](repeating: false, count: kindCount)
        for (index, kind) in kinds.enumerated() where !seen[kind] {
            seen[kind] = true
            if clusters[index].isOlder(than: version) { return true }
        }
        return false
    }

    /// The clusters in groups of which each is asked an expression in the same words. `matchers`
    /// are all its conditions on external labels.
    func groups(deciding matchers: [Matcher]) -> ClusterGroups {
        var keys = kinds
        var keyCount = max(kindCount, 1)
        for matcher in matchers {
            guard let column = columns[matcher.name] else { continue }
            let verdicts = column.verdicts(matcher)
            // Numbered anew after each condition, so that keys stay small.
            var numbers = [Int](repeating: -1, count: keyCount * 2)
            var next = 0
            for index in keys.indices {
                let key = keys[index] * 2 + (verdicts[column.placeOf[index]] ? 1 : 0)
                if numbers[key] < 0 {
                    numbers[key] = next
                    next += 1
                }
                keys[index] = numbers[key]
            }
            keyCount = max(next, 1)
        }
        return ClusterGroups(keys: keys, count: keyCount)
    }
}

/// Clusters in groups.
struct ClusterGroups {
    /// For each cluster the number of its group.
    let keys: [Int]
    /// For each group one of its clusters.
    let representatives: [Int]

    init(keys: [Int], count: Int) {
        self.keys = keys
        var found = [Int](repeating: -1, count: count)
        for (index, key) in keys.enumerated() where found[key] < 0 { found[key] = index }
        representatives = found.filter { $0 >= 0 }
    }
}
