import Federation
import HTTPAPI
import Synchronization
import Testing

/// Connections: kept, left, and asked in other ways than with GET and POST.
@Suite struct ConnectionTests {
    @Test func aConnectionServesManyRequests() async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            for _ in 0..<5 {
                try await client.send(server.head("GET", "/api/v1/query?query=up"))
                let answer = try await client.answer()
                #expect(answer.status == 200)
                try await client.send(server.head("GET", "/-/healthy"))
                let other = try await client.answer()
                #expect(other.text == "Isthmus is Healthy.\n")
            }
        }
    }

    @Test func requestsSentTogetherAreAnsweredInTheirOrder() async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            try await client.send(
                ["a", "b", "c"].map { server.head("GET", "/api/v1/query?query=\($0)") }.joined())
            for name in ["a", "b", "c"] {
                let answer = try await client.answer()
                #expect(answer.text.contains(#"{"query":"\#(name)"}"#))
            }
        }
    }

    @Test func aConnectionIsClosedWhereTheClientSaysSo() async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            try await client.send(server.head("GET", "/-/healthy", ["Connection: close"]))
            #expect(try await client.answer().status == 200)
            #expect(try await client.isClosedByServer())
        }
    }

    @Test(arguments: [Departure.closed, .reset, .outputClosed])
    func aClientThatLeavesCancelsItsQuery(_ departure: Departure) async throws {
        let (events, event) = AsyncStream<String>.makeStream()
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            event.yield("began")
            await Self.untilCancelled()
            event.yield("cancelled")
            throw .cancelled
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            var iterator = events.makeAsyncIterator()
            var client: WireClient? = try WireClient(port: server.port)
            try await client?.send(server.head("GET", "/api/v1/query?query=up"))
            #expect(await iterator.next() == "began")
            switch departure {
            case .closed: client = nil
            case .reset: client?.reset()
            case .outputClosed: client?.closeOutput()
            }
            #expect(await iterator.next() == "cancelled")
            if departure == .outputClosed {
                let answer = try await client?.answer()
                #expect(answer?.status == 499)
            }
        }
    }

    enum Departure: Sendable { case closed, reset, outputClosed }

    @Test func aClientThatLeavesCancelsAPostedQueryOnAKeptConnection() async throws {
        let (events, event) = AsyncStream<String>.makeStream()
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            if request.expression == "quick" { return Canned.answer(to: request) }
            event.yield("began")
            await Self.untilCancelled()
            event.yield("cancelled")
            throw .cancelled
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            var iterator = events.makeAsyncIterator()
            var client: WireClient? = try WireClient(port: server.port)
            try await client?.send(server.head("GET", "/api/v1/query?query=quick"))
            #expect(try await client?.answer().status == 200)
            try await client?.send(
                server.head(
                    "POST", "/api/v1/query",
                    ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 10"])
                    + "query=slow")
            #expect(await iterator.next() == "began")
            client = nil
            #expect(await iterator.next() == "cancelled")
        }
    }

    @Test func aClientThatEndsItsOutputStillGetsAQuickAnswer() async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            try await client.send(server.head("GET", "/-/healthy"))
            client.closeOutput()
            let answer = try await client.answer()
            #expect(answer.text == "Isthmus is Healthy.\n")
        }
    }

    @Test func aClientThatTakesNothingOfItsAnswerIsLeft() async throws {
        var settings = HTTPAPISettings()
        settings.limits.sendTimeout = .milliseconds(300)
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            Canned.large(series: 200, values: 2000)
        }
        let codes = Mutex<[String]>([])
        let (ends, end) = AsyncStream<Void>.makeStream()
        let logger = RecordingLog.logger { message in
            codes.withLock { $0.append(message.metadata["code"] ?? "") }
            end.yield()
        }
        try await withServer(
            settings: settings,
            dependencies: Canned.dependencies(queries: queries, logger: logger)
        ) { server in
            let client = try WireClient(port: server.port, receiveBytes: 4096)
            try await client.send(
                server.head("GET", "/api/v1/query_range?query=x&start=0&end=1&step=1"))
            var iterator = ends.makeAsyncIterator()
            _ = await iterator.next()
            #expect(codes.withLock { $0 } == ["499"])
            _ = client
        }
    }

    @Test func aClientThatTakesTooLongForAllOfItsAnswerIsLeft() async throws {
        var settings = HTTPAPISettings()
        settings.limits.wholeSendTimeout = .milliseconds(300)
        let budget = MemoryBudget(QueryLimits())
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            var answer = Canned.large(series: 200, values: 2000)
            let memory = QueryMemory(budget)
            try? memory.hold(1000)
            answer.memory = memory
            return answer
        }
        let held = Mutex<[Int]>([])
        let (ends, end) = AsyncStream<Void>.makeStream()
        let logger = RecordingLog.logger { message in
            // The line is written while the answer is still there.
            held.withLock { $0.append(budget.usedBytes) }
            end.yield()
        }
        try await withServer(
            settings: settings,
            dependencies: Canned.dependencies(queries: queries, logger: logger)
        ) { server in
            let client = try WireClient(port: server.port, receiveBytes: 4096)
            try await client.send(
                server.head("GET", "/api/v1/query_range?query=x&start=0&end=1&step=1"))
            var iterator = ends.makeAsyncIterator()
            _ = await iterator.next()
            #expect(held.withLock { $0 } == [1000])
            while budget.usedBytes > 0 { await Task.yield() }
            _ = client
        }
    }

    @Test func queriesKnowWhoseTheyAre() async throws {
        let clients = Mutex<[String?]>([])
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            clients.withLock { $0.append(QueryClient.current) }
            return Canned.answer(to: request)
        }
        var dependencies = Canned.dependencies(queries: queries)
        dependencies.clientName = { "at \($0 ?? "nowhere")" }
        try await withServer(dependencies: dependencies) { server in
            _ = try await server.get("/api/v1/query?query=up")
        }
        #expect(clients.withLock { $0 } == ["at 127.0.0.1"])
    }

    @Test func headIsGetWithoutTheBody() async throws {
        try await withServer { server in
            for target in ["/api/v1/query?query=up", "/-/healthy", "/-/ready", "/metrics"] {
                let get = try await server.get(target)
                let client = try WireClient(port: server.port)
                try await client.send(server.head("HEAD", target))
                let head = try await client.answer(toHead: true)
                #expect(head.status == get.status)
                #expect(head["content-length"] == get["content-length"])
                #expect(head["content-type"] == get["content-type"])
                // The connection is ready for the next request: no body was sent.
                try await client.send(server.head("GET", "/-/healthy"))
                let next = try await client.answer()
                #expect(next.text == "Isthmus is Healthy.\n")
            }
        }
    }

    @Test func headOfALargeAnswerTellsItsLength() async throws {
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            Canned.large(series: 20, values: 2000)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let target = "/api/v1/query_range?query=x&start=0&end=1&step=1"
            let get = try await server.get(target)
            let head = try await server.ask("HEAD", target, ["Accept-Encoding: gzip"])
            #expect(head["content-length"] == String(get.body.count))
            #expect(head["transfer-encoding"] == nil)
        }
    }

    @Test func aPageFromElsewhereMayAsk() async throws {
        try await withServer { server in
            let answer = try await server.get(
                "/api/v1/query?query=up", ["Origin: http://grafana"])
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer["access-control-allow-methods"] == "GET, POST, OPTIONS")
            #expect(
                answer["access-control-allow-headers"]
                    == "Accept, Authorization, Content-Type, Origin")
            #expect(
                answer["access-control-expose-headers"]
                    == "Date, X-Isthmus-Clusters-Ok, X-Isthmus-Clusters-Missing, X-Isthmus-Cache, "
                    + "X-Isthmus-Trace-Id")
            #expect(answer["vary"] == "Origin, Accept-Encoding")
            let plain = try await server.get("/api/v1/query?query=up")
            #expect(plain["access-control-allow-origin"] == nil)
            let healthy = try await server.get("/-/healthy", ["Origin: http://grafana"])
            #expect(healthy["access-control-allow-origin"] == nil)
        }
    }

    @Test func optionsAreAnsweredWithoutABody() async throws {
        try await withServer { server in
            let answer = try await server.ask(
                "OPTIONS", "/api/v1/query", ["Origin: http://grafana"])
            #expect(answer.status == 204)
            #expect(answer["access-control-allow-origin"] == "*")
            #expect(answer["content-length"] == nil)
            #expect(answer["content-type"] == nil)
        }
    }

    @Test func aClientThatAsksBeforeItSendsIsToldToSend() async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            try await client.send(
                server.head(
                    "POST", "/api/v1/query",
                    [
                        "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
                        "Content-Length: 8", "Expect: 100-continue",
                    ]))
            #expect(try await client.answer().status == 100)
            try await client.send("query=up")
            let answer = try await client.answer()
            #expect(answer.status == 200)
        }
    }

    @Test func aClientThatAsksToSendTooMuchIsRefusedAtOnce() async throws {
        try await withServer { server in
            let client = try WireClient(port: server.port)
            try await client.send(
                server.head(
                    "POST", "/api/v1/query",
                    [
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: 100000000", "Expect: 100-continue",
                    ]))
            let answer = try await client.answer()
            #expect(answer.status == 413)
            #expect(answer["connection"] == "close")
            let isClosed = try await client.isClosedByServer()
            #expect(isClosed)
        }
    }

    /// Returns when the task is cancelled.
    private static func untilCancelled() async {
        try? await Task.sleep(for: .seconds(600))
    }
}
