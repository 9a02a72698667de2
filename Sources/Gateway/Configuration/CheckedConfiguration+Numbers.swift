import Clusters

extension CheckedConfiguration {
    /// A number that need not be whole; nil where the text is none or not in the range, which is then a
    /// mistake.
    mutating func fraction(_ path: String, in range: ClosedRange<Double>) -> Double? {
        guard let text = text(path) else { return nil }
        if let number = Double(text), number.isFinite, range.contains(number) { return number }
        let words =
            range.upperBound == .infinity
            ? "\(Self.text(of: range.lowerBound)) on"
            : "\(Self.text(of: range.lowerBound)) to \(Self.text(of: range.upperBound))"
        refuse(
            path, "a number from \(words) is expected, found \(text.prefix(100).debugDescription)")
        return nil
    }

    /// As a file would say it: `0.05`, `2`.
    static func text(of number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
