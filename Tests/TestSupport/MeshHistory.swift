import Foundation

/// What a Prometheus would know had it scraped a cluster of the simulated mesh for some time.
package enum MeshHistory {
    /// Makes the blocks of the last minutes in a directory.
    package static func make(
        cluster: String, minutes: Int, stepSeconds: Int, in directory: String
    ) async throws {
        let now = Int(Date().timeIntervalSince1970)
        let text = try TemporaryDirectory("history-\(cluster)")
        defer { text.remove() }
        let printing = try ChildProcess(
            "meshsim openmetrics", executable: try MeshSimulator.binary(),
            arguments: [
                "openmetrics", "--cluster", cluster, "--start", "\(now - minutes * 60)",
                "--end", "\(now)", "--step", "\(stepSeconds)s", "--instance", instance,
                "--job", "mesh",
            ],
            outputPath: text.file("metrics"), errorsPath: text.file("errors"))
        guard await printing.ended() == 0 else {
            throw ProcessFailure("meshsim openmetrics: \(printing.logTail())")
        }
        try await Command.mustRun(
            "promtool",
            ["tsdb", "create-blocks-from", "openmetrics", text.file("metrics"), directory])
    }

    /// The label `instance` of what is past, whichever port the cluster has now.
    package static let instance = "mesh:80"
}
