import Foundation
import TestSupport
import Testing

extension Conformance {
    @Suite("Certificates and credentials")
    struct CredentialTests {
        private static let token = "Bearer correct horse"

        @Test func aCertificateIsCheckedAgainstAuthorityNameAndTime() async throws {
            let certificates = try await Certificates()
            defer { certificates.remove() }
            let good = try await certificates.pair("good", for: "IP:127.0.0.1")
            let named = try await certificates.pair("named", for: "DNS:prometheus.example")
            let expired = try await certificates.pair("expired", for: "IP:127.0.0.1", days: -1)
            let authority = "ca_file: \(certificates.authority)"
            for (what, pair, lines, isGood) in [
                ("a good certificate", good, [authority], true),
                ("an unknown authority", good, [], false),
                ("an expired certificate", expired, [authority], false),
                ("another's name", named, [authority], false),
                ("the expected name", named, [authority, "server_name: prometheus.example"], true),
                ("no check", expired, ["insecure_skip_verify: true"], true),
            ] {
                let server = try await secureServer(pair)
                let faulty = try await FaultyCluster(
                    urls: [server.address],
                    lines: ["timeout: 30s", "tls_config: {\(lines.joined(separator: ", "))}"])
                if isGood {
                    try await faulty.expectWhole(.whoIsThere, what)
                } else {
                    try await faulty.expectMissing("TLS|certificate", .whoIsThere, what)
                }
                await faulty.gateway.end()
                await server.end()
            }
        }

        @Test func aClientCertificateIsShownWhereOneIsWanted() async throws {
            let certificates = try await Certificates()
            defer { certificates.remove() }
            let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
            let client = try await certificates.pair("client", for: "DNS:isthmus")
            let server = try await secureServer(
                pair,
                more: [
                    "client_auth_type: RequireAndVerifyClientCert",
                    "client_ca_file: \(certificates.authority)",
                ])
            let keys = ["cert_file: \(client.certificate)", "key_file: \(client.key)"]
            for shown in [keys, []] {
                let lines = ["ca_file: \(certificates.authority)"] + shown
                let faulty = try await FaultyCluster(
                    urls: [server.address],
                    lines: ["timeout: 30s", "tls_config: {\(lines.joined(separator: ", "))}"])
                if shown.isEmpty {
                    try await faulty.expectMissing("TLS|certificate|reached")
                } else {
                    try await faulty.expectWhole()
                }
                await faulty.gateway.end()
            }
            await server.end()
        }

        @Test func aWrongTokenCostsTheClustersShareUntilItsFileIsRight() async throws {
            let port = try await FaultyCluster.realPort()
            let server = try ScriptedServer { request in
                request.header("authorization") == Self.token
                    ? .forward(port: port)
                    : FaultTests.Fault.page(401, "Who are you?")
            }
            defer { server.end() }
            let secrets = try TemporaryDirectory("secrets")
            defer { secrets.remove() }
            let file = try secrets.write("wrong battery\n", to: "token")
            let faulty = try await FaultyCluster(
                urls: [server.address],
                lines: [
                    "timeout: 30s", "authorization: {type: Bearer, credentials_file: \(file)}",
                ])
            try await faulty.expectMissing("401")
            try secrets.write("correct horse\n", to: "token")
            try await faulty.gateway.awaitWhole(
                query: "count(up)", at: "\(UnionData.start + 1800)")
            try await faulty.expectWhole()
            // What is shown of the gateway has neither secret in it.
            for path in ["/mesh/v1/clusters", "/api/v1/status/config", "/metrics"] {
                let answer = try await HTTPCall(port: faulty.gateway.port, path: path).answer()
                #expect(!answer.text.contains("horse") && !answer.text.contains("battery"))
            }
            let log = faulty.gateway.process.logTail(lines: 10_000)
            #expect(!log.contains("horse") && !log.contains("battery"))
            await faulty.gateway.end()
        }

        @Test(arguments: [("test", true), ("guess", false)])
        func aPasswordIsSentAsThePrometheusWantsIt(_ password: String, _ isRight: Bool) async throws
        {
            let data = try await UnionServers.shared.running().data
            let directory = try TemporaryDirectory("password")
            defer { directory.remove() }
            var options = PrometheusServer.Options()
            options.copiedData = data.memberBlocks[FaultyCluster.name]
            // "test", hashed so that it costs a busy machine nothing.
            options.webConfiguration = """
                basic_auth_users:
                  admin: $2b$04$hNf2lSsxfm0.i4a.1kVpSORlJqwqYFZ3x1Am1frBDy6/wVn4lx8/i
                """
            let server = try await PrometheusServer("password", options)
            let file = try directory.write(password, to: "secret")
            let faulty = try await FaultyCluster(
                urls: [server.address],
                lines: [
                    "timeout: 30s", "basic_auth: {username: admin, password_file: \(file)}",
                ])
            if isRight {
                try await faulty.expectWhole()
            } else {
                try await faulty.expectMissing("401")
            }
            await faulty.gateway.end()
            await server.end()
        }

        /// The third cluster's data behind TLS.
        private func secureServer(
            _ pair: Certificates.Pair, more: [String] = []
        ) async throws -> PrometheusServer {
            let data = try await UnionServers.shared.running().data
            var options = PrometheusServer.Options()
            options.copiedData = data.memberBlocks[FaultyCluster.name]
            let lines = ["cert_file: \(pair.certificate)", "key_file: \(pair.key)"] + more
            options.webConfiguration =
                "tls_server_config:\n" + lines.map { "  \($0)\n" }.joined()
            return try await PrometheusServer("secure", options)
        }
    }
}
