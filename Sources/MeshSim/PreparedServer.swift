import ArgumentParser
import Hummingbird
import Logging

/// Where a server with prepared answers listens, and the server itself.
struct PreparedServer: ParsableArguments {
    @Option(help: "The address to listen at.")
    var listen = "127.0.0.1"

    @Option(help: "The port.")
    var port: Int

    /// Answers by these routes, and to who asks whether it is ready, until it is told to stop.
    func run(_ router: Router<BasicRequestContext>) async throws {
        router.get("-/ready") { _, _ in "ready\n" }
        var logger = Logger(label: "meshsim")
        logger.logLevel = .warning
        try await Application(
            router: router,
            configuration: ApplicationConfiguration(
                address: .hostname(listen, port: port), serverName: "meshsim"),
            logger: logger
        ).runService()
    }
}
