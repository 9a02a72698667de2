import PrometheusAPI
import TimeSeries

/// Draws series over time with letters.
///
/// Lines are told apart by colours where there are any; otherwise, where there are several, by a
/// letter each.
struct Plot {
    let series: [GridSeries]
    let grid: TimeGrid
    let terminal: Terminal

    /// More lines than these are not told apart by anybody.
    private static let legendLimit = 20
    private static let colours = [36, 33, 35, 32, 34, 31, 96, 93, 95, 92, 94, 91]
    private static let marks = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    private var hasMarks: Bool { !terminal.hasColours && series.count > 1 }

    var text: String {
        let values = series.lazy.flatMap(\.values).filter { !Absent.isAbsent($0) && $0.isFinite }
        guard !values.isEmpty else { return "no values to draw\n" }
        let names = SeriesNames(series.map(\.labels))
        let width = max(30, terminal.width ?? 100)
        let rows = max(6, min(20, (terminal.height ?? 24) - 8))
        let scale = ValueScale(values, steps: max(2, rows / 4))
        let labels = scale.labels
        let margin = labels.map(\.count).max() ?? 0
        let columns = max(10, width - margin - 2)
        return names.heading
            + picture(scale, labels, margin: margin, columns: columns, rows: rows)
            + axis(margin: margin, columns: columns)
            + legend(names, width: width) + footer
    }

    // MARK: The picture

    private func picture(
        _ scale: ValueScale, _ labels: [String], margin: Int, columns: Int, rows: Int
    ) -> String {
        var canvas = BrailleCanvas(columns: columns, rows: rows)
        // The first series is drawn last, above the others.
        for (index, series) in series.enumerated().reversed() {
            draw(series, line: index, scale, on: &canvas)
        }
        var labelOfRow: [Int: String] = [:]
        for (tick, label) in zip(scale.ticks, labels) {
            labelOfRow[y(of: tick, scale, canvas) / 4] = label
        }
        return (0..<rows).map { row in
            let label = labelOfRow[row]
            return TerminalText.padded(label ?? "", margin, toTheRight: true)
                + (label == nil ? " │" : " ┤") + line(canvas.row(row)) + "\n"
        }
        .joined()
    }

    private func draw(
        _ series: GridSeries, line: Int, _ scale: ValueScale, on canvas: inout BrailleCanvas
    ) {
        var last: (x: Int, y: Int)?
        for (index, value) in series.values.enumerated() {
            guard !Absent.isAbsent(value), value.isFinite else {
                last = nil
                continue
            }
            let here = (
                x: x(of: grid.time(at: index), canvas.width), y: y(of: value, scale, canvas)
            )
            canvas.connect(last ?? here, here, line: line)
            last = here
        }
    }

    private func x(of time: Int64, _ width: Int) -> Int {
        let span = Double(max(1, grid.end - grid.start))
        return Int((Double(time - grid.start) / span * Double(width - 1)).rounded())
    }

    private func y(of value: Double, _ scale: ValueScale, _ canvas: BrailleCanvas) -> Int {
        Int(((1 - scale.place(of: value)) * Double(canvas.height - 1)).rounded())
    }

    /// A row's letters; neighbours of one colour share its codes.
    private func line(_ cells: [(letter: Character, line: Int)?]) -> String {
        var text = ""
        var run = ""
        var runLine: Int?
        for cell in cells {
            if cell?.line != runLine {
                text += runLine.map { coloured(run, $0) } ?? run
                run = ""
                runLine = cell?.line
            }
            run.append(cell.map { hasMarks ? mark($0.line) : $0.letter } ?? " ")
        }
        // Spaces at the end are left out.
        return text + (runLine.map { coloured(run, $0) } ?? "")
    }

    // MARK: What stands below

    private func axis(margin: Int, columns: Int) -> String {
        var rule = [Character](repeating: "─", count: columns)
        var texts = [Character](repeating: " ", count: columns + margin + 2)
        var free = 0
        for tick in TimeScale(grid: grid).ticks(atMost: max(1, columns / 14)) {
            let column = x(of: tick.time, columns * 2) / 2
            let start = max(0, margin + 2 + column - tick.text.count / 2)
            rule[column] = "┬"
            guard start >= free, start + tick.text.count <= texts.count else { continue }
            for (offset, letter) in tick.text.enumerated() { texts[start + offset] = letter }
            free = start + tick.text.count + 1
        }
        while texts.last == " " { texts.removeLast() }
        return TerminalText.padded("", margin) + " └" + String(rule) + "\n" + String(texts) + "\n"
    }

    private func legend(_ names: SeriesNames, width: Int) -> String {
        var text = ""
        for (index, name) in names.names.enumerated().prefix(Self.legendLimit) {
            let sign = hasMarks ? String(mark(index)) : coloured("■", index)
            text += "  \(sign) \(TerminalText.cut(name, to: width - 4))\n"
        }
        let rest = series.count - Self.legendLimit
        return rest > 0 ? text + "  … and \(rest) more\n" : text
    }

    private var footer: String {
        "  \(APITime.text(grid.start)) to \(APITime.text(grid.end)), step "
            + "\(APIDuration.text(grid.step)), UTC\n"
    }

    private func mark(_ line: Int) -> Character { Self.marks[line % Self.marks.count] }

    private func coloured(_ text: String, _ line: Int) -> String {
        guard terminal.hasColours else { return text }
        return "\u{1b}[\(Self.colours[line % Self.colours.count])m\(text)\u{1b}[0m"
    }
}
