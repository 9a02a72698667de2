import Access
import Alerting
import Clusters
import ControlPlane
import Federation
import Foundation
import HTTPAPI
import Logging
import Storage
import Synchronization
import Testing
import TimeSeries

/// Who may ask which route, and what answers whom.
@Suite struct AccessRouteTests {
    private static let view = ClusterView(matchingAny: [[Matcher("cluster", equal: "eu-1")]])
    private static let clients = [
        Client(name: "admin", routes: Set(RouteGroup.allCases)),
        Client(name: "eu", clusters: view, routes: Set(RouteGroup.allCases)),
        Client(name: "reader", routes: [.query], partialResponse: false),
    ]

    private static func headers(_ client: String) -> [String] {
        ["Authorization: Bearer token-of-\(client)-people"]
    }

    /// The clients, the second of which is answered by `seen`.
    private static func access(
        seen: HTTPAPIDependencies = Canned.dependencies()
    ) -> HTTPAPIAccess {
        HTTPAPIAccess(
            authenticator: Authenticator(
                clients: clients,
                secrets: clients.map { ClientSecrets(tokens: ["token-of-\($0.name)-people"]) }),
            views: [view: seen])
    }

    // MARK: The table

    private static let table = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("conformance/access/routes.txt")

    private struct Row: Hashable, Sendable {
        var path: String
        var group: String
        var clusters: String

        /// A path that the route takes.
        var target: String { path.replacing("<name>", with: "abc123") }
    }

    /// The rows of the table: path, group, and of which clusters answers show something; what follows
    /// says how that is so.
    private static func rows() throws -> [Row] {
        try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map { line in
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                try #require(words.count == 4, "\(line)")
                return Row(path: words[0], group: words[1], clusters: words[2])
            }
    }

    @Test func everyRouteIsInTheTableOfRestrictions() async throws {
        let rows = try Self.rows()
        try await withServer { server in
            let text: String = try await server.get("/-/routes").text
            let lines: [Substring] = text.split(separator: "\n" as Character)
            let listed = lines.filter { $0.hasPrefix("  /") }.map { line -> Row in
                let words = line.split { " ,[]".contains($0) }.map(String.init)
                return Row(
                    path: words[0], group: words[words.count - 2], clusters: words[words.count - 1])
            }
            #expect(listed.map(\.path) == rows.map(\.path))
            for (row, route) in zip(rows, listed) { #expect(row == route) }
        }
    }

    // MARK: Who asks

    @Test func onlyWhetherItRunsIsForEverybody() async throws {
        let rows = try Self.rows()
        try await withServer(access: Self.access()) { server in
            for row in rows {
                let answer = try await server.get(row.target)
                let isOpen = row.path == "/-/healthy" || row.path == "/-/ready"
                #expect(answer.status == (isOpen ? 200 : 401), "\(row.path)")
                let challenge = answer.headers.first { $0.name == "www-authenticate" }?.value
                #expect(challenge == (isOpen ? nil : #"Bearer realm="isthmus""#), "\(row.path)")
            }
            #expect(try await server.get("/nothing/here").status == 401)
            let wrong = ["Authorization: Bearer token-of-nobodys-people"]
            #expect(try await server.get("/api/v1/labels", wrong).status == 401)
            let two = Self.headers("admin") + Self.headers("eu")
            #expect(try await server.get("/api/v1/labels", two).status == 401)
        }
    }

    @Test func eachAPITellsItInItsOwnForm() async throws {
        try await withServer(access: Self.access()) { server in
            let prometheus = try await server.get("/api/v1/labels")
            #expect(
                prometheus.text
                    == #"{"status":"error","errorType":"unauthorized","#
                    + #""error":"this server wants to know who asks"}"#)
            let older = try await server.get("/jaeger/api/services")
            #expect(older.text.contains(#""errors":[{"code":401,"msg":"this server"#))
            let third = try await server.get("/jaeger/api/v3/services")
            #expect(third.text.hasPrefix(#"{"error":{"httpCode":401,"message":"this server"#))
        }
    }

    @Test func aBrowserThatAsksWhetherItMayAskNeedsNoCredentials() async throws {
        try await withServer(access: Self.access()) { server in
            let answer = try await server.ask(
                "OPTIONS", "/api/v1/query", ["Origin: http://elsewhere"])
            #expect(answer.status == 204)
            #expect(answer.body.isEmpty)
        }
    }

    @Test func aClientMayAskWhatItIsAllowed() async throws {
        try await withServer(access: Self.access()) { server in
            let may = try await server.get("/api/v1/query?query=up", Self.headers("reader"))
            #expect(may.status == 200)
            let mayNot = try await server.get("/api/v1/series?match[]=up", Self.headers("reader"))
            #expect(mayNot.status == 403)
            #expect(
                mayNot.text
                    == #"{"status":"error","errorType":"forbidden","#
                    + #""error":"this client may not ask /api/v1/series"}"#)
            let name = try await server.get(
                "/api/v1/label/secret-name/values", Self.headers("reader"))
            #expect(name.status == 403)
            #expect(!name.text.contains("secret-name"))
        }
    }

    @Test func aClientsOwnStandardHoldsForPartialAnswers() async throws {
        let asked = Mutex<[Bool]>([])
        let queries = Canned.queries { request in
            asked.withLock { $0.append(request.partialResponse) }
            return Canned.answer(to: request)
        }
        try await withServer(
            dependencies: Canned.dependencies(queries: queries), access: Self.access()
        ) { server in
            _ = try await server.get("/api/v1/query?query=up", Self.headers("admin"))
            _ = try await server.get("/api/v1/query?query=up", Self.headers("reader"))
            _ = try await server.get(
                "/api/v1/query?query=up&partial_response=true", Self.headers("reader"))
        }
        #expect(asked.withLock { $0 } == [true, false, true])
    }

    @Test func aPageOfAnotherSiteDoesNotReload() async throws {
        try await withServer(access: Self.access()) { server in
            let cases: [([String], Int)] = [
                ([], 200), (["Sec-Fetch-Site: same-origin", "Origin: http://here"], 200),
                (["Sec-Fetch-Site: none"], 200), (["Sec-Fetch-Site: cross-site"], 403),
                (["Sec-Fetch-Site: same-site"], 403), (["Origin: http://elsewhere"], 403),
            ]
            for (headers, status) in cases {
                let answer = try await server.ask(
                    "POST", "/-/reload", Self.headers("admin") + headers)
                #expect(answer.status == status, "\(headers)")
            }
        }
    }

    // MARK: What answers

    /// Whatever a client of one cluster asks, nothing that knows the whole fleet is even looked at.
    @Test func aClientOfSomeClustersIsAnsweredByItsView() async throws {
        let touched = Mutex<[String]>([])
        let whole = Watched.dependencies { name in touched.withLock { $0.append(name) } }
        let rows = try Self.rows()
        try await withServer(dependencies: whole, access: Self.access()) { server in
            for row in rows {
                for parameters in Self.parameters {
                    let answer = try await server.get(
                        "\(row.target)?\(parameters)", Self.headers("eu"))
                    if row.clusters == "all" {
                        // That routes that change something take no GET is said later.
                        #expect(answer.status == 403, "\(row.path)")
                    } else {
                        #expect(answer.status != 401 && answer.status != 403, "\(row.path)")
                    }
                }
                let posted = try await server.ask("POST", row.target, Self.headers("eu"))
                #expect(posted.status != 401, "\(row.path)")
            }
            #expect(touched.withLock { $0 } == [])
            // The same is looked at for whoever sees everything.
            for row in rows {
                for parameters in Self.parameters {
                    _ = try await server.get(
                        "\(row.target)?\(parameters)", Self.headers("admin"))
                }
            }
        }
        let seen = Set(touched.withLock { $0 })
        #expect(seen.isSuperset(of: Watched.names), "\(Watched.names.subtracting(seen))")
    }

    /// Enough for each route to come to its answer.
    private static let parameters = [
        "query=up&start=0&end=60&step=60&match[]=up",
        "service=a&from=a&to=b&endTs=1000&lookback=1000&quantile=0.5&trace=abc123&clusters=all",
        "service=a&query.service_name=a&query.start_time_min=2023-11-14T00:00:00Z"
            + "&query.start_time_max=2023-11-15T00:00:00Z&query.service_name=a&from=a&to=b",
        "",
    ]

    // MARK: The log

    /// The first so many lines. A request's line may be written a little after its answer.
    private func log(
        _ settings: HTTPAPISettings.RequestLog, lines count: Int,
        _ ask: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws -> [RecordingLog.Message] {
        let (messages, record) = AsyncStream<RecordingLog.Message>.makeStream()
        let logger = RecordingLog.logger(of: ["access", "slow query", "audit"]) {
            record.yield($0)
        }
        var all = HTTPAPISettings()
        all.requestLog = settings
        return try await withServer(
            settings: all, dependencies: Canned.dependencies(logger: logger),
            access: Self.access(seen: Canned.dependencies(logger: logger))
        ) { server in
            try await ask(server)
            var result: [RecordingLog.Message] = []
            for await message in messages {
                result.append(message)
                if result.count == count { break }
            }
            return result.sorted { ($0.metadata["code"] ?? "") < ($1.metadata["code"] ?? "") }
        }
    }

    @Test func eachRequestHasALineWhereThatIsWanted() async throws {
        var settings = HTTPAPISettings.RequestLog()
        settings.isOn = true
        let lines = try await log(settings, lines: 3) { server in
            _ = try await server.get("/api/v1/query?query=up", Self.headers("eu"))
            _ = try await server.get("/api/v1/series?match[]=up", Self.headers("reader"))
            _ = try await server.get("/api/v1/labels")
        }
        #expect(lines.map(\.text) == ["access", "access", "access"])
        #expect(lines.map { $0.metadata["client"] } == ["eu", "-", "reader"])
        #expect(lines.map { $0.metadata["code"] } == ["200", "401", "403"])
        let first = try #require(lines.first).metadata
        #expect(first["route"] == "/api/v1/query")
        #expect(first["asked_query"] == "up")
        #expect(first["clusters"] == "eu-1")
        #expect(first["missing"] == "us-1")
        #expect(first["address"] == "127.0.0.1")
        #expect(Int(first["bytes"] ?? "") ?? 0 > 0)
        #expect(lines[2].metadata["asked_match"] == "up")
    }

    @Test func slowQueriesHaveALine() async throws {
        var settings = HTTPAPISettings.RequestLog()
        settings.slowAfter = .zero
        let lines = try await log(settings, lines: 1) { server in
            _ = try await server.get("/api/v1/status/flags", Self.headers("admin"))
            _ = try await server.get("/api/v1/query?query=up", Self.headers("admin"))
        }
        #expect(lines.map(\.text) == ["slow query"])
        #expect(lines.first?.level == .notice)
        #expect(lines.first?.metadata["asked_query"] == "up")
    }

    @Test func whatChangesSomethingHasALineAnyway() async throws {
        let lines = try await log(HTTPAPISettings.RequestLog(), lines: 3) { server in
            _ = try await server.get("/api/v1/query?query=up", Self.headers("admin"))
            _ = try await server.ask("POST", "/-/reload", Self.headers("admin"))
            _ = try await server.ask("POST", "/-/reload", Self.headers("eu"))
            _ = try await server.ask("POST", "/-/reload")
        }
        #expect(lines.map(\.text) == ["audit", "audit", "audit"])
        #expect(lines.map { $0.metadata["client"] } == ["admin", "-", "eu"])
        #expect(lines.map { $0.metadata["code"] } == ["200", "401", "403"])
    }

    @Test func whatIsAskedIsBoundedAndOnOneLine() async throws {
        var settings = HTTPAPISettings.RequestLog()
        settings.isOn = true
        let hostile =
            "up%0Atime=1%1B%5B2J%C2%9B%E2%80%AE%E2%80%A8" + String(repeating: "x", count: 5000)
        let lines = try await log(settings, lines: 1) { server in
            _ = try await server.get(
                "/api/v1/query?query=\(hostile)&token=never-told&password=never-told",
                Self.headers("admin"))
        }
        let metadata = try #require(lines.first).metadata
        let asked = try #require(metadata["asked_query"])
        #expect(asked.hasPrefix(#"up\u{a}time=1\u{1b}[2J\u{9b}\u{202e}\u{2028}xxx"#))
        #expect(asked.utf8.count < 1100)
        #expect(asked.hasSuffix("bytes)"))
        #expect(!metadata.values.contains { $0.contains("never-told") || $0.contains("token-of") })
    }
}

/// Everything that knows the whole fleet, and says so when it is looked at.
private enum Watched {
    static let names: Set<String> = [
        "query", "explain", "series", "labelNames", "labelValues", "metricMetadata", "rules",
        "clusters", "metricsText", "configurationText", "alerting", "controlPlane", "services",
        "operations", "find", "traces", "dependencies", "signals", "graph",
    ]

    static func dependencies(_ note: @escaping @Sendable (String) -> Void) -> HTTPAPIDependencies {
        var all = Canned.dependencies()
        let answering = all.queries
        all.queries = QueryAnswering(
            query: { (request) async throws(QueryFailure) in
                note("query")
                return try await answering.query(request)
            },
            explain: { (request) async throws(QueryFailure) in
                note("explain")
                return try await answering.explain(request)
            },
            series: { (request) async throws(QueryFailure) in
                note("series")
                return try await answering.series(request)
            },
            labelNames: { (request) async throws(QueryFailure) in
                note("labelNames")
                return try await answering.labelNames(request)
            },
            labelValues: { (question) async throws(QueryFailure) in
                note("labelValues")
                return try await answering.labelValues(question)
            },
            metricMetadata: { (question) async throws(QueryFailure) in
                note("metricMetadata")
                return try await answering.metricMetadata(question)
            },
            rules: { (request) async throws(QueryFailure) in
                note("rules")
                return try await answering.rules(request)
            })
        let (traces, meshes, controlPlane) = (all.traces, all.meshes, all.controlPlane)
        all.traces = TraceAnswering(
            services: { call in
                note("services")
                return await traces.services(call)
            },
            operations: { question, call in
                note("operations")
                return await traces.operations(question, call)
            },
            find: { question, call in
                note("find")
                return await traces.find(question, call)
            },
            traces: { question, call in
                note("traces")
                return await traces.traces(question, call)
            },
            dependencies: { question, call in
                note("dependencies")
                return await traces.dependencies(question, call)
            },
            archive: { question, call in
                note("archive")
                return await traces.archive(question, call)
            })
        all.meshes = MeshAnswering(
            signals: { (question) async throws(QueryFailure) in
                note("signals")
                return try await meshes.signals(question)
            },
            graph: { (question) async throws(QueryFailure) in
                note("graph")
                return try await meshes.graph(question)
            },
            picture: meshes.picture)
        all.controlPlane = ControlPlaneAnswering {
            note("controlPlane")
            return await controlPlane.report()
        }
        all.clusters = {
            note("clusters")
            return []
        }
        all.metricsText = {
            note("metricsText")
            return ""
        }
        all.configurationText = {
            note("configurationText")
            return ""
        }
        all.alerting = {
            note("alerting")
            return AlertingReport()
        }
        all.reload = {
            note("reload")
            return []
        }
        all.clearCache = { () async throws(StorageFailure) in
            note("clearCache")
            return 0
        }
        return all
    }
}
