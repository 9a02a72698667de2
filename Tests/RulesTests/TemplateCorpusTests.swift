import Evaluation
import Foundation
import PromQL
import Rules
import TestSupport
import Testing
import TimeSeries

/// `conformance/rules/templates.txt`: what templates give, here and in promtool.
@Suite struct TemplateCorpusTests {
    private static let file = RuleCorpus.folder.appending(path: "templates.txt")

    private struct Case {
        var template: String
        var isOnlyNew: Bool
        var expected: String
    }

    private static let alert: Labels = [
        "__name__": "x", "instance": "web-1.example.org:9100", "job": "api", "mark": "a<b>&'c'",
    ]
    private static let value = 1_234_567.891

    private static func cases() throws -> (comment: String, cases: [Case]) {
        var comment = ""
        var result: [Case] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("#") {
                comment += line + "\n"
            } else if line.hasPrefix("> ") || line.hasPrefix(">> ") {
                let isOnlyNew = line.hasPrefix(">>")
                result.append(
                    Case(
                        template: String(line.dropFirst(isOnlyNew ? 3 : 2)), isOnlyNew: isOnlyNew,
                        expected: ""))
            } else if !result.isEmpty {
                result[result.count - 1].expected = String(line)
            }
        }
        return (comment, result)
    }

    /// What an alert's annotation becomes, with the mistake in it where there is one.
    static func expanded(_ template: String) -> String {
        let data = TemplateData(
            labels: alert, externalLabels: ["fleet": "blue"],
            externalURL: "https://mon.example.org/prom", value: .float(value))
        let surroundings = TemplateSurroundings(
            time: 60_000, externalURL: "https://mon.example.org/prom"
        ) { query in
            if query == "up{" {
                return .failure("1:4: parse error: unexpected end of input inside braces")
            }
            let all = [("b", 0.0), ("a", 1.0)].map { name, value in
                TemplateSample(
                    labels: ["__name__": "up", "instance": name], value: .float(value))
            }
            switch query {
            case "up": return .samples(all)
            case "up{instance='a'}": return .samples([all[1]])
            default: return .samples([])
            }
        }
        do {
            return try Template(template, alert: "A").expanded(with: data, in: surroundings)
        } catch {
            return "<error expanding template: \(error)>"
        }
    }

    @Test func templatesGiveWhatTheCorpusSays() throws {
        let (comment, cases) = try Self.cases()
        #expect(cases.count > 80)
        let actual = cases.map { GoText.quoted(Self.expanded($0.template)) }
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] != nil {
            let written = zip(cases, actual).map {
                "\($0.isOnlyNew ? ">>" : ">") \($0.template)\n\($1)\n"
            }
            try (comment + "\n" + written.joined(separator: "\n"))
                .write(to: Self.file, atomically: true, encoding: .utf8)
        }
        for (wanted, got) in zip(cases, actual) {
            #expect(got == wanted.expected, "\(wanted.template)")
        }
    }

    @Test func promtoolExpandsThemAlike() async throws {
        let cases = try Self.cases().cases.filter { !$0.isOnlyNew }
        let folder = try TemporaryDirectory("templates")
        defer { folder.remove() }
        var rules = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: x\n    annotations:\n"
        for (place, one) in cases.enumerated() {
            let number = String(place + 1000)
            let text = one.template.replacing("'", with: "''")
            rules += "      c\(number): '\(text)'\n"
        }
        try rules.write(toFile: folder.file("rules.yaml"), atomically: true, encoding: .utf8)
        try """
        rule_files: [rules.yaml]
        evaluation_interval: 1m
        tests:
        - interval: 1m
          external_labels: {fleet: blue}
          external_url: https://mon.example.org/prom
          input_series:
          - series: x{instance="web-1.example.org:9100",job="api",mark="a<b>&'c'"}
            values: _ 1234567.891
          - series: up{instance="b"}
            values: _ 0
          - series: up{instance="a"}
            values: _ 1
          alert_rule_test:
          - eval_time: 1m
            alertname: A
        """.write(toFile: folder.file("test.yaml"), atomically: true, encoding: .utf8)
        let result = try await Command.run(
            "promtool", ["test", "rules", folder.file("test.yaml")])
        for (place, one) in cases.enumerated() {
            let found = Self.annotation("c\(place + 1000)", in: result.errors)
            #expect(
                found.map(RuleCorpus.withoutVersion) == RuleCorpus.withoutVersion(one.expected),
                "\(one.template)")
        }
    }

    /// An annotation as promtool shows it, in its quotes.
    private static func annotation(_ name: String, in text: String) -> String? {
        guard let start = text.firstRange(of: "\(name)=\"") else { return nil }
        var result = "\""
        var isEscaped = false
        for character in text[start.upperBound...] {
            result.append(character)
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return result
            }
        }
        return nil
    }
}
