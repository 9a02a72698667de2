import PrometheusAPI
import TimeSeries

/// An answer of `/mesh/v1/signals`, for people.
struct SignalsTable {
    private let data: JSONValue
    private let subjects: [JSONValue]

    /// Nil where the data is about something else.
    init?(_ data: JSONValue) {
        guard let subjects = data["subjects"]?.array else { return nil }
        self.data = data
        self.subjects = subjects
    }

    /// The signals that the answer gives units for, in its order.
    var names: [String] { (data["units"]?.members ?? []).map(\.name) }

    func knows(_ signal: String) -> Bool { data["units"]?[signal] != nil }

    func unit(of signal: String) -> String { data["units"]?[signal]?.string ?? "" }

    /// What is not shown; nil where all is.
    var cutNote: String? {
        guard let all = data["totals"]?["subjects"]?.double,
            let shown = data["totals"]?["shown"]?.double, shown < all
        else { return nil }
        let what = subjects.first?["kind"]?.string == "edge" ? "edges" : "services"
        return "shown: \(Int(shown)) of \(Int(all)) \(what), those with the most requests (--top)\n"
    }

    // MARK: Many subjects

    /// What is worth a column where there are many lines.
    private static let columns: [(signal: String, title: String)] = [
        ("requestRate", "requests/s"), ("errorRatio", "errors"), ("latencyP50", "p50"),
        ("latencyP95", "p95"), ("latencyP99", "p99"), ("retryRate", "retries/s"),
        ("timeoutRate", "timeouts/s"), ("tcpSentRate", "tcp sent/s"),
        ("tcpReceivedRate", "tcp received/s"), ("proxyCPU", "proxy cores"),
        ("proxyMemory", "proxy memory"), ("mutualTLSRatio", "mTLS"),
    ]

    /// A line for each subject; columns in which nothing is known are left out.
    var overview: String {
        guard !subjects.isEmpty else { return "nothing found\n" }
        let isOfEdges = subjects.contains { $0["kind"]?.string == "edge" }
        let shown = Self.columns.filter { column in
            subjects.contains { value($0, column.signal) != nil }
        }
        let hasMissing = subjects.contains { !missing($0).isEmpty }
        var columns: [TextTable.Column] =
            isOfEdges ? [.init("source"), .init("destination")] : [.init("service")]
        columns.append(.init("cluster"))
        columns += shown.map { .init($0.title, isRightAligned: true) }
        if hasMissing { columns.append(.init("missing")) }
        let rows = subjects.map { subject in
            var row =
                isOfEdges ? [end(subject["source"]), end(subject["destination"])] : [name(subject)]
            row.append(cluster(subject))
            row += shown.map { text(subject, $0.signal) }
            if hasMissing { row.append(missing(subject)) }
            return row.map(TerminalText.safe)
        }
        return TextTable(columns: columns, rows: rows).text(width: nil)
    }

    // MARK: One subject

    /// A line for each signal, and a column for all clusters and for each.
    func details(_ terminal: Terminal) -> String {
        guard !subjects.isEmpty else { return "nothing found\n" }
        let areSeveral = Set(subjects.map(name)).count > 1
        var columns: [TextTable.Column] = [.init("signal"), .init("unit")]
        columns += subjects.map { subject in
            let title = areSeveral ? "\(name(subject)) \(cluster(subject))" : cluster(subject)
            return .init(TerminalText.safe(title), isRightAligned: true)
        }
        columns.append(.init("from"))
        let rows = names.compactMap { signal -> [String]? in
            guard subjects.contains(where: { value($0, signal) != nil }) else { return nil }
            let origins = subjects.compactMap { $0["signals"]?[signal]?["derivedFrom"]?.string }
            return [signal, unit(of: signal)] + subjects.map { text($0, signal) }
                + [TerminalText.safe(origins.first ?? "")]
        }
        let heading = areSeveral ? "" : TerminalText.safe(subjects.first.map(name) ?? "") + "\n"
        let table = TextTable(columns: columns, rows: rows).text(width: terminal.width)
        return heading + table + unknown + subjects.compactMap(note).joined()
    }

    /// The signals that have no value anywhere, by the reasons why.
    private var unknown: String {
        var reasons: [(reason: String, signals: [String])] = []
        for signal in names where !subjects.contains(where: { value($0, signal) != nil }) {
            let told = subjects.compactMap { $0["signals"]?[signal]?["because"]?.string }
            guard let reason = told.first else { continue }
            if let place = reasons.firstIndex(where: { $0.reason == reason }) {
                reasons[place].signals.append(signal)
            } else {
                reasons.append((reason, [signal]))
            }
        }
        return reasons.map { reason, signals in
            TerminalText.safe("not known: \(signals.joined(separator: ", ")) (\(reason))") + "\n"
        }
        .joined()
    }

    /// What a subject's line has no place for.
    private func note(_ subject: JSONValue) -> String? {
        var words: [String] = []
        let dialects = subject["dialects"]?.strings ?? []
        if !dialects.isEmpty { words.append("told by " + dialects.joined(separator: ", ")) }
        let domains = subject["mutualTLS"]?["trustDomains"]?.strings ?? []
        if !domains.isEmpty { words.append("trust domains " + domains.joined(separator: ", ")) }
        let absent = missing(subject)
        if !absent.isEmpty { words.append("without " + absent) }
        guard !words.isEmpty else { return nil }
        return TerminalText.safe("\(cluster(subject)): \(words.joined(separator: "; "))") + "\n"
    }

    // MARK: Over time

    /// One signal of each subject, on the answer's grid; nil where the answer has none.
    func series(of signal: String) -> (series: [GridSeries], grid: TimeGrid)? {
        func milliseconds(_ name: String) -> Int64? {
            data[name]?.double.flatMap { Int64(exactly: ($0 * 1000).rounded()) }
        }
        guard let start = milliseconds("start"), let end = milliseconds("end"),
            let step = milliseconds("step"), step > 0, end >= start,
            (end - start) / step <= RangeQueryParameters.maximumSteps
        else { return nil }
        let grid = TimeGrid(start: start, end: end, step: step)
        let series = subjects.compactMap { subject -> GridSeries? in
            guard let points = subject["signals"]?[signal]?["values"]?.array else { return nil }
            var values = [Double](repeating: Absent.value, count: grid.count)
            for point in points {
                guard let pair = point.array, pair.count == 2, let time = pair[0].double,
                    let value = pair[1].double
                else { continue }
                let index = ((time * 1000 - Double(start)) / Double(step)).rounded()
                if index >= 0, index < Double(grid.count) { values[Int(index)] = value }
            }
            return GridSeries(labels: labels(of: subject), values: values)
        }
        return series.isEmpty ? nil : (series, grid)
    }

    private func labels(of subject: JSONValue) -> Labels {
        var pairs: [(String, String)] = []
        for (name, value) in [
            ("source", subject["source"]), ("destination", subject["destination"]),
        ] {
            if value?.members != nil { pairs.append((name, end(value))) }
        }
        if pairs.isEmpty { pairs.append(("service", name(subject))) }
        pairs.append(("cluster", cluster(subject)))
        return Labels(pairs)
    }

    // MARK: Cells

    private func value(_ subject: JSONValue, _ signal: String) -> Double? {
        subject["signals"]?[signal]?["value"]?.double
    }

    private func text(_ subject: JSONValue, _ signal: String) -> String {
        let told = subject["signals"]?[signal]
        let text = SignalText.text(told?["value"], unit: unit(of: signal))
        // It lies beyond the last bucket's bound.
        let isLeast = (told?["limits"]?.strings ?? []).contains("lastBucket")
        return isLeast && told?["value"]?.double != nil ? "≥\(text)" : text
    }

    private func name(_ subject: JSONValue) -> String {
        let parts = [subject["namespace"]?.string, subject["service"]?.string].compactMap(\.self)
            .filter { !$0.isEmpty }
        return parts.isEmpty ? "all" : parts.joined(separator: "/")
    }

    private func cluster(_ subject: JSONValue) -> String {
        subject["cluster"]?.string ?? "all"
    }

    /// An edge's end, its cluster before it.
    private func end(_ end: JSONValue?) -> String {
        let parts = ["cluster", "namespace", "service"].compactMap { end?[$0]?.string }
            .filter { !$0.isEmpty }
        return parts.isEmpty ? "unknown" : parts.joined(separator: "/")
    }

    private func missing(_ subject: JSONValue) -> String {
        (subject["missing"]?.strings ?? []).joined(separator: ", ")
    }
}
