import TimeSeries

/// Draws the values of an instant query as bars.
struct BarChart {
    let series: [GridSeries]
    let terminal: Terminal

    private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    var text: String {
        let shown = series.filter { !Absent.isAbsent($0.values[0]) }
        guard !shown.isEmpty else { return "no values to draw\n" }
        let width = max(30, terminal.width ?? 100)
        let names = SeriesNames(shown.map(\.labels))
        let texts = shown.map { NumberText.sample($0.values[0]) }
        let valueWidth = texts.map(\.count).max() ?? 0
        let longest = names.names.map(\.count).max() ?? 0
        let nameWidth = min(longest, max(10, width - valueWidth - 14))
        let room = max(10, width - nameWidth - valueWidth - 4)
        let largest = shown.map(\.values[0]).filter(\.isFinite).map(\.magnitude).max() ?? 0
        return names.heading
            + shown.indices.map { index in
                let name = TerminalText.cut(names.names[index], to: nameWidth)
                let bar = bar(shown[index].values[0], of: largest, room: room)
                return TerminalText.padded(name, nameWidth) + "  "
                    + TerminalText.padded(texts[index], valueWidth, toTheRight: true)
                    + (bar.isEmpty ? "" : "  \(bar)") + "\n"
            }
            .joined()
    }

    /// A bar as long as the value is large; values below zero are drawn lighter.
    private func bar(_ value: Double, of largest: Double, room: Int) -> String {
        guard value.isFinite, largest > 0 else { return "" }
        let eighths = Int((value.magnitude / largest * Double(room * 8)).rounded())
        if value < 0 { return String(repeating: "░", count: (eighths + 7) / 8) }
        let rest = eighths % 8
        return String(repeating: "█", count: eighths / 8)
            + (rest > 0 ? String(Self.eighths[rest - 1]) : "")
    }
}
