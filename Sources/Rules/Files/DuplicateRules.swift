import TimeSeries

/// Rules of the same name and labels: their results overwrite each other.
public struct DuplicateRule: Hashable, Sendable {
    public var name: String
    public var labels: [RuleText]

    /// The duplicates among the rules of a file, each once, ordered by name and labels.
    public static func all(in groups: [RuleGroup]) -> [DuplicateRule] {
        var counts: [DuplicateRule: Int] = [:]
        for group in groups {
            for rule in group.rules {
                counts[
                    DuplicateRule(name: rule.name, labels: group.labels(of: rule)), default: 0] +=
                    1
            }
        }
        return counts.keys.filter { (counts[$0] ?? 0) > 1 }.sorted { left, right in
            left.sortingText.lexicographicallyPrecedes(right.sortingText) {
                $0.lexicographicallyPrecedes($1)
            }
        }
    }

    private var sortingText: [[UInt8]] {
        [Array(name.utf8)] + labels.flatMap { [Array($0.name.utf8), Array($0.text.utf8)] }
    }

    /// What promtool says of the duplicates of a file.
    public static func words(_ duplicates: [DuplicateRule]) -> String {
        var result = "\(duplicates.count) duplicate rule(s) found.\n"
        for duplicate in duplicates {
            result += "Metric: \(duplicate.name)\nLabel(s):\n"
            for label in duplicate.labels { result += "\t\(label.name): \(label.text)\n" }
        }
        return result + "Might cause inconsistency while recording expressions"
    }
}
