import ArgumentParser
import Logging

/// `meshsim serve`, or just `meshsim`: serves the simulated clusters until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves the metrics and traces of the simulated clusters, one port a cluster.")

    @Option(help: "The address to listen at.")
    var listen = "127.0.0.1"

    @Option(
        help:
            "The port of eu-1; the other clusters have those after it, us-1, ap-1 and further ones."
    )
    var basePort = 9791

    @Option(help: "Serve this cluster only, at its usual port.")
    var cluster: ClusterName?

    @OptionGroup var simulation: SimulationOptions
    @OptionGroup var traces: TraceOptions

    func validate() throws {
        guard (1...65_529).contains(basePort) else {
            throw ValidationError("--base-port must be between 1 and 65529.")
        }
    }

    func run() async throws {
        if let cluster { _ = try simulation.profile(cluster) }
        let doors = simulation.plan.profiles.enumerated()
            .filter { cluster == nil || $0.element.name == cluster?.rawValue }
            .map { MeshServer.Door(profile: $0.element, port: basePort + $0.offset) }
        let server = MeshServer(
            topology: try simulation.topology(), tracePlan: traces.plan, host: listen,
            doors: doors,
            logger: Logger(label: "meshsim"))
        try await server.run()
    }
}
