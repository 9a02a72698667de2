extension TextTable {
    /// The lines for a terminal, each row in its colour (a number of ANSI's) where it has one.
    func text(_ terminal: Terminal, colours: [Int?]) -> String {
        let lines = text(width: terminal.width)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard terminal.hasColours else { return lines.joined(separator: "\n") }
        // A line is coloured when it is made, so that columns are as wide as they look.
        return lines.enumerated().map { index, line in
            guard index > 0, index <= colours.count, let colour = colours[index - 1] else {
                return String(line)
            }
            return "\u{1b}[\(colour)m\(line)\u{1b}[0m"
        }
        .joined(separator: "\n")
    }
}

/// The colours of lines, as numbers of ANSI's.
enum LineColour {
    static let bad = 31
    static let warning = 33
    static let unknown = 90

    /// Of the states of components, and of how near certificates' ends are; nil for what is well.
    static func of(state: String) -> Int? {
        switch state {
        case "unhealthy", "unreachable", "critical", "expired": bad
        case "degraded", "warning": warning
        case "unknown", "unauthorized", "info": unknown
        default: nil
        }
    }
}
