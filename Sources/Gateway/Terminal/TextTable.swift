/// A table of texts in aligned columns.
struct TextTable {
    struct Column {
        var title: String
        var isRightAligned: Bool

        init(_ title: String, isRightAligned: Bool = false) {
            self.title = title
            self.isRightAligned = isRightAligned
        }
    }

    var columns: [Column]
    /// A text for each column.
    var rows: [[String]]

    /// The widest text of each column.
    private var widths: [Int] {
        columns.indices.map { index in
            rows.reduce(columns[index].title.count) { max($0, $1[index].count) }
        }
    }

    /// The length of the longest line.
    var width: Int { widths.reduce(0, +) + 2 * max(0, columns.count - 1) }

    /// The lines, the titles first. Where they are wider than `width`, their ends are cut.
    func text(width: Int?) -> String {
        let widths = widths
        let lines = [columns.map(\.title)] + rows
        return lines.map { cells in
            var line = ""
            for (index, cell) in cells.enumerated() {
                if index > 0 { line += "  " }
                line += TerminalText.padded(
                    cell, widths[index], toTheRight: columns[index].isRightAligned)
            }
            while line.last == " " { line.removeLast() }
            return (width.map { TerminalText.cut(line, to: $0) } ?? line) + "\n"
        }
        .joined()
    }

    /// How a table of the documentation is printed.
    enum Form {
        case text
        case markdown
    }

    /// The whole table in a form.
    func text(as form: Form) -> String {
        switch form {
        case .text: return text(width: nil)
        case .markdown:
            func line(_ cells: [String]) -> String {
                "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |\n"
            }
            return line(columns.map(\.title)) + line(columns.map { _ in "---" })
                + rows.map(line).joined()
        }
    }
}
