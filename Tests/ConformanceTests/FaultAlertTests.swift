import Foundation
import TestSupport
import Testing

extension Conformance {
    /// The rules of deploy/rules find what goes wrong in the simulated mesh, through a Prometheus that
    /// scrapes it and the gateway that asks it: with shorter windows and waiting times, or the tests
    /// would take an hour. `deploy/demo --fault NAME --fast` does so with each of the faults.
    @Suite("Alerts of faults")
    struct FaultAlertTests {
        /// A fault, its alert, and what the alert must be about.
        struct Course: Sendable {
            var fault: String
            var alert: String
            var label: String
            var value: String
        }

        @Test(arguments: [
            Course(
                fault: "errors", alert: "MeshErrorRatioHigh", label: "destination_service",
                value: "cart.shop.svc.cluster.local"),
            Course(
                fault: "circuit-breaker", alert: "MeshCircuitBreakerTripped",
                label: "exported_cluster",
                value: "outbound|8080||cart.shop.svc.cluster.local"),
        ])
        func theAlertComesWithTheFaultAndGoesWithIt(_ course: Course) async throws {
            let mesh = try await MeshSimulator(cluster: "eu-1")
            var options = PrometheusServer.Options()
            options.scrapedPort = mesh.port
            let prometheus = try await PrometheusServer("eu-1", options)
            let rules = try hurriedRules()
            let gateway = try await IsthmusServer(
                [.init("eu-1", urls: [prometheus.address])],
                configuration: """
                    alerting:
                      evaluation_interval: 1s
                      rule_files: ['\(rules.path)/*.yaml']
                    """)
            try await awaitProcess(gateway.process, "rules on data, without the alert") {
                let hasData = await isFiring("Watchdog", nil, gateway)
                let other = await isFiring("MeshCertificateExpiring", nil, gateway)
                let alert = await isFiring(course.alert, course, gateway)
                return hasData && other && !alert
            }
            try await mesh.fault("POST", course.fault)
            try await awaitProcess(gateway.process, "\(course.alert) with the fault") {
                await isFiring(course.alert, course, gateway)
            }
            try await mesh.fault("DELETE", course.fault)
            try await awaitProcess(gateway.process, "\(course.alert) gone with the fault") {
                let watchdog = await isFiring("Watchdog", nil, gateway)
                let alert = await isFiring(course.alert, course, gateway)
                return watchdog && !alert
            }
            await gateway.end()
            await prometheus.end()
            await mesh.end()
            rules.remove()
        }

        /// The shipped rules with windows and waiting times of seconds.
        private func hurriedRules() throws -> TemporaryDirectory {
            let directory = try TemporaryDirectory("rules")
            let shipped = Conformance.folder.deletingLastPathComponent()
                .appendingPathComponent("deploy/rules")
            for name in try FileManager.default.contentsOfDirectory(atPath: shipped.path)
            where name.hasSuffix(".yaml") {
                var text = try String(
                    contentsOf: shipped.appendingPathComponent(name), encoding: .utf8)
                for (window, shorter) in [
                    ("[5m]", "[10s]"), ("[20m]", "[10s]"), ("for: 5m", "for: 2s"),
                    ("interval: 1m", "interval: 1s"), ("interval: 2m", "interval: 1s"),
                ] {
                    text = text.replacingOccurrences(of: window, with: shorter)
                }
                try directory.write(text, to: name)
            }
            return directory
        }

        private func isFiring(
            _ alert: String, _ course: Course?, _ gateway: IsthmusServer
        ) async -> Bool {
            guard let answer = try? await gateway.ask("alerts", []), answer.status == 200,
                let list = try? JSONDecoder().decode(AlertList.self, from: answer.body)
            else { return false }
            return list.data.alerts.contains {
                $0.labels["alertname"] == alert && $0.state == "firing"
                    && (course == nil || $0.labels[course?.label ?? ""] == course?.value)
            }
        }

        private struct AlertList: Decodable {
            var data: Content

            struct Content: Decodable {
                var alerts: [Alert]
            }

            struct Alert: Decodable {
                var labels: [String: String]
                var state: String
            }
        }
    }
}
