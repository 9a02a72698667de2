import Clusters
import MeshHealth
import Testing

/// The table of what is asked.
@Suite struct ProbeTableTests {
    @Test(arguments: Probe.allCases)
    func noPathIsOneThatChangesSomething(_ probe: Probe) {
        let mutating = [
            "push=true", "force_disconnect", "clear", "quitquitquit", "healthcheck", "drain",
            "reset_counters", "logging", "runtime_modify", "reopen_logs", "cpuprofiler",
            "heapprofiler", "leave", "reload", "maintenance", "shutdown", "pprof",
        ]
        #expect(!mutating.contains { probe.path.lowercased().contains($0) })
        #expect(probe.path.isEmpty == (probe == .http || probe == .handshake))
        #expect(probe.path.isEmpty || probe.path.hasPrefix("/"))
    }

    @Test(arguments: ControlPlaneKind.allCases)
    func everyKindHasEssentialProbesFirst(_ kind: ControlPlaneKind) throws {
        let probes = Probe.all(of: kind)
        #expect(try #require(probes.first).isEssential)
        #expect(probes.allSatisfy { $0.kind == kind })
        // Of a handshake nothing is read.
        #expect(probes.allSatisfy { ($0.maximumBytes > 0) == ($0 != .handshake) })
        #expect(Set(probes.map(\.path)).count == probes.count)
    }

    @Test func everyProbeIsOfAKind() {
        #expect(ControlPlaneKind.allCases.flatMap(Probe.all).count == Probe.allCases.count)
    }

    @Test(arguments: [
        ("1.24.2", "1.24.2"), ("v1.16", "1.16.0"), ("edge-24.11.3", "edge-24.11.3"),
        ("1.20.0-5f6c9e4d8a-Clean", "1.20.0"), ("1.22.0-alpha.1-5f6c9e-Modified", "1.22.0-alpha.1"),
        ("61b9d1c/1.32.1/Clean/RELEASE/BoringSSL", "1.32.1"), ("1.18.2+ent", "1.18.2"),
        ("1.24-dev", "1.24.0-dev"), ("istio/proxyv2 1.23.1", "1.23.1"),
    ])
    func versionsAreReadAsMeshesWriteThem(_ text: String, _ expected: String) {
        #expect(SoftwareVersion(text)?.description == expected)
    }

    @Test(arguments: ["", "latest", "1", "abc-def", ".1.2", "99999999999999999999.1"])
    func whatIsNoVersionIsNone(_ text: String) {
        #expect(SoftwareVersion(text) == nil)
    }

    @Test func aReleaseComesAfterWhatCameBeforeIt() throws {
        let early = try #require(SoftwareVersion("1.24.0-beta.0"))
        #expect(early < SoftwareVersion(1, 24) && SoftwareVersion(1, 9) < SoftwareVersion(1, 10))
    }
}
