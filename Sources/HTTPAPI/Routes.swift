import Access
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
    /// Who may ask, and what of the fleet answers show.
    var access: RouteAccess
    /// The handler's function.
    var answer: @Sendable (Handlers) -> @Sendable (Call) async throws(ErrorResponse) -> Answer

}

extension Route {
    /// All routes.
    static let table: [Route] = [
        Route(
            path: "/", methods: [.get], meaning: "the mesh at a glance, for a browser",
            access: .known, answer: Handlers.page),
        Route(
            path: "/page/<name>", methods: [.get], meaning: "what that page is made of",
            access: .known, answer: Handlers.pageFile),
        Route(
            path: "/graph", methods: [.get], meaning: "leads to that page's query box",
            access: .known, answer: Handlers.queryLink),
        Route(
            path: "/query", methods: [.get], meaning: "the same",
            access: .known, answer: Handlers.queryLink),
        Route(
            path: "/alerts", methods: [.get], meaning: "leads to that page's alerts",
            access: .known, answer: Handlers.alertsLink),
        Route(
            path: "/rules", methods: [.get], meaning: "leads to that page's rules",
            access: .known, answer: Handlers.rulesLink),
        Route(
            path: "/targets", methods: [.get], meaning: "leads to that page's clusters",
            access: .known, answer: Handlers.targetsLink),
        Route(
            path: "/api/v1/query", methods: [.get, .post], meaning: "PromQL at one time",
            waits: true, access: .view(.query), answer: Handlers.query),
        Route(
            path: "/api/v1/query_range", methods: [.get, .post], meaning: "PromQL over a range",
            waits: true, access: .view(.query), answer: Handlers.queryRange),
        Route(
            path: "/api/v1/series", methods: [.get, .post], meaning: "series by selectors",
            waits: true, access: .view(.metadata), answer: Handlers.series),
        Route(
            path: "/api/v1/labels", methods: [.get, .post], meaning: "names of labels",
            waits: true, access: .view(.metadata), answer: Handlers.labelNames),
        Route(
            path: "/api/v1/label/<name>/values", methods: [.get], meaning: "values of a label",
            waits: true, access: .view(.metadata), answer: Handlers.labelValues),
        Route(
            path: "/api/v1/metadata", methods: [.get], meaning: "types and help of metrics",
            waits: true, access: .view(.metadata), answer: Handlers.metadata),
        Route(
            path: "/api/v1/rules", methods: [.get],
            meaning: "rules; with clusters=all the clusters' own too", waits: true,
            access: .view(.alerts), answer: Handlers.rules),
        Route(
            path: "/api/v1/alerts", methods: [.get],
            meaning: "pending and firing alerts; with clusters=all the clusters' own too",
            waits: true, access: .view(.alerts), answer: Handlers.alerts),
        Route(
            path: "/api/v1/alertmanagers", methods: [.get], meaning: "who is told of alerts",
            access: .whole(.alerts), answer: Handlers.alertmanagers),
        Route(
            path: "/api/v1/format_query", methods: [.get, .post], meaning: "PromQL, formatted",
            access: .fixed(.query), answer: Handlers.formatQuery),
        Route(
            path: "/api/v1/parse_query", methods: [.get, .post], meaning: "PromQL as a tree",
            access: .fixed(.query), answer: Handlers.parseQuery),
        Route(
            path: "/api/v1/status/buildinfo", methods: [.get], meaning: "versions",
            access: .known, answer: Handlers.buildInformation),
        Route(
            path: "/api/v1/status/runtimeinfo", methods: [.get], meaning: "the process",
            access: .view(.status), answer: Handlers.runtimeInformation),
        Route(
            path: "/api/v1/status/config", methods: [.get], meaning: "configuration in force",
            access: .view(.status), answer: Handlers.configuration),
        Route(
            path: "/api/v1/status/flags", methods: [.get], meaning: "settings by name",
            access: .fixed(.status), answer: Handlers.flags),
        Route(
            path: "/api/v1/features", methods: [.get], meaning: "what is understood",
            access: .known, answer: Handlers.features),
        Route(
            path: "/mesh/v1/clusters", methods: [.get], meaning: "the clusters and their state",
            access: .view(.mesh), answer: Handlers.clusters),
        Route(
            path: "/mesh/v1/control-plane", methods: [.get],
            meaning: "how the meshes' control planes do, and what is wrong with configuration",
            access: .view(.mesh), answer: Handlers.controlPlane),
        Route(
            path: "/mesh/v1/certificates", methods: [.get],
            meaning: "the meshes' certificates, what ends first",
            access: .view(.mesh), answer: Handlers.certificates),
        Route(
            path: "/mesh/v1/explain", methods: [.get, .post],
            meaning: "how a query is split over the clusters, and how that went", waits: true,
            access: .view(.query), answer: Handlers.explain),
        Route(
            path: "/mesh/v1/signals", methods: [.get],
            meaning: "how services do: requests, errors, latency, saturation", waits: true,
            access: .view(.mesh), answer: Handlers.signals),
        Route(
            path: "/mesh/v1/graph", methods: [.get],
            meaning: "who calls whom, how much and how well; as JSON or a drawing", waits: true,
            access: .view(.mesh), answer: Handlers.graph),
        Route(
            path: "/mesh/v1/graph/path", methods: [.get],
            meaning: "how calls get from one node of that graph to another", waits: true,
            access: .view(.mesh), answer: Handlers.graphPath),
        Route(
            path: "/mesh/v1/path", methods: [.get],
            meaning: "how one service reaches another: the shortest and the busiest path",
            waits: true, access: .view(.mesh), answer: Handlers.servicePath),
        Route(
            path: "/mesh/v1/critical-path", methods: [.get],
            meaning: "what a trace waits for, or many traces of a service", waits: true,
            access: .view(.mesh), answer: Handlers.criticalPath),
        Route(
            path: "/metrics", methods: [.get], meaning: "the gateway's own metrics",
            access: .whole(.status), answer: Handlers.metrics),
        Route(
            path: "/-/routes", methods: [.get], meaning: "this list", access: .known,
            answer: Handlers.routes),
        Route(
            path: "/-/healthy", methods: [.get], meaning: "whether the gateway runs",
            access: .open, answer: Handlers.healthy),
        Route(
            path: "/-/ready", methods: [.get], meaning: "whether the inventory is loaded",
            access: .open, answer: Handlers.ready),
        Route(
            path: "/-/reload", methods: [.post, .put], meaning: "reads the configuration again",
            access: .whole(.admin), answer: Handlers.reload),
        Route(
            path: "/-/cache/clear", methods: [.post, .put],
            meaning: "forgets all remembered answers", waits: true, access: .whole(.admin),
            answer: Handlers.clearCache),
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

extension HTTPAPISettings {
    /// The paths of all routes, `<name>` where one segment is free.
    package static func routePaths(tracesPath: String) -> [String] {
        (Route.table + Route.traces(under: tracesPath)).map(\.path)
    }
}
