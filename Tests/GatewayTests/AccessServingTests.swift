import Foundation
import TestSupport
import Testing

/// `isthmus serve` with clients that may not see everything.
@Suite struct AccessServingTests {
    private static let mark = "MARKED"
    private static let adminToken = "never-told-token-of-admin"
    private static let euToken = "never-told-token-of-eu"
    /// Of `never-told password`.
    private static let hash = "$2b$04$kbcdefghijklmnopqrstuuiXIYL3SIFSoVNBDV2WPYBW3kbiEHSVy"

    /// A gateway before two clusters, with a client for everything and one that sees `eu-1` alone.
    private final class Gateway: Sendable {
        let server: IsthmusServer
        let files: TemporaryDirectory
        private let clusters: [ScriptedServer]

        init() async throws {
            let files = try TemporaryDirectory("secrets")
            try files.write(AccessServingTests.adminToken + "\n", to: "admin.token")
            try files.write(AccessServingTests.euToken + "\n", to: "eu.token")
            try files.write(AccessServingTests.hash + "\n", to: "eu.hash")
            try files.write("never-told password\n", to: "eu.password")
            let names = ["eu-1", "us-1"]
            let servers = try names.map { name in
                let secret = name == "eu-1" ? "plain" : AccessServingTests.mark
                return try ScriptedServer { MarkedCluster.answer(to: $0, secret: secret) }
            }
            var members = zip(names, servers).map { name, server in
                IsthmusServer.Member(
                    name, labels: [("region", name == "eu-1" ? "eu" : AccessServingTests.mark)],
                    urls: [server.address])
            }
            for index in members.indices {
                members[index].lines = ["jaeger:", "  url: \(servers[index].address)"]
            }
            let rules = try files.write(
                """
                groups:
                  - name: both
                    interval: 1s
                    rules:
                      - {alert: Up, expr: "up > 0", annotations: {summary: "as in us-1"}}
                      - {record: "isthmus:up", expr: up}

                """, to: "rules.yaml")
            let configuration = """
                server:
                  auth:
                    clients:
                      - name: admin
                        bearer_token_files: [\(files.file("admin.token"))]
                        routes: [query, metadata, traces, mesh, alerts, status, admin]
                      - name: eu
                        bearer_token_files: [\(files.file("eu.token"))]
                        basic_auth: {username: eu, password_hash_file: \(files.file("eu.hash"))}
                        clusters: ['{region="eu"}']
                telemetry: {log: {level: debug, access: true, slow_queries: 1ms}}
                alerting: {rule_files: [\(rules)]}
                """
            self.files = files
            clusters = servers
            server = try await IsthmusServer(members, configuration: configuration)
        }

        func ask(
            _ path: String, _ parameters: [HTTPCall.Parameter] = [], method: String = "GET",
            authorization: String? = nil
        ) async throws -> HTTPAnswer {
            var call = HTTPCall(port: server.port, path: path, parameters: parameters)
            call.method = method
            if let authorization {
                call.headers = [.init(name: "Authorization", value: authorization)]
            }
            return try await call.answer()
        }

        func eu(
            _ path: String, _ parameters: [HTTPCall.Parameter] = []
        ) async throws -> HTTPAnswer {
            try await ask(
                path, parameters, authorization: "Bearer \(AccessServingTests.euToken)")
        }

        func end() async {
            await server.end()
            for cluster in clusters { cluster.end() }
            files.remove()
        }
    }

    private static func told(_ answer: HTTPAnswer) -> String {
        answer.headers.map { "\($0.name): \($0.value)\n" }.joined() + answer.text
    }

    @Test func noQuestionShowsAnotherCluster() async throws {
        let gateway = try await Gateway()
        // The rules have been evaluated: there is something to see.
        try await awaitProcess(gateway.server.process, "alerts of both clusters") {
            let answer = try? await gateway.ask(
                "/api/v1/alerts", authorization: "Bearer \(Self.adminToken)")
            return answer?.text.contains(Self.mark) ?? false
        }
        let seed = UInt64.random(in: 0..<(1 << 32))
        print("hostile questions of seed \(seed)")
        var questions = HostileQuestions(seed: seed, wanted: ["us-1", "eu-1"])
        for _ in 0..<400 {
            let question = questions.next()
            let answer = try await ask(question, gateway)
            let told = Self.told(answer)
            #expect(!told.contains(Self.mark), "seed \(seed): \(question)")
            #expect(
                question.text.contains("us-1") || !told.contains("us-1"),
                "seed \(seed): \(question)")
        }
        await gateway.end()
    }

    private func ask(
        _ question: HostileQuestions.Question, _ gateway: Gateway
    ) async throws -> HTTPAnswer {
        func matching(_ selectors: [String]) -> [HTTPCall.Parameter] {
            selectors.map { HTTPCall.Parameter("match[]", $0) }
        }
        switch question {
        case .query(let text):
            return try await gateway.eu("/api/v1/query", [.init("query", text)])
        case .range(let text):
            let now = Date().timeIntervalSince1970.rounded()
            return try await gateway.eu(
                "/api/v1/query_range",
                [
                    .init("query", text), .init("start", "\(now - 120)"), .init("end", "\(now)"),
                    .init("step", "60"),
                ])
        case .explain(let text):
            return try await gateway.eu(
                "/mesh/v1/explain", [.init("query", text), .init("analyze", "true")])
        case .series(let selectors):
            return try await gateway.eu("/api/v1/series", matching(selectors))
        case .labels(let selectors):
            return try await gateway.eu("/api/v1/labels", matching(selectors))
        case .values(let label, let selectors):
            return try await gateway.eu("/api/v1/label/\(label)/values", matching(selectors))
        case .metadata(let metric):
            return try await gateway.eu(
                "/api/v1/metadata", metric.map { [.init("metric", $0)] } ?? [])
        }
    }

    @Test func noRouteShowsAnotherCluster() async throws {
        let gateway = try await Gateway()
        let routes = try await gateway.eu("/-/routes").text
        let lines = routes.split(separator: "\n").filter { $0.hasPrefix("  /") }
        #expect(lines.count > 40)
        let parameters: [[HTTPCall.Parameter]] = [
            [], [.init("query", "up"), .init("match[]", "up"), .init("clusters", "all")],
            [
                .init("service", "x"), .init("from", "x"), .init("to", "y"),
                .init("query.service_name", "x"), .init("trace", "abc123"),
            ],
        ]
        for line in lines {
            let path = String(line.split(separator: " ")[0]).replacingOccurrences(
                of: "<name>", with: "x")
            for parameters in parameters {
                let told = Self.told(try await gateway.eu(path, parameters))
                #expect(!told.contains(Self.mark), "\(path)")
                #expect(!told.contains("us-1"), "\(path)")
            }
        }
        // There is no other cluster to be named.
        let named = try await gateway.eu("/api/v1/rules", [.init("clusters", "us-1")])
        let unheardOf = try await gateway.eu("/api/v1/rules", [.init("clusters", "xx-1")])
        #expect(named.status == unheardOf.status)
        #expect(named.text.replacingOccurrences(of: "us-1", with: "xx-1") == unheardOf.text)
        await gateway.end()
    }

    @Test func noSecretIsTold() async throws {
        let gateway = try await Gateway()
        let admin = "Bearer \(Self.adminToken)"
        var told = ""
        for path in [
            "/metrics", "/api/v1/status/config", "/api/v1/status/flags", "/mesh/v1/clusters",
            "/mesh/v1/explain?query=up&analyze=true", "/api/v1/query?query=up", "/-/routes",
        ] {
            told += Self.told(try await gateway.ask(path, authorization: admin))
        }
        for authorization in [
            "Bearer \(Self.adminToken)x", "Basic never-told", "Bearer never-told-nonsense more",
        ] {
            let answer = try await gateway.ask("/api/v1/query", authorization: authorization)
            #expect(answer.status == 401)
            told += Self.told(answer)
        }
        try gateway.files.write("never-told two words", to: "eu.token")
        let refused = try await gateway.ask("/-/reload", method: "POST", authorization: admin)
        #expect(refused.status == 500)
        #expect(refused.text.contains("client eu"))
        told += Self.told(refused)
        #expect(told.contains("isthmus_auth_clients 2"))
        let log = gateway.server.process.logTail()
        #expect(log.contains("audit"))
        #expect(log.contains("client=admin"))
        for text in [told, log] {
            #expect(!text.contains("never-told"))
            #expect(!text.contains("$2b$"))
        }
        await gateway.end()
    }

    @Test func tokensAreReadAgain() async throws {
        let gateway = try await Gateway()
        #expect(try await gateway.eu("/api/v1/labels").status == 200)
        try gateway.files.write("another-token-of-eu\n", to: "eu.token")
        let reload = try await gateway.ask(
            "/-/reload", method: "POST", authorization: "Bearer \(Self.adminToken)")
        #expect(reload.status == 200)
        #expect(try await gateway.eu("/api/v1/labels").status == 401)
        let other = try await gateway.ask(
            "/api/v1/labels", authorization: "Bearer another-token-of-eu")
        #expect(other.status == 200)
        await gateway.end()
    }

    @Test func aBrowserIsAskedForItsUser() async throws {
        let gateway = try await Gateway()
        let page = try await gateway.ask("/")
        #expect(page.status == 401)
        #expect(page.header("WWW-Authenticate")?.hasPrefix("Basic ") == true)
        let word = Data("eu:never-told password".utf8).base64EncodedString()
        #expect(try await gateway.ask("/", authorization: "Basic \(word)").status == 200)
        await gateway.end()
    }

    @Test func commandsSayWhoAsks() async throws {
        let gateway = try await Gateway()
        let query = ["query", "up", "--server", gateway.server.address]
        let nobody = try await IsthmusCommand.run(query)
        #expect(nobody.status != 0)
        #expect(nobody.errors.contains("unauthorized"), "\(nobody.errors)")
        let token = try await IsthmusCommand.run(
            query + ["--token-file", gateway.files.file("eu.token")])
        #expect(token.status == 0, "\(token.errors)")
        #expect(token.output.contains("eu-1") && !token.output.contains("us-1"))
        let user = try await IsthmusCommand.run(
            query + ["--user", "eu", "--password-file", gateway.files.file("eu.password")])
        #expect(user.status == 0, "\(user.errors)")
        #expect(user.output == token.output)
        let half = try await IsthmusCommand.run(query + ["--user", "eu"])
        #expect(half.status != 0)
        #expect(half.errors.contains("--user and --password-file belong together"))
        await gateway.end()
    }

    @Test func withoutClientsItListensOnLoopbackOnly() async throws {
        let clusters = try TemporaryDirectory("clusters")
        try clusters.write(
            "cluster: a\nprometheus: {urls: ['http://127.0.0.1:9']}\n", to: "a.yaml")
        let result = try await IsthmusCommand.run([
            "serve", "--clusters", clusters.path, "--listen", "0.0.0.0:0",
        ])
        #expect(result.status == 1)
        #expect(result.errors.contains("without server.auth the gateway listens on loopback only"))
        clusters.remove()
    }
}
