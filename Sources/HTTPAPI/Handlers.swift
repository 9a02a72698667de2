import PrometheusAPI

/// What answers the routes: one function each, in files by what they are about.
struct Handlers: Sendable {
    var settings: HTTPAPISettings
    /// What can be asked: of the clusters in view alone, for clients that see no others.
    var dependencies: HTTPAPIDependencies
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
