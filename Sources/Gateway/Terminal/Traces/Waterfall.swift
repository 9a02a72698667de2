import JaegerAPI
import PrometheusAPI
import Spans

/// Draws a trace: a line for each span, under its parent's, with a bar where it was in time.
struct Waterfall {
    let trace: Trace
    let terminal: Terminal
    /// Of longer traces only so many spans are shown.
    let most: Int

    private static let red = 31
    private static let yellow = 33
    private static let grey = 90
    /// Deeper spans are not moved further to the right.
    private static let deepest = 12

    var text: String {
        guard !trace.spans.isEmpty else { return "the trace has no spans\n" }
        let tree = SpanTree(trace.spans)
        let paths = CriticalPath.paths(of: trace.spans, in: tree)
        var sections = Array(repeating: [Range<Int64>](), count: trace.spans.count)
        for section in paths.lazy.flatMap(\.sections) {
            sections[section.span].append(section.from..<section.to)
        }
        let shown = ShownSpans(
            trace.spans, tree,
            timeOnPath: sections.map { $0.reduce(0) { $0 + $1.upperBound - $1.lowerBound } },
            most: most)
        return heading(tree) + "\n" + table(shown.lines, sections) + notes
    }

    // MARK: Above and below

    private var times: Range<Int64> {
        let start = trace.spans.map(\.startTime).min() ?? 0
        return start..<max(start, trace.spans.map(\.endTime).max() ?? start)
    }

    private func heading(_ tree: SpanTree) -> String {
        let summary = TraceLine(trace, tree)
        func counted(_ count: Int, _ one: String, _ several: String? = nil) -> String {
            "\(count) \(count == 1 ? one : several ?? one + "s")"
        }
        var facts = [
            ShortDuration.text(nanoseconds: summary.duration), counted(trace.spans.count, "span"),
            counted(summary.services.count, "service"),
        ]
        if summary.errors > 0 { facts.append(counted(summary.errors, "error")) }
        if !summary.clusters.isEmpty {
            let names = summary.clusters.map(TerminalText.safe).joined(separator: ", ")
            facts.append((summary.clusters.count == 1 ? "cluster " : "clusters ") + names)
        }
        return "trace \(trace.id.hexadecimal)  \(TerminalText.safe(summary.root))\n"
            + "\(summary.time)  " + facts.joined(separator: "  ") + "\n"
    }

    private var notes: String {
        let warned = trace.spans.flatMap { span in
            span.warnings.map { "\(span.resource.serviceName) \(span.name): \($0)" }
        }
        var counts: [String: Int] = [:]
        for note in warned { counts[note, default: 0] += 1 }
        var told: Set<String> = []
        let lines =
            trace.warnings.map { TerminalText.safe($0) }
            + warned.filter { told.insert($0).inserted }.map { note in
                let count = counts[note] ?? 1
                return TerminalText.safe(note) + (count > 1 ? " (\(count) times)" : "")
            }
        let hidden = lines.count > Self.noteLimit ? lines.count - Self.noteLimit : 0
        return (lines.isEmpty ? "" : "\n")
            + lines.prefix(Self.noteLimit).map { "warning: \($0)\n" }.joined()
            + (hidden > 0 ? "… \(hidden) more warnings\n" : "")
    }

    private static let noteLimit = 20

    // MARK: The spans

    private struct Cells {
        var name: String
        var cluster: String
        var mark: String
        var duration: String
        var bar: [Character]
        var isFolded = false
    }

    private func table(_ lines: [ShownSpans.Line], _ sections: [[Range<Int64>]]) -> String {
        let width = max(60, terminal.width ?? 120)
        let clusterWidth = min(
            16, max(7, trace.spans.map { $0.holders.joined(separator: ",").count }.max() ?? 0))
        let names = lines.map(name)
        let nameWidth = min(max(4, names.map(\.count).max() ?? 0), max(20, width * 2 / 5))
        let fixed = nameWidth + 2 + clusterWidth + 2 + 1 + 1 + 8 + 2
        let bar = SpanBar(width: max(10, width - fixed), times: times)
        func line(_ cells: Cells) -> String {
            var line =
                TerminalText.padded(TerminalText.cut(cells.name, to: nameWidth), nameWidth) + "  "
                + TerminalText.padded(
                    TerminalText.cut(cells.cluster, to: clusterWidth), clusterWidth)
                + "  " + cells.mark + " "
                + TerminalText.padded(cells.duration, 8, toTheRight: true)
            if terminal.hasColours, cells.mark == "!" { line = coloured(line, Self.red) }
            if terminal.hasColours, cells.isFolded { line = coloured(line, Self.grey) }
            return trimmed(line + "  " + painted(cells.bar)) + "\n"
        }
        let title = Cells(
            name: "span", cluster: "cluster", mark: " ", duration: "duration",
            bar: axis(bar.width))
        return line(title)
            + zip(lines, names).map { line(cells($0, name: $1, bar, sections)) }.joined()
    }

    private func cells(
        _ line: ShownSpans.Line, name: String, _ bar: SpanBar, _ sections: [[Range<Int64>]]
    ) -> Cells {
        guard case .span(let entry) = line else {
            return Cells(
                name: name, cluster: "", mark: " ", duration: "", bar: [], isFolded: true)
        }
        let span = trace.spans[entry.place]
        return Cells(
            name: name, cluster: TerminalText.safe(span.holders.joined(separator: ",")),
            mark: span.status.code == .error ? "!" : " ",
            duration: ShortDuration.text(nanoseconds: span.duration),
            bar: bar.letters(
                span: span.startTime..<max(span.startTime, span.endTime),
                critical: sections[entry.place]))
    }

    private func name(_ line: ShownSpans.Line) -> String {
        switch line {
        case .span(let entry):
            let span = trace.spans[entry.place]
            let service = span.resource.serviceName
            return indentation(entry.depth)
                + TerminalText.safe(
                    (service.isEmpty ? "unknown-service" : service) + " " + span.name)
        case .folded(let count, let errors, let depth):
            return indentation(depth) + "… \(count) more " + (count == 1 ? "span" : "spans")
                + (errors > 0 ? ", \(errors) with errors" : "")
        }
    }

    private func indentation(_ depth: Int) -> String {
        String(repeating: "  ", count: min(depth, Self.deepest))
            + (depth > Self.deepest ? "+\(depth - Self.deepest) " : "")
    }

    /// The times at the beginning, the middle and the end of the bars.
    private func axis(_ width: Int) -> [Character] {
        let duration = times.upperBound - times.lowerBound
        let end = ShortDuration.text(nanoseconds: duration)
        let middle = ShortDuration.text(nanoseconds: duration / 2)
        var line = Array(repeating: Character(" "), count: width)
        func write(_ text: String, at place: Int) {
            for (index, letter) in text.enumerated() where line.indices.contains(place + index) {
                line[place + index] = letter
            }
        }
        write("0", at: 0)
        if width >= 4 * middle.count { write(middle, at: width / 2) }
        write(end, at: width - end.count)
        return line
    }

    private func painted(_ bar: [Character]) -> String {
        guard terminal.hasColours else { return String(bar) }
        var text = ""
        var isCritical = false
        for letter in bar {
            let isBlock = letter >= "▀" && letter <= "▟"
            if isBlock != isCritical { text += "\u{1b}[\(isBlock ? Self.yellow : 0)m" }
            isCritical = isBlock
            text.append(letter)
        }
        return text + (isCritical ? "\u{1b}[0m" : "")
    }

    private func coloured(_ text: String, _ colour: Int) -> String {
        "\u{1b}[\(colour)m\(text)\u{1b}[0m"
    }

    private func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
