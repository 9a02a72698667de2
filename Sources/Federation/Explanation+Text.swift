import Clusters
import Planning
import PrometheusAPI
import TimeSeries

extension Explanation: CustomStringConvertible {
    /// The explanation for people: the plan, the clusters, and how it went.
    package var description: String {
        var text = plan.description + "\n" + clusterText
        if let analysis { text += "\n" + analysis.text(of: plan) }
        return text
    }

    private var clusterText: String {
        let asked = clusters.filter(\.isAsked).count
        var text = "clusters: \(asked) of \(clusters.count) asked\n"
        let away = clusters.filter(\.isInMaintenance).map(\.cluster.name)
        if !away.isEmpty {
            text += "  under maintenance, so not asked: \(Self.listed(away))\n"
        }
        let assumed = clusters.filter(\.isAssumed).map(\.cluster.name)
        if !assumed.isEmpty {
            text +=
                "  not asked yet what they are, so taken for the newest Prometheus whose series "
                + "have no own labels of external names: \(Self.listed(assumed))\n"
        }
        return text
    }

    /// The most names in a line.
    private static let maximumNames = 10

    private static func listed(_ names: [String]) -> String {
        let more = names.count - maximumNames
        return names.prefix(maximumNames).joined(separator: ", ")
            + (more > 0 ? " and \(more) more" : "")
    }
}

extension QueryAnalysis {
    /// What `analyze` shows below the plan.
    fileprivate func text(of plan: Plan) -> String {
        let total = phases.reduce(Duration.zero) { $0 + $1.duration }
        var lines = ["answered in \(total.shown): " + phases.map(\.shown).joined(separator: ", ")]
        for (index, reports) in fetches.enumerated() {
            lines.append("fragment \(index):")
            lines += Self.table(reports)
        }
        for fragment in earlier {
            lines.append("asked before: \(fragment.text)")
            lines += Self.table(fragment.fetches)
        }
        let all = answered
        lines.append(
            "fetched: \(all.count) answers, \(all.reduce(0) { $0 + $1.bytes }) bytes, "
                + "\(all.reduce(0) { $0 + $1.series }) series, "
                + "\(all.reduce(0) { $0 + $1.samples }) samples")
        lines.append("cache: " + CacheReport(all: all.map(\.cache)).words)
        let present = coverage.present.map(\.name).joined(separator: ", ")
        lines.append("coverage: \(present.isEmpty ? "no cluster" : present)")
        lines +=
            coverage.missing.map { "  \($0.warning)" } + coverage.gaps.map { "  \($0.message)" }
        lines += annotations.warnings.sorted().filter { !isCoverage($0) }.map { "warning: \($0)" }
        lines += annotations.infos.sorted().map { "info: \($0)" }
        switch result {
        case .value(let type, let series, let samples):
            lines.append("answer: \(type), \(series) series, \(samples) samples")
        case .failure(let failure):
            lines.append("no answer: \(failure.kind): \(failure.message)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether the warning is one of the lines about coverage.
    private func isCoverage(_ warning: String) -> Bool {
        coverage.missing.contains { $0.warning == warning }
            || coverage.gaps.contains { $0.message == warning }
    }

    private static func table(_ reports: [FetchReport]) -> [String] {
        if reports.isEmpty { return ["  no cluster was asked"] }
        let rows =
            [["cluster", "time", "bytes", "series", "samples", "cache", "outcome"]]
            + reports.map(\.cells)
        let widths = (0..<7).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { cells in
            var line = " "
            for (column, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                // Names and outcomes stand at the left, numbers at the right.
                line += " " + (column == 0 || column > 4 ? cell + padding : padding + cell) + " "
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

extension FetchReport {
    fileprivate var cells: [String] {
        let isAnswered = outcome == .answered
        func number(_ value: Int) -> String { isAnswered ? String(value) : "" }
        let words =
            switch outcome {
            case .answered: "ok"
            case .missing(let cause, let message): "missing (\(cause)): \(message)"
            case .rejected(let type, let message): "refused (\(type)): \(message)"
            case .notAsked: "not asked: missing already"
            }
        return [
            cluster.name, outcome == .notAsked ? "" : duration.shown, number(bytes),
            number(series), number(samples), isAnswered ? cache.cell : "", words,
        ]
    }
}

extension CacheReport {
    /// The outcome, with the steps where some were remembered and some were not.
    fileprivate var cell: String {
        let part = outcome == .partial ? " \(cachedSteps)/\(steps)" : ""
        return outcome.rawValue + part + (isShared ? " shared" : "")
    }

    fileprivate var words: String {
        switch outcome {
        case .off: "none"
        case .bypass: "bypassed; \(requests) requests"
        case .hit, .partial, .miss:
            "\(outcome.rawValue), \(cachedSteps) of \(steps) steps; \(requests) requests"
        }
    }
}

extension QueryStatistics.Phase {
    fileprivate var shown: String { "\(name) \(duration.shown)" }
}

extension Duration {
    /// The duration in milliseconds, as people read it.
    fileprivate var shown: String {
        let milliseconds =
            Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
        return NumberText.decimals(milliseconds, milliseconds < 10 ? 2 : 0) + " ms"
    }
}

extension QueryFailure {
    /// The sentence for people.
    package var message: String {
        switch self {
        case .badData(let message), .execution(let message), .timeout(let message),
            .unavailable(let message, _), .overloaded(let message, _), .internal(let message):
            message
        case .cancelled: "query was canceled"
        }
    }
}
