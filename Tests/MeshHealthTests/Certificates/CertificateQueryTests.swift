import MeshHealth
import Testing
import TimeSeries

/// Certificates from metrics.
@Suite struct CertificateQueryTests {
    private static let now: Int64 = 1_800_000_000

    private static func read(
        _ name: String, _ labels: Labels, _ value: Double
    ) throws -> Certificate? {
        let query = try #require(CertificateQuery.all.first { $0.name == name })
        return query.certificates(vector([(labels, value)]), at: now).first
    }

    private static let pod: Labels = [
        "cluster": "east", "namespace": "shop", "pod": "cart-1", "instance": "10.0.0.1:15020",
    ]

    @Test func theAgentsGaugeIsATimeOfTheEnd() throws {
        let certificate = try #require(
            try Self.read(
                "istio-agent", Self.pod.setting("resource_name", to: "default"), 1_800_043_200))
        #expect(certificate.kind == .workload && certificate.mesh == .istio)
        #expect(certificate.cluster == "east" && certificate.instance == "shop/cart-1")
        #expect(certificate.expiry == .exactly(1_800_043_200))
        #expect(certificate.evidence[0].line.contains("istio_agent_cert_expiry_seconds"))
    }

    @Test func theAgentsRootIsARoot() throws {
        let root = try Self.read(
            "istio-agent", Self.pod.setting("resource_name", to: "ROOTCA"), 2e9)
        #expect(root?.kind == .root)
        let inline = try Self.read(
            "envoy-listener",
            Self.pod.setting("envoy_tls_certificate", to: "unnamed_ca_cert_e3b0c442"), 2e9)
        #expect(inline?.kind == .root)
    }

    @Test(arguments: CertificateQuery.all.map(\.name))
    func noNumberOfNoCertificateIsOne(_ name: String) throws {
        #expect(try Self.read(name, Self.pod, .nan) == nil)
        #expect(try Self.read(name, Self.pod, .infinity) == nil)
        #expect(try Self.read(name, Self.pod, 1e18) == nil)
        if name != "envoy-days" {
            #expect(try Self.read(name, Self.pod, 0) == nil)
            #expect(try Self.read(name, Self.pod, -7) == nil)
        }
    }

    @Test func envoysSentinelsAreNoCertificates() throws {
        #expect(try Self.read("envoy-days", Self.pod, 2_147_483_647) == nil)
        #expect(try Self.read("envoy-days", Self.pod, 4_294_967_295) == nil)
        #expect(try Self.read("envoy-days", Self.pod, 0)?.expiry.earliest == nil)
    }

    @Test func consulsHourlyGaugesMayBeAnHourLate() throws {
        let root = try #require(try Self.read("consul-root", Self.pod, 1_900_000_000))
        #expect(
            root.expiry == ExpiryBounds(earliest: 1_899_996_400, latest: 1_900_000_000))
        #expect(root.kind == .root && root.source == .authorityGauge)
    }

    @Test func whoHasNoPodIsNamedByItsAddress() throws {
        let labels: Labels = ["cluster": "east", "instance": "10.0.0.1:8500"]
        #expect(try Self.read("consul-agent", labels, 1.9e9)?.instance == "10.0.0.1:8500")
    }

    @Test func theTableHasEverySourceOfMetricsByPriority() {
        let sources = CertificateQuery.all.map(\.source)
        #expect(sources == sources.sorted())
        #expect(
            Set(sources) == [.agentGauge, .envoyGauge, .authorityGauge, .linkerdIssuer, .envoyDays])
    }
}

/// Certificates from TLS.
@Suite struct HandshakeTests {
    private static let now: Int64 = 1_800_000_000  // 2027-01-15T08:00:00Z

    private static func leaf(
        subject: String = "CN = shop.example.com, O = Shop", issuer: String = "CN = Shop CA",
        from begin: String = "Jan  1 00:00:00 2027 GMT",
        to end: String = "Apr  1 00:00:00 2027 GMT",
        names: String? = "DNS:shop.example.com, DNS:*.shop.example.com, IP Address:10.0.0.1"
    ) -> [String] {
        [
            "Subject:" + subject, "Issuer:" + issuer, "Version:2", "Serial Number:0aff",
            "Start date:" + begin, "Expire date:" + end,
        ] + (names.map { ["X509v3 Subject Alternative Name:" + $0] } ?? [])
            + ["Cert:-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----"]
    }

    private static func handshake(
        _ chain: [[String]], host: String = "shop.example.com"
    ) -> Handshake {
        Handshake(
            chain: chain, cluster: "east", address: "10.0.0.1:443", host: host, at: now)
    }

    @Test func aChainIsReadWithItsAuthorities() throws {
        let authority = [
            "Subject:CN=Shop CA", "Issuer:CN=Root", "Start date:2020-01-01 00:00:00 GMT",
            "Expire date:2030-01-01 00:00:00 GMT",
        ]
        let root = [
            "Subject:CN=Root", "Issuer:CN=Root", "Start date:2020-01-01 00:00:00 GMT",
            "Expire date:2040-01-01 00:00:00 GMT",
        ]
        let handshake = Self.handshake([Self.leaf(), authority, root])
        #expect(handshake.problems == [])
        #expect(handshake.certificates.map(\.kind) == [.server, .intermediate, .root])
        let leaf = try #require(handshake.certificates.first)
        #expect(leaf.subject == "shop.example.com" && leaf.issuer == "Shop CA")
        #expect(leaf.serial?.description == "aff")
        #expect(leaf.expiry == .exactly(1_806_537_600) && leaf.lifetime == 90 * 86_400)
        #expect(handshake.names == ["shop.example.com", "*.shop.example.com", "10.0.0.1"])
    }

    @Test(arguments: [
        ("shop.example.com", true), ("SHOP.example.com", true), ("a.shop.example.com", true),
        ("10.0.0.1", true), ("a.b.shop.example.com", false), ("example.com", false),
        (".shop.example.com", false), ("evil-shop.example.com", false), ("", false),
    ])
    func aStarIsOneLabel(_ host: String, _ isMeant: Bool) {
        let problems = Self.handshake([Self.leaf()], host: host).problems
        #expect(problems == (isMeant ? [] : [.wrongHost]))
    }

    @Test func withoutOtherNamesTheCommonNameCounts() {
        #expect(Self.handshake([Self.leaf(names: nil)]).problems == [])
        #expect(Self.handshake([Self.leaf(names: nil)], host: "x").problems == [.wrongHost])
    }

    @Test func expiredSelfSignedAndEarlyOnesAreToldOf() {
        #expect(
            Self.handshake([Self.leaf(to: "Jan 15 08:00:00 2027 GMT")]).problems == [.expired])
        #expect(
            Self.handshake([Self.leaf(from: "Jan 15 08:00:01 2027 GMT")]).problems
                == [.notYetValid])
        #expect(
            Self.handshake([Self.leaf(subject: "CN = a", issuer: "CN = a")]).problems
                == [.selfSigned])
        #expect(Self.handshake([]).problems == [.noCertificate])
        #expect(Self.handshake([Self.leaf(to: "soon")]).problems == [.unreadable])
    }

    @Test func anIdentityOfAMeshIsForNoName() throws {
        let handshake = Self.handshake(
            [Self.leaf(subject: "", names: "URI:spiffe://td.example/ns/shop/sa/cart")],
            host: "cart.shop")
        #expect(handshake.problems == [])
        let leaf = try #require(handshake.certificates.first)
        #expect(leaf.kind == .workload && leaf.trustDomain == "td.example")
    }
}
