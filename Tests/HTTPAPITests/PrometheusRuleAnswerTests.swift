import Alerting
import PrometheusAPI
import Rules
import TestSupport
import Testing
import TimeSeries

/// `rules` and `alerts` beside what Debian's Prometheus answers for the same rule file.
@Suite struct PrometheusRuleAnswerTests {
    private static let file = #"""
        groups:
        - name: second
          interval: 1s
          limit: 7
          rules:
          - alert: Fires
            expr: vector(0.25) > 0
            labels: {severity: page, team: "a<b", empty: ""}
            annotations: {summary: "value {{ $value }} & more", also: "{{ $labels.severity }}"}
          - alert: Waits
            expr: vector(1111) * 1111
            for: 90m
          - record: one:sum
            expr: sum(  vector(1)  )
            labels: {kind: x}
        - name: first
          interval: 1500ms
          rules:
          - alert: Quiet
            expr: vector(1) > 2
            labels: {severity: page}
          - record: plain
            expr: vector(2)
        """#

    /// The same groups, evaluated with what these expressions give.
    private static func report(file: String) throws -> AlertingReport {
        func one(_ value: Double) -> RuleAnswer {
            CannedRules.answer([(Labels(), value)])
        }
        let second = RuleGroup(
            name: "second", file: file, interval: 1000, limit: 7,
            rules: [
                try CannedRules.alert(
                    "Fires", "vector(0.25) > 0",
                    labels: [
                        RuleText(name: "severity", text: "page"),
                        RuleText(name: "team", text: "a<b"), RuleText(name: "empty", text: ""),
                    ],
                    annotations: [
                        RuleText(name: "summary", text: "value {{ $value }} & more"),
                        RuleText(name: "also", text: "{{ $labels.severity }}"),
                    ]),
                try CannedRules.alert("Waits", "vector(1111) * 1111", holdDuration: 5_400_000),
                try CannedRules.record(
                    "one:sum", "sum(vector(1))",
                    labels: [RuleText(name: "kind", text: "x")]),
            ])
        let first = RuleGroup(
            name: "first", file: file, interval: 1500,
            rules: [
                try CannedRules.alert(
                    "Quiet", "vector(1) > 2",
                    labels: [RuleText(name: "severity", text: "page")]),
                try CannedRules.record("plain", "vector(2)"),
            ])
        let seconds = [one(0.25), one(1_234_321), one(1)]
        return AlertingReport(groups: [
            CannedRules.report(second, [seconds, seconds]),
            CannedRules.report(first, [[CannedRules.answer([]), one(2)]]),
        ])
    }

    @Test func theAnswersHavePrometheussMembersInItsOrder() async throws {
        var options = PrometheusServer.Options()
        options.rules = Self.file
        let prometheus = try await PrometheusServer("rules", options)
        try await awaitProcess(prometheus.process, "rules evaluated") {
            guard let answer = try? await Self.ask(prometheus, "/api/v1/rules") else {
                return false
            }
            return Self.rules(answer).count == 5
                && Self.rules(answer).allSatisfy { $0["health"]?.string == "ok" }
        }
        let all = try await Self.ask(prometheus, "/api/v1/rules")
        let path = all["data"]?["groups"]?.array?.first?["file"]?.string ?? ""
        let report = try Self.report(file: path)
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            for target in [
                "/api/v1/rules", "/api/v1/rules?type=alert", "/api/v1/rules?type=record",
                "/api/v1/rules?type=rule", "/api/v1/alerts", "/api/v1/alertmanagers",
            ] {
                let theirs = try await Self.ask(prometheus, target)
                let ours = try await server.json(target)
                for difference in Self.differences(theirs, ours, at: target) {
                    Issue.record("\(difference)")
                }
            }
        }
        await prometheus.end()
    }

    private static func ask(
        _ prometheus: PrometheusServer, _ target: String
    ) async throws -> JSONValue {
        let answer = try await HTTPCall(port: prometheus.port, path: target).answer()
        return try JSONValue(parsing: Array(answer.body))
    }

    private static func rules(_ answer: JSONValue) -> [JSONValue] {
        (answer["data"]?["groups"]?.array ?? []).flatMap { $0["rules"]?.array ?? [] }
    }

    // MARK: Comparing

    /// What hangs on when a server began.
    private static let times: Set<String> = ["activeAt", "evaluationTime", "lastEvaluation"]
    /// What Prometheus does not have.
    private static let added: Set<String> = ["federation"]

    private static func differences(
        _ theirs: JSONValue, _ ours: JSONValue, at path: String
    ) -> [String] {
        switch (theirs, ours) {
        case (.object(let theirMembers), .object(let ourMembers)):
            let wanted = theirMembers.map(\.name)
            let got = ourMembers.map(\.name).filter { !added.contains($0) }
            guard wanted == got else { return ["\(path): \(got) for \(wanted)"] }
            return theirMembers.flatMap { member in
                differences(
                    times.contains(member.name) ? shape(member.value) : member.value,
                    ours[member.name].map { times.contains(member.name) ? shape($0) : $0 }
                        ?? .null,
                    at: "\(path) \(member.name)")
            }
        case (.array(let theirs), .array(let ours)) where theirs.count == ours.count:
            return zip(theirs, ours).enumerated().flatMap { place, pair in
                differences(pair.0, pair.1, at: "\(path)[\(place)]")
            }
        case (.integer, .number), (.number, .integer):
            return theirs.double == ours.double ? [] : ["\(path): \(ours) for \(theirs)"]
        default: return theirs == ours ? [] : ["\(path): \(ours) for \(theirs)"]
        }
    }

    /// A number or a time as nothing but that.
    private static func shape(_ value: JSONValue) -> JSONValue {
        if value.double != nil { return "a number" }
        return value.string.flatMap(APITime.parse) == nil ? value : "a time"
    }
}
