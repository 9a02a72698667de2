import Alerting
import Clusters
import Federation
import PrometheusAPI
import Rules
import Synchronization
import Testing
import TimeSeries

/// `rules`, `alerts` and `alertmanagers` of the gateway's own rules.
@Suite struct RuleRouteTests {
    private static let policy =
        #""policy":{"onPartial":"hold","partialGrace":300,"maxHold":3600,"afterHold":"keep"}"#

    private static let slowAlert =
        #"{"labels":{"alertname":"Slow","cluster":"east","job":"api","severity":"page","#
        + #""team":"mesh"},"annotations":{"runbook":"https://example.org/?a\u0026b","#
        + #""summary":"api is slow"},"state":"firing","activeAt":"2023-11-14T22:12:20Z","#
        + #""value":"7.5e-01","federation":{"missing":[],"certainty":"certain"}}"#

    @Test func rulesAreToldAsPrometheusTellsThem() async throws {
        let report = AlertingReport(groups: [try CannedRules.usual()])
        let alerting =
            #"{"state":"firing","name":"Slow","query":"latency \u003e 0.5","duration":60,"#
            + #""keepFiringFor":90,"labels":{"severity":"page","team":"mesh"},"#
            + #""annotations":{"runbook":"https://example.org/?a\u0026b","#
            + #""summary":"{{ $labels.job }} is slow"},"alerts":[\#(Self.slowAlert)],"#
            + #""health":"ok","evaluationTime":0.0015,"lastEvaluation":"2023-11-14T22:13:20Z","#
            + #""type":"alerting","federation":{"missing":[],"held":0,"certainty":"certain","#
            + "\(Self.policy)}}"
        let recording =
            #"{"name":"job:up:sum","query":"sum by (job) (up)","labels":{"team":"mesh"},"#
            + #""health":"ok","evaluationTime":0.0015,"lastEvaluation":"2023-11-14T22:13:20Z","#
            + #""type":"recording","federation":{"missing":[],"held":0,"certainty":"certain","#
            + "\(Self.policy)}}"
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.get("/api/v1/rules")
            #expect(answer.status == 200)
            #expect(
                answer.text
                    == #"{"status":"success","data":{"groups":[{"name":"errors","#
                    + #""file":"mesh.yaml","rules":[\#(alerting),\#(recording)],"interval":30,"#
                    + #""limit":5,"evaluationTime":0.003,"#
                    + #""lastEvaluation":"2023-11-14T22:13:20Z"}]}}"#)
        }
    }

    @Test func alertsAreToldAsPrometheusTellsThem() async throws {
        let report = AlertingReport(groups: [try CannedRules.usual()])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.get("/api/v1/alerts")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"alerts":[\#(Self.slowAlert)]}}"#)
        }
    }

    /// Whoever sees one cluster sees its alerts, and of rules what names no other.
    @Test func ofAPartOfTheClustersItsAlertsAreTold() async throws {
        func group(_ name: String) throws -> GroupReport {
            let rules = [
                try CannedRules.alert(
                    "Slow", "latency > 0.5",
                    annotations: [
                        RuleText(name: "summary", text: "{{ $labels.job }} is slow"),
                        RuleText(name: "hint", text: "ask west (west's people)"),
                        RuleText(name: "other", text: "look at west-2"),
                    ]),
                try CannedRules.alert("Far", #"errors{cluster=~"east|west"} > 0"#),
                try CannedRules.alert("Others", "up == 0"), try CannedRules.record("all:up", "up"),
            ]
            func elements(_ clusters: String...) -> RuleAnswer {
                CannedRules.answer(
                    clusters.map { (["cluster": $0, "job": "api"], 0.75) },
                    missing: [CannedRules.missingWest])
            }
            let answers = [
                elements("east", "west"), elements("east"), elements("west"), elements("east"),
            ]
            return CannedRules.report(
                RuleGroup(name: name, file: "mesh.yaml", rules: rules), [answers])
        }
        var report = AlertingReport(groups: [try group("errors"), try group("errors of west")])
        report.sight = AlertSight(seen: ["east"], hidden: ["west"])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let alerts = try await server.get("/api/v1/alerts").text
            #expect(alerts.split(separator: #""alertname":"#).count == 5)
            #expect(alerts.replacing("west-2", with: "").contains("west") == false)
            let rules = try await server.get("/api/v1/rules").text
            #expect(rules.contains(#""name":"Slow","query":"latency \u003e 0.5""#))
            #expect(rules.contains(#""name":"Far","query":"""#))
            #expect(rules.contains("look at west-2") && rules.contains("api is slow"))
            for hidden in ["Others", "all:up", #""held":"#, #""missing":[{"#] {
                #expect(!rules.contains(hidden), "\(hidden)")
            }
            #expect(rules.replacing("west-2", with: "").contains("west") == false)
        }
    }

    @Test func withoutRulesThereAreEmptyLists() async throws {
        try await withServer { server in
            let rules = try await server.get("/api/v1/rules")
            #expect(rules.text == #"{"status":"success","data":{"groups":[]}}"#)
            let alerts = try await server.get("/api/v1/alerts")
            #expect(alerts.text == #"{"status":"success","data":{"alerts":[]}}"#)
            let managers = try await server.get("/api/v1/alertmanagers")
            #expect(
                managers.text
                    == #"{"status":"success","data":{"activeAlertmanagers":[],"#
                    + #""droppedAlertmanagers":[]}}"#)
        }
    }

    @Test func alertmanagersAreToldByAddress() async throws {
        let report = AlertingReport(alertmanagers: [
            AlertmanagerReport(url: "http://one:9093/api/v2/alerts")
        ])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.get("/api/v1/alertmanagers")
            #expect(
                answer.text
                    == #"{"status":"success","data":{"activeAlertmanagers":["#
                    + #"{"url":"http://one:9093/api/v2/alerts"}],"droppedAlertmanagers":[]}}"#)
        }
    }

    @Test func aRuleThatWasNotEvaluatedHasGosZeroTime() async throws {
        let group = CannedRules.plain(
            "g", file: "f", [try CannedRules.alert("Down", "up == 0")])
        let report = AlertingReport(groups: [group])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.json("/api/v1/rules")
            let group = answer["data"]?["groups"]?.array?.first
            #expect(group?["lastEvaluation"]?.string == "0001-01-01T00:00:00Z")
            let rule = group?["rules"]?.array?.first
            #expect(rule?["lastEvaluation"]?.string == "0001-01-01T00:00:00Z")
            #expect(rule?["health"]?.string == "unknown")
            #expect(rule?["state"]?.string == "inactive")
            #expect(rule?["alerts"] == .array([]))
        }
    }

    @Test func aFailureIsTold() async throws {
        let group = CannedRules.report(
            RuleGroup(name: "g", file: "f", rules: [try CannedRules.record("a", "b")]),
            [[.failure("query timed out")]])
        let report = AlertingReport(groups: [group])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.json("/api/v1/rules")
            let rule = answer["data"]?["groups"]?.array?.first?["rules"]?.array?.first
            #expect(rule?["health"]?.string == "err")
            #expect(rule?["lastError"]?.string == "query timed out")
        }
    }

    // MARK: Missing clusters

    @Test func aHeldAlertNamesWhoHoldsIt() async throws {
        let rule = try CannedRules.alert("Down", "up == 0")
        let group = CannedRules.report(
            RuleGroup(name: "g", file: "f", rules: [rule]),
            [
                [CannedRules.answer([(["cluster": "west"], 0)])],
                [CannedRules.answer([], missing: [CannedRules.missingWest])],
            ])
        let report = AlertingReport(groups: [group])
        let missing = #"[{"cluster":"west","since":"2023-11-14T22:11:20Z"}]"#
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let rules = try await server.json("/api/v1/rules")
            let rule = rules["data"]?["groups"]?.array?.first?["rules"]?.array?.first
            #expect(rule?["state"]?.string == "firing")
            #expect(rule?["federation"]?["missing"]?.description == missing)
            #expect(rule?["federation"]?["held"]?.double == 1)
            #expect(rule?["federation"]?["certainty"]?.string == "held")
            #expect(rule?["federation"]?["heldSince"]?.string == "2023-11-14T22:13:20Z")
            let alerts = try await server.json("/api/v1/alerts")
            let alert = alerts["data"]?["alerts"]?.array?.first
            #expect(
                alert?["federation"]?.description
                    == #"{"missing":\#(missing),"certainty":"held","#
                    + #""heldSince":"2023-11-14T22:13:20Z"}"#)
            #expect(alert?["annotations"]?["federation_held"] != nil)
        }
    }

    @Test func anAlertThatIsJudgedWithoutAClusterIsPartial() async throws {
        let rule = try CannedRules.alert("Errors", "sum(a) / sum(b) > 0.1")
        let answer = CannedRules.answer(
            [([:], 0.5)], missing: [CannedRules.missingWest])
        let group = CannedRules.report(
            RuleGroup(name: "g", file: "f", rules: [rule]), [[answer]])
        let report = AlertingReport(groups: [group])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let alerts = try await server.json("/api/v1/alerts")
            let federation = alerts["data"]?["alerts"]?.array?.first?["federation"]
            #expect(federation?["certainty"]?.string == "partial")
            #expect(
                federation?["missing"]?.array?.first?["cluster"]?.string == "west")
        }
    }

    @Test func aRuleThatAMissingClusterCannotChangeIsCertain() async throws {
        let rule = try CannedRules.alert("Any", "up{cluster=\"east\"} == 0")
        let group = CannedRules.report(
            RuleGroup(name: "g", file: "f", rules: [rule]),
            [[CannedRules.answer([])]])
        let report = AlertingReport(groups: [group])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let rules = try await server.json("/api/v1/rules")
            let told = rules["data"]?["groups"]?.array?.first?["rules"]?.array?.first
            #expect(told?["federation"]?["certainty"]?.string == "certain")
        }
    }

    @Test func findingsAreTold() async throws {
        var group = CannedRules.plain("g", file: "f", [try CannedRules.record("a", "b")])
        group.ruleFindings = [
            [LintFinding(.missingMetric, "no cluster has b", clusters: ["east", "west"])]
        ]
        let report = AlertingReport(groups: [group])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let rules = try await server.json("/api/v1/rules")
            let told = rules["data"]?["groups"]?.array?.first?["rules"]?.array?.first
            #expect(
                told?["federation"]?["lint"]?.description
                    == #"[{"kind":"missing_metric","message":"no cluster has b","#
                    + #""clusters":["east","west"]}]"#)
        }
    }
}

extension TestServer {
    /// The body of the answer to `GET target`.
    func json(_ target: String) async throws -> JSONValue {
        try JSONValue(parsing: Array(try await get(target).text.utf8))
    }
}
