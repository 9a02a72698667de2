import Foundation
import MeshHealth
import TestSupport
import Testing

extension SimulatedControlPlanes {
    /// What endpoints and metrics tell of certificates, near their ends and without any.
    @Suite("Certificates")
    struct CertificateTests {
        private static let day: Int64 = 86_400
        private static let gauge = "envoy_server_days_until_first_cert_expiring"
        private let envoy = SimulatedReplica("eu-1/egress-envoy-0")

        /// The certificate that Envoy has from a file.
        private func ofFile() async throws -> Certificate? {
            let reading = try await envoy.reading(.envoyCertificates)
            return reading.finding.facts.certificates?.first { $0.kind == .server }
        }

        /// What the gauge of days says of the same Envoy, among others of its pods.
        private func days() async throws -> Set<Double> {
            let scrape = try await envoy.mesh().scrape()
            let series = scrape.values.filter {
                $0.key.hasPrefix(Self.gauge) && $0.key.contains("egress-envoy")
            }
            return Set(series.values)
        }

        private var now: Int64 { Int64(Date().timeIntervalSince1970) }

        @Test func envoyTellsOfItsFileItsIdentityAndTheRoot() async throws {
            let reading = try await envoy.reading(.envoyCertificates)
            let certificates = try #require(reading.finding.facts.certificates)
            #expect(Set(certificates.map(\.kind)) == [.server, .workload, .root])
            let workload = try #require(certificates.first { $0.kind == .workload })
            #expect(
                workload.subject == "spiffe://cluster.local/ns/istio-system/sa/egress-envoy")
            #expect(workload.lifetime == Self.day)
            #expect(workload.verdict(at: now).state == .ok)
        }

        @Test(arguments: [
            ("envoy-certificate-expiring", CertificateVerdict.State.critical, 1.0),
            ("envoy-certificate-expired", .expired, 0),
        ])
        func anEndComesNearAndGoes(
            _ fault: String, _ state: CertificateVerdict.State, _ left: Double
        ) async throws {
            let before = try #require(try await ofFile())
            #expect(before.verdict(at: now).state < state)
            try await envoy.fault("POST", fault)
            let during = try #require(try await ofFile())
            #expect(during.verdict(at: now).state == state)
            #expect(during.serial != before.serial)
            #expect(try await days().contains(left))
            try await envoy.fault("DELETE", fault)
            let after = try #require(try await ofFile())
            #expect(after.expiry == before.expiry)
        }

        @Test(arguments: [
            ("envoy-certificate-absent", 2_147_483_647.0),
            ("envoy-certificate-absent-unsigned", 4_294_967_295),
        ])
        func noCertificateIsASentinelOfTheGauge(_ fault: String, _ days: Double) async throws {
            try await envoy.fault("POST", fault)
            #expect(try await ofFile() == nil)
            #expect(try await self.days().contains(days))
            try await envoy.fault("DELETE", fault)
            #expect(try await ofFile() != nil)
            #expect(try await !self.days().contains(days))
        }

        @Test func ofNoughtDaysNothingIsCertain() async throws {
            try await envoy.fault("POST", "envoy-certificate-unread")
            let certificate = try #require(try await ofFile())
            #expect(certificate.expiry.earliest == nil)
            #expect(certificate.verdict(at: now).worst == .expired)
            #expect(try await days().contains(0))
            try await envoy.fault("DELETE", "envoy-certificate-unread")
        }

        @Test func theActiveRootOfConsulIsTheOneThatCounts() async throws {
            let server = SimulatedReplica("consul-1/consul-server-0")
            func root() async throws -> Certificate {
                let facts = try await server.reading(.consulRoots).finding.facts
                let certificates = try #require(facts.certificates)
                #expect(certificates.count == 1)
                return try #require(certificates.first)
            }
            let before = try await root()
            #expect(before.verdict(at: now).state == .ok)
            #expect(before.trustDomain == "11111111-2222-3333-4444-555555555555.consul")
            try await server.fault("POST", "consul-root-expiring", at: "consul-server")
            #expect(try await root().verdict(at: now).state == .critical)
            let left = try await server.mesh().scrape().values.filter {
                $0.key.hasPrefix("consul_mesh_active_root_ca_expiry")
            }.values
            // The leader alone knows.
            #expect(left.count == 3)
            #expect(left.count { $0.isNaN } == 2)
            #expect(left.contains { $0 <= 5 * Double(Self.day) })
            try await server.fault("DELETE", "consul-root-expiring", at: "consul-server")
            #expect(try await root().expiry == before.expiry)
        }

        /// A gauge, and what it says while a fault is on.
        struct Course: Sendable {
            var fault: String
            var replica: String
            var metric: String
            /// Seconds from now on.
            var left: ClosedRange<Double>
            var isTimestamp = true
        }

        @Test(arguments: [
            Course(
                fault: "istio-root-expiring", replica: "eu-1/istiod-0",
                metric: "citadel_server_root_cert_expiry_timestamp",
                left: 4.9 * 86_400...5 * 86_400),
            Course(
                fault: "linkerd-issuer-expiring", replica: "linkerd-1/linkerd-identity-0",
                metric: "issuer_cert_ttl_seconds", left: 19.9 * 86_400...20 * 86_400,
                isTimestamp: false),
            Course(
                fault: "linkerd-issuer-expired", replica: "linkerd-1/linkerd-identity-0",
                metric: "issuer_cert_ttl_seconds", left: -3700 ... -3600, isTimestamp: false),
        ])
        func authoritiesComeNearTheirEnd(_ course: Course) async throws {
            let replica = SimulatedReplica(course.replica)
            func left() async throws -> Double {
                let scrape = try await replica.mesh().scrape()
                let value = try #require(
                    scrape.values.first {
                        $0.key.hasPrefix(course.metric)
                            && $0.key.contains("pod=\"\(replica.name)\"")
                    }
                ).value
                return course.isTimestamp ? value - Date().timeIntervalSince1970 : value
            }
            #expect(try await left() > 60 * 86_400)
            try await replica.fault("POST", course.fault)
            #expect(course.left.contains(try await left()))
            try await replica.fault("DELETE", course.fault)
            #expect(try await left() > 60 * 86_400)
        }
    }
}
