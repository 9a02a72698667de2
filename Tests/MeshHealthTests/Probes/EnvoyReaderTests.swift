import MeshHealth
import Testing

/// Envoy's admin server.
@Suite struct EnvoyReaderTests {
    @Test(arguments: [
        (200, "LIVE\n", ComponentState.healthy, ProbeProblem?.none), (200, "", .healthy, nil),
        (503, "DRAINING\n", .degraded, .draining),
        (503, "PRE_INITIALIZING", .unhealthy, .starting),
        (503, "INITIALIZING", .unhealthy, .starting), (503, "", .unhealthy, .notReady),
        (503, "LIVE", .unhealthy, .notReady), (503, "what", .unhealthy, .notReady),
        (503, "no healthy upstream", .unreachable, .proxy), (200, "ok", .unknown, .wrongShape),
    ])
    func readyIsAStateInWords(
        _ status: Int, _ text: String, _ state: ComponentState, _ problem: ProbeProblem?
    ) {
        Asking.expect(Asking.read(.envoyReady, status, text), state, problem)
    }

    @Test func aStateThatIsLeftOutIsLive() {
        let finding = Asking.read(
            .envoyServerInfo, 200,
            #"{"version":"61b9/1.32.1/Clean/RELEASE/BoringSSL","uptime_current_epoch":"16s"}"#)
        Asking.expect(finding, .healthy, nil)
        #expect(finding.version == "1.32.1")
    }

    @Test(arguments: [
        (#""LIVE""#, ComponentState.healthy), (#""DRAINING""#, .degraded),
        (#""PRE_INITIALIZING""#, .unhealthy), ("0", .healthy), ("1", .degraded), ("3", .unhealthy),
        ("7", .unknown), ("-1", .unknown), ("null", .healthy), (#""""#, .unknown),
    ])
    func aStateThatIsThereCounts(_ state: String, _ expected: ComponentState) {
        let finding = Asking.read(
            .envoyServerInfo, 200, #"{"version":"a/1.32.1/Clean","state":\#(state)}"#)
        #expect(finding.state == expected)
        #expect(finding.version == "1.32.1")
    }

    @Test func whatHasNoneOfItsMembersIsNotEnvoys() {
        Asking.expect(Asking.read(.envoyServerInfo, 200, "{}"), .unknown, .wrongShape)
    }

    /// `now` is 2027-01-15T08:00:00Z.
    @Test func certificatesEndWhenTheirTimeSaysAndNotTheirDays() throws {
        let finding = Asking.read(
            .envoyCertificates, 200,
            """
            {"certificates":[{"ca_cert":[{"path":"<inline>","serial_number":"0A:1B",
              "days_until_expiration":"3648","valid_from":"2027-01-01T00:00:00Z",
              "expiration_time":"2037-01-01T00:00:00Z"}],
             "cert_chain":[{"serial_number":"aa","days_until_expiration":"0",
              "subject_alt_names":[{"uri":"spiffe://td.example/ns/shop/sa/cart"}],
              "valid_from":"2027-01-15T07:00:00Z","expiration_time":"2027-01-16T07:00:00.5Z"}]}]}
            """)
        Asking.expect(finding, .healthy, nil)
        let certificates = try #require(finding.facts.certificates)
        let leaf = try #require(certificates.first { $0.kind == .workload })
        #expect(leaf.expiry == .exactly(1_800_082_800) && leaf.lifetime == 86_400)
        #expect(leaf.subject == "spiffe://td.example/ns/shop/sa/cart")
        #expect(leaf.trustDomain == "td.example")
        let root = try #require(certificates.first { $0.kind == .root })
        #expect(root.serial?.description == "a1b" && root.expiry == .exactly(2_114_380_800))
    }

    @Test func daysAloneAreBounds() throws {
        func bounds(_ days: String) -> ExpiryBounds? {
            Asking.read(
                .envoyCertificates, 200,
                #"{"certificates":[{"cert_chain":[{"days_until_expiration":\#(days)}]}]}"#
            ).facts.certificates?.first?.expiry
        }
        let now = Asking.now / 1000
        #expect(bounds(#""0""#) == ExpiryBounds(earliest: nil, latest: now + 86_399))
        #expect(bounds("2") == ExpiryBounds(earliest: now + 172_800, latest: now + 259_199))
        #expect(bounds(#""2147483647""#) == nil)
        #expect(bounds("4294967295") == nil)
        #expect(bounds(#""soon""#) == nil)
    }

    @Test func anExpiredCertificateIsDegraded() {
        let finding = Asking.read(
            .envoyCertificates, 200,
            #"{"certificates":[{"cert_chain":[{"expiration_time":"2027-01-15T07:59:59Z"}]}]}"#)
        Asking.expect(finding, .degraded, .configurationIssues)
    }

    @Test func certificatesThatAreNotThereYetAreNone() {
        for text in ["{}", #"{"certificates":null}"#, #"{"certificates":[{}]}"#] {
            let finding = Asking.read(.envoyCertificates, 200, text)
            Asking.expect(finding, .healthy, nil)
            #expect(finding.facts.certificates == [])
        }
    }

    private static func clusters(_ name: String, _ hosts: String...) -> String {
        let statuses = hosts.map { #"{"health_status":\#($0)}"# }
        return
            #"{"cluster_statuses":[{"name":"\#(name)","host_statuses":[\#(statuses.joined(separator: ","))]}]}"#
    }

    @Test func hostsAreHealthyUnlessSomethingIsFoundWanting() throws {
        let finding = Asking.read(
            .envoyClusters, 200,
            Self.clusters(
                "shop", "{}", #"{"eds_health_status":"HEALTHY"}"#,
                #"{"failed_outlier_check":true}"#, #"{"eds_health_status":"DRAINING"}"#,
                #"{"failed_active_health_check":true}"#))
        Asking.expect(finding, .healthy, nil)
        let upstream = try #require(finding.facts.upstreams?.first)
        #expect(
            upstream == UpstreamHealth(name: "shop", hosts: 5, healthyHosts: 2, ejectedHosts: 1))
    }

    @Test func noHealthyHostOfTheControlPlaneIsDegraded() {
        let ill = #"{"eds_health_status":"UNHEALTHY"}"#
        Asking.expect(
            Asking.read(.envoyClusters, 200, Self.clusters("xds-grpc", ill)),
            .degraded, .noHealthyHost)
        // That a service is gone is no fault of this Envoy.
        Asking.expect(
            Asking.read(.envoyClusters, 200, Self.clusters("shop", ill)), .healthy, .noHealthyHost)
        Asking.expect(
            Asking.read(.envoyClusters, 200, Self.clusters("nobody")), .healthy, nil)
    }
}
