import HTTPTypes
import PrometheusAPI

/// One row of the table of routes: what is asked for where, and who answers.
struct Route: Sendable {
    /// The path; `<name>` stands for one segment.
    var path: String
    var methods: [HTTPRequest.Method]
    /// One line for the index.
    var meaning: String
    /// Whether the answer may take so long that it is worth noticing that the client has left.
    var waits = false
    /// How errors are told.
    var errorForm = ErrorForm.prometheus
    /// Whether a request's body is a document of any type; else it is a form or nothing.
    var takesDocument = false
    /// The handler's function.
    var answer: @Sendable (Handlers) -> @Sendable (Call) async throws(ErrorResponse) -> Answer

}

extension Route {
    /// All routes.
    static let table: [Route] = [
        Route(
            path: "/", methods: [.get], meaning: "the mesh at a glance, for a browser",
            answer: Handlers.page),
        Route(
            path: "/page/<name>", methods: [.get], meaning: "what that page is made of",
            answer: Handlers.pageFile),
        Route(
            path: "/graph", methods: [.get], meaning: "leads to that page's query box",
            answer: Handlers.queryLink),
        Route(
            path: "/query", methods: [.get], meaning: "the same",
            answer: Handlers.queryLink),
        Route(
            path: "/alerts", methods: [.get], meaning: "leads to that page's alerts",
            answer: Handlers.alertsLink),
        Route(
            path: "/rules", methods: [.get], meaning: "leads to that page's rules",
            answer: Handlers.rulesLink),
        Route(
            path: "/targets", methods: [.get], meaning: "leads to that page's clusters",
            answer: Handlers.targetsLink),
        Route(
            path: "/api/v1/query", methods: [.get, .post], meaning: "PromQL at one time",
            waits: true, answer: Handlers.query),
        Route(
            path: "/api/v1/query_range", methods: [.get, .post], meaning: "PromQL over a range",
            waits: true, answer: Handlers.queryRange),
        Route(
            path: "/api/v1/series", methods: [.get, .post], meaning: "series by selectors",
            waits: true, answer: Handlers.series),
        Route(
            path: "/api/v1/labels", methods: [.get, .post], meaning: "names of labels",
            waits: true, answer: Handlers.labelNames),
        Route(
            path: "/api/v1/label/<name>/values", methods: [.get], meaning: "values of a label",
            waits: true, answer: Handlers.labelValues),
        Route(
            path: "/api/v1/metadata", methods: [.get], meaning: "types and help of metrics",
            waits: true, answer: Handlers.metadata),
        Route(
            path: "/api/v1/rules", methods: [.get],
            meaning: "rules; with clusters=all the clusters' own too", waits: true,
            answer: Handlers.rules),
        Route(
            path: "/api/v1/alerts", methods: [.get],
            meaning: "pending and firing alerts; with clusters=all the clusters' own too",
            waits: true, answer: Handlers.alerts),
        Route(
            path: "/api/v1/alertmanagers", methods: [.get], meaning: "who is told of alerts",
            answer: Handlers.alertmanagers),
        Route(
            path: "/api/v1/format_query", methods: [.get, .post], meaning: "PromQL, formatted",
            answer: Handlers.formatQuery),
        Route(
            path: "/api/v1/parse_query", methods: [.get, .post], meaning: "PromQL as a tree",
            answer: Handlers.parseQuery),
        Route(
            path: "/api/v1/status/buildinfo", methods: [.get], meaning: "versions",
            answer: Handlers.buildInformation),
        Route(
            path: "/api/v1/status/runtimeinfo", methods: [.get], meaning: "the process",
            answer: Handlers.runtimeInformation),
        Route(
            path: "/api/v1/status/config", methods: [.get], meaning: "configuration in force",
            answer: Handlers.configuration),
        Route(
            path: "/api/v1/status/flags", methods: [.get], meaning: "settings by name",
            answer: Handlers.flags),
        Route(
            path: "/api/v1/features", methods: [.get], meaning: "what is understood",
            answer: Handlers.features),
        Route(
            path: "/mesh/v1/clusters", methods: [.get], meaning: "the clusters and their state",
            answer: Handlers.clusters),
        Route(
            path: "/mesh/v1/control-plane", methods: [.get],
            meaning: "how the meshes' control planes do, and what is wrong with configuration",
            answer: Handlers.controlPlane),
        Route(
            path: "/mesh/v1/certificates", methods: [.get],
            meaning: "the meshes' certificates, what ends first",
            answer: Handlers.certificates),
        Route(
            path: "/mesh/v1/explain", methods: [.get, .post],
            meaning: "how a query is split over the clusters, and how that went", waits: true,
            answer: Handlers.explain),
        Route(
            path: "/mesh/v1/signals", methods: [.get],
            meaning: "how services do: requests, errors, latency, saturation", waits: true,
            answer: Handlers.signals),
        Route(
            path: "/mesh/v1/graph", methods: [.get],
            meaning: "who calls whom, how much and how well; as JSON or a drawing", waits: true,
            answer: Handlers.graph),
        Route(
            path: "/mesh/v1/graph/path", methods: [.get],
            meaning: "how calls get from one node of that graph to another", waits: true,
            answer: Handlers.graphPath),
        Route(
            path: "/mesh/v1/path", methods: [.get],
            meaning: "how one service reaches another: the shortest and the busiest path",
            waits: true, answer: Handlers.servicePath),
        Route(
            path: "/mesh/v1/critical-path", methods: [.get],
            meaning: "what a trace waits for, or many traces of a service", waits: true,
            answer: Handlers.criticalPath),
        Route(
            path: "/metrics", methods: [.get], meaning: "the gateway's own metrics",
            answer: Handlers.metrics),
        Route(
            path: "/-/routes", methods: [.get], meaning: "this list", answer: Handlers.routes),
        Route(
            path: "/-/healthy", methods: [.get], meaning: "whether the gateway runs",
            answer: Handlers.healthy),
        Route(
            path: "/-/ready", methods: [.get], meaning: "whether the inventory is loaded",
            answer: Handlers.ready),
        Route(
            path: "/-/reload", methods: [.post, .put], meaning: "reads the configuration again",
            answer: Handlers.reload),
        Route(
            path: "/-/cache/clear", methods: [.post, .put],
            meaning: "forgets all remembered answers", waits: true, answer: Handlers.clearCache),
    ]

    /// Where Prometheus answers and Isthmus does not.
    static let absent: Set<String> = [
        "/api/v1/query_exemplars", "/api/v1/targets", "/api/v1/targets/metadata",
        "/api/v1/targets/relabel_steps", "/api/v1/scrape_pools", "/api/v1/read",
        "/api/v1/write", "/api/v1/otlp/v1/metrics",
        "/api/v1/notifications", "/api/v1/notifications/live", "/api/v1/openapi.yaml",
        "/api/v1/status/tsdb", "/api/v1/status/tsdb/blocks", "/api/v1/status/walreplay",
        "/api/v1/admin/tsdb/delete_series", "/api/v1/admin/tsdb/clean_tombstones",
        "/api/v1/admin/tsdb/snapshot",
    ]
}

/// The route for a path, and what stands in the place of its `<name>`.
struct RouteMatch: Sendable {
    var route: Route
    var name = ""
}

/// Finds routes by path.
struct RouteTable: Sendable {
    /// All of them, in the order in which they are listed.
    let routes: [Route]
    /// Where Jaeger's API begins: `/jaeger`.
    private let tracesPath: String
    /// Routes without a `<name>`, by path.
    private var fixed: [String: Route] = [:]
    /// Routes with one: their segments, and where the name stands.
    private var named: [Named] = []

    private struct Named: Sendable {
        var route: Route
        var segments: [String]
    }

    /// `tracesPath` is where Jaeger's API begins, without a slash at the end.
    init(tracesPath: String) {
        self.tracesPath = tracesPath
        routes = Route.table + Route.traces(under: tracesPath)
        for route in routes {
            let segments = Self.segments(route.path)
            if segments.contains("<name>") {
                named.append(Named(route: route, segments: segments.map(String.init)))
            } else {
                fixed[route.path] = route
            }
        }
    }

    /// The route for a path as it was sent, percent signs and all; nil where there is none.
    func match(_ path: String) -> RouteMatch? {
        if let route = fixed[path] { return RouteMatch(route: route) }
        var segments: [String] = []
        for segment in Self.segments(path) {
            guard case .success(let bytes) = PercentEncoding.decoded(segment.utf8, isForm: false),
                let text = String(validating: bytes, as: UTF8.self)
            else { return nil }
            segments.append(text)
        }
        for candidate in named where candidate.segments.count == segments.count {
            var match = RouteMatch(route: candidate.route)
            let fits = zip(candidate.segments, segments).allSatisfy { pattern, segment in
                guard pattern == "<name>" else { return pattern == segment }
                match.name = segment
                return true
            }
            if fits { return match }
        }
        return nil
    }

    /// Whether the path is of one of the APIs: these say which clusters an answer is about, and may
    /// be asked by a browser from elsewhere.
    func isAPI(_ path: some StringProtocol) -> Bool {
        path.hasPrefix("/api/") || path.hasPrefix("/mesh/") || isTracesAPI(path)
    }

    /// How errors are told at a path without a route.
    func errorForm(at path: some StringProtocol) -> ErrorForm {
        isTracesAPI(path) ? .plain : .prometheus
    }

    private func isTracesAPI(_ path: some StringProtocol) -> Bool {
        path.hasPrefix(tracesPath + "/api/") || path == tracesPath + "/api"
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }
}
