import Clusters
import Federation
import Observations
import Synchronization
import TestSupport
import Testing
import TimeSeries
import Upstream

/// Whoever sees one cluster is answered as if there were no others, whatever he asks.
@Suite struct ViewTests {
    /// Questions in all, in as many rows as there are seeds.
    private static let questionCount = 5000
    private static let seeds = (0..<8).map { _ in UInt64.random(in: 0..<(1 << 32)) }

    @Test(arguments: seeds)
    func noQuestionShowsAnotherCluster(_ seed: UInt64) async throws {
        print("hostile questions of seed \(seed)")
        let gateways = try SeenGateways()
        var questions = HostileQuestions(seed: seed, wanted: ["us-1", "ap-1", "eu-1", "us"])
        for _ in 0..<Self.questionCount / Self.seeds.count {
            let question = questions.next()
            let seen = await gateways.seen.answer(to: question)
            let alone = await gateways.alone.answer(to: question)
            #expect(seen == alone, "seed \(seed): \(question)")
            #expect(!seen.contains(SeenGateways.mark), "seed \(seed): \(question)")
            for name in ["us-1", "ap-1"] where !question.text.contains(name) {
                #expect(!seen.contains(name), "seed \(seed): \(question)")
            }
        }
        #expect(gateways.hiddenRequests == 0)
        await gateways.end()
    }

    /// The same questions find everything where everything is in view: they are hostile indeed.
    @Test func theWholeFleetShowsThem() async throws {
        let gateways = try SeenGateways()
        var questions = HostileQuestions(seed: 1, wanted: ["us-1", "ap-1", "eu-1", "us"])
        var shown = 0
        for _ in 0..<200 {
            let answer = await gateways.whole.answer(to: questions.next())
            if answer.contains(SeenGateways.mark) { shown += 1 }
        }
        #expect(shown > 20)
        await gateways.end()
    }

    @Test func aViewFollowsTheInventory() async throws {
        func cluster(_ name: String, region: String) -> Cluster {
            Cluster(
                id: ClusterID(name), externalLabels: ["cluster": name, "region": region],
                prometheus: Service(urls: ["http://127.0.0.1:9"]))
        }
        let whole = Fleet(clusters: [cluster("a", region: "eu"), cluster("b", region: "us")])
        let eu = ClusterView(matchingAny: [[Matcher("region", equal: "eu")]])
        let seen = Fleet(whole, seenBy: eu)
        func names() -> [String] { seen.current.inventory.clusters.map(\.id.name) }
        #expect(names() == ["a"])
        whole.replace(with: [
            cluster("a", region: "us"), cluster("b", region: "eu"), cluster("c", region: "eu"),
        ])
        #expect(names() == ["b", "c"])
        whole.replace(with: [])
        #expect(names().isEmpty)
        #expect(seen.current.inventory.generation == whole.current.inventory.generation)
    }

    @Test func aLabelThatAClusterLacksIsEmpty() throws {
        let cluster = Cluster(
            id: ClusterID("a"), externalLabels: ["cluster": "a"], prometheus: Service(urls: []))
        func sees(_ matchers: Matcher...) -> Bool {
            ClusterView(matchingAny: [matchers]).includes(cluster)
        }
        #expect(sees(try Matcher("region", .notEqual, "eu")))
        #expect(!sees(try Matcher("region", .matches, ".+")))
        #expect(sees(try Matcher("cluster", .matches, "a|b"), Matcher("region", equal: "")))
        #expect(!ClusterView(matchingAny: []).includes(cluster))
        #expect(ClusterView.all.includes(cluster))
    }
}

/// Three clusters of which one is in view: a gateway over all, what it is for whoever sees the one,
/// and a gateway that has the one alone.
private final class SeenGateways: Sendable {
    /// In everything that the other clusters and the gateway itself say of them.
    static let mark = "MARKED"
    /// Milliseconds since the Unix epoch.
    static let now: Int64 = 1_000_000

    let whole: Gateway
    let seen: Gateway
    let alone: Gateway
    private let upstream = UpstreamClient()
    private let servers: [ScriptedServer]
    private let counts: Counts

    /// How often the hidden clusters were asked anything.
    private final class Counts: Sendable {
        let hidden = Atomic<Int>(0)
    }

    struct Gateway: Sendable {
        var queries: QueryService
        var metadata: MetadataService
    }

    init() throws {
        let counts = Counts()
        var servers: [ScriptedServer] = []
        var clusters: [Cluster] = []
        for (name, region) in [("eu-1", "eu"), ("us-1", "us"), ("ap-1", "ap\(Self.mark)")] {
            let isHidden = name != "eu-1"
            let server = try ScriptedServer { request in
                if isHidden { counts.hidden.add(1, ordering: .relaxed) }
                return MarkedCluster.answer(to: request, secret: isHidden ? Self.mark : "plain")
            }
            servers.append(server)
            clusters.append(
                Cluster(
                    id: ClusterID(name), externalLabels: ["cluster": name, "region": region],
                    prometheus: Service(urls: [server.address], timeout: .seconds(20))))
        }
        self.servers = servers
        self.counts = counts
        let all = Self.observations(of: ["eu-1", "us-1", "ap-1", nil])
        let own = Self.observations(of: ["eu-1"])
        own.declare(names: all.names)
        let fleet = Fleet(clusters: clusters)
        whole = Self.gateway(fleet, upstream, all)
        alone = Self.gateway(Fleet(clusters: [clusters[0]]), upstream, own)
        let view = ClusterView(matchingAny: [[Matcher("cluster", equal: "eu-1")]])
        let part = Fleet(fleet, seenBy: view)
        let observed = ObservationView(all) {
            Set(part.current.inventory.clusters.map(\.id.name))
        }
        seen = Gateway(
            queries: QueryService(whole.queries, seeing: part, observed),
            metadata: MetadataService(whole.metadata, seeing: part, observed))
    }

    private static func gateway(
        _ fleet: Fleet, _ upstream: UpstreamClient, _ observations: ObservationStore
    ) -> Gateway {
        Gateway(
            queries: QueryService(
                fleet: fleet, upstream: upstream, settings: QuerySettings(),
                observations: observations, now: { now }),
            metadata: MetadataService(
                fleet: fleet, upstream: upstream, settings: QuerySettings(),
                observations: observations, now: { now }))
    }

    /// What the gateway observes of clusters, and of none.
    private static func observations(of clusters: [String?]) -> ObservationStore {
        let store = ObservationStore(startedAt: 0)
        for cluster in clusters {
            let secret = cluster == "eu-1" ? "plain" : mark
            for metric in [
                "ALERTS", "isthmus:total", "isthmus_cluster_up", "mesh_config_issues",
            ] {
                var labels: Labels = ["__name__": metric, "secret": secret, "alertname": "Down"]
                if let cluster { labels = labels.setting(["cluster": cluster]) }
                for time in stride(from: now - 300_000, through: now, by: 60_000) {
                    store.append([.init(labels: labels, time: time, value: .float(1))])
                }
            }
        }
        return store
    }

    var hiddenRequests: Int { counts.hidden.load(ordering: .relaxed) }

    func end() async {
        await upstream.stop()
        for server in servers { server.end() }
    }
}

extension SeenGateways.Gateway {
    /// Everything that is told, as text, in good and in bad; not how long it took.
    func answer(to question: HostileQuestions.Question) async -> String {
        do {
            switch question {
            case .query(let text):
                return told(try await queries.query(request(text, .instant(SeenGateways.now))))
            case .range(let text):
                let start = SeenGateways.now - 120_000
                let times = QueryRequest.Times.range(
                    start: start, end: SeenGateways.now, step: 60_000)
                return told(try await queries.query(request(text, times)))
            case .explain(let text):
                let request = request(text, .instant(SeenGateways.now))
                return try await queries.explain(ExplainRequest(query: request)).description
            case .series(let selectors):
                return told(try await metadata.series(request(selectors)))
            case .labels(let selectors):
                return told(try await metadata.labelNames(request(selectors)))
            case .values(let label, let selectors):
                return told(try await metadata.labelValues(of: label, request(selectors)))
            case .metadata(let metric):
                return told(
                    try await metadata.metricMetadata(
                        metric: metric, limit: nil, limitPerMetric: nil, partialResponse: true,
                        timeout: nil))
            }
        } catch {
            return "\(error)"
        }
    }

    private func request(_ text: String, _ times: QueryRequest.Times) -> QueryRequest {
        QueryRequest(expression: text, times: times, timeout: .seconds(60), partialResponse: true)
    }

    private func request(_ selectors: [String]) -> MetadataRequest {
        MetadataRequest(selectors: selectors, timeout: .seconds(60))
    }

    private func told(_ answer: QueryAnswer) -> String {
        "\(answer.value) \(answer.annotations) \(answer.coverage)"
    }

    private func told<Value>(_ answer: MetadataAnswer<Value>) -> String {
        "\(answer.value) \(answer.annotations) \(answer.coverage)"
    }
}
