import Access
import HTTPTypes

extension Route {
    /// The routes of both generations of Jaeger's API, below the path, which has no slash at its
    /// end.
    static func traces(under path: String) -> [Route] {
        let page = Route(
            path: path, methods: [.get], meaning: "which of Jaeger's routes there are",
            access: .known, answer: Handlers.jaegerIndex)
        return [page, page.moved(to: path + "/")] + older(path + "/api") + third(path + "/api/v3")
    }

    /// Those that Grafana, Kiali and Jaeger's UI know, the ones among them that Jaeger has removed
    /// since.
    private static func older(_ path: String) -> [Route] {
        func route(
            _ name: String, _ meaning: String,
            _ answer:
                @escaping @Sendable (Handlers) ->
                @Sendable (Call)
                async throws(ErrorResponse) -> Answer
        ) -> Route {
            Route(
                path: path + name, methods: [.get], meaning: meaning, waits: true,
                errorForm: .jaegerV1, access: .view(.traces), answer: answer)
        }
        var archive = route(
            "/archive/<name>", "has the clusters keep a trace", Handlers.archiveTrace)
        archive.methods = [.post]
        var transform = route("/transform", "OTLP in Jaeger's form", Handlers.transformTraces)
        transform.methods = [.post]
        transform.takesDocument = true
        transform.access = .fixed(.traces)
        var shortest = route(
            "/metrics/minstep", "the shortest step of those", Handlers.minimumStep)
        shortest.access = .fixed(.traces)
        return [
            route("/services", "services of all clusters", Handlers.traceServices),
            route(
                "/services/<name>/operations", "names of a service's operations",
                Handlers.operationNames),
            route("/operations", "operations of a service", Handlers.operations),
            route("/traces", "traces by search, or by ids", Handlers.searchTraces),
            route("/traces/<name>", "a trace, from all clusters", Handlers.trace),
            route("/dependencies", "who calls whom, in all clusters", Handlers.serviceDependencies),
            route("/metrics/latencies", "durations from span metrics", Handlers.latencies),
            route("/metrics/calls", "call rates from span metrics", Handlers.callRates),
            route("/metrics/errors", "error rates from span metrics", Handlers.errorRates),
            shortest, archive, transform,
        ]
    }

    private static func third(_ path: String) -> [Route] {
        func route(
            _ name: String, _ meaning: String,
            _ answer:
                @escaping @Sendable (Handlers) ->
                @Sendable (Call)
                async throws(ErrorResponse) -> Answer
        ) -> Route {
            Route(
                path: path + name, methods: [.get], meaning: meaning, waits: true,
                errorForm: .jaegerV3, access: .view(.traces), answer: answer)
        }
        return [
            route("/services", "the same, in API v3", Handlers.traceServicesV3),
            route("/operations", "the same, in API v3", Handlers.operationsV3),
            route("/traces", "traces by search, as OTLP", Handlers.searchTracesV3),
            route("/traces/<name>", "a trace, as OTLP", Handlers.traceV3),
            route("/trace-summaries", "traces by search, briefly", Handlers.traceSummaries),
        ]
    }

    private func moved(to path: String) -> Route {
        var route = self
        route.path = path
        return route
    }
}
