import Clusters
import Rules

/// Prints mistakes for people: one a line, then how many.
enum MistakeList {
    static func print(_ mistakes: [ConfigurationMistake], rules: [RuleMistake] = []) {
        let lines = mistakes.map(\.description) + rules.map(\.description)
        for line in lines { StandardError.write(TerminalText.safe(line) + "\n") }
        let files = Set(mistakes.map(\.file) + rules.map(\.file)).count
        StandardError.write(
            "\(counted(lines.count, "mistake")) in \(counted(files, "file"))\n")
    }

    /// `1 file`, `2 files`.
    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
