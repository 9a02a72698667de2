/// Answers a query over one canned cluster's series.
struct CannedEvaluation {
    let fleet: CannedFleet
    let cluster: Int
    /// Seconds since the Unix epoch.
    let time: Double

    /// The series that a query gives, in an order that is always the same. Of the labels, those
    /// that `needed` does not have may be left out.
    func rows(
        of query: CannedQuery, needed: Set<String>? = nil
    ) throws(CannedRefusal) -> [CannedRow] {
        switch query {
        case .selector(let matchers):
            return selected(matchers, needed: needed, asRate: false)
        case .call(let name, let arguments, let texts):
            return try called(name, arguments, texts, needed: needed)
        case .aggregate(let name, let isWithout, let labels, let inner):
            let inner = try rows(of: inner, needed: isWithout ? nil : Set(labels))
            return aggregated(inner, name, isWithout: isWithout, labels)
        case .scaled(let inner, let sign, let number):
            return try rows(of: inner, needed: needed).compactMap { row in
                scaled(row, sign, number)
            }
        case .union(let left, let right):
            let first = try rows(of: left, needed: needed)
            let known = Set(first.map { Self.key($0.labels.filter { $0.name != "__name__" }) })
            return try first
                + rows(of: right, needed: needed).filter { row in
                    !known.contains(Self.key(row.labels.filter { $0.name != "__name__" }))
                }
        case .number(let number):
            return [CannedRow(labels: [], value: number)]
        }
    }

    // MARK: Selecting

    private func selected(
        _ matchers: [CannedMatcher], needed: Set<String>?, asRate: Bool
    ) -> [CannedRow] {
        let ofNames = matchers.filter { $0.label == "__name__" }
        let others = matchers.filter { $0.label != "__name__" }
        var found: [CannedRow] = []
        func take(_ row: CannedRow, _ name: String, value: Double) {
            guard others.allSatisfy({ $0.isMet(by: row.value(of: $0.label)) }) else { return }
            let labels = [("__name__", name)] + row.labels
            found.append(
                CannedRow(
                    labels: needed.map { needed in labels.filter { needed.contains($0.0) } }
                        ?? labels, value: value))
        }
        for (name, fact, isRate) in fleet.metrics
        where ofNames.allSatisfy({ $0.isMet(by: name) }) {
            // A counter has counted for about a day.
            let seconds = isRate || asRate ? 1.0 : 100_000
            fleet.forEachRow(of: fact, in: cluster) { take($0, name, value: $0.value * seconds) }
        }
        if ofNames.allSatisfy({ $0.isMet(by: "up") }) {
            take(CannedRow(labels: [("job", "canned")], value: 1), "up", value: 1)
        }
        return found
    }

    // MARK: Computing

    private func called(
        _ name: String, _ arguments: [CannedQuery], _ texts: [String], needed: Set<String>?
    ) throws(CannedRefusal) -> [CannedRow] {
        guard let first = arguments.first else {
            throw CannedRefusal(message: "canned clusters expected an argument of \(name)()")
        }
        switch name {
        case "rate", "irate":
            guard case .selector(let matchers) = first else {
                throw CannedRefusal(message: "canned clusters take \(name)() of selectors only")
            }
            return selected(matchers, needed: needed, asRate: true).map(unnamed)
        case "timestamp":
            return try rows(of: first, needed: needed).map { row in
                var row = unnamed(row)
                row.value = time
                return row
            }
        case "label_replace":
            return try replaced(rows(of: first), texts)
        case "last_over_time", "vector":
            return try rows(of: first, needed: needed)
        default:
            return try rows(of: first, needed: needed).map(unnamed)
        }
    }

    private func unnamed(_ row: CannedRow) -> CannedRow {
        CannedRow(labels: row.labels.filter { $0.name != "__name__" }, value: row.value)
    }

    private func scaled(_ row: CannedRow, _ sign: String, _ number: Double) -> CannedRow? {
        var result = row
        switch sign {
        case "*": result.value *= number
        case "/": result.value /= number
        case ">": return row.value > number ? row : nil
        case ">=": return row.value >= number ? row : nil
        case "<": return row.value < number ? row : nil
        case "<=": return row.value <= number ? row : nil
        case "==": return row.value == number ? row : nil
        default: return row.value != number ? row : nil
        }
        return unnamed(result)
    }

    private func aggregated(
        _ rows: [CannedRow], _ name: String, isWithout: Bool, _ labels: [String]
    ) -> [CannedRow] {
        let listed = Set(labels)
        var groups: [CannedRow] = []
        var indices: [String: Int] = [:]
        for row in rows {
            let kept = row.labels.filter { label in
                isWithout
                    ? !listed.contains(label.name) && label.name != "__name__"
                    : listed.contains(label.name)
            }
            let value = name == "count" || name == "group" ? 1 : row.value
            let key = Self.key(kept)
            guard let index = indices[key] else {
                indices[key] = groups.count
                groups.append(CannedRow(labels: kept, value: value))
                continue
            }
            switch name {
            case "min": groups[index].value = min(groups[index].value, value)
            case "max": groups[index].value = max(groups[index].value, value)
            case "group": break
            default: groups[index].value += value
            }
        }
        return groups
    }

    private static func key(_ labels: [(name: String, value: String)]) -> String {
        var key = ""
        for (name, value) in labels {
            key += name
            key += "\u{1}"
            key += value
            key += "\u{2}"
        }
        return key
    }

    /// `label_replace(…, destination, replacement, source, pattern)`.
    private func replaced(
        _ rows: [CannedRow], _ texts: [String]
    ) throws(CannedRefusal) -> [CannedRow] {
        guard texts.count == 4, let pattern = try? Regex(texts[3]) else {
            throw CannedRefusal(message: "canned clusters expected four texts of label_replace()")
        }
        var results: [String: String?] = [:]
        return rows.map { row in
            let source = row.value(of: texts[2])
            let result: String?
            if let known = results[source] {
                result = known
            } else {
                result = Self.expanded(texts[1], source, pattern)
                results[source] = .some(result)
            }
            guard let result else { return row }
            var labels = row.labels.filter { $0.name != texts[0] }
            if !result.isEmpty { labels.append((texts[0], result)) }
            return CannedRow(labels: labels, value: row.value)
        }
    }

    /// The replacement with the groups of the match in it; nil where the pattern does not match.
    private static func expanded(
        _ replacement: String, _ value: String, _ pattern: Regex<AnyRegexOutput>
    ) -> String? {
        guard let match = try? pattern.wholeMatch(in: value) else { return nil }
        var text = replacement
        for index in (0..<match.output.count).reversed() {
            let group = match.output[index].substring.map(String.init) ?? ""
            for reference in ["${\(index)}", "$\(index)"] {
                text = text.split(separator: reference, omittingEmptySubsequences: false)
                    .joined(separator: group)
            }
        }
        return text
    }
}
