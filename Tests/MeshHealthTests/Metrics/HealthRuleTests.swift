import MeshHealth
import PromQL
import Testing
import TimeSeries

/// The tables of queries.
@Suite struct HealthRuleTests {
    struct Query: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var metrics: [String]

        var testDescription: String { name }
    }

    static let all: [Query] =
        HealthRule.all.map { Query(name: $0.name, text: $0.text, metrics: $0.metrics) }
        + CertificateQuery.all.map { Query(name: $0.name, text: $0.text, metrics: $0.metrics) }
        + MetricSource.allCases.map {
            Query(name: $0.rawValue, text: $0.presenceText, metrics: $0.presence)
        }
        + MetricSource.allCases.compactMap { source in
            source.earlierText.map {
                Query(name: source.rawValue + "-earlier", text: $0, metrics: source.presence)
            }
        } + [Query(name: "versions", text: VersionSkew.query, metrics: ["istio_build"])]

    @Test(arguments: all)
    func everyQueryIsPromQLAndNamesItsMetrics(_ query: Query) throws {
        let expression = try parse(query.text)
        var names: Set<String> = []
        Self.visit(expression) { names.insert($0.fixedMetric ?? "?") }
        #expect(names == Set(query.metrics))
    }

    /// Without the label nobody knows which cluster a number is of.
    @Test(arguments: all)
    func everyAnswerSaysWhichCluster(_ query: Query) throws {
        #expect(Self.keepsCluster(try parse(query.text)))
    }

    @Test func namesAreUnique() {
        let names = HealthRule.all.map(\.name)
        #expect(Set(names).count == names.count)
        let certificates = CertificateQuery.all.map(\.name)
        #expect(Set(certificates).count == certificates.count)
    }

    /// Names from widespread alerts that no release has any more.
    @Test(arguments: all)
    func noQueryAsksForWhatIsGone(_ query: Query) {
        let gone: Set<String> = [
            "pilot_xds_push_timeout", "pilot_xds_push_errors", "pilot_xds_connected",
            "pilot_conflict_outbound_listener_http_over_current_tcp",
            "pilot_conflict_outbound_listener_tcp_over_current_http", "pilot_rds_expired_nonce",
        ]
        #expect(gone.isDisjoint(with: query.metrics))
    }

    @Test(arguments: HealthRule.all.map(\.name))
    func limitsRiseWithSeverity(_ name: String) throws {
        let rule = try #require(HealthRule.all.first { $0.name == name })
        guard case .state(let degraded, let unhealthy) = rule.outcome else { return }
        let least = try #require(degraded ?? unhealthy)
        #expect(rule.state(of: least) != nil)
        #expect(rule.state(of: least - 0.0001) == nil)
        #expect(rule.state(of: .nan) == nil)
        if let unhealthy {
            #expect(rule.state(of: unhealthy) == .unhealthy)
            #expect(unhealthy > degraded ?? -1)
        }
    }

    @Test func everyIssueSaysWhatItMeansAndWhatToDo() {
        for kind in IssueKind.allCases {
            #expect(kind.meaning.hasSuffix(".") && kind.remedy.hasSuffix("."), "\(kind)")
            #expect(kind.meaning != kind.remedy)
        }
    }

    /// The first refusal of a kind makes its series.
    @Test func aCounterThatHasJustComeCountsWhole() throws {
        let rule = try #require(HealthRule.all.first { $0.name == "nacks" })
        #expect(
            rule.text
                == "sum by (cluster, type) ((pilot_total_xds_rejects unless "
                + "last_over_time(pilot_total_xds_rejects[1h] offset 10m)) or "
                + "increase(pilot_total_xds_rejects[10m])) > 0")
    }

    /// Whoever looks back over less is told of less, by the same rules.
    @Test func windowsAreAsLongAsIsWanted() throws {
        let short = HealthRule.all(RuleWindows(lookback: 10_000))
        #expect(short.map(\.name) == HealthRule.all.map(\.name))
        for (rule, usual) in zip(short, HealthRule.all) {
            let text = rule.text.replacing("[10s]", with: "[10m]")
                .replacing("offset 10s", with: "offset 10m").replacing("[5s]", with: "[5m]")
                .replacing("offset 30s", with: "offset 30m")
            #expect(text == usual.text)
            _ = try parse(rule.text)
        }
        #expect(HealthRule.all(RuleWindows()) == HealthRule.all)
    }

    /// Flags stand together with commas between; a name within another one is not meant.
    @Test(arguments: [
        ("NR", ["no-route"]), ("UF,NR", ["no-route"]), ("NC", ["no-cluster"]),
        ("NC,URX", ["no-cluster"]), ("NFCF", ["no-filter-configuration"]),
        ("UH,RFCF,DC", ["no-filter-configuration"]), ("-", []), ("UNR", []), ("NRX", []),
        ("NC,NR", ["no-cluster", "no-route"]),
    ])
    func flagsAreFoundWhereverTheyStand(_ flags: String, _ expected: [String]) throws {
        var found: [String] = []
        for rule in HealthRule.all where rule.source == .istioTraffic {
            var isFound = true
            Self.visit(try parse(rule.text)) { selector in
                let matchers = selector.matchers.filter { $0.name == "response_flags" }
                isFound = isFound && matchers.allSatisfy { $0.matches(flags) }
                #expect(matchers.count == 1)
            }
            if isFound { found.append(rule.name) }
        }
        #expect(found.sorted() == expected)
    }

    private static func visit(_ expression: Expression, _ body: (Selector) -> Void) {
        switch expression {
        case .selector(let selector): body(selector)
        case .range(let range): body(range.selector)
        default: for child in expression.children { visit(child, body) }
        }
    }

    /// Whether every series of an answer has the label: aggregations keep it, and of operators the
    /// left side does.
    private static func keepsCluster(_ expression: Expression) -> Bool {
        switch expression {
        case .selector, .range: true
        case .aggregation(let aggregation):
            aggregation.text.contains("cluster") && keepsCluster(aggregation.expression)
        case .number: true
        default: expression.children.allSatisfy(keepsCluster)
        }
    }
}

extension Selector {
    fileprivate var fixedMetric: String? {
        matchers.first { $0.name == Labels.metricNameLabel && $0.operator == .equal }?.value
    }
}

extension Aggregation {
    fileprivate var text: String { Expression.aggregation(self).text() }
}
