import Foundation
import Glibc

/// Debian's Prometheus on a directory with blocks, scraping nothing unless it is told to.
package final class PrometheusServer: Sendable {
    package let port: Int
    package let process: ChildProcess
    /// The directory of its files; the blocks may lie elsewhere.
    private let directory: TemporaryDirectory
    package let address: String

    /// What differs from server to server.
    package struct Options: Sendable {
        /// The directory of the blocks, which one server at a time can use.
        package var data: String?
        /// Blocks that others use too, to be copied.
        package var copiedData: String?
        package var externalLabels: [(name: String, value: String)] = []
        /// The content of a rule file.
        package var rules: String?
        /// The port of what it is to scrape, and how often.
        package var scrapedPort: Int?
        package var scrapeInterval = "1s"
        /// Another port that it is to scrape, as a job of that name.
        package var furtherTarget: (job: String, port: Int)?
        /// The content of `--web.config.file`: TLS and passwords.
        package var webConfiguration: String?
        /// Further flags of the program.
        package var flags: [String] = []
        /// Nil for any that is free.
        package var port: Int?

        package init(data: String? = nil) { self.data = data }
    }

    package init(_ name: String, _ options: Options) async throws {
        let directory = try TemporaryDirectory(name)
        var configuration = "global:\n  scrape_interval: 15s\n  evaluation_interval: 1m\n"
        if !options.externalLabels.isEmpty {
            configuration += "  external_labels:\n"
            for label in options.externalLabels {
                configuration += "    \(label.name): \"\(label.value)\"\n"
            }
        }
        if let rules = options.rules {
            let path = try directory.write(rules, to: "rules.yml")
            configuration += "rule_files: [\"\(path)\"]\n"
        }
        if let port = options.scrapedPort {
            configuration +=
                "scrape_configs:\n- job_name: mesh\n  honor_labels: true\n"
                + "  scrape_interval: \(options.scrapeInterval)\n"
                + "  scrape_timeout: \(options.scrapeInterval)\n"
                + "  static_configs: [{targets: ['127.0.0.1:\(port)']}]\n"
            if let further = options.furtherTarget {
                configuration +=
                    "- job_name: \(further.job)\n  scrape_interval: \(options.scrapeInterval)\n"
                    + "  scrape_timeout: \(options.scrapeInterval)\n"
                    + "  static_configs: [{targets: ['127.0.0.1:\(further.port)']}]\n"
            }
        }
        try directory.write(configuration, to: "prometheus.yml")
        if let blocks = options.copiedData {
            try FileManager.default.copyItem(atPath: blocks, toPath: directory.file("data"))
        }
        let port = try options.port ?? Loopback.freePort()
        var arguments = [
            "--config.file=\(directory.file("prometheus.yml"))",
            "--storage.tsdb.path=\(options.data ?? directory.file("data"))",
            // The samples of the tests are years old.
            "--storage.tsdb.retention.time=100y",
            "--web.listen-address=127.0.0.1:\(port)",
        ]
        arguments += options.flags
        if let webConfiguration = options.webConfiguration {
            let path = try directory.write(webConfiguration, to: "web.yml")
            arguments.append("--web.config.file=\(path)")
        }
        let process = try ChildProcess(
            "prometheus \(name)", executable: "prometheus",
            arguments: arguments,
            outputPath: directory.file("prometheus.log"))
        self.port = port
        self.process = process
        self.directory = directory
        let isSecure = options.webConfiguration?.contains("tls_server_config") == true
        address = "\(isSecure ? "https" : "http")://127.0.0.1:\(port)"
        let isOpen = options.webConfiguration == nil
        // Where it wants TLS or a password, its log says it too.
        try await awaitProcess(process, "ready") {
            guard isOpen else {
                return process.logTail().contains("Server is ready to receive web requests.")
            }
            let answer = try? await HTTPCall(port: port, path: "/-/ready").answer()
            return answer?.status == 200
        }
    }

    /// A test that fails half-way leaves nothing behind either.
    deinit { process.signal(SIGKILL) }

    /// Kills it, and waits until it is gone.
    package func end() async {
        await process.end()
        directory.remove()
    }
}
