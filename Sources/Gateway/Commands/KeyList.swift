import Clusters

/// Prints a table of keys.
enum KeyList {
    enum Form {
        case text
        case markdown
    }

    static func text(of table: ConfigurationTable, _ form: Form) -> String {
        let rows = table.keys.map { key in
            [
                key.path, key.kind.words,
                key.isRequired ? "required" : key.standard ?? "", key.meaning,
            ]
        }
        let head = ["key", "value", "default", "meaning"]
        switch form {
        case .text:
            return TextTable(columns: head.map { .init($0) }, rows: rows).text(width: nil)
        case .markdown:
            func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
            return line(head) + line(head.map { _ in "---" }) + rows.map(line).joined()
        }
    }
}
