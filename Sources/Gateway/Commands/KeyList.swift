import Clusters

/// Prints a table of keys.
enum KeyList {
    static func text(of table: ConfigurationTable, _ form: TextTable.Form) -> String {
        let rows = table.keys.map { key in
            [
                key.path, key.kind.words,
                key.isRequired ? "required" : key.standard ?? "", key.meaning,
            ]
        }
        let columns = ["key", "value", "default", "meaning"].map { TextTable.Column($0) }
        return TextTable(columns: columns, rows: rows).text(as: form)
    }
}
