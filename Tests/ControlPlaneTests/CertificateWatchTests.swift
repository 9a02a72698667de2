import Clusters
import ControlPlane
import Foundation
import MeshHealth
import TestSupport
import Testing

/// Certificates that endpoints show, against the server of the openssl program.
@Suite(.timeLimit(.minutes(10)))
struct CertificateWatchTests {
    /// Looks at a server that has this certificate; the clock is the machine's.
    private func look<Result: Sendable>(
        _ pair: Certificates.Pair, _ tls: TLS, kind: ControlPlaneKind = .tls,
        _ body: (WatchedFleet) async throws -> Result
    ) async throws -> Result {
        let server = try await TLSListener(pair)
        do {
            let endpoint = ControlPlaneEndpoint.of(kind, server.url, tls: tls)
            let result = try await withFleet([.watched("eu", endpoint)]) {
                fleet in
                fleet.clock.move(Int64(Date().timeIntervalSince1970 * 1000) - fleet.clock.now)
                await fleet.watch.lookOnce()
                return try await body(fleet)
            }
            await server.end()
            return result
        } catch {
            await server.end()
            throw error
        }
    }

    private func withCertificates(_ body: (Certificates) async throws -> Void) async throws {
        let certificates = try await Certificates()
        defer { certificates.remove() }
        try await body(certificates)
    }

    @Test func aGoodCertificateIsHealthyAndHasItsEnd() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("shop", for: "IP:127.0.0.1", days: 90)
            try await look(pair, TLS(caFile: certificates.authority)) { fleet in
                #expect(await fleet.state("tls-endpoint") == .healthy)
                let certificates = await fleet.certificates()
                let judged = try #require(certificates.first)
                #expect(certificates.count == 1)
                #expect(judged.certificate.subject == "shop")
                #expect(judged.certificate.issuer == "test authority")
                #expect(judged.certificate.kind == .server)
                #expect(judged.certificate.source == .handshake)
                #expect(judged.certificate.lifetime == Int64(90 * 86_400))
                #expect(judged.verdict.state == .ok)
                let expiry = await fleet.value(
                    "mesh_certificate_expiry_timestamp_seconds",
                    ["cluster": "eu", "subject": "shop", "source": "handshake"])
                #expect(expiry == judged.certificate.expiry.exact.map(Double.init))
            }
        }
    }

    @Test func anExpiredOneIsUnhealthyAndStillShown() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("shop", for: "IP:127.0.0.1", days: -1)
            try await look(pair, TLS(caFile: certificates.authority)) { fleet in
                #expect(await fleet.state("tls-endpoint") == .unhealthy)
                let detail = try #require(await fleet.reading(.handshake)).finding.detail
                #expect(detail == "its certificate has ended")
                let certificates = await fleet.certificates()
                #expect(certificates.first?.verdict.state == .expired)
            }
        }
    }

    @Test func oneThatEndsSoonIsToldBeforeItDoes() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("shop", for: "IP:127.0.0.1", days: 1)
            try await look(pair, TLS(caFile: certificates.authority)) { fleet in
                #expect(await fleet.state("tls-endpoint") == .healthy)
                // It lives for a day: a third of that is near its end, a twelfth very near.
                for (hours, state) in [
                    (0, CertificateVerdict.State.ok), (17, .warning), (6, .critical),
                    (2, .expired),
                ] {
                    fleet.clock.move(Int64(hours) * 3_600_000)
                    await fleet.watch.lookOnce()
                    let certificates = await fleet.certificates()
                    #expect(certificates.first?.verdict.state == state)
                }
            }
        }
    }

    @Test func oneForOtherNamesIsUnhealthy() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("shop", for: "DNS:shop.example")
            try await look(pair, TLS(caFile: certificates.authority)) { fleet in
                #expect(await fleet.state("tls-endpoint") == .unhealthy)
                let detail = try #require(await fleet.reading(.handshake)).finding.detail
                #expect(detail == "its certificate is for other names (shop.example)")
            }
            // Asked for by its own name it is well.
            let tls = TLS(caFile: certificates.authority, serverName: "shop.example")
            try await look(pair, tls) { fleet in
                #expect(await fleet.state("tls-endpoint") == .healthy)
            }
        }
    }

    @Test func oneThatIsNotTrustedIsDegraded() async throws {
        try await withCertificates { certificates in
            let own = try await certificates.selfSignedPair("own", for: "IP:127.0.0.1")
            try await look(own, TLS(caFile: certificates.authority)) { fleet in
                #expect(await fleet.state("tls-endpoint") == .degraded)
                let detail = try #require(await fleet.reading(.handshake)).finding.detail
                #expect(detail == "its certificate is signed by itself")
            }
            let pair = try await certificates.pair("shop", for: "IP:127.0.0.1")
            try await look(pair, TLS()) { fleet in
                #expect(await fleet.state("tls-endpoint") == .degraded)
                let detail = try #require(await fleet.reading(.handshake)).finding.detail
                #expect(
                    detail == "its certificate is from an authority that is not trusted here")
            }
            try await look(pair, TLS(insecureSkipVerify: true)) { fleet in
                #expect(await fleet.state("tls-endpoint") == .healthy)
            }
        }
    }

    @Test func anotherCertificateShowsAtTheNextLook() async throws {
        try await withCertificates { certificates in
            let first = try await certificates.pair("first", for: "IP:127.0.0.1", days: 40)
            let second = try await certificates.pair("second", for: "IP:127.0.0.1", days: 90)
            let port = try Loopback.freePort()
            let endpoint = ControlPlaneEndpoint.of(
                .tls, "https://127.0.0.1:\(port)", tls: TLS(caFile: certificates.authority))
            try await withFleet([.watched("eu", endpoint)]) { fleet in
                fleet.clock.move(Int64(Date().timeIntervalSince1970 * 1000) - fleet.clock.now)
                for (pair, subject) in [(first, "first"), (second, "second")] {
                    let server = try await TLSListener(pair, port: port)
                    await fleet.watch.lookOnce()
                    await server.end()
                    let certificates = await fleet.certificates()
                    #expect(certificates.map(\.certificate.subject) == [subject])
                    fleet.clock.move(15_000)
                }
                // The series of the one that is gone has ended.
                let ended = fleet.kept(
                    "mesh_certificate_expiry_timestamp_seconds", ["subject": "first"])
                #expect(ended.count == 1 && ended.first?.count == 2)
            }
        }
    }

    @Test func whatIsAskedOverTLSShowsItsCertificateToo() async throws {
        try await withCertificates { certificates in
            let pair = try await certificates.pair("shop", for: "IP:127.0.0.1", days: -1)
            try await look(pair, TLS(caFile: certificates.authority), kind: .http) { fleet in
                // It cannot be asked, and one sees why.
                #expect(await fleet.state("endpoint") == .unreachable)
                #expect(await fleet.reading(.http)?.finding.problem == .tls)
                let certificates = await fleet.certificates()
                #expect(certificates.first?.verdict.state == .expired)
            }
        }
    }

    @Test func whereNobodyListensThereIsNoCertificate() async throws {
        let port = try Loopback.freePort()
        try await withFleet([.watched("eu", .of(.tls, "https://127.0.0.1:\(port)"))]) { fleet in
            await fleet.watch.lookOnce()
            #expect(await fleet.state("tls-endpoint") == .unreachable)
            #expect(await fleet.certificates().isEmpty)
        }
    }
}
