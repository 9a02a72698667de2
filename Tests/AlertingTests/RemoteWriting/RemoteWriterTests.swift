import Alerting
import Clusters
import MetricsTestKit
import PrometheusAPI
import Rules
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// What a writer sends, to a server that does what a test wants.
@Suite(.timeLimit(.minutes(10)))
struct RemoteWriterTests {
    private func withServer<Result: Sendable>(
        _ respond: @escaping FaultServer.Script = { _ in .answer(status: 204) },
        _ body: (FaultServer) async throws -> Result
    ) async throws -> Result {
        let server = try FaultServer(respond)
        defer { server.stop() }
        return try await body(server)
    }

    private func samples(_ numbers: Range<Int>, of name: String = "a") -> [RuleSample] {
        numbers.map { ruleSample(name, at: Int64($0), Double($0)) }
    }

    private func texts(_ numbers: Range<Int>, of name: String = "a") -> [String] {
        numbers.map { "\(name) \(Double($0)) \($0)" }
    }

    @Test func aRequestIsOneOfRemoteWrite() async throws {
        try await withServer { server in
            var options = WriterOptions(server.url + "/api/v1/push")
            options.settings.service.headers = [.init(name: "X-Scope-OrgID", value: "mesh")]
            options.settings.externalLabels = ["region": "eu", "job": "external"]
            options.relabel = { labels in
                labels.metricName == "private" ? nil : labels.setting("via", to: "isthmus")
            }
            try await withWriter(options) { writer in
                writer.write([
                    ruleSample("up", ["job": "own"], at: 1000, 1),
                    ruleSample("private", at: 1000, 2),
                    ruleSample("down", at: 2500, 3),
                ])
                await server.wait { $0.requests.count == 1 }
                try await eventually { writer.pendingSamples == 0 }
            }
            let request = server.facts.requests[0]
            #expect(request.method == "POST")
            #expect(request.target == "/api/v1/push")
            #expect(request.header("content-encoding") == "snappy")
            #expect(request.header("content-type") == "application/x-protobuf")
            #expect(request.header("x-prometheus-remote-write-version") == "0.1.0")
            #expect(request.header("user-agent") == "isthmus/1.2.3")
            #expect(request.header("x-scope-orgid") == "mesh")
            let up: Labels = ["__name__": "up", "job": "own", "region": "eu", "via": "isthmus"]
            let down: Labels = [
                "__name__": "down", "job": "external", "region": "eu", "via": "isthmus",
            ]
            #expect(
                try request.writtenSeries == [
                    SampledSeries(labels: up, samples: [.init(time: 1000, value: .float(1))]),
                    SampledSeries(labels: down, samples: [.init(time: 2500, value: .float(3))]),
                ])
            #expect(options.written == 2)
            #expect(options.lost(.relabelled) == 1)
            let receiver = [("receiver", "global")]
            let sent = try options.metrics.expectGauge(
                RemoteWriteMetric.highestSent.name, receiver)
            #expect(sent.lastValue == 2.5)
            let pending = try options.metrics.expectGauge(RemoteWriteMetric.pending.name, receiver)
            #expect(pending.lastValue == 0)
            let times = try options.metrics.expectRecorder(
                RemoteWriteMetric.duration.name, receiver)
            #expect(times.values.count == 1)
        }
    }

    @Test func aFullBatchDoesNotWaitForOthers() async throws {
        try await withServer { server in
            var options = WriterOptions(server.url)
            options.settings.batchDeadline = .seconds(3600)
            options.settings.maximumSamplesPerSend = 10
            try await withWriter(options) { writer in
                writer.write(samples(0..<4))
                writer.write(samples(4..<25))
                await server.wait { $0.requests.count == 2 }
                try await eventually { writer.pendingSamples == 5 }
                #expect(try server.writtenSamples == texts(0..<20))
            }
            // The rest is written as the writer stops.
            #expect(try server.writtenSamples == texts(0..<25))
            #expect(options.lost(.shutdown) == 0)
        }
    }

    // MARK: Failures

    @Test func whileAReceiverIsDownNothingIsLostAndTheOrderIsKept() async throws {
        let port = try Loopback.freePort()
        var options = WriterOptions("http://127.0.0.1:\(port)/api/v1/write")
        options.settings.maximumSamplesPerSend = 7
        try await withWriter(options) { writer in
            for number in 0..<100 { writer.write(samples(number..<number + 1)) }
            try await eventually { options.retries >= 3 }
            #expect(writer.pendingSamples == 100)
            let server = try FaultServer(port: port) { _ in .answer(status: 204) }
            defer { server.stop() }
            try await eventually { writer.pendingSamples == 0 }
            #expect(try server.writtenSamples == texts(0..<100))
            #expect(options.written == 100)
            for reason in RemoteWriteLoss.allCases { #expect(options.lost(reason) == 0) }
        }
        // One line for the whole time, and one for its end.
        let lines = options.log.lines
        #expect(lines.count == 2, "\(lines)")
        #expect(lines.first?.contains("takes no samples") == true)
        #expect(lines.last?.contains("again") == true)
    }

    @Test(arguments: [429, 503])
    func theReceiverSaysWhenToTryAgain(status: Int) async throws {
        let times = Times()
        let respond: FaultServer.Script = { _ in
            times.add() == 1
                ? .answer(status: status, headers: ["Retry-After: 1"], text: "later")
                : .answer(status: 204)
        }
        try await withServer(respond) { server in
            let options = WriterOptions(server.url)
            try await withWriter(options) { writer in
                writer.write(samples(0..<3))
                await server.wait { $0.requests.count == 2 }
                try await eventually { writer.pendingSamples == 0 }
            }
            #expect(times.between(0, 1) >= .seconds(1))
            let requests = server.facts.requests
            #expect(requests[0].body == requests[1].body)
            #expect(options.retries == 1 && options.written == 3)
        }
    }

    @Test func pausesGrowBetweenAttempts() async throws {
        let times = Times()
        let respond: FaultServer.Script = { _ in
            times.add() < 5 ? .answer(status: 500, text: "no") : .answer(status: 200)
        }
        try await withServer(respond) { server in
            var options = WriterOptions(server.url)
            options.settings.minimumBackoff = .milliseconds(20)
            options.settings.maximumBackoff = .milliseconds(80)
            try await withWriter(options) { writer in
                writer.write(samples(0..<3))
                await server.wait { $0.requests.count == 5 }
                try await eventually { writer.pendingSamples == 0 }
            }
            #expect(times.between(0, 1) >= .milliseconds(20))
            #expect(times.between(1, 2) >= .milliseconds(40))
            #expect(times.between(2, 3) >= .milliseconds(80))
            #expect(times.between(3, 4) >= .milliseconds(80))
            #expect(options.written == 3)
        }
    }

    @Test func whatAReceiverRefusesIsDroppedAndTheRestGoesOn() async throws {
        let respond: FaultServer.Script = { request in
            let isBad = (try? request.writtenSeries)?.contains { $0.labels.metricName == "bad" }
            return isBad == true
                ? .answer(status: 400, text: "out of order\nsample") : .answer(status: 204)
        }
        try await withServer(respond) { server in
            var options = WriterOptions(server.url)
            options.settings.maximumSamplesPerSend = 2
            try await withWriter(options) { writer in
                writer.write(samples(0..<2))
                writer.write(samples(0..<2, of: "bad"))
                writer.write(samples(2..<4))
                try await eventually { writer.pendingSamples == 0 }
            }
            #expect(server.facts.requests.count == 3)
            #expect(options.written == 4 && options.lost(.refused) == 2)
            #expect(options.retries == 0)
            let line = try #require(options.log.lines.first)
            #expect(options.log.lines.count == 1)
            #expect(line.contains("receiver=global"))
            #expect(line.contains("HTTP status 400: out of order sample"))
            #expect(line.contains("samples=2"))
        }
    }

    @Test func tooManyRequestsMayBeARefusalToo() async throws {
        let respond: FaultServer.Script = { _ in .answer(status: 429, text: "slow down") }
        try await withServer(respond) { server in
            var options = WriterOptions(server.url)
            options.settings.retriesOnTooManyRequests = false
            try await withWriter(options) { writer in
                writer.write(samples(0..<2))
                try await eventually { options.lost(.refused) == 2 }
            }
            #expect(server.facts.requests.count == 1)
        }
    }

    // MARK: Room and time

    @Test func whatIsOldestMakesRoom() async throws {
        let respond: FaultServer.Script = { _ in [.gate] + .answer(status: 204) }
        try await withServer(respond) { server in
            var options = WriterOptions(server.url)
            options.settings.maximumSamplesPerSend = 10
            options.settings.queueCapacity = 100
            try await withWriter(options) { writer in
                writer.write(samples(0..<10))
                // These are under way, and take no room.
                await server.wait { $0.requests.count == 1 }
                writer.write(samples(10..<60))
                writer.write(samples(60..<160))
                #expect(writer.pendingSamples == 110)
                #expect(options.lost(.queueFull) == 50)
                // More at once than there is room for.
                writer.write(samples(160..<500))
                #expect(writer.pendingSamples == 110)
                #expect(options.lost(.queueFull) == 390)
                server.open()
                try await eventually { writer.pendingSamples == 0 }
            }
            #expect(try server.writtenSamples == texts(0..<10) + texts(400..<500))
            #expect(options.written == 110)
            let lines = options.log.lines.filter { $0.contains("are dropped") }
            #expect(lines.count == 1, "\(lines)")
        }
    }

    @Test func whatWaitsIsWrittenBeforeTheEnd() async throws {
        let respond: FaultServer.Script = { _ in [.gate] + .answer(status: 204) }
        try await withServer(respond) { server in
            var options = WriterOptions(server.url)
            options.settings.batchDeadline = .seconds(3600)
            options.settings.maximumSamplesPerSend = 10
            try await withWriter(options) { writer in
                writer.write(samples(0..<10))
                await server.wait { $0.requests.count == 1 }
                writer.write(samples(10..<35))
                server.open()
            }
            #expect(try server.writtenSamples == texts(0..<35))
            #expect(options.written == 35 && options.lost(.shutdown) == 0)
        }
    }

    @Test func aReceiverThatDoesNotAnswerHoldsUpTheEndForTheGraceAlone() async throws {
        let respond: FaultServer.Script = { _ in [.silence] }
        try await withServer(respond) { server in
            var options = WriterOptions(server.url)
            options.settings.maximumSamplesPerSend = 10
            options.settings.shutdownGrace = .milliseconds(50)
            let start = ContinuousClock.now
            try await withWriter(options) { writer in
                writer.write(samples(0..<10))
                await server.wait { $0.requests.count == 1 }
                writer.write(samples(10..<35))
            }
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(options.lost(.shutdown) == 35 && options.written == 0)
            #expect(options.log.lines.contains { $0.contains("samples=35") })
        }
    }

    @Test func anAttemptIsMadeAtTheEndHoweverLongThePauseWouldBe() async throws {
        let times = Times()
        let respond: FaultServer.Script = { _ in
            times.add() == 1
                ? .answer(status: 503, headers: ["Retry-After: 200"], text: "later")
                : .answer(status: 204)
        }
        try await withServer(respond) { server in
            let options = WriterOptions(server.url)
            let start = ContinuousClock.now
            try await withWriter(options) { writer in
                writer.write(samples(0..<3))
                try await eventually { !options.log.lines.isEmpty }
            }
            #expect(options.written == 3)
            #expect(start.duration(to: .now) < .seconds(60))
        }
    }
}

/// When something has happened.
private final class Times: Sendable {
    private let state = Mutex<[ContinuousClock.Instant]>([])

    /// Returns how many there are now.
    func add() -> Int {
        state.withLock { times in
            times.append(.now)
            return times.count
        }
    }

    func between(_ first: Int, _ second: Int) -> Duration {
        state.withLock { times in
            times.indices.contains(second) ? times[first].duration(to: times[second]) : .zero
        }
    }
}
