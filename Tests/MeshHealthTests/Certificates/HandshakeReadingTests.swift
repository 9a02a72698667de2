import Clusters
import MeshHealth
import Testing

/// What a handshake says of the endpoint that showed it.
@Suite struct HandshakeReadingTests {
    private static let target = ProbeTarget(.tls, cluster: "eu", instance: "https://shop:443")

    /// A certificate of June 2024 for the name.
    private func reading(
        for name: String = "shop", issuer: String = "CN = ca", verification: Int? = 0,
        at time: Int64 = 1_718_000_000, took latency: Duration = .milliseconds(5)
    ) -> ProbeReading {
        let handshake = Handshake(
            chain: [
                [
                    "Subject:CN = \(name)", "Issuer:\(issuer)",
                    "Start date:Jun  1 00:00:00 2024 GMT", "Expire date:Jul  1 00:00:00 2024 GMT",
                    "X509v3 Subject Alternative Name:DNS:\(name)",
                ]
            ], cluster: "eu", address: "https://shop:443", host: "shop",
            verification: verification, at: time)
        return ProbeReading(handshake, of: Self.target, took: latency, at: time * 1000)
    }

    @Test func aTrustedCertificateForTheNameIsHealthy() {
        let reading = reading()
        #expect(reading.state == .healthy)
        #expect(reading.finding.problem == nil)
        #expect(reading.finding.facts.certificates?.map(\.subject) == ["shop"])
        #expect(reading.observedAt == 1_718_000_000_000)
    }

    @Test func whatNobodyAcceptsIsUnhealthy() {
        #expect(
            reading(for: "other").finding.detail == "its certificate is for other names (other)")
        #expect(reading(for: "other").state == .unhealthy)
        let ended = reading(verification: 10, at: 1_720_000_000)
        #expect(ended.state == .unhealthy)
        // That it is refused is for its end, which is said.
        #expect(ended.finding.detail == "its certificate has ended")
        #expect(reading(verification: 9, at: 1_710_000_000).state == .unhealthy)
    }

    @Test func whatOthersMayTrustIsDegraded() {
        let untrusted = reading(verification: 20)
        #expect(untrusted.state == .degraded)
        #expect(untrusted.finding.problem == .tls)
        let own = reading(issuer: "CN = shop", verification: 18)
        #expect(own.state == .degraded)
        #expect(own.finding.detail == "its certificate is signed by itself")
        // Where trust is not asked for nobody minds.
        #expect(reading(verification: nil).state == .healthy)
    }

    @Test func theWorstOfSeveralProblemsCounts() {
        let reading = reading(for: "other", verification: 20)
        #expect(reading.state == .unhealthy)
        #expect(
            reading.finding.detail
                == "its certificate is for other names; its certificate is from an authority that "
                + "is not trusted here (other)")
    }

    @Test func aSlowHandshakeIsDegraded() {
        let reading = reading(took: .seconds(3))
        #expect(reading.state == .degraded)
        #expect(reading.finding.problem == .slow)
    }
}
