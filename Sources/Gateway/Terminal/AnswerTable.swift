import PrometheusAPI
import TimeSeries

/// Prints an answer as a table, in the answer's own order.
struct AnswerTable {
    let terminal: Terminal

    func text(of value: QueryResponse.Value, on grid: TimeGrid) -> String {
        switch value {
        case .vector(let series) where series.isEmpty: "no series\n"
        case .samples(let series) where series.isEmpty: "no series\n"
        case .vector(let series): grid.count == 1 ? instant(series) : range(series, on: grid)
        case .samples(let series): samples(series)
        case .scalar(let values): scalar(values, on: grid)
        case .string(let text): TerminalText.safe(text) + "\n"
        case .failure(let error): TerminalText.safe(error.message) + "\n"
        }
    }

    // MARK: Instant queries

    /// A column for each label and one for the value; where that is too wide, one for the series.
    private func instant(_ series: [GridSeries]) -> String {
        let values = series.map { Self.value(of: $0, at: 0) }
        let table = byLabel(series.map(\.labels), values)
        if let width = terminal.width, table.width > width {
            let rows = zip(series, values).map {
                [$1, TerminalText.safe($0.labels.description)]
            }
            // The value first: the ends of lines may be cut.
            return TextTable(
                columns: [.init("value", isRightAligned: true), .init("series")], rows: rows
            ).text(width: nil)
        }
        return table.text(width: nil)
    }

    private func byLabel(_ labels: [Labels], _ values: [String]) -> TextTable {
        var names: Set<String> = []
        for set in labels { names.formUnion(set.pairs.map(\.name)) }
        let hasMetric = names.remove(Labels.metricNameLabel) != nil
        let ordered = (hasMetric ? [Labels.metricNameLabel] : []) + names.sorted()
        let columns = ordered.map { name in
            TextTable.Column(
                name == Labels.metricNameLabel ? "metric" : TerminalText.safe(name))
        }
        let rows = zip(labels, values).map { set, value in
            ordered.map { TerminalText.safe(set[$0] ?? "") } + [value]
        }
        return TextTable(
            columns: columns + [.init("value", isRightAligned: true)], rows: rows)
    }

    private func scalar(_ values: [Double], on grid: TimeGrid) -> String {
        if grid.count == 1 { return NumberText.sample(values.first ?? .nan) + "\n" }
        let rows = values.indices.map {
            [APITime.text(grid.time(at: $0)), NumberText.sample(values[$0])]
        }
        return TextTable(
            columns: [.init("time"), .init("value", isRightAligned: true)], rows: rows
        ).text(width: nil)
    }

    // MARK: Ranges

    /// A line for each time and a column for each series, in as many blocks as the width asks for.
    private func range(_ series: [GridSeries], on grid: TimeGrid) -> String {
        let names = SeriesNames(series.map(\.labels))
        let times = (0..<grid.count).map { APITime.text(grid.time(at: $0)) }
        let columns = zip(series, names.names).map { series, name in
            (title: name, cells: (0..<grid.count).map { Self.value(of: series, at: $0) })
        }
        let timeWidth = times.map(\.count).max() ?? 0
        var text = names.heading
        var start = 0
        while start < columns.count {
            var end = start
            var width = timeWidth
            while end < columns.count {
                let cells = columns[end].cells.map(\.count).max() ?? 0
                width += 2 + max(columns[end].title.count, cells)
                if end > start, let limit = terminal.width, width > limit { break }
                end += 1
            }
            let block = columns[start..<end]
            let table = TextTable(
                columns: [.init("time")]
                    + block.map { .init($0.title, isRightAligned: true) },
                rows: times.indices.map { time in [times[time]] + block.map { $0.cells[time] } })
            if start > 0 { text += "\n" }
            text += table.text(width: nil)
            start = end
        }
        return text
    }

    /// The windows of a range selector, one below the other.
    private func samples(_ series: [SampledSeries]) -> String {
        series.map { series in
            let rows = series.samples.map { sample in
                ["  " + APITime.text(sample.time), Self.text(of: sample.value)]
            }
            let table = TextTable(
                columns: [.init("  time"), .init("value", isRightAligned: true)], rows: rows)
            return TerminalText.safe(series.labels.description) + "\n" + table.text(width: nil)
        }
        .joined(separator: "\n")
    }

    // MARK: Values

    /// The series' value; empty where it has none.
    private static func value(of series: GridSeries, at index: Int) -> String {
        if let point = series.histograms.first(where: { $0.index == index }) {
            return point.histogram.intervalText
        }
        let value = series.values[index]
        return Absent.isAbsent(value) ? "" : NumberText.sample(value)
    }

    private static func text(of value: SampledSeries.Value) -> String {
        switch value {
        case .float(let number): NumberText.sample(number)
        case .histogram(let histogram): histogram.intervalText
        }
    }
}
