import Federation
import HTTPAPI
import Logging
import ServiceLifecycle
import Testing

/// The server's own life.
@Suite struct ServerTests {
    @Test func aPortInUseIsACleanError() async throws {
        try await withServer { server in
            var settings = HTTPAPISettings()
            settings.port = server.port
            let second = makeServer(settings: settings, dependencies: Canned.dependencies())
            let failure = await #expect(throws: ListenFailure.self) { try await second.run() }
            #expect(
                failure?.description
                    == "cannot listen on 127.0.0.1:\(server.port): address already in use")
        }
    }

    @Test func anUnknownHostIsACleanError() async throws {
        var settings = HTTPAPISettings()
        // A name with a part that is too long, which no name server has to be asked about.
        let host = String(repeating: "x", count: 64) + ".invalid"
        settings.host = host
        settings.port = 0
        let server = makeServer(settings: settings, dependencies: Canned.dependencies())
        let failure = await #expect(throws: ListenFailure.self) { try await server.run() }
        #expect(
            failure?.description == "cannot listen on \(host):0: unknown host")
    }

    @Test func aGracefulShutdownAnswersWhatWasAsked() async throws {
        let (events, event) = AsyncStream<Void>.makeStream()
        let (permissions, permission) = AsyncStream<Void>.makeStream()
        let queries = Canned.queries { (request) async throws(QueryFailure) in
            event.yield()
            for await _ in permissions { break }
            return Canned.answer(to: request)
        }
        var settings = HTTPAPISettings()
        settings.port = 0
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = makeServer(
            settings: settings, dependencies: Canned.dependencies(queries: queries)
        ) { port.yield($0) }
        let group = ServiceGroup(
            services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var bound = ports.makeAsyncIterator()
            guard let number = await bound.next() else { return }
            let client = try WireClient(port: number)
            let test = TestServer(port: number)
            try await client.send(test.head("GET", "/api/v1/query?query=up"))
            var began = events.makeAsyncIterator()
            _ = await began.next()
            await group.triggerGracefulShutdown()
            permission.yield()
            let answer = try await client.answer()
            #expect(answer.status == 200)
            try await tasks.waitForAll()
        }
    }
}
