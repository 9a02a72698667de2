import Alerting
import Clusters
import Federation
import HTTPAPI
import PrometheusAPI
import Rules
import Synchronization
import Testing
import TimeSeries

/// Which rules are told: the filters and pages of `rules`, and those of the clusters.
@Suite struct RuleSelectionTests {
    /// Three groups in two files, out of order.
    private static func report() throws -> AlertingReport {
        let page = [RuleText(name: "severity", text: "page")]
        return AlertingReport(groups: [
            CannedRules.plain(
                "b", file: "two.yaml", [try CannedRules.record("recorded", "up", labels: page)]),
            CannedRules.plain(
                "z", file: "one.yaml", [try CannedRules.alert("Late", "up == 2")]),
            CannedRules.plain(
                "a", file: "two.yaml",
                [
                    try CannedRules.alert("First", "up == 0", labels: page),
                    try CannedRules.alert("Second", "up == 1"),
                ]),
        ])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var parameters: String
        /// `group: rule rule, …`.
        var told: String

        init(_ parameters: String, _ told: String) {
            self.parameters = parameters
            self.told = told
        }

        var testDescription: String { parameters }
    }

    @Test(arguments: [
        Case("", "z: Late, a: First Second, b: recorded"),
        Case("type=alert", "z: Late, a: First Second"),
        Case("type=RECORD", "b: recorded"),
        Case("rule_name[]=First&rule_name[]=Late", "z: Late, a: First"),
        Case("rule_group[]=b&rule_group[]=a", "a: First Second, b: recorded"),
        Case("file[]=one.yaml", "z: Late"),
        Case("file[]=two.yaml&type=alert&rule_name[]=Second", "a: Second"),
        Case("match[]=%7Bseverity=%22page%22%7D", "a: First, b: recorded"),
        Case("match[]=%7Bseverity=%22%22%7D", "z: Late, a: Second"),
        Case(
            "match[]=%7Bseverity=%22page%22,x=%22%22%7D&match[]=%7Bx=%22y%22%7D",
            "a: First, b: recorded"),
        Case("match[]=%7Bseverity=%22nobody%22%7D", ""),
        Case("group_limit=5", "z: Late, a: First Second, b: recorded"),
    ])
    func filtersChooseRulesAndLeaveOutEmptyGroups(_ one: Case) async throws {
        let report = try Self.report()
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.json("/api/v1/rules?\(one.parameters)")
            #expect(Self.told(answer) == one.told)
            #expect(answer["data"]?["groupNextToken"] == nil)
        }
    }

    @Test func alertsAreLeftOutOnRequest() async throws {
        let report = AlertingReport(groups: [try CannedRules.usual()])
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.json("/api/v1/rules?exclude_alerts=True")
            let rules = answer["data"]?["groups"]?.array?.first?["rules"]?.array
            #expect(rules?.first?["state"]?.string == "firing")
            #expect(rules?.first?["alerts"] == .null)
            #expect(rules?.last?["alerts"] == nil)
        }
    }

    @Test func pagesFollowOneAnotherUntilAllIsTold() async throws {
        let report = try Self.report()
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            var told: [String] = []
            var token: String?
            repeat {
                let next = token.map { "&group_next_token=\($0)" } ?? ""
                let answer = try await server.json("/api/v1/rules?group_limit=1\(next)")
                told.append(Self.told(answer))
                token = answer["data"]?["groupNextToken"]?.string
            } while token != nil && told.count < 10
            #expect(told == ["z: Late", "a: First Second", "b: recorded"])
        }
    }

    @Test func thereIsNoFurtherPageWhereFurtherGroupsHaveNoRuleThatIsWanted() async throws {
        let report = try Self.report()
        try await withServer(dependencies: Canned.dependencies(alerting: report)) { server in
            let answer = try await server.json("/api/v1/rules?group_limit=2&type=alert")
            #expect(Self.told(answer) == "z: Late, a: First Second")
            #expect(answer["data"]?["groupNextToken"] == nil)
        }
    }

    @Test(arguments: [
        Case("type=rule", #"invalid parameter "type": not supported value "rule""#),
        Case(
            "exclude_alerts=maybe",
            #"invalid parameter "exclude_alerts": error converting exclude_alerts: "#
                + #"strconv.ParseBool: parsing "maybe": invalid syntax"#),
        Case(
            "group_next_token=ab",
            #"invalid parameter "group_next_token": group_limit needs to be present in order "#
                + "to paginate over the groups"),
        Case(
            "group_limit=0",
            #"invalid parameter "group_limit": group_limit needs to be greater than 0"#),
        Case(
            "group_limit=-1",
            #"invalid parameter "group_limit": group_limit needs to be greater than 0"#),
        Case(
            "group_limit=two",
            #"invalid parameter "group_limit": group_limit needs to be a valid number: "#
                + #"strconv.ParseInt: parsing "two": invalid syntax"#),
        Case(
            "group_limit=3000000000",
            #"invalid parameter "group_limit": group_limit needs to be a valid number: "#
                + #"strconv.ParseInt: parsing "3000000000": value out of range"#),
        Case(
            "group_limit=1&group_next_token=ab",
            #"invalid parameter "group_next_token": invalid group_next_token 'ab'. "#
                + "were rule groups changed?"),
        Case("match[]=up%7B", "1:4: parse error: unexpected end of input inside braces"),
        Case("a=b;c", "error parsing form values: invalid semicolon separator in query"),
        Case(
            "clusters=all&partial_response=maybe",
            #"invalid parameter "partial_response": strconv.ParseBool: parsing "maybe": "#
                + "invalid syntax"),
    ])
    func aMistakeInTheRequestIsTold(_ one: Case) async throws {
        try await withServer { server in
            let answer = try await server.get("/api/v1/rules?\(one.parameters)")
            #expect(answer.status == 400)
            let body = try JSONValue(parsing: Array(answer.text.utf8))
            #expect(body["errorType"]?.string == "bad_data")
            #expect(body["error"]?.string == one.told)
        }
    }

    // MARK: Clusters

    private static let clusterRules = #"""
        {"groups":[{"name":"node","file":"/etc/node.yml","interval":15,"limit":0,"rules":[
        {"state":"firing","name":"Full","query":"disk > 1","duration":0,"labels":{},
        "annotations":{},"alerts":[{"labels":{"alertname":"Full","region":"own"},
        "annotations":{},"state":"firing","activeAt":"2023-11-14T22:12:20Z","value":"1e+00"}],
        "health":"ok","evaluationTime":0.1,"lastEvaluation":"2023-11-14T22:12:20Z",
        "type":"alerting"}],"evaluationTime":0.1,"lastEvaluation":"2023-11-14T22:12:20Z"}]}
        """#

    /// `east` has one group, and of `west` nothing is known.
    private static func queries(
        _ seen: @escaping @Sendable (ClusterRulesRequest) -> Void = { _ in }
    ) throws -> QueryAnswering {
        let east = try CannedRules.cluster(
            "east", ["cluster": "east", "region": "eu"], .groups, clusterRules)
        let alerts = try CannedRules.cluster(
            "east", ["cluster": "east"], .alerts,
            #"{"alerts":[{"labels":{"alertname":"Full","cluster":"mine"},"state":"firing"}]}"#)
        var queries = Canned.queries()
        queries.rules = { (request) async throws(QueryFailure) in
            seen(request)
            var annotations = Annotations()
            annotations.warn("cluster us-1 did not answer")
            return MetadataAnswer(
                value: [request.subject == .groups ? east : alerts], annotations: annotations,
                coverage: Canned.coverage)
        }
        return queries
    }

    @Test func theClustersAreNotAskedUnlessTheRequestSaysSo() async throws {
        let seen = Mutex(0)
        let queries = try Self.queries { _ in seen.withLock { $0 += 1 } }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            _ = try await server.get("/api/v1/rules")
            _ = try await server.get("/api/v1/alerts?clusters=")
        }
        #expect(seen.withLock { $0 } == 0)
    }

    @Test func theClustersRulesStandBehindTheGatewaysOwn() async throws {
        let dependencies = Canned.dependencies(
            queries: try Self.queries(), alerting: try Self.report())
        try await withServer(dependencies: dependencies) { server in
            let answer = try await server.get("/api/v1/rules?clusters=all")
            let body = try JSONValue(parsing: Array(answer.text.utf8))
            #expect(
                Self.told(body) == "z: Late, a: First Second, b: recorded, node: Full")
            let group = body["data"]?["groups"]?.array?.last
            #expect(group?["cluster"]?.string == "east")
            #expect(group?["interval"]?.double == 15)
            let alert = group?["rules"]?.array?.first?["alerts"]?.array?.first
            #expect(
                alert?["labels"]?.description
                    == #"{"alertname":"Full","cluster":"east","region":"own"}"#)
            #expect(body["warnings"]?.strings == ["cluster us-1 did not answer"])
            #expect(answer["x-isthmus-clusters-ok"] == "eu-1")
            #expect(answer["x-isthmus-clusters-missing"] == "us-1")
        }
    }

    @Test(arguments: [
        ("match[]=%7Bcluster=%22east%22%7D", "node: Full"),
        ("match[]=%7Bcluster=%22west%22%7D", ""),
        ("rule_name[]=Full&exclude_alerts=1", "node: Full"),
        ("type=record", "b: recorded"),
    ])
    func filtersHoldForTheClustersRulesToo(_ parameters: String, _ told: String) async throws {
        let dependencies = Canned.dependencies(
            queries: try Self.queries(), alerting: try Self.report())
        try await withServer(dependencies: dependencies) { server in
            let answer = try await server.json("/api/v1/rules?clusters=all&\(parameters)")
            #expect(Self.told(answer) == told)
        }
    }

    @Test func anAlertsOwnLabelStaysAndItsClusterIsNamedBesideIt() async throws {
        try await withServer(
            dependencies: Canned.dependencies(queries: try Self.queries())
        ) { server in
            let answer = try await server.json("/api/v1/alerts?clusters=east,west")
            let alert = answer["data"]?["alerts"]?.array?.first
            #expect(alert?["labels"]?["cluster"]?.string == "mine")
            #expect(alert?["cluster"]?.string == "east")
        }
    }

    @Test func theNamedClustersAreAsked() async throws {
        let seen = Mutex<[ClusterRulesRequest]>([])
        let queries = try Self.queries { request in seen.withLock { $0.append(request) } }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            _ = try await server.get("/api/v1/rules?clusters=east,west&partial_response=0")
            _ = try await server.get("/api/v1/alerts?clusters=east&clusters=all")
        }
        #expect(
            seen.withLock { $0 } == [
                ClusterRulesRequest(
                    .groups, clusters: ["east", "west"], partialResponse: false),
                ClusterRulesRequest(.alerts),
            ])
    }

    @Test func whatIsNoListOfRulesIsRefused() throws {
        for data in [#"{}"#, #"{"groups":3}"#, #"{"groups":["a"]}"#, #"[]"#] {
            let json = try JSONValue(parsing: Array(data.utf8))
            #expect(
                ClusterRules(
                    json, of: .groups, cluster: ClusterID("a"), externalLabels: Labels()) == nil)
        }
    }

    private static func told(_ body: JSONValue) -> String {
        (body["data"]?["groups"]?.array ?? []).map { group in
            let rules = (group["rules"]?.array ?? []).compactMap { $0["name"]?.string }
            return "\(group["name"]?.string ?? ""): \(rules.joined(separator: " "))"
        }.joined(separator: ", ")
    }
}
