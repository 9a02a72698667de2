import Foundation
import TestSupport
import Testing

extension Conformance {
    /// What goes wrong in the simulated mesh on demand.
    @Suite("Faults of the simulated mesh")
    struct MeshFaultTests {
        private static let faults = [
            "latency", "errors", "circuit-breaker", "retries", "plaintext", "certificate",
            "workload-certificate", "sidecar-crash", "lost-between-clusters",
        ]

        @Test func whatIsUnknownIsRefusedWithWhatThereIs() async throws {
            let mesh = try await MeshSimulator(cluster: "eu-1")
            let unknown = try await mesh.fault("POST", "earthquake")
            #expect(unknown.status == 404)
            for name in Self.faults { #expect(unknown.text.contains(name)) }
            let service = try await mesh.fault("POST", "errors", at: "service=nobody")
            #expect(service.status == 404)
            #expect(service.text.contains("There is no service 'nobody'."))
            let elsewhere = try await mesh.fault("POST", "errors", at: "service=ads&cluster=eu-1")
            #expect(elsewhere.status == 404)
            #expect(elsewhere.text.contains("It runs in: us-1."))
            #expect(try await mesh.fault("DELETE", "errors", at: "pod=a").status == 400)
            #expect(try await mesh.fault("POST", "errors", at: "service=ledger-db").status == 400)
            let list = try await HTTPCall(port: mesh.port, path: "/faults").answer()
            #expect(!list.text.contains("since"))
            await mesh.end()
        }

        @Test func theListSaysWhatEachFaultMeansAndWhereItIsOn() async throws {
            let mesh = try await MeshSimulator(cluster: "eu-1")
            try await mesh.fault("POST", "latency", at: "service=checkout&cluster=us-1")
            let answer = try await HTTPCall(port: mesh.port, path: "/faults").answer()
            let list = try JSONDecoder().decode([Fault].self, from: answer.body)
            #expect(Set(list.map(\.name)).isSuperset(of: Self.faults))
            #expect(list.allSatisfy { !$0.meaning.isEmpty && $0.alert?.hasPrefix("Mesh") != false })
            let on = list.filter { !$0.on.isEmpty }
            #expect(on.map(\.name) == ["latency"])
            #expect(on.first?.on.map(\.service) == ["checkout"])
            #expect(on.first?.on.map(\.cluster) == ["us-1"])
            await mesh.end()
        }

        private struct Fault: Decodable {
            var name: String
            var meaning: String
            var alert: String?
            var on: [Place]

            struct Place: Decodable {
                var service: String?
                var cluster: String
            }
        }

        /// Every fault on and off, two at a time, and many scrapes.
        @Test func countersNeverFallWhateverIsSwitched() async throws {
            // The more traffic, the more falls by one would show.
            let mesh = try await MeshSimulator(
                cluster: "eu-1", arguments: ["--scale", "1000", "--origin", "1700000000"])
            var last = try await mesh.scrape()
            let before = last
            for index in Self.faults.indices {
                for method in ["POST", "DELETE"] {
                    for fault in [index, (index + 1) % Self.faults.count] {
                        try await mesh.fault(method, Self.faults[fault])
                        for _ in 0..<2 {
                            let scrape = try await mesh.scrape()
                            #expect(scrape.fallen(since: last) == [])
                            last = scrape
                        }
                    }
                }
            }
            #expect(last.counters.count > before.counters.count)
            await mesh.end()
        }

        /// A fault, and the counter that rises because of it alone.
        struct Trace: Sendable {
            var fault: String
            var metric: String
            var label: String
        }

        @Test(arguments: [
            Trace(
                fault: "errors", metric: "istio_requests_total", label: "response_code=\"500\""),
            Trace(
                fault: "circuit-breaker", metric: "envoy_cluster_upstream_rq_pending_overflow",
                label: "||cart."),
            Trace(
                fault: "retries", metric: "envoy_cluster_upstream_rq_retry_limit_exceeded",
                label: "||cart."),
            Trace(
                fault: "plaintext", metric: "istio_requests_total",
                label: "connection_security_policy=\"none\""),
        ])
        func aFaultShowsAndEnds(_ trace: Trace) async throws {
            let mesh = try await MeshSimulator(cluster: "eu-1", arguments: ["--scale", "1000"])
            func affected(_ scrape: MeshScrape) -> Double {
                scrape.sum(trace.metric, trace.label, "cart")
            }
            func all(_ scrape: MeshScrape) -> Double {
                scrape.sum("istio_requests_total", "reporter=\"source\"", "cart")
            }
            /// What of the traffic is affected, from a thousand requests.
            func share() async throws -> Double {
                let first = try await mesh.scrape()
                var last = first
                try await awaitProcess(mesh.process, "a thousand requests") {
                    if let scrape = try? await mesh.scrape() { last = scrape }
                    return all(last) - all(first) > 1000
                }
                return (affected(last) - affected(first)) / (all(last) - all(first))
            }
            #expect(try await share() < 0.01)
            try await mesh.fault("POST", trace.fault)
            #expect(try await share() > 0.02)
            try await mesh.fault("DELETE", trace.fault)
            #expect(try await share() < 0.01)
            await mesh.end()
        }

        @Test func aCertificateExpiresInTenDaysAndOtherPodsKeepTheirs() async throws {
            // How old certificates are depends on the seed and the time since the origin: so no pod
            // has a day less in the middle of the test, whatever the time of day is.
            let origin = Int(Date().timeIntervalSince1970) - 3600
            let mesh = try await MeshSimulator(
                cluster: "eu-1", arguments: ["--seed", "3", "--origin", "\(origin)"])
            let name = "envoy_server_days_until_first_cert_expiring"
            func days(_ scrape: MeshScrape) -> [String: Double] {
                scrape.values.filter { $0.key.hasPrefix(name) }
            }
            let before = days(try await mesh.scrape())
            try await mesh.fault("POST", "certificate")
            let during = days(try await mesh.scrape())
            let changed = during.filter { before[$0.key] != $0.value }
            #expect(changed.count == 2)
            #expect(changed.allSatisfy { $0.key.contains("users-") && $0.value == 10 })
            try await mesh.fault("DELETE", "certificate")
            #expect(days(try await mesh.scrape()) == before)
            await mesh.end()
        }
    }
}
