import Foundation
import Glibc
import Synchronization

/// Debian's Alertmanager on a port of 127.0.0.1, alone, with nothing in it.
package final class AlertmanagerServer: Sendable {
    package let port: Int
    package let address: String
    private let directory: TemporaryDirectory
    private let arguments: [String]
    private let isOpen: Bool
    private let current: Mutex<ChildProcess>

    /// `host:port`, as configurations name it.
    package var target: String { "127.0.0.1:\(port)" }

    /// Starts it and waits until it is ready. `configuration` is the content of its file;
    /// `webConfiguration` that of `--web.config.file`, for TLS and passwords.
    package init(
        configuration: String, webConfiguration: String? = nil, arguments: [String] = []
    ) async throws {
        let directory = try TemporaryDirectory("alertmanager")
        let port = try Loopback.freePort()
        try directory.write(configuration, to: "alertmanager.yml")
        var all = [
            "--config.file=\(directory.file("alertmanager.yml"))",
            "--storage.path=\(directory.file("data"))", "--web.listen-address=127.0.0.1:\(port)",
            // It forms no cluster.
            "--cluster.listen-address=",
        ]
        if let webConfiguration {
            all.append("--web.config.file=\(try directory.write(webConfiguration, to: "web.yml"))")
        }
        self.port = port
        self.directory = directory
        self.arguments = all + arguments
        isOpen = webConfiguration == nil && !arguments.contains { $0.contains("route-prefix") }
        let isSecure = webConfiguration?.contains("tls_server_config") == true
        address = "\(isSecure ? "https" : "http")://127.0.0.1:\(port)"
        current = Mutex(try Self.start(directory, all + arguments))
        try await awaitReady()
    }

    /// A test that fails half-way leaves nothing behind either.
    deinit { current.withLock { $0.signal(SIGKILL) } }

    private static func start(
        _ directory: TemporaryDirectory, _ arguments: [String]
    ) throws -> ChildProcess {
        try ChildProcess(
            "alertmanager", executable: "prometheus-alertmanager", arguments: arguments,
            outputPath: directory.file("alertmanager.log"))
    }

    private var process: ChildProcess { current.withLock { $0 } }

    private func awaitReady() async throws {
        try await awaitProcess(process, "ready") {
            // Where it wants TLS or a password, its log says it too.
            guard isOpen else { return process.logTail().contains("Listening on") }
            let answer = try? await HTTPCall(port: port, path: "/-/ready").answer()
            return answer?.status == 200
        }
    }

    // MARK: Configurations

    /// Every alert is a group of its own, and goes to a receiver at once.
    package static func configuration(webhook: WebhookReceiver? = nil) -> String {
        var lines = [
            "route:", "  receiver: all", "  group_by: ['...']", "  group_wait: 1ms",
            "  group_interval: 100ms", "  repeat_interval: 1h", "receivers:", "- name: all",
        ]
        if let webhook {
            lines += ["  webhook_configs:", "  - url: \(webhook.url)", "    send_resolved: true"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Faults

    /// Stops it in its tracks: it keeps its connections, and answers nothing.
    package func pause() { process.signal(SIGSTOP) }

    package func resume() { process.signal(SIGCONT) }

    /// Kills it, and waits until it is gone.
    package func kill() async { await process.end() }

    /// Starts it again after `kill`, on the same port.
    package func restart() async throws {
        try current.withLock { $0 = try Self.start(directory, arguments) }
        try await awaitReady()
    }

    /// Kills it, waits until it is gone, and removes its files.
    package func end() async {
        await kill()
        directory.remove()
    }

    // MARK: Asking

    /// An alert as the API or a webhook tells it.
    package struct Alert: Decodable, Hashable, Sendable {
        package var labels: [String: String]
        package var annotations: [String: String]
        package var startsAt: String
        package var endsAt: String
        package var generatorURL: String
    }

    /// The alerts that are not over, by their names.
    package func alerts() async throws -> [Alert] {
        let answer = try await HTTPCall(port: port, path: "/api/v2/alerts").answer()
        guard answer.status == 200 else {
            throw ProcessFailure("alertmanager: status \(answer.status): \(answer.text)")
        }
        return try JSONDecoder().decode([Alert].self, from: answer.body)
            .sorted { ($0.labels["alertname"] ?? "") < ($1.labels["alertname"] ?? "") }
    }

    /// Waits until its alerts satisfy `condition`, and gives them.
    @discardableResult
    package func awaitAlerts(
        _ what: String, until condition: ([Alert]) -> Bool
    ) async throws -> [Alert] {
        var last: [Alert] = []
        try await awaitProcess(process, what) {
            last = (try? await alerts()) ?? []
            return condition(last)
        }
        return last
    }
}
