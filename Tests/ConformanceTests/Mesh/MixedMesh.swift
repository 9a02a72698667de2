import Foundation
import TestSupport

/// Seven clusters of four meshes, each behind a Prometheus that holds a quarter of an hour of the past,
/// and the truth of the last five minutes; made once, when a test first asks for it.
///
/// The past is written sample by sample (`meshsim openmetrics`), so that scrapes are where the tests
/// want them: none at the window's edges, of which servers before 3.0 took both. In a window of five
/// minutes `rate` sees twenty samples, the last 285 s after the first, and stretches their difference
/// to 300 s. What it tells is the mean of those 285 s, for which the truth is asked.
actor MixedMesh {
    static let shared = MixedMesh()

    static let clusters = ["eu-1", "us-1", "ap-1", "linkerd-1", "consul-1", "otel-1", "ambient-1"]
    /// Unix seconds; whole hours.
    static let end = 1_700_042_400
    /// Between two samples, seconds.
    private static let step = 15
    /// The last sample: 5 s before the end.
    private static let last = end - 5
    /// What is lost between clusters, in plain text, repeated and rejected, beside what always goes
    /// wrong.
    private static let options = [
        "--meshes", "linkerd,consul,otel,ambient", "--scale", "40", "--origin", "1700000000",
        "--fault", "lost-between-clusters", "--fault", "plaintext:cart:eu-1",
        "--fault", "retries:cart:us-1", "--fault", "circuit-breaker:shipping:us-1",
    ]

    struct Running: Sendable {
        var truth: TrueCalls
        var servers: [String: PrometheusServer]

        /// A gateway over all clusters; those that are `cut` off cannot be reached.
        func gateway(without cut: Set<String> = []) async throws -> IsthmusServer {
            let members = try MixedMesh.clusters.map { name in
                guard let server = servers[name] else {
                    throw ProcessFailure("no server of \(name)")
                }
                let port = cut.contains(name) ? try Loopback.freePort() : server.port
                return IsthmusServer.Member(name, urls: ["http://127.0.0.1:\(port)"])
            }
            let gateway = try await IsthmusServer(members)
            guard cut.isEmpty else { return gateway }
            try await gateway.awaitWhole(query: "count(up)", at: "\(MixedMesh.end)")
            return gateway
        }
    }

    private var task: Task<Running, any Error>?

    func running() async throws -> Running {
        let task = task ?? Task { try await Self.start() }
        self.task = task
        return try await task.value
    }

    private static func start() async throws -> Running {
        let directory = try TemporaryDirectory("mixed-mesh")
        var servers: [String: PrometheusServer] = [:]
        for name in clusters {
            let samples = try await output([
                "openmetrics", "--cluster", name, "--start", "\(last - 900)", "--end", "\(last)",
                "--step", "\(step)s", "--job", "mesh", "--instance", name,
            ])
            let file = try directory.write(samples, to: "\(name).om")
            try await Command.mustRun(
                "promtool",
                [
                    "tsdb", "create-blocks-from", "openmetrics", "--quiet", file,
                    directory.file(name),
                ])
            try FileManager.default.removeItem(atPath: file)
            servers[name] = try await PrometheusServer(
                name, .init(data: directory.file(name)))
        }
        let text = try await output([
            "truth", "--start", "\(last - 300 + step)", "--end", "\(last)",
        ])
        return Running(
            truth: try JSONDecoder().decode(TrueCalls.self, from: Data(text.utf8)),
            servers: servers)
    }

    private static func output(_ arguments: [String]) async throws -> String {
        let result = try await Command.run(
            MeshSimulator.binary(), Array(arguments.prefix(1)) + options + arguments.dropFirst())
        guard result.status == 0 else { throw ProcessFailure(result.errors) }
        return result.output
    }
}
