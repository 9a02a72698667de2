import Alerting
import Clusters
import MetricsTestKit
import Rules
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import TimeSeries
import Upstream

/// Against servers that do what they are told.
@Suite("The notifier", .timeLimit(.minutes(10)))
struct NotifierTests {
    private func withServer<Result: Sendable>(
        _ respond: @escaping FaultServer.Script = { _ in .answer() },
        _ body: (FaultServer) async throws -> Result
    ) async throws -> Result {
        let server = try FaultServer(respond)
        defer { server.stop() }
        return try await body(server)
    }

    /// Answers the requests one after another, the last answer for all that follow.
    private func answering(_ answers: [FaultServer.Step]...) -> FaultServer.Script {
        let list = AnswerList(answers)
        return { _ in list.next() }
    }

    private final class AnswerList: Sendable {
        private let left: Mutex<[[FaultServer.Step]]>

        init(_ answers: [[FaultServer.Step]]) { left = Mutex(answers) }

        func next() -> [FaultServer.Step] {
            left.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }
    }

    private func always(_ steps: [FaultServer.Step]) -> FaultServer.Script { { _ in steps } }

    /// Waits until the server is opened, and then answers.
    private func gated(_ answer: [FaultServer.Step]) -> [FaultServer.Step] { [.gate] + answer }

    // MARK: Queues

    @Test func alertsArePostedInBatches() async throws {
        try await withServer { server in
            var settings = NotifierSettings.to(server.target)
            settings.batchSize = 2
            let names = ["A", "B", "C", "D", "E"]
            try await withNotifier(
                settings, before: { $0.send(names.map { .firing($0) }) }
            ) { fixture in
                await server.wait { $0.requests.count == 3 }
                #expect(server.facts.alertNames == [["A", "B"], ["C", "D"], ["E"]])
                let request = try #require(server.facts.requests.first)
                #expect(request.method == "POST")
                #expect(request.target == "/api/v2/alerts")
                #expect(request.header("content-type") == "application/json")
            }
        }
    }

    @Test func aFullQueueDropsTheOldestAndCountsThem() async throws {
        try await withServer(always(gated(.answer()))) { server in
            var settings = NotifierSettings.to(server.target)
            settings.queueCapacity = 3
            try await withNotifier(settings) { fixture in
                fixture.notifier.send([.firing("first")])
                await server.wait { $0.requests.count == 1 }
                fixture.notifier.send(["A", "B", "C"].map { .firing($0) })
                fixture.notifier.send(["D", "E"].map { .firing($0) })
                #expect(fixture.count(NotifierMetric.dropped, server.url) == 2)
                server.open()
                await server.wait { $0.requests.count == 2 }
                #expect(server.facts.alertNames == [["first"], ["C", "D", "E"]])
            }
        }
    }

    @Test func oneThatDoesNotAnswerHoldsUpNoOther() async throws {
        try await withServer(always([.silence])) { silent in
            try await withServer { server in
                try await withNotifier(.to(silent.target, server.target)) { fixture in
                    fixture.notifier.send([.firing("A")])
                    await silent.wait { $0.requests.count == 1 }
                    for name in ["B", "C"] {
                        fixture.notifier.send([.firing(name)])
                        await server.wait { $0.alertNames.last?.last == name }
                    }
                    #expect(silent.facts.alertNames == [["A"]])
                }
            }
        }
    }

    // MARK: Failures

    @Test func whatFailsIsSentAgainUnlessSomethingNewerIsKnown() async throws {
        let script = answering(gated(.answer(status: 503)), .answer())
        try await withServer(script) { server in
            try await withNotifier(.to(server.target)) { fixture in
                fixture.notifier.send([.firing("A"), .firing("B")])
                await server.wait { $0.requests.count == 1 }
                fixture.notifier.send([.resolved("A"), .firing("C")])
                server.open()
                await server.wait { $0.requests.count == 2 }
                let alerts = server.facts.requests[1].alerts
                #expect(alerts.map(\.name) == ["B", "A", "C"])
                #expect(alerts[1].endsAt == "2023-11-14T22:14:20.000Z")
                try await awaitChange("all are taken") {
                    fixture.count(NotifierMetric.sent, server.url) == 3
                }
                #expect(fixture.count(NotifierMetric.errors, server.url) == 2)
                #expect(fixture.count(NotifierMetric.dropped, server.url) == 0)
                #expect(fixture.notifier.reports.first?.lastError == nil)
            }
        }
    }

    @Test(arguments: [400, 422, 401, 302])
    func whatIsRefusedIsNotSentAgain(status: Int) async throws {
        let refusal: [FaultServer.Step] = .answer(
            status: status, body: Array("bad  label".utf8))
        try await withServer(answering(gated(refusal), .answer())) { server in
            try await withNotifier(.to(server.target)) { fixture in
                fixture.notifier.send([.firing("A")])
                await server.wait { $0.requests.count == 1 }
                fixture.notifier.send([.firing("B")])
                server.open()
                await server.wait { $0.requests.count == 2 }
                #expect(server.facts.alertNames == [["A"], ["B"]])
                #expect(fixture.count(NotifierMetric.dropped, server.url) == 1)
                #expect(fixture.count(NotifierMetric.errors, server.url) == 1)
            }
        }
    }

    @Test func theReasonOfARefusalIsReported() async throws {
        try await withServer(always(.answer(status: 400, body: Array("bad\n label".utf8)))) {
            server in
            try await withNotifier(.to(server.target)) { fixture in
                fixture.notifier.send([.firing("A")])
                try await awaitChange("a report") {
                    fixture.notifier.reports.first?.lastError != nil
                }
                #expect(fixture.notifier.reports[0].lastError == "HTTP status 400: bad label")
            }
        }
    }

    @Test func whatHasWaitedForTooLongIsDroppedWhenItFails() async throws {
        try await withServer(answering(.answer(status: 503), .answer())) { server in
            var settings = NotifierSettings.to(server.target)
            settings.retries.patience = .zero
            try await withNotifier(settings) { fixture in
                fixture.notifier.send([.firing("A")])
                try await awaitChange("A is dropped") {
                    fixture.count(NotifierMetric.dropped, server.url) == 1
                }
                fixture.notifier.send([.firing("B")])
                await server.wait { $0.requests.count == 2 }
                #expect(server.facts.alertNames == [["A"], ["B"]])
            }
        }
    }

    // MARK: Labels

    @Test func relabellingChangesAndDropsForAllAndForEach() async throws {
        let team = try RelabelPattern("internal")
        try await withServer { all in
            try await withServer { some in
                var settings = NotifierSettings.to(all.target)
                settings.relabelling = Relabelling([
                    RelabelStep(source: ["team"], action: .drop(team)),
                    RelabelStep(
                        action: .replace(.anything, target: "gateway", replacement: "isthmus")),
                ])
                let own = Relabelling([
                    RelabelStep(source: ["alertname"], action: .keep(try RelabelPattern("B")))
                ])
                settings.alertmanagers.append(
                    AlertmanagerSettings(targets: [some.target], relabelling: own))
                try await withNotifier(settings) { fixture in
                    fixture.notifier.send([
                        .firing("A"), .firing("B"), .firing("C", ["team": "internal"]),
                    ])
                    await all.wait { $0.requests.count == 1 }
                    await some.wait { $0.requests.count == 1 }
                    #expect(all.facts.alertNames == [["A", "B"]])
                    #expect(
                        some.facts.requests[0].alerts.map(\.labels)
                            == [["alertname": "B", "gateway": "isthmus"]])
                }
            }
        }
    }

    @Test func anAlertWithoutLabelsIsNotSent() async throws {
        try await withServer { server in
            var settings = NotifierSettings.to(server.target)
            settings.relabelling = Relabelling([
                RelabelStep(action: .labelKeep(try RelabelPattern("kept")))
            ])
            try await withNotifier(settings) { fixture in
                fixture.notifier.send([.firing("A"), .firing("B", ["kept": "yes"])])
                await server.wait { $0.requests.count == 1 }
                #expect(server.facts.requests[0].alerts.map(\.labels) == [["kept": "yes"]])
            }
        }
    }

    // MARK: The end

    /// Runs a notifier as the gateway does, and tells it to stop once `body` is through.
    private func run(
        _ settings: NotifierSettings, _ body: (Notifier, ServiceGroup) async -> Void
    ) async throws {
        let upstream = UpstreamClient(UpstreamSettings(version: "1.2.3"))
        let notifier = Notifier(settings, upstream: upstream, logger: quietLogger)
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: notifier)], logger: quietLogger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            await body(notifier, group)
            try await tasks.waitForAll()
        }
        await upstream.stop()
    }

    @Test func whatWaitsIsSentBeforeTheEnd() async throws {
        try await withServer(answering(gated(.answer()), .answer())) { server in
            var settings = NotifierSettings.to(server.target)
            settings.batchSize = 2
            settings.drainTime = .seconds(60)
            try await run(settings) { notifier, group in
                notifier.send([.firing("A")])
                await server.wait { $0.requests.count == 1 }
                notifier.send(["B", "C", "D"].map { .firing($0) })
                await group.triggerGracefulShutdown()
                server.open()
            }
            #expect(server.facts.alertNames == [["A"], ["B", "C"], ["D"]])
        }
    }

    @Test func whoDoesNotAnswerHoldsUpTheEndForTheDrainTimeOnly() async throws {
        try await withServer(always([.silence])) { server in
            var settings = NotifierSettings.to(server.target)
            settings.alertmanagers[0].connection.timeout = .seconds(3600)
            settings.drainTime = .milliseconds(50)
            // Without an end of the drain time, the test's time is over before the request's.
            try await run(settings) { notifier, group in
                notifier.send([.firing("A")])
                await server.wait { $0.requests.count == 1 }
                notifier.send([.firing("B")])
                await group.triggerGracefulShutdown()
            }
            #expect(server.facts.alertNames == [["A"]])
        }
    }

    // MARK: Telemetry

    @Test func theMetricsHavePrometheussNamesAndEachIsThereOnce() {
        let names = NotifierMetric.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.hasPrefix("isthmus_") })
    }

    @Test func queuesAndAlertmanagersAreGauged() async throws {
        try await withServer(always(gated(.answer()))) { server in
            try await withNotifier(.to(server.target)) { fixture in
                let labels = [("alertmanager", server.url + "/api/v2/alerts")]
                func gauge(_ row: MetricRow) throws -> Double? {
                    try fixture.metrics.expectGauge(row.name, row.labels.isEmpty ? [] : labels)
                        .lastValue
                }
                fixture.notifier.send([.firing("A")])
                await server.wait { $0.requests.count == 1 }
                fixture.notifier.send([.firing("B"), .firing("C")])
                #expect(try gauge(NotifierMetric.queueLength) == 2)
                #expect(try gauge(NotifierMetric.queueCapacity) == 10_000)
                #expect(try gauge(NotifierMetric.discovered) == 1)
                server.open()
                try await awaitChange("all are sent") {
                    fixture.count(NotifierMetric.sent, server.url) == 3
                }
                #expect(try gauge(NotifierMetric.queueLength) == 0)
            }
        }
    }
}

/// Waits until something that nobody tells of has changed, looking every few milliseconds.
func awaitChange(_ what: String, until condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while !condition() {
        guard ContinuousClock.now < deadline else { throw ProcessFailure("not so: \(what)") }
        try await Task.sleep(for: .milliseconds(2))
    }
}
