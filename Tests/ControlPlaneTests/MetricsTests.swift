import Clusters
import ControlPlane
import Federation
import MeshHealth
import TestSupport
import Testing
import TimeSeries

/// What the clusters' metrics tell, and what becomes of clusters that do not answer.
@Suite(.timeLimit(.minutes(10)))
struct MetricsTests {
    private static let clusters = [Cluster.watched("eu"), .watched("us")]

    private func rule(_ name: String) throws -> HealthRule {
        try #require(HealthRule.all.first { $0.name == name })
    }

    private func query(_ name: String) throws -> CertificateQuery {
        try #require(CertificateQuery.all.first { $0.name == name })
    }

    /// istiods in both clusters, one of which pushes too slowly and has refusals.
    private func tellOfIstiods(_ fleet: WatchedFleet) throws {
        let slow = try rule("istiod-convergence").text
        let rejects = try #require(
            HealthRule.all.first { rule in
                if case .issue(.rejectedConfiguration, _) = rule.outcome { true } else { false }
            }
        ).text
        fleet.tell { answers in
            answers.samples[MetricSource.istiod.presenceText] = [
                (["cluster": "eu"], 2), (["cluster": "us"], 1),
            ]
            answers.samples[slow] = [(["cluster": "us"], 12)]
            answers.samples[rejects] = [(["cluster": "us", "type": "cds"], 3)]
        }
    }

    @Test func metricsSayHowComponentsAre() async throws {
        try await withFleet(Self.clusters) { fleet in
            try tellOfIstiods(fleet)
            await fleet.watch.lookOnce()
            #expect(await fleet.state("istiod", of: "eu") == .healthy)
            #expect(await fleet.state("istiod", of: "us") == .degraded)
            let report = await fleet.watch.report()
            #expect(report.picture.issues.map(\.component.cluster) == ["us"])
            #expect(report.missing.isEmpty)
            let labels = ["cluster": "us", "kind": report.picture.issues[0].kind.rawValue]
            #expect(await fleet.value("mesh_config_issues", labels) == 1)
            let others = labels.merging(["cluster": "eu"]) { $1 }
            #expect(await fleet.value("mesh_config_issues", others) == 0)
        }
    }

    @Test func ofAClusterThatDoesNotAnswerNothingIsMadeUp() async throws {
        try await withFleet(Self.clusters) { fleet in
            try tellOfIstiods(fleet)
            await fleet.watch.lookOnce()
            fleet.tell { $0.missing = ["eu", "us"] }
            fleet.clock.move(60_000)
            await fleet.watch.lookOnce()
            let report = await fleet.watch.report()
            #expect(report.missing.map(\.cluster.name) == ["eu", "us"])
            #expect(report.missing.map(\.message) == ["it is silent", "it is silent"])
            let component = try #require(await fleet.component("istiod", of: "eu"))
            #expect(component.state == .unknown)
            #expect(component.detail.contains("1m ago: nothing is amiss"))
            // Its issues are of before, and nobody knows that there are no others.
            #expect(report.picture.issues.map(\.component.cluster) == ["us"])
            let kind = report.picture.issues[0].kind.rawValue
            #expect(await fleet.value("mesh_config_issues", ["cluster": "us", "kind": kind]) == 1)
            #expect(await fleet.value("mesh_config_issues", ["cluster": "eu"]) == nil)
            #expect(await fleet.value("isthmus_cluster_up", ["cluster": "eu"]) == 0)

            // After ten minutes they are of no use.
            fleet.clock.move(600_000)
            await fleet.watch.lookOnce()
            #expect(await fleet.watch.report().picture.issues.isEmpty)
            #expect(await fleet.state("istiod", of: "eu") == .unknown)
            // And after an hour the component is forgotten.
            fleet.clock.move(3_600_000)
            await fleet.watch.lookOnce()
            #expect(await fleet.component("istiod", of: "eu") == nil)
        }
    }

    @Test func whoeverLooksBackOverLessForgetsSooner() async throws {
        var settings = WatchedFleet.settings
        settings.lookback = .seconds(10)
        try await withFleet(Self.clusters, settings: settings) { fleet in
            let short = HealthRule.all(RuleWindows(lookback: 10_000))
            let rejects = try #require(short.first { $0.name == "nacks" }).text
            fleet.tell { answers in
                answers.samples[MetricSource.istiod.presenceText] = [(["cluster": "us"], 1)]
                answers.samples[rejects] = [(["cluster": "us", "type": "cds"], 3)]
            }
            await fleet.watch.lookOnce()
            #expect(fleet.asked.contains(rejects))
            #expect(!fleet.asked.contains { $0.contains("[10m]") })
            #expect(await fleet.watch.report().picture.issues.count == 1)
            // A cluster that does not answer has its issues for as long as the rules look back.
            fleet.tell { $0.missing = ["us"] }
            fleet.clock.move(9000)
            await fleet.watch.lookOnce()
            #expect(await fleet.watch.report().picture.issues.count == 1)
            fleet.clock.move(2000)
            await fleet.watch.lookOnce()
            #expect(await fleet.watch.report().picture.issues.isEmpty)
        }
    }

    @Test func aClusterThatAnswersAgainIsKnownAgain() async throws {
        try await withFleet(Self.clusters) { fleet in
            try tellOfIstiods(fleet)
            fleet.tell { $0.missing = ["eu"] }
            await fleet.watch.lookOnce()
            #expect(await fleet.component("istiod", of: "eu") == nil)
            #expect(await fleet.value("isthmus_cluster_up", ["cluster": "eu"]) == 0)
            #expect(await fleet.value("isthmus_cluster_up", ["cluster": "us"]) == 1)
            fleet.tell { $0.missing = [] }
            fleet.clock.move(60_000)
            await fleet.watch.lookOnce()
            #expect(await fleet.state("istiod", of: "eu") == .healthy)
            #expect(fleet.kept("isthmus_cluster_up", ["cluster": "eu"]) == [[0, 1]])
            #expect(fleet.kept("isthmus_cluster_up", ["cluster": "us"]) == [[1, 1]])
        }
    }

    @Test func whereAllQuestionsFailNothingIsKnown() async throws {
        try await withFleet(Self.clusters) { fleet in
            try tellOfIstiods(fleet)
            await fleet.watch.lookOnce()
            fleet.tell { $0.failure = .timeout("too slow") }
            fleet.clock.move(60_000)
            await fleet.watch.lookOnce()
            #expect(await fleet.state("istiod", of: "eu") == .unknown)
            #expect(await fleet.value("mesh_config_issues", ["cluster": "eu"]) == nil)
            #expect(await fleet.value("isthmus_cluster_up", ["cluster": "eu"]) == nil)
        }
    }

    @Test func certificatesOfMetricsAreKeptWhileTheirClusterIsAway() async throws {
        try await withFleet(Self.clusters) { fleet in
            let end = Double(fleet.clock.now / 1000 + 6 * 3600)
            let text = try query("istio-agent").text
            fleet.tell { answers in
                answers.samples[text] = ["eu", "us"].map { cluster in
                    (
                        [
                            "cluster": cluster, "namespace": "shop", "pod": "cart-1",
                            "resource_name": "default",
                        ], end
                    )
                }
            }
            await fleet.watch.lookOnce()
            #expect(await fleet.certificates().count == 2)
            fleet.tell { $0.missing = ["us"] }
            fleet.clock.move(60_000)
            await fleet.watch.lookOnce()
            #expect(
                await fleet.certificates().map(\.certificate.cluster).sorted() == [
                    "eu", "us",
                ])
            fleet.clock.move(3_600_001)
            await fleet.watch.lookOnce()
            #expect(
                await fleet.certificates().map(\.certificate.cluster) == ["eu"])
            let kept = fleet.kept(
                "mesh_certificate_expiry_timestamp_seconds", ["cluster": "us"])
            #expect(kept.first?.last.map(Absent.isAbsent) == true)
        }
    }

    @Test func theWorstCertificateIsToldFirst() async throws {
        try await withFleet(Self.clusters) { fleet in
            let now = Double(fleet.clock.now / 1000)
            let (agent, issuer) = (try query("istio-agent").text, try query("linkerd-issuer").text)
            fleet.tell { answers in
                answers.samples[agent] = [3600, -60, 50_000].enumerated().map { place, left in
                    (["cluster": "eu", "pod": "p\(place)", "resource_name": "default"], now + left)
                }
                answers.samples[issuer] = [
                    (["cluster": "us", "pod": "identity-1"], now + 30 * 86_400)
                ]
            }
            await fleet.watch.lookOnce()
            let certificates = await fleet.certificates()
            #expect(certificates.map(\.verdict.state) == [.expired, .critical, .warning, .ok])
            #expect(certificates.map(\.certificate.instance) == ["p1", "p0", "identity-1", "p2"])
        }
    }

    @Test func whatNoClusterHasIsNotAskedAbout() async throws {
        try await withFleet(Self.clusters) { fleet in
            try tellOfIstiods(fleet)
            await fleet.watch.lookOnce()
            let asked = Set(fleet.asked)
            #expect(asked.contains(try rule("istiod-convergence").text))
            let linkerd = HealthRule.all.filter { $0.source == .linkerdDestination }
            #expect(!linkerd.isEmpty && linkerd.allSatisfy { !asked.contains($0.text) })
            #expect(CertificateQuery.all.allSatisfy { asked.contains($0.text) })
            #expect(asked.contains(VersionSkew.query))
            // It is, once the questions fail that would tell.
            fleet.tell { $0.failure = .timeout("too slow") }
            await fleet.watch.lookOnce()
            #expect(Set(fleet.asked).isSuperset(of: HealthRule.all.map(\.text)))
        }
    }

    @Test func probesAndMetricsTogetherSayTheWorse() async throws {
        let server = try ScriptedServer { request in
            ProbeStateTests.istiod[request.path] ?? .text(404, "")
        }
        defer { server.end() }
        let clusters = [
            Cluster.watched("us", .of(.istiod, server.address)), .watched("eu"),
        ]
        try await withFleet(clusters) { fleet in
            try tellOfIstiods(fleet)
            await fleet.watch.lookOnce()
            let component = try #require(await fleet.component("istiod", of: "us"))
            #expect(component.state == .degraded)
            #expect(component.instances.map(\.state) == [.healthy])
            #expect(component.metrics?.state == .degraded)
        }
    }

    @Test func questionsAreSpreadOverHalfOfTheirInterval() async throws {
        var settings = WatchedFleet.settings
        settings.metricsInterval = .seconds(60)
        try await withFleet(Self.clusters, settings: settings) { fleet in
            try tellOfIstiods(fleet)
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await fleet.watch.run() }
                // The first time all of them are asked at once.
                await fleet.clock.settled(3)
                let all = fleet.asked.count
                #expect(all > 30)
                fleet.clock.move(60_000)
                await fleet.clock.settled(3)
                // Then one after the other: four wait for their turns.
                await fleet.clock.settled(6)
                #expect(fleet.asked.count < 2 * all)
                for _ in 0..<35 {
                    fleet.clock.move(1000)
                    await fleet.clock.settled(3)
                }
                #expect(fleet.asked.count == 2 * all)
                group.cancelAll()
            }
        }
    }
}
