/// How far classic buckets were from growing with their bounds, over all histograms and times of a
/// query: `… over 3 samples from … to …`. Of several calls the query tells one thing together.
public struct BucketRepairs: Hashable, Sendable {
    private var leastBound: Double
    private var greatestBound: Double
    private var difference: Double
    /// As it is told, with two digits.
    private var differenceText: String
    private var count: Int
    /// In RFC 3339, which is ordered as the times are.
    private var firstTime: String
    private var lastTime: String

    /// `difference` is the greatest; `differenceText` what is told of it. Times are in RFC 3339.
    public init(
        bounds: ClosedRange<Double>, difference: Double, differenceText: String, count: Int,
        firstTime: String, lastTime: String
    ) {
        leastBound = bounds.lowerBound
        greatestBound = bounds.upperBound
        self.difference = difference
        self.differenceText = differenceText
        self.count = count
        self.firstTime = firstTime
        self.lastTime = lastTime
    }

    /// The words behind the remark.
    public var text: String {
        Self.words[0] + NumberText.general(leastBound) + Self.words[1]
            + NumberText.general(greatestBound) + Self.words[2] + differenceText + Self.words[3]
            + "\(count)" + Self.words[4] + firstTime + Self.words[5] + lastTime
    }

    private static let words = [
        ", from buckets ", " to ", ", with a max diff of ", ", over ", " samples from ", " to ",
    ]

    /// A remark without the words about repairs at its end, and these; nil where it has none.
    public static func split(_ remark: String) -> (text: String, repairs: BucketRepairs)? {
        guard let start = remark.firstRange(of: words[0]) else { return nil }
        var rest = remark[start.upperBound...]
        var values: [String] = []
        for word in words.dropFirst() {
            guard let end = rest.firstRange(of: word) else { return nil }
            values.append(String(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        guard let least = NumberText.read(values[0]), let greatest = NumberText.read(values[1]),
            least <= greatest, let difference = NumberText.read(values[2]),
            let count = Int(values[3]), (0...1 << 48).contains(count)
        else { return nil }
        let repairs = BucketRepairs(
            bounds: least...greatest, difference: difference, differenceText: values[2],
            count: count, firstTime: values[4], lastTime: String(rest))
        return (String(remark[..<start.lowerBound]), repairs)
    }

    /// The same told by a server that computed everything `times` times.
    public func counted(onceIn times: Int) -> BucketRepairs {
        var result = self
        result.count = max(1, count / times)
        return result
    }

    mutating func add(_ other: BucketRepairs) {
        leastBound = min(leastBound, other.leastBound)
        greatestBound = max(greatestBound, other.greatestBound)
        if other.difference > difference {
            difference = other.difference
            differenceText = other.differenceText
        }
        count += other.count
        firstTime = min(firstTime, other.firstTime)
        lastTime = max(lastTime, other.lastTime)
    }
}
