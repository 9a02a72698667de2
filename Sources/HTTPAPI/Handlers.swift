import PrometheusAPI

/// What answers the routes: one function each, in files by what they are about.
struct Handlers: Sendable {
    let settings: HTTPAPISettings
    let dependencies: HTTPAPIDependencies
    /// When the server was made, milliseconds since the Unix epoch.
    let startTime: Int64
    let pageFiles = PageFiles()

    init(settings: HTTPAPISettings, dependencies: HTTPAPIDependencies) {
        self.settings = settings
        self.dependencies = dependencies
        startTime = dependencies.now()
    }

    var queries: QueryAnswering { dependencies.queries }
}
