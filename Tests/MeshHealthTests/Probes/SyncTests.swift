import Clusters
import MeshHealth
import Testing

/// Whether proxies have what they were sent.
@Suite struct SyncTests {
    private static let cds = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    private static let lds = "type.googleapis.com/envoy.config.listener.v3.Listener"

    private static func proxies(_ text: String) throws -> [ProxySync] {
        try #require(Asking.read(.istiodSync, 200, text).facts.proxies)
    }

    private static func status(
        _ type: String, of proxy: ProxySync
    ) -> ResourceSync.Status? {
        proxy.resources.first { $0.type.name == type }?.status
    }

    @Test func olderReleasesTellEachTypeInMembersOfItsOwn() throws {
        let proxy = try #require(
            try Self.proxies(
                """
                [{"cluster_id":"east","proxy":"a.shop","istio_version":"1.20.1",
                  "cluster_sent":"n1","cluster_acked":"n1","listener_sent":"n2","listener_acked":"n1",
                  "route_sent":"n3"}]
                """
            ).first)
        #expect(proxy.cluster == "east" && proxy.name == "a.shop" && proxy.version == "1.20.1")
        #expect(Self.status("CDS", of: proxy) == .synced)
        #expect(Self.status("LDS", of: proxy) == .stale)
        #expect(Self.status("RDS", of: proxy) == .stale)
        #expect(Self.status("EDS", of: proxy) == .notSent)
        #expect(Self.status("ECDS", of: proxy) == .notSent)
    }

    @Test func newerReleasesTellByTypeAndWhenAndWhatWasRefused() throws {
        let finding = Asking.read(
            .istiodSync, 200,
            """
            [{"proxy":"a.shop","cluster_sent":"old","resources":{
              "\(Self.cds)":{"sent":"n1","acked":"n1","sentTime":"2027-01-15T07:59:00Z"},
              "\(Self.lds)":{"sent":"n2","acked":"n1","sentTime":"2027-01-15T07:59:00Z",
                "lastError":"bad filter"},
              "type.googleapis.com/istio.networking.nds.v1.NameTable":{},
              "type.googleapis.com/new.Thing":{"sent":"x","acked":"x","sentTime":"0001-01-01T00:00:00Z"}}}]
            """)
        Asking.expect(finding, .degraded, .rejectedConfiguration)
        let proxy = try #require(finding.facts.proxies?.first)
        #expect(Self.status("CDS", of: proxy) == .synced)
        #expect(Self.status("LDS", of: proxy) == .rejected)
        #expect(Self.status("NDS", of: proxy) == .notSent)
        #expect(Self.status("Thing", of: proxy) == .synced)
        // The year 1 is how Go writes no time.
        #expect(proxy.resources.first { $0.type.name == "Thing" }?.sentAt == nil)
        let issue = try #require(finding.facts.issues?.first)
        #expect(issue.kind == .rejectedConfiguration && issue.subject == "LDS")
        #expect(issue.detail == "a.shop: bad filter")
    }

    /// `now` is 2027-01-15T08:00:00Z.
    @Test(arguments: [
        ("2027-01-15T07:59:00Z", ComponentState.healthy, ProbeProblem?.none),
        ("2027-01-15T07:58:59.5Z", .degraded, .staleConfiguration),
        // Their clock is ahead.
        ("2027-01-15T09:00:00Z", .healthy, nil), ("", .healthy, nil),
    ])
    func onlyWhatIsStaleForAWhileIsAmiss(
        _ sent: String, _ state: ComponentState, _ problem: ProbeProblem?
    ) {
        let finding = Asking.read(
            .istiodSync, 200,
            #"[{"proxy":"a.shop","resources":{"\#(Self.cds)":{"sent":"n2","acked":"n1","sentTime":"\#(sent)"}}}]"#
        )
        Asking.expect(finding, state, problem)
    }

    private static func proxy(
        _ name: String, _ resources: [ResourceSync] = [], at replica: String = "r1",
        version: String = "1.24.0"
    ) -> ProxySync {
        ProxySync(
            cluster: "east", name: name, version: version, resources: resources, replica: replica)
    }

    private static func resource(
        _ sent: String, _ acknowledged: String, at time: Int64? = nil
    ) -> ResourceSync {
        ResourceSync(ResourceType("CDS"), sent: sent, acknowledged: acknowledged, sentAt: time)
    }

    @Test func eachReplicaKnowsItsOwnAndTogetherTheyKnowAll() {
        let report = SyncReport(
            ["r1": [Self.proxy("a"), Self.proxy("b")], "r2": [Self.proxy("c", at: "r2")]],
            of: ["r1", "r2", "r3"])
        #expect(report.proxies.map(\.name) == ["a", "b", "c"])
        #expect(report.missingReplicas == ["r3"] && !report.isComplete)
    }

    @Test func aProxyThatHasGoneOverCountsOnceAsTheReplicaThatSentLastHasIt() {
        let old = Self.proxy("a", [Self.resource("1", "", at: 1000)])
        let new = Self.proxy("a", [Self.resource("2", "2", at: 2000)], at: "r2")
        for answers in [["r1": [old], "r2": [new]], ["r1": [new], "r2": [old]]] {
            let report = SyncReport(answers, of: ["r1", "r2"])
            #expect(report.proxies.map(\.replica) == ["r2"])
            #expect(report.counts == [.synced: 1])
        }
    }

    @Test func aServiceInFrontOfReplicasShowsASlice() {
        let report = SyncReport(["vip": (0..<50).map { Self.proxy("p\($0)") }], of: ["vip"])
        #expect(report.isComplete)
        #expect(report.isSlice(ofConnected: 150))
        #expect(!report.isSlice(ofConnected: 52))
    }

    @Test func ofTooManyProxiesThoseThatAreAmissAreKeptAndTheOthersCounted() {
        let (old, late) = (Self.resource("2", "1", at: 1000), Self.resource("2", "1", at: 2000))
        var refused = Self.resource("2", "1", at: 3000)
        refused.error = "no"
        let proxies = [
            Self.proxy("a"), Self.proxy("b", [late]), Self.proxy("c"), Self.proxy("d", [old]),
            Self.proxy("e", [refused]),
        ]
        for (limit, names) in [
            (5, ["a", "b", "c", "d", "e"]), (4, ["a", "b", "d", "e"]), (3, ["b", "d", "e"]),
            (2, ["d", "e"]), (1, ["e"]), (0, []),
        ] {
            for list in [proxies, proxies.reversed()] {
                let report = SyncReport(["r1": list], of: ["r1"], omitted: 7, atMost: limit)
                #expect(report.proxies.map(\.name) == names)
                #expect(report.omitted == 7 + 5 - limit && report.connected == 12)
            }
        }
        #expect(SyncReport(["r1": proxies], of: ["r1"]).omitted == 0)
    }

    @Test func aReadingKeepsAsManyProxiesAsItMayAndCountsAll() {
        let stale = #""resources":{"\#(Self.cds)":{"sent":"2","acked":"1"}}"#
        let text = #"[{"proxy":"a"},{"proxy":"b"},{"proxy":"c",\#(stale)}]"#
        let target = ProbeTarget(.istiod, cluster: "east", instance: "http://a")
        let reading = ProbeReading(
            .istiodSync, of: target, .answered(ProbeAnswer(status: 200, text: text)), took: .zero,
            at: Asking.now, settings: ProbeSettings(maximumProxies: 2))
        #expect(reading.finding.facts.proxies?.map(\.name) == ["c", "a"])
        #expect(reading.finding.facts.omittedProxies == 1)
        #expect(reading.finding.detail == "3 proxies are connected, 1 pushes under way")
        let report = SyncReport([reading], of: ["http://a"], atMost: 1)
        #expect(report.proxies.map(\.name) == ["c"])
        #expect(report.connected == 3 && report.omitted == 2)
    }

    @Test func theSamePushStillUnacknowledgedIsStuck() {
        func report(_ sent: String, _ acknowledged: String) -> SyncReport {
            SyncReport(["r1": [Self.proxy("a", [Self.resource(sent, acknowledged)])]], of: ["r1"])
        }
        #expect(report("2", "1").stuck(since: report("2", "1")).count == 1)
        // Another push is under way.
        #expect(report("3", "1").stuck(since: report("2", "1")).isEmpty)
        #expect(report("2", "2").stuck(since: report("2", "1")).isEmpty)
        #expect(report("2", "1").stuck(since: report("1", "1")).isEmpty)
    }

    @Test func aReportIsMadeOfTheReadingsOfAllReplicas() {
        let readings = ["http://a", "http://b", "http://c"].map { instance in
            ProbeReading(
                .istiodSync, of: ProbeTarget(.istiod, cluster: "east", instance: instance),
                instance == "http://c"
                    ? .failed(ProbeFailure(.timeout))
                    : .answered(
                        ProbeAnswer(status: 200, text: #"[{"proxy":"of \#(instance)"}]"#)),
                took: .zero, at: 0)
        }
        let report = SyncReport(readings, of: ["http://a", "http://b", "http://c"])
        #expect(report.proxies.map(\.name) == ["of http://a", "of http://b"])
        #expect(report.missingReplicas == ["http://c"])
    }
}
