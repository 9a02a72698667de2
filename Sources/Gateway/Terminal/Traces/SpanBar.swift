/// One span's line of time, drawn in letters: a thin line as long as the span, to half a letter, and
/// blocks where it is on the critical path, to an eighth.
struct SpanBar {
    /// In letters.
    let width: Int
    /// Nanoseconds since 1970: what the whole width stands for.
    let times: Range<Int64>

    private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

    /// `sections` are ordered and lie within the span.
    func letters(span: Range<Int64>, critical sections: [Range<Int64>]) -> [Character] {
        let line = parts(of: span, each: 2)
        var blocks = Array(repeating: UInt8(0), count: width)
        for section in sections {
            let eighths = parts(of: section, each: 8)
            for part in eighths { blocks[part / 8] |= 1 << (part % 8) }
        }
        var halves = Array(repeating: UInt8(0), count: width)
        for part in line { halves[part / 2] |= 1 << (part % 2) }
        return (0..<width).map { blocks[$0] != 0 ? block(blocks[$0]) : thin(halves[$0]) }
    }

    /// The parts of letters that a time is drawn over, at least one.
    private func parts(of range: Range<Int64>, each: Int) -> Range<Int> {
        let count = width * each
        let length = Double(max(1, times.upperBound - times.lowerBound))
        func part(_ time: Int64) -> Int {
            Int((Double(time - times.lowerBound) / length * Double(count)).rounded())
        }
        let first = min(max(0, part(range.lowerBound)), count - 1)
        return first..<max(first + 1, min(part(range.upperBound), count))
    }

    private func thin(_ halves: UInt8) -> Character {
        switch halves {
        case 0b01: "╴"
        case 0b10: "╶"
        case 0b11: "─"
        default: " "
        }
    }

    /// The letter that is most like eight columns, the leftmost in the lowest bit. There are letters
    /// for any number of columns at the left, for half and for one at the right.
    private func block(_ columns: UInt8) -> Character {
        let count = columns.nonzeroBitCount
        let left = (~columns).trailingZeroBitCount
        if left == count { return Self.eighths[count - 1] }
        if count >= 6 { return "█" }
        let isRight = columns >> 4 != 0 && (columns >> 4).nonzeroBitCount * 2 >= count
        if isRight { return count >= 3 ? "▐" : "▕" }
        return Self.eighths[count - 1]
    }
}
