import Alerting
import MetricsTestKit
import TestSupport
import Testing
import Upstream

@Suite("Names of Alertmanagers", .timeLimit(.minutes(10)))
struct NameLookupTests {
    @Test func aNameStandsForItsAddressesWithThePort() async throws {
        let question = NameQuestion(name: "localhost", records: .addresses4(port: 9093))
        #expect(try await NameLookup.system.addresses(question) == ["127.0.0.1:9093"])
        let literal = NameQuestion(name: "::1", records: .addresses6(port: 9093))
        #expect(try await NameLookup.system.addresses(literal) == ["[::1]:9093"])
    }

    private let question = NameQuestion(
        name: "_web._tcp.alertmanager.test", records: .services)

    private func always(_ answer: NameServer.Answer) -> NameServer.Script { { _ in answer } }

    private func withNameServer<Result: Sendable>(
        _ script: @escaping NameServer.Script,
        _ body: (NameServer, NameLookup) async throws -> Result
    ) async throws -> Result {
        let server = try NameServer(script)
        defer { server.stop() }
        return try await body(server, NameLookup(serverPort: UInt16(server.port)))
    }

    @Test func servicesAreHostsWithTheirPorts() async throws {
        let services: [NameServer.Service] = [
            .init("b.test", port: 9094), .init("a.test", port: 9093), .init("a.test", port: 9093),
            .init("", port: 1), .init("c.test", port: 0),
        ]
        let script: NameServer.Script = { name in
            name == "_web._tcp.alertmanager.test" ? .services(services) : .noSuchName
        }
        try await withNameServer(script) { _, lookup in
            let found = try await lookup.addresses(question)
            #expect(found == ["a.test:9093", "b.test:9094"])
        }
    }

    @Test func aNameThatIsNoneStandsForNothing() async throws {
        try await withNameServer(always(.noSuchName)) { _, lookup in
            let found = try await lookup.addresses(question)
            #expect(found == [])
        }
    }

    @Test func aServerThatFailsIsAFailure() async throws {
        try await withNameServer(always(.serverFailure)) { _, lookup in
            _ = await #expect(throws: NameLookup.Problem.self) {
                try await lookup.addresses(question)
            }
        }
    }

    @Test func whatIsSentBeforeAnAlertmanagerIsFoundReachesIt() async throws {
        let receiver = try FaultServer { _ in .answer() }
        defer { receiver.stop() }
        var settings = NotifierSettings.to()
        settings.alertmanagers[0].discovery = [
            NameDiscovery(names: ["localhost"], records: .addresses4(port: receiver.port))
        ]
        let send: @Sendable (Notifier) -> Void = { $0.send([.firing("A")]) }
        try await withNotifier(settings, before: send) { fixture in
            await receiver.wait { $0.requests.count == 1 }
            #expect(receiver.facts.alertNames == [["A"]])
            #expect(fixture.notifier.reports.map(\.url) == [receiver.url + "/api/v2/alerts"])
        }
    }

    @Test func alertmanagersComeAndGoAndStayWhileNobodyKnows() async throws {
        let first = try FaultServer { _ in .answer() }
        let second = try FaultServer { _ in .answer() }
        defer {
            first.stop()
            second.stop()
        }
        let ports = (first.port, second.port)
        try await withNameServer(always(.services([.init("localhost", port: ports.0)]))) {
            names, lookup in
            var settings = NotifierSettings.to()
            settings.alertmanagers[0].discovery = [
                NameDiscovery(
                    names: ["_web._tcp.alertmanager.test"], records: .services,
                    interval: .milliseconds(20))
            ]
            try await withNotifier(settings, lookup: lookup) { fixture in
                let notifier = fixture.notifier
                try await awaitChange("the first is there") { notifier.reports.count == 1 }
                names.setScript { _ in .serverFailure }
                let failures = try fixture.metrics.expectCounter(
                    NotifierMetric.failedLookups.name)
                try await awaitChange("a lookup fails") { failures.totalValue > 1 }
                notifier.send([.firing("A")])
                await first.wait { $0.alertNames == [["A"]] }
                names.setScript { _ in .services([.init("localhost", port: ports.1)]) }
                let address = "http://localhost:\(ports.1)/api/v2/alerts"
                try await awaitChange("the second is there alone") {
                    notifier.reports.map(\.url) == [address]
                }
                notifier.send([.firing("B")])
                await second.wait { $0.alertNames == [["B"]] }
                #expect(first.facts.alertNames == [["A"]])
            }
        }
    }
}
