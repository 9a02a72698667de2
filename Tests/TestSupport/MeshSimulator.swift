import Foundation
import Glibc
import Synchronization

/// The simulated mesh, as it is built: one of its clusters.
package final class MeshSimulator: Sendable {
    package let port: Int
    private let arguments: [String]
    private let current: Mutex<ChildProcess>
    private let directory: TemporaryDirectory

    package var process: ChildProcess { current.withLock { $0 } }

    /// Starts it and waits until it answers. `linkerd-1` and the like are clusters of further meshes.
    package init(cluster: String, arguments: [String] = []) async throws {
        let directory = try TemporaryDirectory("meshsim")
        // Every cluster has the port behind the one before; here only the one that is served counts.
        let istio = ["eu-1", "us-1", "ap-1"]
        let offset = istio.firstIndex(of: cluster) ?? istio.count
        let port = try Loopback.freePort()
        var words = ["--cluster", cluster, "--base-port", "\(port - offset)"]
        if offset == istio.count { words += ["--meshes", String(cluster.dropLast(2))] }
        self.arguments = words + arguments
        self.port = port
        self.directory = directory
        current = Mutex(try Self.start(directory, words + arguments))
        try await awaitReady()
    }

    private static func start(
        _ directory: TemporaryDirectory, _ arguments: [String]
    ) throws -> ChildProcess {
        try ChildProcess(
            "meshsim", executable: try Self.binary(), arguments: arguments,
            outputPath: directory.file("meshsim.log"))
    }

    private func awaitReady() async throws {
        try await awaitProcess(process, "ready") {
            (try? await HTTPCall(port: port, path: "/faults").answer())?.status == 200
        }
    }

    /// Where the program is: beside the gateway's, or beside the test runner.
    package static func binary() throws -> String {
        let neighbour =
            try ProcessInfo.processInfo.environment["ISTHMUS_BINARY"]
            ?? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: neighbour).deletingLastPathComponent()
            .appendingPathComponent("meshsim").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ProcessFailure("there is no \(path): build it (swift build)")
        }
        return path
    }

    /// A test that fails half-way leaves nothing behind either.
    deinit { current.withLock { $0.signal(SIGKILL) } }

    /// Kills it, and waits until it is gone.
    package func kill() async { await process.end() }

    /// Starts it again after `kill`, on the same port and without its faults, and waits until it
    /// answers.
    package func restart() async throws {
        try current.withLock { $0 = try Self.start(directory, arguments) }
        try await awaitReady()
    }

    /// Kills it, waits until it is gone, and removes its files.
    package func end() async {
        await kill()
        directory.remove()
    }

    /// The address of one replica of its control plane, such as `istiod-0`.
    package func replica(_ name: String) -> String {
        "http://127.0.0.1:\(port)/control-plane/\(name)"
    }

    // MARK: Asking

    /// Switches a fault; `place` is a query such as `service=cart`.
    @discardableResult
    package func fault(
        _ method: String, _ name: String, at place: String = ""
    ) async throws -> HTTPAnswer {
        var call = HTTPCall(port: port, path: "/faults/\(name)\(place.isEmpty ? "" : "?")\(place)")
        call.method = method
        return try await call.answer()
    }

    /// What a scrape shows.
    package func scrape() async throws -> MeshScrape {
        let answer = try await HTTPCall(port: port, path: "/metrics").answer()
        return try MeshScrape(answer.text)
    }
}

/// The samples of one scrape.
package struct MeshScrape: Sendable {
    /// By series, as it is written.
    package let values: [String: Double]
    /// The series that must never fall.
    package let counters: Set<String>

    package init(_ text: String) throws {
        var values: [String: Double] = [:]
        var counters: Set<String> = []
        var kind = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                if line.hasPrefix("# TYPE") { kind = String(line.split(separator: " ")[3]) }
                continue
            }
            guard let space = line.lastIndex(of: " "),
                let value = Double(line[line.index(after: space)...])
            else { throw ProcessFailure("not a sample: \(line)") }
            let series = String(line[..<space])
            guard values.updateValue(value, forKey: series) == nil else {
                throw ProcessFailure("twice in one scrape: \(series)")
            }
            if kind != "gauge" { counters.insert(series) }
        }
        self.values = values
        self.counters = counters
    }

    /// The sum of the values of all series of that name with these labels.
    package func sum(_ name: String, _ labels: String...) -> Double {
        values.reduce(0) { sum, sample in
            sample.key.hasPrefix(name + "{") && labels.allSatisfy { sample.key.contains($0) }
                ? sum + sample.value : sum
        }
    }

    /// The series that have fallen since an earlier scrape, or are gone.
    package func fallen(since earlier: MeshScrape) -> [String] {
        earlier.counters.filter { (values[$0] ?? -1) < (earlier.values[$0] ?? 0) }
    }
}
