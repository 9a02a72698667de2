import MeshHealth
import Testing
import TimeSeries

/// What the answers to the queries say.
@Suite struct MetricAssessmentTests {
    private static let everything = HealthRule.all.map { ($0.name, MetricAnswer(vector([]))) }

    private static func presence(_ clusters: String...) -> [MetricSource: MetricAnswer] {
        [.istiod: MetricAnswer(vector(clusters.map { (["cluster": $0], 2) }))]
    }

    private static func assess(
        _ answers: [String: [(Labels, Double)]], missing: Set<String> = [],
        present: [MetricSource: MetricAnswer] = presence("east", "west"), mostOfRule: Int = 1000
    ) -> MetricAssessment {
        var all = Dictionary(uniqueKeysWithValues: everything)
        for (name, samples) in answers {
            all[name] = MetricAnswer(vector(samples), missing: missing)
        }
        return MetricAssessment(presence: present, answers: all, mostOfRule: mostOfRule)
    }

    @Test func aComponentThatIsThereAndOfWhichNothingIsToldIsHealthy() {
        let components = Self.assess([:]).components
        #expect(components.map(\.id.cluster) == ["east", "west"])
        #expect(components.allSatisfy { $0.state == .healthy && $0.id.name == "istiod" })
    }

    @Test func aComponentWhoseMetricsNobodyScrapesIsNotThere() {
        #expect(Self.assess([:], present: [:]).components.isEmpty)
    }

    @Test func aClusterThatDidNotAnswerAQueryIsNotHealthy() throws {
        let assessment = Self.assess(["istiod-convergence": []], missing: ["west"])
        let west = try #require(assessment.components.last)
        #expect(west.state == .unknown && west.unanswered == ["istiod-convergence"])
        #expect(assessment.components.first?.state == .healthy)
    }

    /// Nothing else tells of what is gone: its rules find no series.
    @Test func aComponentWhoseMetricsHaveVanishedIsUnreachable() {
        let earlier = vector([
            (["cluster": "east"], 2), (["cluster": "west"], 2), (["cluster": "north"], 1),
        ])
        let assessment = MetricAssessment(
            presence: [
                .istiod: MetricAnswer(vector([(["cluster": "east"], 2)]), missing: ["north"])
            ],
            answers: Dictionary(uniqueKeysWithValues: Self.everything),
            earlier: [.istiod: MetricAnswer(earlier)])
        #expect(assessment.components.map(\.id.cluster) == ["east", "west"])
        #expect(assessment.components.map(\.state) == [.healthy, .unreachable])
    }

    @Test func aQueryThatWasNotAskedLeavesEverythingOpen() {
        let assessment = MetricAssessment(presence: Self.presence("east"), answers: [:])
        #expect(assessment.components.map(\.state) == [.unknown])
    }

    @Test(arguments: [
        (4.9, ComponentState.healthy), (5, .degraded), (29, .degraded), (30, .unhealthy),
        (.infinity, .unhealthy), (.nan, .healthy),
    ])
    func numbersLeadToStates(_ seconds: Double, _ state: ComponentState) {
        let assessment = Self.assess(
            ["istiod-convergence": [(["cluster": "east"], seconds)]])
        #expect(assessment.components.map(\.state) == [state, .healthy])
    }

    @Test func theWorstFindingComesFirstWithItsEvidence() throws {
        let east = Labels(dictionaryLiteral: ("cluster", "east"))
        let assessment = Self.assess([
            "istiod-push-errors": [(east, 0.071)], "istiod-rejects": [(east, 0.5)],
        ])
        let health = try #require(assessment.components.first)
        #expect(health.state == .unhealthy)
        #expect(health.findings.map(\.rule) == ["istiod-rejects", "istiod-push-errors"])
        #expect(health.detail == "The share of pushes that proxies refuse: 50 %")
        #expect(health.findings[1].detail.hasSuffix(": 7.1 %"))
        #expect(health.findings[0].evidence.line.hasSuffix(#": {cluster="east"} 0.5"#))
    }

    @Test func consulsFollowersSayNothing() {
        let assessment = Self.assess(
            ["consul-autopilot": [(["cluster": "east"], .nan)]],
            present: [.consul: MetricAnswer(vector([(["cluster": "east"], 3)]))])
        #expect(assessment.components.map(\.state) == [.healthy])
        #expect(assessment.components.first?.id.mesh == .consul)
    }

    @Test func refusalsAreIssuesByTypeOfResources() throws {
        let assessment = Self.assess([
            "nacks": [
                (["cluster": "east", "type": "cds"], 2), (["cluster": "east", "type": "lds"], 0),
                (["cluster": "west", "type": "cds"], .nan),
            ]
        ])
        #expect(assessment.issues.map(\.subject) == ["CDS"])
        let issue = try #require(assessment.issues.first)
        #expect(issue.kind == .rejectedConfiguration && issue.count == 2)
        #expect(issue.component == ComponentID(cluster: "east", mesh: .istio, name: "istiod"))
    }

    @Test func remoteClustersAreNamedByTheLabelThatTheFleetPushedAside() {
        let assessment = Self.assess([
            "remote-clusters": [
                (["cluster": "east", "exported_cluster": "west", "status": "timeout"], 1)
            ]
        ])
        #expect(assessment.issues.map(\.subject) == ["west"])
    }

    @Test func unroutedRequestsAreIssuesOfWhoSendsWhere() throws {
        let labels: Labels = [
            "cluster": "east", "source_workload_namespace": "shop", "source_workload": "cart",
            "destination_service": "pay.shop",
        ]
        let issue = try #require(Self.assess(["no-cluster": [(labels, 0.5)]]).issues.first)
        #expect(issue.kind == .unknownCluster && issue.subject == "shop/cart/pay.shop")
        #expect(issue.detail == "0.5 /s" && issue.severity == .critical)
    }

    @Test func tooManyOfOneRuleAreCutAndCounted() {
        let samples = (0..<20).map { index -> (Labels, Double) in
            (["cluster": "east", "source_workload": "w\(index)"], Double(index + 1))
        }
        let assessment = Self.assess(["no-route": samples], mostOfRule: 5)
        #expect(assessment.issues.count == 5 && assessment.omitted == 15)
        #expect(assessment.issues.contains { $0.subject == "w19" })
    }

    @Test func whatProbesAndMetricsTellOfOneThingIsOneIssue() throws {
        let east = ComponentID(cluster: "east", mesh: .istio, name: "istiod")
        func issue(_ cluster: String, count: Double, _ origin: String) -> ConfigurationIssue {
            var component = east
            component.cluster = cluster
            return ConfigurationIssue(
                .duplicateDomain, component, subject: "shop", count: count,
                evidence: Evidence(.metric(query: origin)))
        }
        let merged = ConfigurationIssue.merged([
            issue("east", count: 1, "a"), issue("east", count: 3, "b"),
            issue("east", count: 2, "a"), issue("west", count: 1, "a"),
        ])
        #expect(merged.map(\.component.cluster) == ["east", "west"])
        #expect(merged[0].count == 3 && merged[0].evidence.count == 2)
    }

    @Test func aNumberThatNamesNothingIsEvidenceOfWhatIsNamed() {
        let east = ComponentID(cluster: "east", mesh: .istio, name: "istiod")
        func issue(_ kind: IssueKind, _ subject: String, _ origin: String) -> ConfigurationIssue {
            ConfigurationIssue(
                kind, east, subject: subject, evidence: Evidence(.metric(query: origin)))
        }
        let merged = ConfigurationIssue.merged([
            issue(.duplicateDomain, "", "gauge"), issue(.duplicateDomain, "b", "probe"),
            issue(.duplicateDomain, "a", "probe"), issue(.listenerConflict, "", "gauge"),
        ])
        #expect(merged.map(\.subject) == ["a", "b", ""])
        #expect(merged.map(\.evidence.count) == [2, 1, 1])
    }
}

/// Versions that are not meant to meet.
@Suite struct VersionSkewTests {
    private static func issues(
        planes: [String], proxies: [String]
    ) -> [ConfigurationIssue] {
        var skew = VersionSkew()
        for plane in planes { skew.note(controlPlane: plane, in: "east") }
        for proxy in proxies { skew.note(proxy: proxy, in: "east", count: 2) }
        return skew.issues(Evidence(.metric(query: VersionSkew.query)))
    }

    @Test(arguments: [
        (["1.24.2"], ["1.24.0"], false), (["1.24.2"], ["1.23.9"], false),
        (["1.24.2"], ["1.22.0"], true),
        // A proxy is never newer than its control plane.
        (["1.24.2"], ["1.25.0"], true), (["2.0.0"], ["1.24.0"], true),
        // Of two revisions it may belong to either.
        (["1.22.0", "1.24.0"], ["1.21.0"], false), (["1.24.0"], ["latest"], false),
        ([], ["1.2.0"], false),
    ])
    func oneReleaseBehindIsAllowed(
        _ planes: [String], _ proxies: [String], _ isSkewed: Bool
    ) {
        #expect(!Self.issues(planes: planes, proxies: proxies).isEmpty == isSkewed)
    }

    @Test func anIssueNamesBothAndHowMany() throws {
        let issue = try #require(Self.issues(planes: ["1.24.2"], proxies: ["1.21.0"]).first)
        #expect(issue.kind == .versionSkew && issue.count == 2 && issue.subject == "1.21.0")
        #expect(issue.detail == "proxies of 1.21.0 at a control plane of 1.24.2")
    }

    @Test func metricsTellControlPlanesFromWhatTheyDrive() {
        var skew = VersionSkew()
        skew.note(
            vector([
                (["cluster": "east", "component": "pilot", "tag": "1.24.0"], 2),
                (["cluster": "east", "component": "ztunnel", "tag": "1.20.0"], 9),
                (["cluster": "west", "component": "pilot", "tag": "1.24.1"], 1),
                (["cluster": "west", "component": "proxy", "tag": "1.20.0"], 0),
            ]))
        let issues = skew.issues(Evidence(.metric(query: "q")))
        #expect(issues.map(\.subject) == ["1.20.0"])
        #expect(issues.map(\.count) == [9])
    }

    @Test func aClusterFarBehindTheFleetIsAnIssue() {
        var skew = VersionSkew()
        skew.note(controlPlane: "1.24.0", in: "east")
        skew.note(controlPlane: "1.23.0", in: "north")
        skew.note(controlPlane: "1.21.0", in: "west")
        let issues = skew.issues(Evidence(.metric(query: "q")))
        #expect(issues.map(\.component.cluster) == ["west"])
    }

    @Test func proxiesCountFromWhatIstiodSays() {
        var skew = VersionSkew()
        skew.note(controlPlane: "1.24.0", in: "east")
        skew.note(
            SyncReport(
                [
                    "r": [
                        ProxySync(
                            cluster: "west", name: "a", version: "1.20.0", resources: [],
                            replica: "r")
                    ]
                ], of: ["r"]), in: "east")
        #expect(skew.issues(Evidence(.metric(query: "q"))).map(\.subject) == ["1.20.0"])
    }
}
