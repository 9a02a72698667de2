import Clusters
import MeshHealth
import Testing
import TimeSeries

/// Everything together.
@Suite struct HealthPictureTests {
    private static let now: Int64 = 1_800_000_000_000
    private static let istiods = ["http://a", "http://b"].map {
        ProbeTarget(.istiod, cluster: "east", instance: $0)
    }
    private static let consul = ProbeTarget(.consul, cluster: "west", instance: "http://c")

    private static func reading(
        _ probe: Probe, _ target: ProbeTarget, _ text: String, status: Int = 200
    ) -> ProbeReading {
        ProbeReading(
            probe, of: target, .answered(ProbeAnswer(status: status, text: text)), took: .zero,
            at: now)
    }

    private static func parts(_ readings: [ProbeReading]) -> HealthPicture.Parts {
        var parts = HealthPicture.Parts()
        parts.targets = istiods + [consul]
        parts.readings = readings
        parts.clusters = ["east", "north", "west"]
        return parts
    }

    private static func proxy(_ name: String, refuses: Bool = false) -> String {
        let error = refuses ? #","lastError":"no""# : ""
        return #"[{"cluster_id":"east","proxy":"\#(name)","istio_version":"1.20.0","resources":"#
            + #"{"t/envoy.config.cluster.v3.Cluster":{"sent":"1","acked":"1"\#(error)}}}]"#
    }

    @Test func clustersOfWhichNothingIsKnownAreThereToo() {
        let picture = HealthPicture(Self.parts([Self.reading(.istiodReady, Self.istiods[0], "")]))
        #expect(picture.fleet.clusters.map(\.cluster) == ["east", "north", "west"])
        #expect(picture.fleet.clusters.map(\.state) == [.healthy, .unknown, .unknown])
        #expect(
            picture.fleet.clusters[0].components[0].detail == "1 healthy, 1 unknown of 2, 1 needed")
    }

    @Test func refusalsAtSeveralReplicasAreOneIssueWithTheirSum() {
        let picture = HealthPicture(
            Self.parts([
                Self.reading(.istiodSync, Self.istiods[0], Self.proxy("x", refuses: true)),
                Self.reading(.istiodSync, Self.istiods[1], Self.proxy("y", refuses: true)),
            ]))
        #expect(picture.issues.map(\.kind) == [.rejectedConfiguration])
        #expect(picture.issues.first?.count == 2)
        #expect(picture.proxies.values.map(\.proxies.count) == [2])
    }

    @Test func aReplicaThatDoesNotTellIsMissedInTheReport() {
        let picture = HealthPicture(
            Self.parts([
                Self.reading(.istiodSync, Self.istiods[0], Self.proxy("x")),
                Self.reading(.istiodSync, Self.istiods[1], "", status: 401),
            ]))
        #expect(picture.proxies.values.map(\.missingReplicas) == [["http://b"]])
    }

    @Test func aPartOfTheProxiesIsToldFromAllOfThem() {
        var parts = Self.parts([Self.reading(.istiodSync, Self.istiods[0], Self.proxy("x"))])
        parts.connected = vector([(["cluster": "east"], 20)])
        #expect(HealthPicture(parts).slices == [Self.istiods[0].component])
        parts.connected = vector([(["cluster": "east"], 1)])
        #expect(HealthPicture(parts).slices == [])
    }

    @Test func proxiesFarBehindTheirControlPlaneAreAnIssue() {
        var parts = Self.parts([
            Self.reading(.istiodVersion, Self.istiods[0], "1.24.1-x-Clean"),
            Self.reading(.istiodSync, Self.istiods[0], Self.proxy("x")),
        ])
        #expect(HealthPicture(parts).issues.map(\.kind) == [.versionSkew])
        // Where metrics count proxies, they are not counted twice.
        parts.versions = vector([
            (["cluster": "east", "component": "proxy", "tag": "1.20.0"], 7)
        ])
        #expect(HealthPicture(parts).issues.map(\.count) == [7])
    }

    @Test func metricsJoinTheComponentsThatAreProbedAndBringOthers() {
        var parts = Self.parts([Self.reading(.istiodReady, Self.istiods[0], "")])
        parts.metrics = MetricAssessment(
            presence: [
                .istiod: MetricAnswer(vector([(["cluster": "east"], 2)])),
                .ztunnel: MetricAnswer(vector([(["cluster": "north"], 3)])),
            ],
            answers: Dictionary(
                uniqueKeysWithValues: HealthRule.all.map { rule in
                    let isMeant = rule.name == "istiod-queue"
                    return (
                        rule.name,
                        MetricAnswer(vector(isMeant ? [(["cluster": "east"], 3)] : []))
                    )
                }))
        let picture = HealthPicture(parts)
        #expect(picture.fleet.clusters.map(\.state) == [.degraded, .healthy, .unknown])
        #expect(picture.fleet.clusters[1].components.map(\.id.name) == ["ztunnel"])
    }

    @Test func certificatesOfProbesAndOfMetricsAreJoined() {
        let roots =
            #"{"ActiveRootID":"b","Roots":[{"ID":"b","Name":"r","NotAfter":"2034-01-01T00:00:00Z"}]}"#
        var parts = Self.parts([Self.reading(.consulRoots, Self.consul, roots)])
        let gauge = Certificate(
            .root, mesh: .consul, cluster: "west", subject: "", instance: "c",
            expiry: ExpiryBounds(earliest: 2_019_683_000, latest: 2_019_686_500),
            source: .authorityGauge, evidence: [])
        parts.certificates = [gauge]
        let certificates = HealthPicture(parts).certificates
        #expect(certificates.map(\.expiry) == [.exactly(2_019_686_400)])
        #expect(certificates.map(\.source) == [.consulRoots])
    }

    /// A root with 20 days left is worse than a workload's with 20 hours.
    @Test func ofTooManyCertificatesTheWorstAreKeptAndTheOthersCounted() {
        let now = Self.now / 1000
        func certificate(_ kind: Certificate.Kind, _ name: String, left: Int64) -> Certificate {
            Certificate(
                kind, mesh: .istio, cluster: "east", subject: name, instance: name,
                expiry: .exactly(now + left), source: .agentGauge, evidence: [])
        }
        let all = [
            certificate(.workload, "a", left: 72_000), certificate(.workload, "b", left: 71_000),
            certificate(.root, "c", left: 20 * 86_400), certificate(.workload, "d", left: -1),
            certificate(.workload, "e", left: 72_000),
        ]
        var parts = Self.parts([])
        parts.time = Self.now
        for (limit, names) in [
            (5, "abcde"), (4, "abcd"), (3, "bcd"), (2, "cd"), (1, "d"), (0, ""),
        ] {
            parts.maximumCertificates = limit
            for list in [all, all.reversed()] {
                parts.certificates = list
                let picture = HealthPicture(parts)
                #expect(picture.certificates.map(\.subject).sorted().joined() == names)
                #expect(picture.omittedCertificates == 5 - limit)
                // Nobody learns how many there are of clusters that he does not see.
                #expect(picture.seen(of: ["north"]).omittedCertificates == 0)
            }
        }
    }

    @Test func whatIsBelievedOfReplicasCounts() {
        var parts = Self.parts(
            Self.istiods.map { Self.reading(.istiodReady, $0, "", status: 503) })
        #expect(HealthPicture(parts).fleet.clusters[0].state == .unhealthy)
        parts.states = [
            Self.istiods[0].component: ["http://a": .healthy, "http://b": .healthy]
        ]
        #expect(HealthPicture(parts).fleet.clusters[0].state == .healthy)
    }

    /// Whoever sees some clusters learns nothing of others, not even by comparison.
    @Test func aPartIsAsIfThereWereNoOthers() {
        func parts(_ clusters: Set<String>) -> HealthPicture.Parts {
            var parts = Self.parts([
                Self.reading(.istiodReady, Self.istiods[0], "", status: 503),
                Self.reading(.istiodSync, Self.istiods[1], Self.proxy("a", refuses: true)),
            ])
            parts.targets.removeAll { !clusters.contains($0.component.cluster) }
            parts.readings.removeAll { !clusters.contains($0.target.component.cluster) }
            parts.clusters.removeAll { !clusters.contains($0) }
            let planes = [("east", "1.25.0"), ("north", "1.23.0"), ("west", "1.21.0")]
            parts.versions = vector(
                planes.filter { clusters.contains($0.0) }.map { cluster, version in
                    (["cluster": cluster, "component": "pilot", "tag": version], 1)
                })
            parts.certificates = ["east", "west"].filter(clusters.contains).map { cluster in
                Certificate(
                    .root, mesh: .istio, cluster: cluster, subject: "", instance: "c",
                    expiry: ExpiryBounds(earliest: 1, latest: 2), source: .authorityGauge,
                    evidence: [])
            }
            return parts
        }
        let all: Set = ["east", "north", "west"]
        let whole = HealthPicture(parts(all))
        #expect(whole.issues.count { $0.detail.contains("another cluster has 1.25.0") } == 2)
        for seen in [all, ["west"], ["north", "west"], ["east"], ["east", "north"], []] {
            #expect(whole.seen(of: seen) == HealthPicture(parts(seen)), "\(seen)")
        }
    }
}
