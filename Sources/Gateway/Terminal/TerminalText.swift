import Glibc

/// What the terminal is like.
struct Terminal: Sendable {
    /// In letters; nil where the output is no terminal and lines may be as long as they are.
    var width: Int?
    /// In lines; nil where the output is no terminal.
    var height: Int?
    var hasColours: Bool

    /// The terminal of the standard output. `COLUMNS` and `LINES` go before what the terminal says,
    /// and `NO_COLOR` forbids colours.
    static func standardOutput() -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        var size = winsize()
        if isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) != 0 { size = winsize() }
        func length(_ variable: String, _ told: UInt16) -> Int? {
            if let text = environment(variable), let number = Int(text), number > 0 {
                return number
            }
            return told > 0 ? Int(told) : nil
        }
        let forbidden = environment("NO_COLOR").map { !$0.isEmpty } ?? false
        let isDumb = environment("TERM") == "dumb"
        return Terminal(
            width: length("COLUMNS", size.ws_col) ?? (isTerminal ? 80 : nil),
            height: length("LINES", size.ws_row) ?? (isTerminal ? 24 : nil),
            hasColours: isTerminal && !forbidden && !isDumb)
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// Text from elsewhere, made fit for a terminal.
enum TerminalText {
    /// Control characters, which a terminal would obey, become visible.
    static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Formats change the direction of what follows.
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    static func padded(_ text: String, _ width: Int, toTheRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return toTheRight ? space + text : text + space
    }

    /// The text's beginning, with an ellipsis where it is longer.
    static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
    }
}
