import Alerting
import Clusters
import ControlPlane
import Federation
import HTTPAPI
import Logging
import Metrics
import Planning
import ServiceLifecycle
import TimeSeries

/// A running server with canned answers, and how to ask it.
struct TestServer: Sendable {
    let port: Int

    /// The answer to `GET target`, on a connection of its own.
    func get(_ target: String, _ headers: [String] = []) async throws -> WireAnswer {
        try await ask("GET", target, headers)
    }

    /// The answer to a request without a body.
    func ask(
        _ method: String, _ target: String, _ headers: [String] = []
    ) async throws -> WireAnswer {
        let client = try WireClient(port: port)
        try await client.send(head(method, target, headers))
        return try await client.answer(toHead: method == "HEAD")
    }

    /// The answer to a form that is posted.
    func post(
        _ target: String, form: String,
        type: String = "application/x-www-form-urlencoded"
    ) async throws -> WireAnswer {
        let client = try WireClient(port: port)
        try await client.send(
            head(
                "POST", target,
                ["Content-Type: \(type)", "Content-Length: \(form.utf8.count)"]) + form)
        return try await client.answer()
    }

    /// The head of a request.
    func head(_ method: String, _ target: String, _ headers: [String] = []) -> String {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1"] + headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}

/// Runs a server, asks it, and ends it.
func withServer<Value: Sendable>(
    settings: HTTPAPISettings = HTTPAPISettings(),
    dependencies: HTTPAPIDependencies = Canned.dependencies(), access: HTTPAPIAccess? = nil,
    _ body: @escaping @Sendable (TestServer) async throws -> Value
) async throws -> Value {
    var settings = settings
    settings.port = 0
    let (ports, port) = AsyncStream<Int>.makeStream()
    let server = makeServer(settings: settings, dependencies: dependencies, access: access) {
        port.yield($0)
        port.finish()
    }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        var value: Value?
        for await bound in ports { value = try await body(TestServer(port: bound)) }
        group.cancelAll()
        guard let value else { throw WireClient.Failure("the server does not run") }
        return value
    }
}

/// Answers that need no cluster.
enum Canned {
    /// 2023-11-14T22:13:20Z.
    static let now: Int64 = 1_700_000_000_000

    static func dependencies(
        queries: QueryAnswering = queries(), traces: CannedTraces = CannedTraces(),
        meshes: CannedMeshes = CannedMeshes(),
        controlPlane: ControlPlaneReport = ControlPlaneReport(),
        clusters: [ClusterStatus] = [],
        mistakes: [String] = [], alerting: AlertingReport = AlertingReport(),
        isReady: Bool = true,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) -> HTTPAPIDependencies {
        HTTPAPIDependencies(
            queries: queries, traces: traces.answering, meshes: meshes.answering,
            controlPlane: ControlPlaneAnswering { controlPlane }, clusters: { clusters },
            reload: { mistakes },
            metricsText: { "# TYPE up gauge\nup 1\n" },
            configurationText: { "global:\n  scrape_interval: 15s\n" },
            alerting: { alerting }, isReady: { isReady },
            now: { now }, metrics: metrics, logger: logger)
    }

    /// Answers every question with little.
    static func queries() -> QueryAnswering {
        QueryAnswering(
            query: { (request) async throws(QueryFailure) in answer(to: request) },
            explain: { (request) async throws(QueryFailure) in explanation(of: request) },
            series: { (request) async throws(QueryFailure) in
                metadata([["__name__": "up", "cluster": "eu-1"]])
            },
            labelNames: { (request) async throws(QueryFailure) in
                metadata(["__name__", "cluster"])
            },
            labelValues: { (question) async throws(QueryFailure) in
                metadata([question.label] + question.request.selectors)
            },
            metricMetadata: { (question) async throws(QueryFailure) in
                metadata([
                    MetricMetadata(metric: "a", type: "gauge", help: "one", unit: ""),
                    MetricMetadata(metric: "a", type: "counter", help: "two", unit: ""),
                    MetricMetadata(metric: "b", type: "gauge", help: "<three>", unit: "s"),
                ])
            },
            rules: { (request) async throws(QueryFailure) in metadata([]) })
    }

    /// Answers every query with this, and other questions with little.
    static func queries(
        query: @escaping @Sendable (QueryRequest) async throws(QueryFailure) -> QueryAnswer
    ) -> QueryAnswering {
        var answering = queries()
        answering.query = query
        return answering
    }

    /// A plan that asks `eu-1` and leaves `us-1` out.
    static func explanation(of request: ExplainRequest) -> Explanation {
        let grid = request.query.times.grid
        return Explanation(
            request: request.query,
            plan: Plan(
                fragments: [
                    Fragment(
                        text: request.query.expression, grid: grid,
                        requests: [
                            .init(
                                cluster: ClusterID("eu-1"), query: request.query.expression,
                                addedLabels: ["cluster": "eu-1"])
                        ])
                ], remainder: .value(.fragment(0)), grid: grid),
            clusters: [
                .init(cluster: ClusterID("eu-1"), version: "3.14.0", isAsked: true),
                .init(cluster: ClusterID("us-1"), isAssumed: true, isAsked: false),
            ])
    }

    /// One series that says what was asked.
    static func answer(to request: QueryRequest) -> QueryAnswer {
        let labels = Labels([("query", request.expression)])
        return QueryAnswer(
            value: .vector(
                [
                    GridSeries(
                        labels: labels, values: Array(repeating: 1, count: request.times.grid.count)
                    )
                ],
                grid: request.times.grid),
            annotations: Annotations(), coverage: coverage, statistics: QueryStatistics())
    }

    /// `eu-1` has answered, `us-1` has not.
    static var coverage: Coverage {
        var coverage = Coverage()
        coverage.present = [ClusterID("eu-1")]
        coverage.missing = [
            Coverage.Missing(cluster: ClusterID("us-1"), cause: "timeout", message: "too slow")
        ]
        return coverage
    }

    static func metadata<Value: Sendable>(_ value: Value) -> MetadataAnswer<Value> {
        MetadataAnswer(value: value, annotations: Annotations(), coverage: coverage)
    }

    /// Series with so many values that an answer is several pieces.
    static func large(series: Int, values: Int) -> QueryAnswer {
        let grid = TimeGrid(start: now, end: now + Int64(values - 1) * 1000, step: 1000)
        let all = (0..<series).map { index in
            let numbers = (0..<values).map { place -> Double in
                Double(index * 7 + place % 13) * 1.25
            }
            return GridSeries(
                labels: ["__name__": "requests", "number": String(index)], values: numbers)
        }
        return QueryAnswer(
            value: .vector(all, grid: grid), annotations: Annotations(), coverage: Coverage(),
            statistics: QueryStatistics())
    }
}
