import Traces

/// How the server listens and what it says of itself.
package struct HTTPAPISettings: Sendable {
    /// A name or an address of this machine.
    package var host = "127.0.0.1"
    /// 0 for any that is free.
    package var port = 9780
    /// Whether an answer may lack clusters where the request does not say.
    package var partialResponse = true
    /// The same for single routes, by their paths as the table of routes has them.
    package var partialRoutes: [String: Bool] = [:]
    /// Where Jaeger's API begins, without a slash at the end.
    package var tracesPath = "/jaeger"
    /// What `metrics/*` are computed from.
    package var spanMetrics = SpanMetricsSettings()
    package var version = Version()
    package var limits = Limits()
    /// What `status/flags` shows: names as Prometheus has them (`query.timeout`), without secrets.
    package var flags: [String: String] = [:]
    /// Whether experimental functions are understood; `features` says so.
    package var experimentalFunctions = false
    package var requestLog = RequestLog()

    /// Which requests have a line in the log.
    package struct RequestLog: Hashable, Sendable {
        /// Whether each has.
        package var isOn = false
        /// Those have that take as long; nil for none.
        package var slowAfter: Duration?

        package init() {}
    }

    /// What `status/buildinfo` shows.
    package struct Version: Sendable {
        /// The level of Prometheus's API that is spoken: Grafana and Kiali choose features by it.
        package var prometheus = "3.14.0"
        package var isthmus = "0.0.0"
        package var revision = ""
        package var branch = ""
        package var buildUser = ""
        package var buildDate = ""
        /// The compiler, in the place where Prometheus names its own.
        package var compiler = ""

        package init() {}
    }

    /// What a client may ask of the server.
    package struct Limits: Sendable {
        /// Bytes of a request's body; Go's servers read as many of a form.
        package var bodyBytes = 10 << 20
        /// Bytes of a request's path and query string.
        package var targetBytes = 1 << 20
        /// Connections at one time; further ones wait in the system's queue.
        package var connections = 4096
        /// How long a connection may be without a request, and a request without its next byte.
        package var idleTimeout: Duration = .seconds(300)
        /// How long a client may take none of its answer.
        package var sendTimeout: Duration = .seconds(120)
        /// How long a client may take for all of its answer.
        package var wholeSendTimeout: Duration = .seconds(600)

        package init() {}
    }

    package init() {}
}
