import MeshHealth
import Testing

private let end: Int64 = 1_800_000_000

/// One certificate that several sources tell of.
@Suite struct CertificateMergeTests {
    private static func certificate(
        _ source: CertificateSource, _ kind: Certificate.Kind = .workload, subject: String = "",
        at instance: String = "shop/cart-1", expiry: ExpiryBounds = .exactly(end),
        serial: String? = nil, mesh: Mesh = .istio, cluster: String = "east"
    ) -> Certificate {
        var certificate = Certificate(
            kind, mesh: mesh, cluster: cluster, subject: subject, instance: instance,
            expiry: expiry, source: source, evidence: [Evidence(.metric(query: source.name))])
        certificate.serial = serial.flatMap { SerialNumber(hexadecimal: $0) }
        return certificate
    }

    @Test func theBestSourceLeadsAndOthersFillWhatItDoesNotKnow() throws {
        var admin = Self.certificate(
            .envoyCertificates, subject: "spiffe://td/ns/shop/sa/cart", expiry: .exactly(end + 20),
            serial: "AB", mesh: .envoy)
        admin.notBefore = end - 86_400
        for order in [0, 1] {
            let both = [Self.certificate(.agentGauge, subject: "default"), admin]
            let merged = CertificateMerge.merged(order == 0 ? both : both.reversed())
            let one = try #require(merged.first)
            #expect(merged.count == 1)
            #expect(one.source == .agentGauge && one.expiry == .exactly(end))
            #expect(one.subject == "spiffe://td/ns/shop/sa/cart" && one.trustDomain == "td")
            #expect(one.mesh == .istio && one.serial?.description == "ab")
            #expect(one.notBefore == end - 86_400)
            #expect(one.evidence.map(\.line) == ["agent", "envoy_certs"])
        }
    }

    @Test func aProxyThatStillServesAnOldOneIsAnotherCertificate() {
        let merged = CertificateMerge.merged([
            Self.certificate(.agentGauge),
            Self.certificate(.envoyGauge, expiry: .exactly(end - 43_200)),
        ])
        #expect(merged.map(\.source) == [.envoyGauge, .agentGauge])
    }

    @Test func serialNumbersDecideWhereBothHaveThem() {
        func count(_ one: String, _ other: String, end otherEnd: Int64) -> Int {
            CertificateMerge.merged([
                Self.certificate(.envoyCertificates, .root, serial: one),
                Self.certificate(.consulRoots, .root, expiry: .exactly(otherEnd), serial: other),
            ]).count
        }
        #expect(count("00:AB", "ab", end: end) == 1)
        #expect(count("aa", "ab", end: end) == 2)
    }

    @Test func theRootIsOneInAClusterWhoeverShowsIt() {
        let merged = CertificateMerge.merged([
            Self.certificate(.authorityGauge, .root, at: "istio-system/istiod-1"),
            Self.certificate(.authorityGauge, .root, at: "istio-system/istiod-2"),
            Self.certificate(.envoyCertificates, .root, at: "shop/cart-1", serial: "1"),
            Self.certificate(.authorityGauge, .root, at: "istiod", cluster: "west"),
        ])
        #expect(merged.map(\.cluster) == ["east", "west"])
    }

    @Test func certificatesOfDifferentPodsKindsAndIdentitiesStayApart() {
        let merged = CertificateMerge.merged([
            Self.certificate(.agentGauge), Self.certificate(.agentGauge, at: "shop/cart-2"),
            Self.certificate(.agentGauge, .root),
            Self.certificate(.envoyCertificates, subject: "spiffe://a/x", at: "p"),
            Self.certificate(.envoyCertificates, subject: "spiffe://b/x", at: "p"),
        ])
        #expect(merged.count == 5)
    }

    @Test func daysFitAnExactTimeAndGiveWayToIt() throws {
        let days = try #require(ExpiryBounds(wholeDays: 2, at: end - 2 * 86_400 - 100, upTo: 0))
        let merged = CertificateMerge.merged([
            Self.certificate(.envoyDays, expiry: days, mesh: .envoy),
            Self.certificate(.handshake, expiry: .exactly(end)),
        ])
        #expect(merged.map(\.expiry) == [.exactly(end)])
        #expect(merged.first?.evidence.count == 2)
    }

    @Test func daysTellNoAuthoritiesApart() throws {
        let days = try #require(ExpiryBounds(wholeDays: 0, at: end, upTo: 0))
        let merged = CertificateMerge.merged([
            Self.certificate(.envoyCertificates, .root, expiry: days),
            Self.certificate(.authorityGauge, .root),
        ])
        #expect(merged.count == 2)
    }

    @Test func mergingOnceMoreChangesNothing() {
        let certificates = (0..<60).map { index in
            Self.certificate(
                CertificateSource.allCases[index % 8],
                Certificate.Kind.allCases[index % 5], at: "p\(index % 7)",
                expiry: .exactly(end + Int64(index % 4) * 1000))
        }
        let once = CertificateMerge.merged(certificates)
        #expect(once.count < certificates.count)
        #expect(CertificateMerge.merged(once) == once)
        #expect(
            Set(CertificateMerge.merged(certificates.reversed()).map(\.expiry))
                == Set(once.map(\.expiry)))
    }
}
