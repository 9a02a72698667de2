import Foundation

/// Writes the series of one cluster, for the cluster's own server and for the union.
final class SeriesWriter {
    let member: UnionMember
    let seed: UInt64
    private let own: SampleFile
    private let union: SampleFile
    private(set) var seriesCount = 0
    /// The times of the scrapes, as text, by the offset of the target.
    private var times: [Int: [String]] = [:]

    init(_ member: UnionMember, seed: UInt64, own: SampleFile, union: SampleFile) {
        self.member = member
        self.seed = seed
        self.own = own
        self.union = union
    }

    /// Writes one series.
    func series(_ name: String, _ labels: [UnionMember.Label], _ shape: Shape) {
        let ownText = name + Self.text(of: labels) + " "
        let unionText = name + Self.text(of: member.unionLabels(labels)) + " "
        var dice = Dice(seed: seed, of: member.name + ownText)
        seriesCount += 1
        let times = times(of: labels)
        for scrape in 0..<UnionData.scrapes {
            guard let value = shape(scrape, &dice) else { continue }
            let sample = Self.text(of: value) + times[scrape]
            own.add(ownText, sample)
            union.add(unionText, sample)
        }
    }

    /// Writes the buckets, the sum and the count of a classic histogram.
    func histogram(
        _ name: String, _ labels: [UnionMember.Label], bounds: [String], perScrape: Double,
        median: Double, resets: Set<Int> = []
    ) {
        var dice = Dice(seed: seed, of: "\(member.name) \(name) \(labels)")
        let limits = bounds.map { Double($0) ?? .infinity }
        var counts = [Double](repeating: 0, count: bounds.count)
        var sum = 0.0
        var rows: [[Double]] = []
        var sums: [Double] = []
        for scrape in 0..<UnionData.scrapes {
            if resets.contains(scrape) {
                counts = counts.map { _ in 0 }
                sum = 0
            }
            for _ in 0..<Int(dice.fraction() * 2 * perScrape) {
                // Long-tailed, as latencies are.
                let observed = median * exp(2.2 * (dice.fraction() + dice.fraction() - 1))
                sum += observed
                for (index, limit) in limits.enumerated() where observed <= limit {
                    counts[index] += 1
                }
            }
            rows.append(counts)
            sums.append(sum)
        }
        for (index, bound) in bounds.enumerated() {
            series("\(name)_bucket", labels + [("le", bound)]) { scrape, _ in rows[scrape][index] }
        }
        series("\(name)_sum", labels) { scrape, _ in sums[scrape] }
        series("\(name)_count", labels) { scrape, _ in rows[scrape].last }
    }

    /// When a target restarts, so that its counters begin anew: one in three does, once.
    func resets(of target: String) -> Set<Int> {
        let hash = Dice.hash(member.name + target)
        return hash % 3 == 0 ? [20 + Int((hash >> 8) % 180)] : []
    }

    private func times(of labels: [UnionMember.Label]) -> [String] {
        let target = labels.first { $0.name == "instance" || $0.name == "pod" }?.value ?? ""
        let slot = Int(Dice.hash(target) % 7)
        // Targets are scraped one after the other, and not on the second.
        let offset = member.phase + slot * 1101
        if let known = times[offset] { return known }
        let made = (0..<UnionData.scrapes).map { scrape in
            let time = UnionData.start * 1000 + scrape * 15_000 + offset
            let milliseconds = String(time % 1000)
            let zeros = String(repeating: "0", count: 3 - milliseconds.count)
            return " \(time / 1000).\(zeros)\(milliseconds)\n"
        }
        times[offset] = made
        return made
    }

    private static func text(of labels: [UnionMember.Label]) -> String {
        let pairs = labels.map { label in
            let value = label.value.replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: "\"", with: "\\\"")
                .replacingOccurrences(of: "\n", with: "\\n")
            return "\(label.name)=\"\(value)\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), value.magnitude < 1e15 { return String(Int(value)) }
        return value.description
    }
}

/// A file of samples in OpenMetrics' form.
final class SampleFile {
    let path: String
    private let handle: FileHandle
    private var pending = ""

    init(_ path: String) throws {
        self.path = path
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw ProcessFailure("\(path) cannot be written")
        }
        self.handle = handle
        pending.reserveCapacity(2 << 20)
    }

    func add(_ series: String, _ sample: String) {
        pending += series
        pending += sample
        if pending.utf8.count > 1 << 20 { write() }
    }

    func finish() throws {
        pending += "# EOF\n"
        write()
        try handle.close()
    }

    private func write() {
        handle.write(Data(pending.utf8))
        pending.removeAll(keepingCapacity: true)
    }
}
