import Clusters
import ControlPlane
import Federation
import HTTPAPI
import MeshHealth
import PrometheusAPI
import TimeSeries

/// A look at the control planes of `east` (istiod, two replicas) and `west` (Consul, without a
/// leader); of `north` nothing is known.
enum CannedControlPlane {
    private static let istiods = ["http://a:15014", "http://b:15014"].map {
        ProbeTarget(.istiod, cluster: "east", instance: $0)
    }
    private static let consul = ProbeTarget(.consul, cluster: "west", instance: "http://c:8500")

    private static func reading(
        _ probe: Probe, _ target: ProbeTarget, _ status: Int?, _ finding: ProbeFinding
    ) -> ProbeReading {
        ProbeReading(
            target: target, probe: probe, status: status, latency: .microseconds(1500),
            observedAt: Canned.now - 2000, finding: finding)
    }

    private static var proxies: ProbeFinding {
        var facts = ProbeFacts()
        func proxy(_ name: String, acknowledged: String, error: String? = nil) -> ProxySync {
            ProxySync(
                cluster: "east", name: name, version: "1.29.0",
                resources: [
                    ResourceSync(
                        ResourceType("CDS"), sent: "2", acknowledged: acknowledged,
                        sentAt: Canned.now - 3000, error: error)
                ], replica: "http://a:15014")
        }
        facts.proxies = [
            proxy("cart.shop", acknowledged: "2"),
            proxy("db.shop", acknowledged: "1"),
            proxy("web.shop", acknowledged: "1", error: "no such filter"),
        ]
        return ProbeFinding(
            .degraded, .rejectedConfiguration, "1 of 3 proxies refuses", facts: facts)
    }

    private static var remotes: ProbeFinding {
        var facts = ProbeFacts()
        facts.remoteClusters = [RemoteClusterSync(cluster: "west", status: "timeout")]
        facts.issues = [
            ConfigurationIssue(
                .remoteClusterNotSynced, istiods[0].component, subject: "west",
                detail: "west took too long",
                evidence: Evidence(
                    .probe(path: "/debug/clusterz", instance: istiods[0].instance), "timeout"))
        ]
        return ProbeFinding(.degraded, .remoteClusters, "west took too long", facts: facts)
    }

    private static var leaderless: ProbeFinding {
        var facts = ProbeFacts()
        facts.leader = ""
        facts.servers = [
            ConsulServer(name: "s1", address: "10.0.0.1:8300", version: "1.22.0"),
            ConsulServer(name: "s2", isVoter: false, isHealthy: false, serfStatus: "failed"),
        ]
        return ProbeFinding(.unhealthy, .noLeader, "Consul has no leader", facts: facts)
    }

    static let picture = HealthPicture(parts)

    /// The same look with these limits.
    static func bounded(certificates: Int, proxies: Int) -> ControlPlaneReport {
        var parts = parts
        parts.time = Canned.now
        parts.maximumCertificates = certificates
        parts.settings.maximumProxies = proxies
        return ControlPlaneReport(
            picture: HealthPicture(parts), observedAt: Canned.now - 2000)
    }

    private static let parts: HealthPicture.Parts = {
        var parts = HealthPicture.Parts()
        parts.targets = istiods + [consul]
        parts.readings = [
            reading(.istiodReady, istiods[0], 200, ProbeFinding(.healthy, "it is ready")),
            reading(
                .istiodVersion, istiods[0], 200,
                ProbeFinding(.healthy, "1.29.1", version: "1.29.1")),
            reading(.istiodSync, istiods[0], 200, proxies),
            reading(.istiodClusters, istiods[0], 200, remotes),
            reading(
                .istiodReady, istiods[1], nil,
                ProbeFinding(.unreachable, .connection, "connection refused")),
            reading(.consulLeader, consul, 500, leaderless),
        ]
        parts.states = [istiods[0].component: ["http://b:15014": .healthy]]
        parts.metrics = metrics
        parts.certificates = certificates
        parts.clusters = ["east", "north", "west"]
        return parts
    }()

    /// All rules are answered; one says something.
    private static var metrics: MetricAssessment {
        func vector(_ value: Double?) -> MetricAnswer {
            let series = value.map { GridSeries(labels: ["cluster": "east"], values: [$0]) }
            return MetricAnswer(
                .vector([series].compactMap(\.self), grid: TimeGrid(instant: Canned.now)))
        }
        return MetricAssessment(
            presence: [.istiod: vector(2)],
            answers: Dictionary(
                uniqueKeysWithValues: HealthRule.all.map { rule in
                    (rule.name, vector(rule.name == "istiod-queue" ? 3 : nil))
                }))
    }

    // MARK: Certificates

    private static let now = Canned.now / 1000

    private static func certificate(
        _ kind: Certificate.Kind, _ mesh: Mesh, _ cluster: String, _ subject: String,
        _ instance: String, left: Int64
    ) -> Certificate {
        Certificate(
            kind, mesh: mesh, cluster: cluster, subject: subject, instance: instance,
            expiry: .exactly(now + left), source: .agentGauge,
            evidence: [Evidence(.metric(query: "istio_agent_cert_expiry_seconds"), "{} 5")])
    }

    static let certificates: [Certificate] = {
        var web = certificate(
            .workload, .istio, "east", "spiffe://cluster.local/ns/shop/sa/web", "shop/web-1",
            left: 3600)
        web.issuer = "CN=istiod"
        web.serial = SerialNumber(hexadecimal: "0A:FF")
        web.notBefore = now + 3600 - 86_400
        var days = certificate(.workload, .envoy, "west", "", "shop/db-1", left: 86_399)
        days.expiry = ExpiryBounds(earliest: nil, latest: now + 86_399)
        days.source = .envoyDays
        days.evidence = [Evidence(.handshake(address: "db:443"), "")]
        return [
            certificate(.root, .consul, "west", "CN=root", "c", left: 300 * 86_400), web, days,
            certificate(.server, .other, "east", "CN=shop", "shop:443", left: -60),
            certificate(.root, .istio, "east", "CN=old", "istiod", left: 20 * 86_400),
        ]
    }()

    static let missingWest = Coverage.Missing(
        cluster: ClusterID("west"), cause: "timeout", message: "it took too long")

    static let report = ControlPlaneReport(picture: picture, observedAt: Canned.now - 2000)
}

extension Canned {
    /// A server's dependencies with this report, in a fleet of `east`, `north` and `west`.
    static func dependencies(
        _ report: ControlPlaneReport, clusters: [String] = ["east", "north", "west"]
    ) -> HTTPAPIDependencies {
        dependencies(
            controlPlane: report,
            clusters: clusters.map {
                ClusterStatus(name: $0, externalLabels: ["cluster": $0], urls: [])
            })
    }
}
