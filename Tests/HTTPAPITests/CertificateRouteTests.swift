import ControlPlane
import Federation
import HTTPAPI
import MeshHealth
import Testing

/// `/mesh/v1/certificates`.
@Suite struct CertificateRouteTests {
    private static let path = "/mesh/v1/certificates"

    private func answer(
        _ query: String = "", _ report: ControlPlaneReport = CannedControlPlane.report
    ) async throws -> WireAnswer {
        try await withServer(dependencies: Canned.dependencies(report)) { server in
            try await server.get(Self.path + query)
        }
    }

    /// The values of a member, in order.
    private func values(_ name: String, _ text: String) -> [String] {
        text.split(separator: "\"\(name)\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }

    @Test func certificatesAreToldTheWorstFirst() async throws {
        let answer = try await answer()
        #expect(answer.status == 200)
        #expect(
            answer.text.hasPrefix(
                #"{"status":"success","data":{"observedAt":1699999998,"totals":{"certificates":5,"#
                    + #""shown":5,"omitted":0,"severities":{"ok":1,"warning":1,"critical":1,"expired":1,"#
                    + #""unknown":1}},"certificates":["#))
        #expect(
            values("severity", answer.text) == ["expired", "critical", "warning", "unknown", "ok"])
        #expect(
            values("why", answer.text) == [
                "it ended 60 seconds ago",
                "it ends in 60 minutes, and less than 2 hours is critical",
                "it ends in 20 days, and less than 30 days is a warning",
                "it ends in at most 24 hours, or has ended", "it ends in 300 days",
            ])
        #expect(answer["x-isthmus-clusters-ok"] == "east,north,west")
    }

    @Test func whatIsLeftOutIsCountedAndSaid() async throws {
        let report = CannedControlPlane.bounded(certificates: 3, proxies: 2)
        let answer = try await answer("", report)
        #expect(answer.text.contains(#""certificates":3,"shown":3,"omitted":2"#))
        #expect(values("severity", answer.text) == ["expired", "critical", "warning"])
        let certificates =
            "2 further certificates are left out, none of them worse than those that are told "
            + "(control_plane.max_certificates)"
        let proxies =
            "1 further proxies are counted and not looked at, none of them worse than those that "
            + "are (control_plane.max_proxies)"
        #expect(answer.text.contains(#""warnings":["\#(proxies)","\#(certificates)"]"#))
        let planes = try await withServer(dependencies: Canned.dependencies(report)) { server in
            try await server.get("/mesh/v1/control-plane")
        }
        #expect(
            planes.text.contains(
                #""connected":3,"stale":1,"rejecting":1,"omitted":1,"slice":false"#))
        #expect(planes.text.contains(proxies))
    }

    @Test func aCertificateIsToldInFull() async throws {
        let text = try await answer("?cluster=east&kind=workload").text
        #expect(
            text.contains(
                [
                    #""certificates":[{"cluster":"east","mesh":"istio","kind":"workload","#,
                    #""subject":"spiffe://cluster.local/ns/shop/sa/web","issuer":"CN=istiod","#,
                    #""trustDomain":"cluster.local","serial":"aff","instance":"shop/web-1","#,
                    #""notBefore":1699917200,"expiry":1700003600,"expiryEarliest":1700003600,"#,
                    #""lifetimeSeconds":86400,"remainingSeconds":3600,"severity":"critical","#,
                    #""worst":"critical","#,
                    #""why":"it ends in 60 minutes, and less than 2 hours is critical","#,
                    #""source":"agent","evidence":[{"source":"metric","#,
                    #""query":"istio_agent_cert_expiry_seconds","text":"{} 5"}]}],"missing":[]}}"#,
                ].joined()))
    }

    @Test func whatIsNotKnownOfAnEndIsNull() async throws {
        let text = try await answer("?severity=unknown").text
        #expect(
            text.contains(
                #""subject":null,"issuer":null,"trustDomain":null,"serial":null,"#
                    + #""instance":"shop/db-1","notBefore":null,"expiry":1700086399,"#
                    + #""expiryEarliest":null,"lifetimeSeconds":null,"remainingSeconds":86399,"#
                    + #""severity":"unknown","worst":"expired","#))
        #expect(text.contains(#"{"source":"handshake","address":"db:443","text":null}"#))
    }

    @Test(arguments: [
        ("?cluster=west", ["workload", "root"]), ("?mesh=istio", ["workload", "root"]),
        ("?mesh=consul,other", ["server", "root"]), ("?kind=root", ["root", "root"]),
        ("?kind=server,workload", ["server", "workload", "workload"]),
        ("?severity=expired,critical", ["server", "workload"]),
        ("?severity=ok&cluster=east", []), ("?top=2", ["server", "workload"]),
        ("?cluster=north", []),
        ("?cluster=all", ["server", "workload", "root", "workload", "root"]),
    ])
    func whatIsWantedIsTold(_ query: String, _ kinds: [String]) async throws {
        #expect(values("kind", try await answer(query).text) == kinds)
    }

    @Test func whatIsLeftOutIsCounted() async throws {
        let text = try await answer("?top=1").text
        #expect(
            text.contains(
                #""totals":{"certificates":5,"shown":1,"omitted":0,"severities":{"ok":1,"#))
    }

    @Test(arguments: [
        ("?cluster=south", #"there is no cluster \"south\"; there are east, north, west"#),
        ("?mesh=kuma", #"\"kuma\" is none of istio, linkerd, consul, envoy, other"#),
        ("?kind=leaf", #"\"leaf\" is none of workload, intermediate, root, issuer, server"#),
        ("?severity=bad", #"\"bad\" is none of ok, warning, critical, expired, unknown"#),
        ("?top=0", #"\"top\": a number from 1"#), ("?top=all", "a number from 1"),
        ("?state=ok", #"unknown parameter \"state\"; there are cluster, clusters, kind, mesh"#),
    ])
    func aBadQuestionIsRefused(_ query: String, _ words: String) async throws {
        let answer = try await answer(query)
        #expect(answer.status == 400)
        #expect(answer.text.contains(words), "\(answer.text)")
    }

    @Test func beforeTheFirstLookThereAreNone() async throws {
        let answer = try await answer("", ControlPlaneReport())
        #expect(answer.status == 200)
        #expect(
            answer.text
                == #"{"status":"success","data":{"observedAt":null,"totals":{"certificates":0,"#
                + #""shown":0,"omitted":0,"severities":{"ok":0,"warning":0,"critical":0,"expired":0,"#
                + #""unknown":0}},"certificates":[],"missing":[]},"#
                + #""warnings":["nothing has been looked at yet"]}"#)
    }

    @Test func missingClustersAreNamed() async throws {
        var report = CannedControlPlane.report
        report.missing = [CannedControlPlane.missingWest]
        let answer = try await answer("", report)
        #expect(answer["x-isthmus-clusters-missing"] == "west")
        #expect(
            answer.text.hasSuffix(
                #""missing":[{"cluster":"west","cause":"timeout","message":"it took too long"}]},"#
                    + #""warnings":["cluster west is missing: it took too long"]}"#))
    }
}
