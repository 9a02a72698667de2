import ArgumentParser
import PromQL

struct FunctionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "functions",
        abstract: "List PromQL's functions, aggregations and operators.",
        discussion: """
            The same rows that queries are read, planned and evaluated by. Experimental ones need \
            'query: {experimental_functions: true}'. 'computed' says where: the clusters compute \
            what needs their samples, the gateway what needs all of them.
            """)

    @Flag(help: "Print Markdown.")
    var markdown = false

    func run() {
        let form: TextTable.Form = markdown ? .markdown : .text
        for (title, table) in Self.tables {
            if title != Self.tables.first?.title { StandardOutput.write("\n") }
            StandardOutput.write("\(title)\n\n\(table.text(as: form))")
        }
    }

    private static let tables: [(title: String, table: TextTable)] = [
        (
            "Functions",
            table(
                ["function", "computed", "since", "", "meaning"],
                Function.all.map { row in
                    [
                        row.signature, row.kind.place, since(row.since),
                        experimental(row.isExperimental), row.meaning,
                    ]
                })
        ),
        (
            "Aggregations",
            table(
                ["aggregation", "since", "", "meaning, for each group"],
                AggregationOperator.allCases.map { row in
                    [
                        row.signature, since(row.since), experimental(row.isExperimental),
                        row.facts.meaning,
                    ]
                })
        ),
        (
            "Operators, by how strongly they bind",
            table(
                ["operator", "kind", "since", "meaning"],
                BinaryOperator.allCases.sorted { $0.precedence > $1.precedence }.map { row in
                    [
                        row.rawValue, row.facts.kind.rawValue, since(row.facts.since),
                        row.facts.meaning,
                    ]
                })
        ),
        (
            "Modifiers",
            table(
                ["modifier", "since", "", "meaning"],
                Modifier.all.map {
                    [$0.text, since($0.since), experimental($0.isExperimental), $0.meaning]
                })
        ),
    ]

    private static func table(_ columns: [String], _ rows: [[String]]) -> TextTable {
        TextTable(columns: columns.map { .init($0) }, rows: rows)
    }

    private static func since(_ version: PrometheusVersion?) -> String {
        version.map { "\($0)" } ?? ""
    }

    private static func experimental(_ isExperimental: Bool) -> String {
        isExperimental ? "experimental" : ""
    }
}
