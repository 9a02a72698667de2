import MeshHealth
import Testing

/// istiod's endpoints.
@Suite struct IstiodReaderTests {
    @Test func readyIsTheStatusAlone() {
        Asking.expect(Asking.read(.istiodReady, 200, ""), .healthy, nil)
        Asking.expect(Asking.read(.istiodReady, 503, ""), .unhealthy, .notReady)
    }

    @Test(arguments: [
        "upstream connect error or disconnect/reset before headers", "no healthy upstream",
        "<html>503 Service Temporarily Unavailable</html>",
    ])
    func aProxyThatDoesNotReachItIsNoRefusalOfIts(_ body: String) {
        Asking.expect(Asking.read(.istiodReady, 503, body), .unreachable, .proxy)
    }

    @Test func theVersionIsReadFromItsLine() {
        let finding = Asking.read(.istiodVersion, 200, "1.24.2-aa8da9d2c-Clean\n")
        Asking.expect(finding, .healthy, nil)
        #expect(finding.version == "1.24.2")
        Asking.expect(Asking.read(.istiodVersion, 200, "hello"), .unknown, .wrongShape)
    }

    @Test func remoteClustersOutOfSyncAreIssues() throws {
        let finding = Asking.read(
            .istiodClusters, 200,
            """
            [{"id":"east","secretName":"","syncStatus":"synced"},
             {"id":"west","secretName":"istio-system/west","syncStatus":"timeout"},
             {"id":"north","syncStatus":"syncing"},{"id":"south","syncStatus":"closed"}]
            """)
        Asking.expect(finding, .degraded, .remoteClusters)
        let clusters = try #require(finding.facts.remoteClusters)
        #expect(clusters.map(\.state) == [.healthy, .unhealthy, .degraded, .unhealthy])
        let issues = try #require(finding.facts.issues)
        #expect(issues.map(\.subject) == ["west", "north", "south"])
        #expect(
            issues.allSatisfy { $0.kind == .remoteClusterNotSynced && $0.severity == .critical })
        #expect(issues[0].evidence[0].line.hasPrefix("GET http://a/debug/clusterz: west"))
    }

    @Test func aListThatGoWritesAsNullIsEmpty() {
        let finding = Asking.read(.istiodClusters, 200, "null")
        Asking.expect(finding, .healthy, nil)
        #expect(finding.facts.remoteClusters == [])
        #expect(Asking.read(.istiodSync, 200, "null").facts.proxies == [])
    }

    @Test func aStatusThatNobodyKnowsIsNotInSync() {
        let finding = Asking.read(.istiodClusters, 200, #"[{"id":"west"}]"#)
        Asking.expect(finding, .degraded, .remoteClusters)
        #expect(finding.facts.remoteClusters?.first?.state == .unknown)
    }

    @Test func whatThePushCameUponIsIssuesByKind() throws {
        let finding = Asking.read(
            .istiodPushStatus, 200,
            """
            {"pilot_vservice_dup_domain":{"shop.example.com":{"proxy":"gw.istio-system","message":"dup"}},
             "pilot_eds_no_instances":{"outbound|80||a":{}},"pilot_something_new":{"x":{}}}
            """)
        Asking.expect(finding, .healthy, .configurationIssues)
        let issues = try #require(finding.facts.issues)
        #expect(issues.map(\.kind) == [.duplicateDomain, .serviceWithoutInstances])
        #expect(issues[0].subject == "shop.example.com" && issues[0].detail == "dup")
        #expect(finding.detail == "the last push came upon 1 issues")
    }

    @Test(arguments: ["", "null", "{}"])
    func beforeTheFirstPushThereIsNothing(_ body: String) {
        let finding = Asking.read(.istiodPushStatus, 200, body)
        Asking.expect(finding, .healthy, nil)
        #expect(finding.facts.issues == [])
    }
}
