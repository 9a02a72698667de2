import Foundation

/// What is compared, beside labels, times and values.
struct AnswerComparison: Sendable {
    /// Whether the order of the series counts.
    var isOrdered = false
    /// Whether the data must be the same text.
    var isExact = false
    /// How far values may be apart that come of terms that cancel out.
    var absoluteTolerance = 0.0

    static let relativeTolerance = 1e-9

    /// How the gateway's answer differs from the union's, one line for each difference. The first
    /// few are enough to see what is wrong.
    func differences(gateway: QueryAnswer, union: QueryAnswer) -> [String] {
        guard gateway.missingClusters.isEmpty else {
            return ["clusters are missing: \(gateway.missingClusters) \(gateway.warnings)"]
        }
        guard gateway.status == 200, union.status == 200 else {
            if gateway.status == union.status, gateway.errorType == union.errorType { return [] }
            return [
                "gateway: \(Self.summary(gateway))", "union:   \(Self.summary(union))",
            ]
        }
        guard gateway.resultType == union.resultType else {
            return [
                "a \(gateway.resultType ?? "nothing"), not a \(union.resultType ?? "nothing")"
            ]
        }
        var lines = seriesDifferences(gateway.series, union.series)
        if lines.isEmpty, isOrdered, gateway.series.map(\.labels) != union.series.map(\.labels) {
            lines.append("another order: \(gateway.series.map(\.labels))")
        }
        // What follows the data, such as warnings, is the gateway's own.
        if lines.isEmpty, isExact, !gateway.text.hasPrefix(union.text.dropLast()) {
            let common = zip(gateway.text.utf8, union.text.utf8).prefix { $0 == $1 }.count
            let start = max(0, common - 40)
            lines.append("another text: …\(gateway.text.utf8Piece(from: start))…")
            lines.append("         not: …\(union.text.utf8Piece(from: start))…")
        }
        return Array(lines.prefix(6)) + (lines.count > 6 ? ["and \(lines.count - 6) more"] : [])
    }

    private func seriesDifferences(
        _ gateway: [QueryAnswer.Series], _ union: [QueryAnswer.Series]
    ) -> [String] {
        var lines: [String] = []
        var expected: [String: QueryAnswer.Series] = [:]
        for series in union { expected[series.labels] = series }
        var seen: Set<String> = []
        for series in gateway {
            if !seen.insert(series.labels).inserted { lines.append("twice: \(series.labels)") }
            guard let other = expected[series.labels] else {
                lines.append("too many: \(series.labels) \(Self.summary(series.points))")
                continue
            }
            if let difference = pointDifference(series.points, other.points) {
                lines.append("\(series.labels): \(difference)")
            }
        }
        for series in union where !seen.contains(series.labels) {
            lines.append("missing: \(series.labels) \(Self.summary(series.points))")
        }
        return lines
    }

    private func pointDifference(
        _ gateway: [QueryAnswer.Point], _ union: [QueryAnswer.Point]
    ) -> String? {
        let times = gateway.map(\.time)
        let expected = union.map(\.time)
        guard times == expected else {
            let extra = Set(times).subtracting(expected).sorted()
            let missing = Set(expected).subtracting(times).sorted()
            return "\(times.count) points, not \(expected.count); too many \(extra.prefix(4)), "
                + "missing \(missing.prefix(4))"
        }
        let different = zip(gateway, union).filter { !agree($0.value, $1.value) }
        guard let (first, other) = different.first else { return nil }
        return "\(different.count) of \(times.count) values; at \(first.time) "
            + "\(first.value), not \(other.value)"
    }

    /// Whether two values agree, within the tolerance.
    func agree(_ text: String, _ expected: String) -> Bool {
        if text == expected { return true }
        guard let value = Double(text), let other = Double(expected) else { return false }
        if value.isNaN || other.isNaN { return value.isNaN && other.isNaN }
        if value == other { return true }
        guard value.isFinite, other.isFinite else { return false }
        let distance = (value - other).magnitude
        return distance <= Self.relativeTolerance * max(value.magnitude, other.magnitude)
            || distance <= absoluteTolerance
    }

    private static func summary(_ answer: QueryAnswer) -> String {
        if answer.status == 200 { return "an answer with \(answer.series.count) series" }
        return "\(answer.status) \(answer.errorType ?? "") \(answer.error ?? answer.text)"
    }

    private static func summary(_ points: [QueryAnswer.Point]) -> String {
        let first = points.first.map { "\($0.value) @\($0.time)" } ?? "nothing"
        return points.count > 1 ? "\(points.count) points from \(first)" : first
    }
}

extension String {
    /// A few bytes of it, for messages.
    func utf8Piece(from start: Int) -> String {
        String(decoding: Array(utf8).dropFirst(start).prefix(120), as: UTF8.self)
    }
}
