import Foundation
import Glibc
import TestSupport
import Testing

/// `isthmus serve` before a cluster that always says the same.
@Suite struct ServeCommandTests {
    private struct Gateway {
        var process: ChildProcess
        var port: Int
        var directory: TemporaryDirectory

        func get(_ path: String) async throws -> HTTPAnswer {
            try await HTTPCall(port: port, path: path).answer()
        }

        func metrics() async throws -> String { try await get("/metrics").text }

        func end() async {
            await process.end()
            directory.remove()
        }
    }

    /// A gateway with this configuration, before one cluster that is not there.
    private func gateway(configuration: String = "") async throws -> Gateway {
        let directory = try TemporaryDirectory("serve")
        let config = try directory.write(configuration, to: "isthmus.conf")
        try directory.write(Self.cluster("eu-1"), to: "eu-1.yaml")
        let port = try Loopback.freePort()
        let process = try ChildProcess(
            "isthmus", executable: try IsthmusServer.binary(),
            arguments: [
                "serve", "--clusters", directory.path + "/", "--config", config, "--listen",
                "127.0.0.1:\(port)",
            ], outputPath: directory.file("output"), errorsPath: directory.file("log"))
        try await awaitProcess(process, "ready") {
            let answer = try? await HTTPCall(port: port, path: "/-/ready").answer()
            return answer?.status == 200
        }
        return Gateway(process: process, port: port, directory: directory)
    }

    private static func cluster(_ name: String) -> String {
        """
        cluster: \(name)
        prometheus:
          urls: [http://127.0.0.1:9]
          basic_auth: {username: u, password: never-shown}
          headers: {X-Token: never-shown}
          proxy_url: http://u:never-shown@127.0.0.1:9

        """
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalEndsItInGoodOrder(_ signal: Int32) async throws {
        let gateway = try await gateway()
        gateway.process.signal(signal)
        #expect(await gateway.process.ended() == 0)
        #expect(gateway.process.logTail().contains("msg=stopped"))
        await gateway.end()
    }

    @Test func aPortInUseIsSaid() async throws {
        let gateway = try await gateway()
        let second = try await IsthmusCommand.run([
            "serve", "--clusters", gateway.directory.path, "--listen",
            "127.0.0.1:\(gateway.port)",
        ])
        #expect(second.status == 1)
        #expect(
            second.errors.contains(
                "Error: cannot listen on 127.0.0.1:\(gateway.port): address already in use\n"))
        await gateway.end()
    }

    @Test func mistakesInAllFilesAreSaidBeforeThePortOpens() async throws {
        let directory = try TemporaryDirectory("mistakes")
        defer { directory.remove() }
        let config = try directory.write("quer: {}\n", to: "isthmus.conf")
        try directory.write("cluster: a\n", to: "a.yaml")
        let port = try Loopback.freePort()
        let result = try await IsthmusCommand.run([
            "serve", "--clusters", directory.path, "--config", config, "--listen",
            "127.0.0.1:\(port)",
        ])
        #expect(result.status == 1)
        #expect(
            result.errors == """
                \(config):1: quer: unknown key; did you mean query?
                \(directory.path)/a.yaml:1: prometheus: required key is missing: a section is expected
                2 mistakes in 2 files

                """)
    }

    @Test func promtoolAcceptsTheMetrics() async throws {
        let gateway = try await gateway()
        _ = try await gateway.get("/api/v1/query?query=up")
        let path = try gateway.directory.write(try await gateway.metrics(), to: "metrics")
        let result = try await Command.run("sh", ["-c", "promtool check metrics < \(path)"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.isEmpty && result.errors.isEmpty)
        let text = try await gateway.metrics()
        for name in [
            "isthmus_build_info{version=", "process_start_time_seconds 1",
            "process_resident_memory_bytes ", "process_cpu_seconds_total ", "process_open_fds ",
            "isthmus_config_last_reload_successful 1\n", "isthmus_clusters 1\n",
        ] {
            #expect(text.contains("\n" + name), "\(name)")
        }
        await gateway.end()
    }

    @Test func secretsAreNotShown() async throws {
        let gateway = try await gateway(
            configuration: """
                telemetry:
                  log: {level: trace}
                  otlp:
                    url: http://127.0.0.1:9
                    headers: {X-Token: never-shown}
                    authorization: {credentials: never-shown}
                    resource_attributes: {team: mesh}

                """)
        let answer = try await gateway.get("/api/v1/status/config")
        #expect(answer.text.contains(#"  otlp:\n    url: \"http://127.0.0.1:9\"\n"#))
        #expect(answer.text.contains(#"    resource_attributes:\n"#))
        #expect(answer.text.contains("cluster: eu-1"))
        #expect(answer.text.contains("password: \\u003csecret"))
        for path in ["/api/v1/query?query=up", "/mesh/v1/clusters", "/api/v1/status/flags"] {
            #expect(!(try await gateway.get(path)).text.contains("never-shown"), "\(path)")
        }
        #expect(!answer.text.contains("never-shown"))
        gateway.process.signal(SIGHUP)
        try await awaitProcess(gateway.process, "read again") {
            gateway.process.logTail(lines: 1000).contains("inventory loaded")
        }
        #expect(!gateway.process.logTail(lines: 1000).contains("never-shown"))
        await gateway.end()
    }

    @Test func linesOfTheLogCanBeJSON() async throws {
        let gateway = try await gateway(configuration: "telemetry: {log: {format: json}}\n")
        let line = try #require(gateway.process.logTail().split(separator: "\n").first)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["level"] == "info")
        #expect(object["msg"] == "listening")
        #expect(object["address"] == "127.0.0.1:\(gateway.port)")
        await gateway.end()
    }

    @Test func theLevelOfTheLogIsObeyed() async throws {
        let gateway = try await gateway(configuration: "telemetry: {log: {level: error}}\n")
        #expect(gateway.process.logTail().isEmpty)
        await gateway.end()
    }

    @Test func theConfigurationIsShown() async throws {
        let gateway = try await gateway(
            configuration: """
                query: {timeout: 90s, partial_response: false}
                server: {listen: localhost:1}

                """)
        let config = try await gateway.get("/api/v1/status/config").text
        #expect(config.contains(#"timeout: 1m30s\n"#))
        #expect(config.contains(#"partial_response: false\n"#))
        // The command line goes before the file.
        #expect(config.contains("127.0.0.1:\(gateway.port)"))
        let flags = try await gateway.get("/api/v1/status/flags").text
        #expect(flags.contains(#""query.timeout":"1m30s""#))
        await gateway.end()
    }

    @Test func theMeshsBoundsAreThoseOfTheFile() async throws {
        let gateway = try await gateway(
            configuration: """
                mesh:
                  limits: {shown_subjects: 7, max_subjects: 7}
                  health: {grpc_errors: {degraded: 0, failing: 0.5}}
                  graphviz: {program: /nowhere/dot}

                """)
        let config = try await gateway.get("/api/v1/status/config").text
        #expect(config.contains(#"    max_subjects: 7\n"#))
        #expect(config.contains(#"    grpc_errors:\n      degraded: 0\n      failing: 0.5\n"#))
        #expect(config.contains(#"    http_server_errors:\n      degraded: 0.001\n"#))
        let refused = try await gateway.get("/mesh/v1/signals?top=8")
        #expect(refused.status == 400)
        #expect(refused.text.contains("a number from 1 to 7 is expected"))
        let metrics = try await gateway.metrics()
        #expect(
            metrics.contains(
                #"isthmus_mesh_requests_total{outcome="bad_data",question="signals"} 1"#))
        #expect(metrics.contains("# HELP isthmus_mesh_request_duration_seconds Time that signals"))
        await gateway.end()
    }

    @Test func aRefusedInventoryIsReadAgainWhenTheFileThatItLackedIsThere() async throws {
        let gateway = try await gateway()
        let service = "urls: [http://127.0.0.1:9], tls_config: {ca_file: late.pem}"
        try gateway.directory.write(
            "cluster: eu-2\nprometheus: {\(service)}\n", to: "eu-2.yaml")
        try await awaitProcess(gateway.process, "refused") {
            (try? await gateway.metrics().contains("_last_reload_successful 0\n")) == true
        }
        try gateway.directory.write("certificates\n", to: "late.pem")
        try await awaitProcess(gateway.process, "read") {
            (try? await gateway.metrics().contains("\nisthmus_clusters 2\n")) == true
        }
        await gateway.end()
    }

    @Test func aLinkThatPointsElsewhereIsAChange() async throws {
        // As Kubernetes mounts configuration: files are links through a link to a directory.
        let directory = try TemporaryDirectory("links")
        let files = FileManager.default
        for (version, name) in [("v1", "eu-1"), ("v2", "eu-2")] {
            try files.createDirectory(
                atPath: directory.file(version), withIntermediateDirectories: true)
            try directory.write(Self.cluster(name), to: "\(version)/cluster.yaml")
        }
        try files.createSymbolicLink(
            atPath: directory.file("..data"), withDestinationPath: "v1")
        try files.createSymbolicLink(
            atPath: directory.file("cluster.yaml"), withDestinationPath: "..data/cluster.yaml")
        let port = try Loopback.freePort()
        let process = try ChildProcess(
            "isthmus", executable: try IsthmusServer.binary(),
            arguments: [
                "serve", "--clusters", directory.path, "--listen", "127.0.0.1:\(port)",
            ], outputPath: directory.file("log"))
        let gateway = Gateway(process: process, port: port, directory: directory)
        func names() async -> String {
            (try? await gateway.get("/mesh/v1/clusters").text) ?? ""
        }
        try await awaitProcess(process, "the first") { await names().contains("eu-1") }
        try files.createSymbolicLink(
            atPath: directory.file("..new"), withDestinationPath: "v2")
        #expect(rename(directory.file("..new"), directory.file("..data")) == 0)
        try await awaitProcess(process, "the second") { await names().contains("eu-2") }
        #expect(
            try await gateway.metrics().contains(
                "isthmus_config_reloads_total{outcome=\"success\"} 1\n"))
        await gateway.end()
    }
}
