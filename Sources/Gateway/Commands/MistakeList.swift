import Clusters

/// Prints mistakes for people: one a line, then how many.
enum MistakeList {
    static func print(_ mistakes: [ConfigurationMistake]) {
        for mistake in mistakes { StandardError.write(TerminalText.safe("\(mistake)") + "\n") }
        let files = Set(mistakes.map(\.file)).count
        StandardError.write(
            "\(counted(mistakes.count, "mistake")) in \(counted(files, "file"))\n")
    }

    /// `1 file`, `2 files`.
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
