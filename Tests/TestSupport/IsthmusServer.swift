import Foundation
import Glibc
import Synchronization

/// The gateway, as it is built, on a directory of cluster files.
package final class IsthmusServer: Sendable {
    package let port: Int
    private let arguments: [String]
    private let current: Mutex<ChildProcess>
    /// Holds the cluster files.
    package let clusters: TemporaryDirectory
    private let directory: TemporaryDirectory

    package var address: String { "http://127.0.0.1:\(port)" }

    package var process: ChildProcess { current.withLock { $0 } }

    /// One cluster's file.
    package struct Member: Sendable {
        package var name: String
        /// Beside `cluster`.
        package var labels: [(name: String, value: String)] = []
        package var urls: [String]
        /// Further lines under `prometheus`, such as `timeout: 1s`.
        package var serviceLines: [String] = []
        /// Further lines of the file.
        package var lines: [String] = []

        package init(
            _ name: String, labels: [(name: String, value: String)] = [], urls: [String],
            serviceLines: [String] = []
        ) {
            self.name = name
            self.labels = labels
            self.urls = urls
            self.serviceLines = serviceLines
        }

        package var file: String {
            var lines = ["cluster: \(name)"]
            if !labels.isEmpty {
                lines.append("external_labels:")
                lines += labels.map { "  \($0.name): \"\($0.value)\"" }
            }
            lines += ["prometheus:", "  urls:"] + urls.map { "    - \($0)" }
            lines += serviceLines.map { "  \($0)" } + self.lines
            return lines.joined(separator: "\n") + "\n"
        }
    }

    /// Starts it and waits until it is ready; `configuration` is the text of `--config`.
    package init(_ members: [Member], configuration: String? = nil) async throws {
        let directory = try TemporaryDirectory("isthmus")
        let clusters = try TemporaryDirectory("clusters")
        for member in members { try clusters.write(member.file, to: "\(member.name).yaml") }
        let port = try Loopback.freePort()
        var arguments = ["serve", "--clusters", clusters.path, "--listen", "127.0.0.1:\(port)"]
        if let configuration {
            arguments += ["--config", try directory.write(configuration, to: "isthmus.yaml")]
        }
        self.port = port
        self.arguments = arguments
        current = Mutex(try Self.start(directory, arguments))
        self.clusters = clusters
        self.directory = directory
        try await awaitReady()
    }

    private static func start(
        _ directory: TemporaryDirectory, _ arguments: [String]
    ) throws -> ChildProcess {
        try ChildProcess(
            "isthmus", executable: try Self.binary(), arguments: arguments,
            outputPath: directory.file("isthmus.log"))
    }

    private func awaitReady() async throws {
        try await awaitProcess(process, "ready") {
            let answer = try? await HTTPCall(port: port, path: "/-/ready").answer()
            return answer?.status == 200
        }
    }

    /// Where the gateway's program is: beside the test runner, or where `ISTHMUS_BINARY` says.
    package static func binary() throws -> String {
        if let path = ProcessInfo.processInfo.environment["ISTHMUS_BINARY"] { return path }
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: runner).deletingLastPathComponent()
            .appendingPathComponent("isthmus").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ProcessFailure(
                "there is no \(path): build it (swift build), or name it in ISTHMUS_BINARY")
        }
        return path
    }

    /// A test that fails half-way leaves nothing behind either.
    deinit { current.withLock { $0.signal(SIGKILL) } }

    /// Kills it, and waits until it is gone.
    package func kill() async { await process.end() }

    /// Starts it again after `kill`, on the same port and files, and waits until it is ready.
    package func restart() async throws {
        try current.withLock { $0 = try Self.start(directory, arguments) }
        try await awaitReady()
    }

    /// Kills it, waits until it is gone, and removes its files.
    package func end() async {
        await kill()
        directory.remove()
        clusters.remove()
    }

    /// What it has logged so far.
    package var log: String { process.logTail(lines: .max) }

    // MARK: Asking

    /// Asks an endpoint of the API.
    package func ask(
        _ endpoint: String, _ parameters: [HTTPCall.Parameter], method: String = "GET"
    ) async throws -> HTTPAnswer {
        var call = HTTPCall(port: port, path: "/api/v1/\(endpoint)", parameters: parameters)
        call.method = method
        return try await call.answer()
    }

    /// Waits until the answer to `query` at `time` is about all clusters.
    package func awaitWhole(query: String, at time: String) async throws {
        try await awaitProcess(process, "an answer about all clusters") {
            let answer = try? await ask(
                "query", [.init("query", query), .init("time", time)])
            return answer?.status == 200 && answer?.missingClusters.isEmpty == true
        }
    }
}

extension HTTPAnswer {
    /// The clusters whose data is in the answer, as its header says.
    package var presentClusters: [String] { clusterList("X-Isthmus-Clusters-Ok") }

    /// The clusters whose data is missing in the answer, as its header says.
    package var missingClusters: [String] { clusterList("X-Isthmus-Clusters-Missing") }

    private func clusterList(_ name: String) -> [String] {
        (header(name) ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
    }
}
