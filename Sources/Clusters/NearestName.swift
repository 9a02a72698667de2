/// Finds the name that was probably meant.
public enum NearestName {
    /// The candidate that fewest edits make of `name`, else one that begins with it; nil where none
    /// is near.
    public static func nearest(to name: String, among candidates: some Collection<String>)
        -> String?
    {
        let limit = max(2, name.count / 2)
        let near = candidates.map { (distance: distance(name, $0), name: $0) }
            .filter { $0.distance <= limit && $0.distance < max(name.count, $0.name.count) }
        if let nearest = near.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) {
            return nearest.name
        }
        // Half a name is no edit away from the whole, and yet it is likely.
        return name.count < 4 ? nil : candidates.first { $0.hasPrefix(name) }
    }

    /// How many letters must be put in, taken out, changed or swapped with their neighbour. Cases,
    /// hyphens and underscores count as the same.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = folded(left)
        let right = folded(right)
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for i in 1...left.count {
            var row = [Int](repeating: i, count: right.count + 1)
            for j in 1...right.count {
                let isSame = left[i - 1] == right[j - 1]
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (isSame ? 0 : 1))
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            beforeLast = last
            last = row
        }
        return last[right.count]
    }

    private static func folded(_ name: String) -> [Character] {
        // A name longer than any key is far from all of them; its end does not matter.
        name.lowercased().prefix(64).map { $0 == "-" ? "_" : $0 }
    }
}
