import Alerting
import Clusters
import Rules
import TestSupport
import Testing
import TimeSeries

/// Against Debian's Alertmanager.
@Suite("Alerts at an Alertmanager", .timeLimit(.minutes(10)))
struct AlertmanagerTests {
    private func withAlertmanager<Result: Sendable>(
        webConfiguration: String? = nil, arguments: [String] = [],
        _ body: (AlertmanagerServer, WebhookReceiver) async throws -> Result
    ) async throws -> Result {
        let webhook = try WebhookReceiver()
        defer { webhook.stop() }
        let server = try await AlertmanagerServer(
            configuration: AlertmanagerServer.configuration(webhook: webhook),
            webConfiguration: webConfiguration, arguments: arguments)
        do {
            let result = try await body(server, webhook)
            await server.end()
            return result
        } catch {
            await server.end()
            throw error
        }
    }

    @Test func aFiringAlertShowsUpWithAllThatItHas() async throws {
        try await withAlertmanager { server, webhook in
            var settings = NotifierSettings.to(server.target)
            settings.externalLabels = ["cluster": "gateway", "region": "north"]
            try await withNotifier(settings) { fixture in
                var alert = AlertNotification.firing(
                    "Slow", ["cluster": "eu-1", "path": "a \"b\" <c> \\ é\n"])
                alert.annotations = [
                    RuleText(name: "summary", text: "95 % are \"slow\" & <bad>"),
                    RuleText(name: "empty", text: ""),
                ]
                alert.expression = "sum by (cluster) (rate(x{a=\"b c\"}[5m])) > 0.5"
                fixture.notifier.send([alert])
                let alerts = try await server.awaitAlerts("one alert") { $0.count == 1 }
                let found = try #require(alerts.first)
                #expect(
                    found.labels == [
                        "alertname": "Slow", "cluster": "eu-1", "path": "a \"b\" <c> \\ é\n",
                        "region": "north",
                    ])
                #expect(found.annotations == ["summary": "95 % are \"slow\" & <bad>"])
                #expect(found.startsAt == "2023-11-14T22:13:20.000Z")
                #expect(found.endsAt == "2096-10-02T07:06:40.123Z")
                #expect(
                    found.generatorURL
                        == "http://gateway.test/isthmus/graph?g0.expr=sum+by+%28cluster%29+%28rate"
                        + "%28x%7Ba%3D%22b+c%22%7D%5B5m%5D%29%29+%3E+0.5&g0.tab=1")
                #expect(
                    fixture.notifier.reports
                        == [AlertmanagerReport(url: server.address + "/api/v2/alerts")])
                await webhook.wait(for: "Slow", toBe: "firing")
            }
        }
    }

    @Test func aResolvedAlertIsToldAndIsGone() async throws {
        try await withAlertmanager { server, webhook in
            try await withNotifier(.to(server.target)) { fixture in
                fixture.notifier.send([.firing("A"), .firing("B")])
                await webhook.wait(for: "A", toBe: "firing")
                fixture.notifier.send([.resolved("A")])
                await webhook.wait(for: "A", toBe: "resolved")
                let left = try await server.alerts()
                #expect(left.map { $0.labels["alertname"] } == ["B"])
            }
        }
    }

    @Test func eachAlertmanagerGetsAllAlertsThoughOneIsAway() async throws {
        try await withAlertmanager { first, _ in
            try await withAlertmanager { second, _ in
                let nobody = "127.0.0.1:\(try Loopback.freePort())"
                let settings = NotifierSettings.to(nobody, first.target, second.target)
                try await withNotifier(settings) { fixture in
                    fixture.notifier.send([.firing("A"), .firing("B")])
                    for server in [first, second] {
                        try await server.awaitAlerts("both alerts") { $0.count == 2 }
                    }
                    #expect(
                        fixture.notifier.reports.map(\.url)
                            == settings.alertmanagers[0].targets.map {
                                "http://\($0)/api/v2/alerts"
                            })
                    #expect(fixture.notifier.reports[1].lastError == nil)
                    #expect(fixture.count(NotifierMetric.sent, "http://\(nobody)") == 0)
                }
            }
        }
    }

    @Test func anAlertmanagerThatComesBackGetsTheNewestState() async throws {
        try await withAlertmanager { server, webhook in
            try await withNotifier(.to(server.target)) { fixture in
                fixture.notifier.send([.firing("A"), .firing("B")])
                await webhook.wait(for: "A", toBe: "firing")
                await server.kill()
                fixture.notifier.send([.resolved("A"), .firing("C")])
                try await server.restart()
                try await server.awaitAlerts("C fires") { alerts in
                    alerts.contains { $0.labels["alertname"] == "C" }
                }
                #expect(fixture.count(NotifierMetric.dropped, server.address) == 0)
            }
        }
    }

    @Test func anAlertmanagerBehindTLSAPasswordAndAPrefixIsReached() async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        let pair = try await certificates.pair("server", for: "IP:127.0.0.1")
        let directory = try TemporaryDirectory("notifier")
        defer { directory.remove() }
        // Its hash costs a busy machine nothing.
        let password = try directory.write("test\n", to: "password")
        let web = """
            tls_server_config:
              cert_file: \(pair.certificate)
              key_file: \(pair.key)
            basic_auth_users:
              gateway: $2b$04$hNf2lSsxfm0.i4a.1kVpSORlJqwqYFZ3x1Am1frBDy6/wVn4lx8/i
            """
        try await withAlertmanager(
            webConfiguration: web, arguments: ["--web.route-prefix=/alerts"]
        ) { server, webhook in
            var settings = NotifierSettings.to(server.target)
            settings.alertmanagers[0].scheme = .https
            settings.alertmanagers[0].pathPrefix = "/alerts/"
            settings.alertmanagers[0].connection.tls.caFile = certificates.authority
            settings.alertmanagers[0].connection.authorization = .basic(
                username: "gateway", password: .file(password))
            try await withNotifier(settings) { fixture in
                fixture.notifier.send([.firing("A")])
                await webhook.wait(for: "A", toBe: "firing")
                #expect(
                    fixture.notifier.reports == [
                        AlertmanagerReport(url: server.address + "/alerts/api/v2/alerts")
                    ])
            }
            settings.alertmanagers[0].connection.authorization = nil
            try await withNotifier(settings) { fixture in
                fixture.notifier.send([.firing("B")])
                try await awaitChange("the refusal is reported") {
                    fixture.notifier.reports.first?.lastError?.hasPrefix("HTTP status 401") == true
                }
                #expect(fixture.count(NotifierMetric.errors, server.address + "/alerts") == 1)
            }
        }
    }
}
