import Foundation
import TestSupport
import Testing

extension Conformance {
    /// When certificates end, of endpoints, of metrics and of handshakes.
    @Suite("Truth of certificates")
    struct CertificateTruthTests {
        /// A fault, and how severe the gateway finds a certificate while it is on.
        struct Course: Sendable, CustomTestStringConvertible {
            var fault: String
            var place: String
            var cluster: String
            var mesh: String
            var kind: String
            var severity: String
            /// Days from now on until the end.
            var days: ClosedRange<Double>

            var testDescription: String { "\(fault) of \(cluster)" }
        }

        @Test(arguments: [
            Course(
                fault: "envoy-certificate-expiring", place: "egress-envoy-0", cluster: "eu-1",
                mesh: "envoy", kind: "server", severity: "critical", days: 1.9...2.1),
            Course(
                fault: "envoy-certificate-expired", place: "egress-envoy-0", cluster: "eu-1",
                mesh: "envoy", kind: "server", severity: "expired", days: -0.1...0.01),
            Course(
                fault: "istio-root-expiring", place: "istiod", cluster: "us-1", mesh: "istio",
                kind: "root", severity: "critical", days: 4.9...5.1),
            Course(
                fault: "linkerd-issuer-expiring", place: "linkerd-identity",
                cluster: "linkerd-1", mesh: "linkerd", kind: "issuer", severity: "warning",
                days: 19.9...20.1),
            Course(
                fault: "linkerd-issuer-expired", place: "linkerd-identity", cluster: "linkerd-1",
                mesh: "linkerd", kind: "issuer", severity: "expired", days: -0.1...0.01),
            Course(
                fault: "consul-root-expiring", place: "consul-server", cluster: "consul-1",
                mesh: "consul", kind: "root", severity: "critical", days: 4.9...5.1),
        ])
        func anEndThatComesNearIsNamedAndTakenBack(_ course: Course) async throws {
            let fleet = try await WatchedFleet.shared.running()
            let now = Date().timeIntervalSince1970
            @Sendable func isNear(_ list: [CertificateView]) -> Bool {
                list.contains { one in
                    one.cluster == course.cluster && one.mesh == course.mesh
                        && one.kind == course.kind && one.severity == course.severity
                        && course.days.contains(((one.expiry ?? 0) - now) / 86_400)
                }
            }
            try await fleet.awaitCertificates("\(course.kind) of \(course.mesh), well") { list in
                !isNear(list)
                    && list.contains {
                        $0.cluster == course.cluster && $0.mesh == course.mesh
                            && $0.kind == course.kind
                    }
            }
            try await fleet.fault("POST", course.fault, at: course.place, in: course.cluster)
            try await fleet.awaitCertificates("\(course.fault) named", isNear)
            let series =
                "mesh_certificate_expiry_timestamp_seconds{cluster=\"\(course.cluster)\","
                + "mesh=\"\(course.mesh)\",kind=\"\(course.kind)\"} - \(now) "
                + "< \(course.days.upperBound * 86_400)"
            try await fleet.awaitSeries(series)
            try await fleet.fault("DELETE", course.fault, at: course.place, in: course.cluster)
            try await fleet.awaitCertificates("\(course.fault) gone") { !isNear($0) }
            try await fleet.awaitSeries(series, isThere: false)
        }

        @Test(arguments: ["envoy-certificate-absent", "envoy-certificate-absent-unsigned"])
        func noCertificateIsNone(_ fault: String) async throws {
            let fleet = try await WatchedFleet.shared.running()
            @Sendable func hasFile(_ list: [CertificateView]) -> Bool {
                list.contains { $0.cluster == "eu-1" && $0.kind == "server" }
            }
            try await fleet.awaitCertificates("a certificate of a file", hasFile)
            try await fleet.fault("POST", fault, at: "egress-envoy-0", in: "eu-1")
            try await fleet.awaitCertificates("none of a file") { !hasFile($0) }
            try await fleet.fault("DELETE", fault, at: "egress-envoy-0", in: "eu-1")
            try await fleet.awaitCertificates("a certificate of a file again", hasFile)
        }

        /// Integer days, of which 0 may be anything: then nothing is certain, and nothing is well.
        @Test func ofNoughtDaysTheGatewaySaysThatItDoesNotKnow() async throws {
            let fleet = try await WatchedFleet.shared.running()
            let fault = "envoy-certificate-unread"
            try await fleet.fault("POST", fault, at: "egress-envoy-0", in: "eu-1")
            try await fleet.awaitCertificates("an end that is not known") { list in
                list.contains {
                    $0.cluster == "eu-1" && $0.kind == "server" && $0.expiryEarliest == nil
                        && $0.severity != "ok"
                }
            }
            try await fleet.fault("DELETE", fault, at: "egress-envoy-0", in: "eu-1")
            try await fleet.awaitCertificates("an end that is known") { list in
                list.contains {
                    $0.cluster == "eu-1" && $0.kind == "server" && $0.expiryEarliest != nil
                }
            }
        }
    }
}
