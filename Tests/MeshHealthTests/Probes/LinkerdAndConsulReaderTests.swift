import MeshHealth
import Testing

/// Linkerd's admin servers.
@Suite struct LinkerdReaderTests {
    @Test func itsWordsAreKnown() {
        Asking.expect(Asking.read(.linkerdPing, 200, "pong\n"), .healthy, nil)
        Asking.expect(Asking.read(.linkerdReady, 200, "ok\n"), .healthy, nil)
        Asking.expect(Asking.read(.linkerdReady, 500, "not ready\n"), .unhealthy, .notReady)
        Asking.expect(Asking.read(.linkerdReady, 503, ""), .unhealthy, .notReady)
    }

    @Test func otherWordsAreSomebodyElses() {
        Asking.expect(Asking.read(.linkerdPing, 200, "OK"), .unknown, .wrongShape)
        Asking.expect(Asking.read(.linkerdReady, 500, "panic"), .unhealthy, .serverError)
        Asking.expect(
            Asking.read(.linkerdReady, 503, "no healthy upstream"), .unreachable, .proxy)
    }
}

/// Consul's HTTP API.
@Suite struct ConsulReaderTests {
    @Test func aLeaderIsAnAddressInQuotes() {
        let finding = Asking.read(.consulLeader, 200, #""10.1.10.12:8300""#)
        Asking.expect(finding, .healthy, nil)
        #expect(finding.facts.leader == "10.1.10.12:8300")
    }

    @Test func nothingBetweenTheQuotesIsNoLeader() {
        let finding = Asking.read(.consulLeader, 200, #""""#)
        Asking.expect(finding, .unhealthy, .noLeader)
        #expect(finding.facts.leader == "")
        Asking.expect(Asking.read(.consulPeers, 200, "[]"), .unhealthy, .noLeader)
    }

    @Test(arguments: [Probe.consulLeader, .consulPeers])
    func aFailureMaySayThatThereIsNoLeader(_ probe: Probe) {
        Asking.expect(Asking.read(probe, 500, "No cluster leader"), .unhealthy, .noLeader)
        #expect(Asking.read(probe, 500, "rpc error").problem == .serverError)
    }

    @Test func peersAreAddresses() {
        let finding = Asking.read(.consulPeers, 200, #"["a:8300","b:8300"]"#)
        Asking.expect(finding, .healthy, nil)
        #expect(finding.facts.peers == ["a:8300", "b:8300"])
        Asking.expect(Asking.read(.consulPeers, 200, "[1]"), .unknown, .wrongShape)
    }

    /// Autopilot's answer about servers `s0`, `s1`, …, of which the first leads.
    private static func autopilot(
        _ healthy: [Bool], tolerance: Int, leads: Bool = true, says: Bool? = nil
    ) -> String {
        let servers = healthy.enumerated().map { index, isHealthy in
            #"{"ID":"i","Name":"s\#(index)","Address":"a:8300","SerfStatus":"\#(isHealthy ? "alive" : "failed")","#
                + #""Version":"1.18.\#(index)","Leader":\#(leads && index == 0),"#
                + #""Healthy":\#(isHealthy),"Voter":true,"StableSince":"2024-01-01T00:00:00Z"}"#
        }
        let isHealthy = says ?? healthy.allSatisfy { $0 }
        return #"{"Healthy":\#(isHealthy),"FailureTolerance":\#(tolerance),"#
            + #""Servers":[\#(servers.joined(separator: ","))]}"#
    }

    @Test func allServersHealthyIsHealthy() throws {
        let finding = Asking.read(
            .consulAutopilot, 200, Self.autopilot([true, true, true], tolerance: 1))
        Asking.expect(finding, .healthy, nil)
        #expect(finding.version == "1.18.0")
        let servers = try #require(finding.facts.servers)
        #expect(servers.map(\.name) == ["s0", "s1", "s2"])
        #expect(servers.map(\.isLeader) == [true, false, false])
    }

    @Test func a429WithABodyIsADegradedAnswer() {
        let finding = Asking.read(
            .consulAutopilot, 429, Self.autopilot([true, true, false], tolerance: 0))
        Asking.expect(finding, .degraded, .serverFailed)
        #expect(finding.detail.hasSuffix(": s2"))
        #expect(finding.facts.servers?.last?.serfStatus == "failed")
    }

    @Test func a429WithoutAutopilotsBodyIsARateLimit() {
        Asking.expect(
            Asking.read(.consulAutopilot, 429, "rate limit exceeded"), .unknown, .rateLimited)
    }

    @Test func noMajorityIsUnhealthy() {
        Asking.expect(
            Asking.read(
                .consulAutopilot, 429, Self.autopilot([true, false, false], tolerance: 0)),
            .unhealthy, .quorumLost)
    }

    @Test func noLeaderOrNoToleranceIsDegraded() {
        Asking.expect(
            Asking.read(
                .consulAutopilot, 200,
                Self.autopilot([true, true, true], tolerance: 1, leads: false)),
            .degraded, .noLeader)
        Asking.expect(
            Asking.read(.consulAutopilot, 200, Self.autopilot([true, true, true], tolerance: 0)),
            .degraded, .noTolerance)
        // One server never tolerates a failure.
        Asking.expect(
            Asking.read(.consulAutopilot, 200, Self.autopilot([true], tolerance: 0)),
            .healthy, nil)
    }

    @Test func rootsGiveTheActiveOne() throws {
        let finding = Asking.read(
            .consulRoots, 200,
            """
            {"ActiveRootID":"b","TrustDomain":"11111111.consul","Roots":[
             {"ID":"a","Name":"old","NotAfter":"2025-01-01T00:00:00Z","Active":false},
             {"ID":"b","Name":"Consul CA","SerialNumber":255,"NotBefore":"2024-01-01T00:00:00Z",
              "NotAfter":"2034-01-01T00:00:00Z","Active":true}]}
            """)
        Asking.expect(finding, .healthy, nil)
        let certificates = try #require(finding.facts.certificates)
        #expect(certificates.count == 1)
        let root = try #require(certificates.first)
        #expect(root.expiry == .exactly(2_019_686_400) && root.notBefore == 1_704_067_200)
        #expect(root.kind == .root && root.source == .consulRoots && root.mesh == .consul)
        #expect(root.trustDomain == "11111111.consul" && root.serial?.description == "ff")
    }

    @Test func noActiveRootIsDegraded() {
        let finding = Asking.read(
            .consulRoots, 200, #"{"ActiveRootID":"x","Roots":[{"ID":"a","Active":false}]}"#)
        Asking.expect(finding, .degraded, .noActiveRoot)
        Asking.expect(Asking.read(.consulRoots, 200, "{}"), .unknown, .wrongShape)
    }
}
