import Clusters
import Federation
import HTTPAPI
import Meshes
import ServiceGraph
import Synchronization
import TimeSeries

/// Signals and a service graph that need no cluster, and what was asked of them.
final class CannedMeshes: Sendable {
    /// What the routes have asked, in order.
    enum Question: Hashable, Sendable {
        case signals(MeshAnswering.SignalsQuestion)
        case graph(GraphQuestion)
        case picture(String)
    }

    /// What the answers are about.
    struct Content: Sendable {
        var report = CannedMeshes.report
        var map = CannedMeshes.map
        var picture: Result<[UInt8], GraphvizFailure> = .success(Array("<svg/>".utf8))
        var failure: QueryFailure?
        var missing: [Coverage.Missing] = []
        var warnings: [String] = []
    }

    private let asked = Mutex<[Question]>([])
    private let canned: Content

    init(_ content: Content = Content()) { canned = content }

    var questions: [Question] { asked.withLock { $0 } }

    var answering: MeshAnswering {
        MeshAnswering(
            signals: { [self] question throws(QueryFailure) in
                try answer(canned.report, .signals(question))
            },
            graph: { [self] question throws(QueryFailure) in
                var answer = GraphAnswer(
                    map: canned.map, time: question.time ?? Canned.now, range: question.range,
                    clusters: Self.clusters, queries: Self.queries,
                    places: CallLedger(clusters: []).map(question.shape).places)
                if question.streamsDetails {
                    answer.details = Self.pieces(
                        of: canned.map, tellsQueries: question.tellsDetailQueries)
                }
                return try self.answer(answer, .graph(question))
            },
            picture: { [self] text throws(GraphvizFailure) in
                asked.withLock { $0.append(.picture(text)) }
                return try canned.picture.get()
            })
    }

    private func answer<Value: Sendable>(
        _ value: Value, _ question: Question
    ) throws(QueryFailure) -> MeshAnswer<Value> {
        asked.withLock { $0.append(question) }
        if let failure = canned.failure { throw failure }
        var coverage = Coverage()
        coverage.present = ["east", "west"].map { ClusterID($0) }
            .filter { id in !canned.missing.contains { $0.cluster == id } }
        coverage.missing = canned.missing
        return MeshAnswer(value: value, coverage: coverage, warnings: canned.warnings)
    }

    private final class Turn: Sendable {
        let taken = Mutex(0)
    }

    /// The edges one by one, and something to say of them.
    private static func pieces(of map: ServiceMap, tellsQueries: Bool) -> EdgePieces {
        let turn = Turn()
        return EdgePieces(
            next: {
                let next = turn.taken.withLock { taken in
                    defer { taken += 1 }
                    return taken
                }
                guard next < map.edges.count else { return nil }
                return EdgePieces.Piece(
                    places: next..<next + 1, edges: map.edges[next..<next + 1])
            },
            remarks: {
                var coverage = Coverage()
                coverage.missing = [missingWest]
                return EdgePieces.Remarks(
                    coverage: coverage, warnings: ["some came late"],
                    queries: tellsQueries ? detailQueries(turn.taken.withLock { $0 }) : [])
            })
    }

    // MARK: What is canned

    /// What is asked of some edges' details.
    static func detailQueries(_ count: Int) -> [AskedQuery] {
        (0..<count).map {
            AskedQuery(signal: "latency", query: "sum(b\($0))", clusters: ["east"])
        }
    }

    static let clusters = [
        ClusterDialects(
            cluster: "east", dialects: [.istio],
            metrics: ["istio_requests_total", "mesh:istio_requests:rate5m"]),
        ClusterDialects(cluster: "west", missing: "it took too long"),
    ]
    static let queries = [
        AskedQuery(signal: "requestRate", query: "sum(a)", clusters: ["east"])
    ]

    static let report: SignalReport = {
        var everywhere = SubjectSignals(
            subject: SignalSubject(kind: .service, namespace: "shop", service: "cart"))
        everywhere.dialects = [.istio, .linkerd]
        everywhere.missing = ["west"]
        everywhere.signals = [
            .latencyP95: SignalValue(value: nil, because: "no buckets"),
            .requestRate: SignalValue(value: 12.5, derivedFrom: "istio_requests_total"),
        ]
        everywhere.mutualTLS = MutualTLS(
            ratio: 1, sourcePrincipals: ["spiffe://a/web"],
            destinationPrincipals: ["spiffe://a/cart"], trustDomains: ["a"])
        everywhere.health = ServiceMap.Health(.degraded, because: "1% of requests fail")
        var edge = SubjectSignals(
            subject: SignalSubject(
                kind: .edge, cluster: "east", namespace: "shop", service: "cart",
                source: .init(cluster: "", namespace: "shop", service: "web"),
                destination: .init(cluster: "east", namespace: "shop", service: "cart")))
        edge.signals = [.requestRate: SignalValue(value: 1)]
        return SignalReport(
            grid: TimeGrid(instant: Canned.now), hasSeries: false, window: 300_000,
            subjects: [everywhere, edge], clusters: clusters, queries: queries)
    }()

    /// The same over two times.
    static let series: SignalReport = {
        var report = CannedMeshes.report
        report.grid = TimeGrid(start: 60_000, end: 120_500, step: 60_500)
        report.hasSeries = true
        report.subjects = [report.subjects[1]]
        report.subjects[0].signals = [.requestRate: SignalValue(value: 2, values: [nil, 2])]
        return report
    }()

    static let map: ServiceMap = {
        var map = ServiceMap(view: .service, box: .cluster)
        let http = ServiceMap.Traffic.HTTP(rate: 10, clientErrors: 1, serverErrors: 2)
        map.nodes = [
            ServiceMap.Node(
                id: "east/shop/web", kind: .service, cluster: "east", namespace: "shop",
                name: "web", workloads: ["web-v1"], dialects: [.istio], box: "east",
                outgoing: ServiceMap.Traffic(http: http),
                health: ServiceMap.Health(.healthy, because: "no errors")),
            ServiceMap.Node(
                id: "unknown:", kind: .unknown, cluster: nil, namespace: "", name: "",
                version: "v2", isMissing: true, incomplete: "west did not answer"),
        ]
        var shaping = ServiceMap.Edge.Shaping()
        shaping.timeoutRate = .init(1, .flags)
        shaping.openCircuitBreakers = .init(2, .envoy)
        map.edges = [
            ServiceMap.Edge(
                source: 0, destination: 1, crossesClusters: true, protocols: [.http],
                traffic: ServiceMap.Traffic(
                    http: http, grpc: .init(rate: 1, errors: 0.5),
                    tcp: .init(sentRate: 3, receivedRate: 4, connectionRate: 5)),
                latency: .init(p50: 1.5, p95: .nan), transit: 2,
                loss: .init(rate: 1, ratio: 0.1),
                mutualTLS: .init(ratio: 0.5, isPlaintext: true, trustDomains: ["a", "b"]),
                shaping: shaping,
                witnesses: [.source, .destination], incomplete: "west did not answer",
                evidence: [.metrics, .traces], calls: 17,
                health: ServiceMap.Health(.failing, because: "20% of requests fail"),
                change: .init(kind: .changed, requestRateBefore: 9, errorRatioBefore: nil))
        ]
        map.boxes = [
            ServiceMap.Box(id: "east", kind: .cluster, name: "east"),
            ServiceMap.Box(id: "west", kind: .cluster, name: "west", missing: "it took too long"),
        ]
        map.totals.nodes = 2
        map.totals.edges = 1
        map.totals.requestRate = 11
        map.criticalEdges = [0]
        return map
    }()

    /// A map of so many edges that an answer is several pieces.
    static func large(edges: Int) -> ServiceMap {
        var large = map
        large.edges = Array(repeating: map.edges[0], count: edges)
        return large
    }

    static let missingWest = Coverage.Missing(
        cluster: ClusterID("west"), cause: "timeout", message: "it took too long")
}

extension Canned {
    /// A server's dependencies with these answers, in a fleet of `east` and `west`.
    static func dependencies(_ meshes: CannedMeshes) -> HTTPAPIDependencies {
        dependencies(
            meshes: meshes,
            clusters: ["east", "west"].map {
                ClusterStatus(name: $0, externalLabels: ["cluster": $0], urls: [])
            })
    }
}
