import Foundation
import TestSupport
import Testing

extension Conformance {
    /// The process is killed, not asked to stop, while an alert waits, while it fires, and when it
    /// is due to resolve: real Prometheus, Redis and Alertmanager, and a webhook that hears what
    /// people would.
    @Suite("A killed gateway")
    struct KilledGatewayTests {
        private static let alert = "CartErrorsHigh"

        private static let rules = """
            groups:
            - name: kills
              interval: 1s
              rules:
              - alert: \(alert)
                expr: |
                  sum(rate(istio_requests_total{destination_service_name="cart", response_code=~"5.."}[20s]))
                    / sum(rate(istio_requests_total{destination_service_name="cart"}[20s])) > 0.1
                for: 8s
            """

        @Test func peopleHearOfOneAlertThatBeganOnceAndEndedOnce() async throws {
            let servers = try await Servers()
            let gateway = servers.gateway
            try await servers.mesh.fault("POST", "errors")

            let waiting = try await servers.awaitAlert("pending")
            try await kill(gateway)
            let fired = try await servers.awaitAlert("firing")
            #expect(fired.activeAt == waiting.activeAt, "it began to wait anew")

            await servers.webhook.wait(for: Self.alert, toBe: "firing")
            try await kill(gateway)
            let still = try await servers.awaitAlert("firing")
            #expect(still.activeAt == waiting.activeAt, "it began anew")

            try await servers.mesh.fault("DELETE", "errors")
            try await kill(gateway)
            await servers.webhook.wait(for: Self.alert, toBe: "resolved")

            let told = servers.webhook.notifications.flatMap(\.alerts)
                .filter { $0.labels["alertname"] == Self.alert }
            #expect(told.map(\.status) == ["firing", "resolved"])
            #expect(Set(told.map(\.startsAt)).count == 1)
            await servers.end()
        }

        private func kill(_ gateway: IsthmusServer) async throws {
            await gateway.kill()
            try await gateway.restart()
        }

        /// All that takes part.
        private struct Servers: Sendable {
            let mesh: MeshSimulator
            let prometheus: PrometheusServer
            let redis: RedisServer
            let webhook: WebhookReceiver
            let alertmanager: AlertmanagerServer
            let rules: TemporaryDirectory
            let gateway: IsthmusServer

            init() async throws {
                mesh = try await MeshSimulator(cluster: "eu-1")
                var options = PrometheusServer.Options()
                options.scrapedPort = mesh.port
                prometheus = try await PrometheusServer("eu-1", options)
                redis = try await RedisServer()
                webhook = try WebhookReceiver()
                alertmanager = try await AlertmanagerServer(
                    configuration: AlertmanagerServer.configuration(webhook: webhook))
                rules = try TemporaryDirectory("rules")
                let file = try rules.write(KilledGatewayTests.rules, to: "kills.yaml")
                gateway = try await IsthmusServer(
                    [.init("eu-1", urls: [prometheus.address])],
                    configuration: """
                        cache:
                          redis: {url: '\(redis.address)'}
                        alerting:
                          rule_files: ['\(file)']
                          alertmanagers:
                            - static_configs: [{targets: ['\(alertmanager.target)']}]
                        """)
            }

            /// The alert, once it is in this state.
            func awaitAlert(_ state: String) async throws -> Alert {
                var found: Alert?
                try await awaitProcess(gateway.process, "\(alert) \(state)") {
                    found = await current()
                    return found?.state == state
                }
                return try #require(found)
            }

            private func current() async -> Alert? {
                guard let answer = try? await gateway.ask("alerts", []), answer.status == 200,
                    let list = try? JSONDecoder().decode(AlertList.self, from: answer.body)
                else { return nil }
                return list.data.alerts.first { $0.labels["alertname"] == alert }
            }

            func end() async {
                await gateway.end()
                await alertmanager.end()
                webhook.stop()
                await redis.end()
                await prometheus.end()
                await mesh.end()
                rules.remove()
            }
        }

        private struct AlertList: Decodable {
            var data: Content

            struct Content: Decodable {
                var alerts: [Alert]
            }
        }

        private struct Alert: Decodable {
            var labels: [String: String]
            var state: String
            var activeAt: String
        }
    }
}
