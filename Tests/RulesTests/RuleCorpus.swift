// The first file to read in RulesTests: rule files, templates and unit tests of rules stand as text
// in conformance/rules; promtool (Prometheus 2.42) is asked about the same texts.

import Foundation

enum RuleCorpus {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance/rules")

    /// Without what is told otherwise by the two releases: the type of the dot's value.
    static func withoutVersion(_ text: String) -> String {
        text.replacing("Value interface {} }", with: "Value float64 }")
    }
}
