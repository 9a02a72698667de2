import TestSupport
import Testing

/// `isthmus control-plane` and `isthmus certificates`, against a server that answers as it is told to.
@Suite struct HealthCommandTests {
    // MARK: What the server answers

    private static func instance(
        _ name: String, _ state: String, latest: String? = nil, version: String? = nil,
        _ details: String
    ) -> String {
        let version = version.map { "\"\($0)\"" } ?? "null"
        return #"{"instance":"\#(name)","state":"\#(state)","latestState":"\#(latest ?? state)","#
            + #""version":\#(version),"details":["\#(details)"],"probes":[]}"#
    }

    private static func component(
        _ mesh: String, _ name: String, _ state: String, _ detail: String, _ instances: [String]
    ) -> String {
        #"{"mesh":"\#(mesh)","component":"\#(name)","state":"\#(state)","details":["\#(detail)"],"#
            + #""evidence":[],"instances":[\#(instances.joined(separator: ","))]}"#
    }

    private static func issue(
        _ kind: String, _ severity: String, _ subject: String, _ detail: String
    ) -> String {
        #"{"kind":"\#(kind)","severity":"\#(severity)","cluster":"east","mesh":"istio","#
            + #""component":"istiod","subject":\#(subject),"detail":"\#(detail)","#
            + #""meaning":"It is \#(kind).","action":"Mend it.","evidence":[]}"#
    }

    private static func controlPlane(
        clusters: [String]? = nil, issues: [String]? = nil, observedAt: String = "1700000000.5"
    ) -> String {
        let west = component(
            "consul", "consul-server", "unhealthy", "1 unhealthy of 1, 1 needed",
            [instance("http://c:8500", "unhealthy", "Consul has no leader")])
        let east = component(
            "istio", "istiod", "degraded", "1 healthy, 1 degraded of 2, 1 needed",
            [
                instance("http://a:15014", "degraded", version: "1.29.1", "1 proxy refuses"),
                instance(
                    "http://b:15014", "healthy", latest: "unreachable", version: "1.29.1",
                    "refused\\u001b"),
            ])
        let metrics = component("istio", "ztunnel", "healthy", "metrics: nothing is amiss", [])
        let all =
            clusters ?? [
                #"{"cluster":"west","state":"unhealthy","components":[\#(west)]}"#,
                #"{"cluster":"east","state":"degraded","components":[\#(east),\#(metrics)]}"#,
                #"{"cluster":"north","state":"unknown","components":[]}"#,
            ]
        let told =
            issues ?? [
                issue("rejected_configuration", "critical", #""CDS""#, "web.shop: no filter"),
                issue("duplicate_domain", "warning", "null", "2"),
                issue("duplicate_domain", "warning", #""shop.example""#, "3"),
            ]
        return #"{"status":"success","data":{"state":"unhealthy","observedAt":\#(observedAt),"#
            + #""totals":{"clusters":{"healthy":0,"degraded":1,"unhealthy":1,"unknown":1}},"#
            + #""clusters":[\#(all.joined(separator: ","))],"#
            + #""issues":[\#(told.joined(separator: ","))],"#
            + #""proxies":[{"cluster":"east","mesh":"istio","component":"istiod","connected":12,"#
            + #""stale":0,"rejecting":1,"slice":false,"missingReplicas":["http://b:15014"]}],"#
            + #""missing":[{"cluster":"west","cause":"timeout","message":"too slow"}]},"#
            + #""warnings":["cluster west is missing: too slow"]}"#
    }

    private static func certificate(
        _ severity: String, _ kind: String, left: Int, earliest: String? = nil,
        _ subject: String
    ) -> String {
        let end = 1_700_000_000 + left
        return #"{"cluster":"east","mesh":"istio","kind":"\#(kind)","subject":"\#(subject)","#
            + #""issuer":null,"instance":"shop/web","expiry":\#(end),"#
            + #""expiryEarliest":\#(earliest ?? "\(end)"),"remainingSeconds":\#(left),"#
            + #""severity":"\#(severity)","why":"it is \#(severity)","source":"agent"}"#
    }

    private static let certificates =
        #"{"status":"success","data":{"observedAt":1700000000,"totals":{"certificates":9,"#
        + #""shown":4,"severities":{"ok":6,"warning":1,"critical":0,"expired":1,"unknown":1}},"#
        + #""certificates":["#
        + [
            certificate("expired", "server", left: -90, "CN=a\\u001b"),
            certificate("warning", "root", left: 20 * 86_400, "CN=root"),
            certificate("unknown", "workload", left: 86_399, earliest: "null", ""),
            certificate("ok", "workload", left: 7200, "spiffe://a/b"),
        ].joined(separator: ",") + #"],"missing":[]},"warnings":["some are missing"]}"#

    private static let summary =
        "3 clusters: 1 unhealthy, 1 degraded, 1 unknown; 3 issues (see --issues); "
        + "as of 2023-11-14T22:13:20Z"

    // MARK: Control planes

    @Test func componentsAreListedAsTheServerOrdersThem() async throws {
        let (result, asked) = try await IsthmusCommand.run(
            ["control-plane"], body: Self.controlPlane())
        #expect(
            IsthmusCommand.lines(result.output) == [
                "cluster mesh component state replicas version details",
                "west consul consul-server unhealthy 0/1 1 unhealthy of 1, 1 needed",
                "east istio istiod degraded 2/2 1.29.1 1 healthy, 1 degraded of 2, 1 needed; "
                    + "12 proxies, 1 rejecting, not all are seen",
                "east istio ztunnel healthy - metrics: nothing is amiss",
                "north - - unknown - nothing is known", Self.summary,
            ])
        #expect(result.errors == "warning: cluster west is missing: too slow\n")
        #expect(result.status == 0)
        #expect(asked == ["/mesh/v1/control-plane?"])
    }

    @Test func replicasAreListedWithWhatWasLastSeenOfThem() async throws {
        let (result, asked) = try await IsthmusCommand.run(
            [
                "control-plane", "--instances", "--cluster", "east,west", "--mesh", "istio",
                "--state", "degraded",
            ], body: Self.controlPlane())
        #expect(
            IsthmusCommand.lines(result.output) == [
                "cluster mesh component state replica version details",
                "west consul consul-server unhealthy http://c:8500 Consul has no leader",
                "east istio istiod degraded http://a:15014 1.29.1 1 proxy refuses",
                "east istio istiod healthy http://b:15014 1.29.1 last seen unreachable; "
                    + "refused\\u{1b}",
                "east istio ztunnel healthy - metrics: nothing is amiss",
                "north - - unknown - nothing is known", Self.summary,
            ])
        #expect(
            asked == ["/mesh/v1/control-plane?cluster=east,west&mesh=istio&state=degraded"])
    }

    @Test func issuesAreListedAndEachKindIsExplainedOnce() async throws {
        let (result, _) = try await IsthmusCommand.run(
            ["control-plane", "--issues"], body: Self.controlPlane())
        #expect(
            IsthmusCommand.lines(result.output) == [
                "severity cluster component issue subject what is told",
                "critical east istiod rejected_configuration CDS web.shop: no filter",
                "warning east istiod duplicate_domain 2",
                "warning east istiod duplicate_domain shop.example 3",
                "rejected_configuration: It is rejected_configuration. Mend it.",
                "duplicate_domain: It is duplicate_domain. Mend it.",
                "as of 2023-11-14T22:13:20Z",
            ])
        let (none, _) = try await IsthmusCommand.run(
            ["control-plane", "--issues"], body: Self.controlPlane(issues: []))
        #expect(
            IsthmusCommand.lines(none.output) == [
                "no issue is known", "as of 2023-11-14T22:13:20Z",
            ])
    }

    @Test func beforeTheFirstLookThatIsSaid() async throws {
        let (result, _) = try await IsthmusCommand.run(
            ["control-plane"],
            body: Self.controlPlane(clusters: [], issues: [], observedAt: "null"))
        #expect(
            IsthmusCommand.lines(result.output) == [
                "nothing found",
                "3 clusters: 1 unhealthy, 1 degraded, 1 unknown; nothing has been looked at yet",
            ])
    }

    @Test func whatIsDownFailsTheCheckAndNothingElse() async throws {
        let down = try await IsthmusCommand.run(
            ["control-plane", "--check"], body: Self.controlPlane())
        #expect(down.result.status == 3 && !down.result.output.isEmpty)
        let up = try await IsthmusCommand.run(
            ["control-plane", "--check"],
            body: Self.controlPlane(clusters: [
                #"{"cluster":"east","state":"degraded","components":["#
                    + Self.component("istio", "istiod", "degraded", "x", []) + "]}"
            ]))
        #expect(up.result.status == 0)
        let critical = try await IsthmusCommand.run(
            ["control-plane", "--check", "--issues"], body: Self.controlPlane())
        #expect(critical.result.status == 3)
        let warnings = try await IsthmusCommand.run(
            ["control-plane", "--check", "--issues"],
            body: Self.controlPlane(issues: [Self.issue("skew", "warning", "null", "")]))
        #expect(warnings.result.status == 0)
        let json = try await IsthmusCommand.run(
            ["control-plane", "--check", "--output", "json"], body: Self.controlPlane())
        #expect(json.result.status == 3)
        #expect(json.result.output == Self.controlPlane() + "\n")
    }

    // MARK: Certificates

    @Test func certificatesAreListedWithWhatIsLeft() async throws {
        let (result, asked) = try await IsthmusCommand.run(
            ["certificates"], body: Self.certificates)
        #expect(
            IsthmusCommand.lines(result.output) == [
                "severity left ends cluster mesh kind subject instance from why",
                "expired -90s 2023-11-14T22:11:50Z east istio server CN=a\\u{1b} shop/web agent "
                    + "it is expired",
                "warning 20d 2023-12-04T22:13:20Z east istio root CN=root shop/web agent "
                    + "it is warning",
                "unknown 23h ≤2023-11-15T22:13:19Z east istio workload shop/web agent "
                    + "it is unknown",
                "ok 2h 2023-11-15T00:13:20Z east istio workload spiffe://a/b shop/web agent",
                "9 certificates: 1 expired, 1 warning, 1 unknown, 6 ok; 4 shown (see --top); "
                    + "as of 2023-11-14T22:13:20Z",
            ])
        #expect(result.errors == "warning: some are missing\n")
        #expect(result.status == 0)
        #expect(asked == ["/mesh/v1/certificates?top=100"])
    }

    @Test func whatIsAskedOfCertificatesIsHandedOn() async throws {
        let (result, asked) = try await IsthmusCommand.run(
            [
                "certificates", "--cluster", "east", "--mesh", "istio", "--kind", "root,issuer",
                "--severity", "expired", "--top", "0", "--output", "json", "--check",
            ], body: Self.certificates)
        #expect(
            asked == [
                "/mesh/v1/certificates?cluster=east&mesh=istio&kind=root,issuer&severity=expired"
            ])
        #expect(result.output == Self.certificates + "\n")
        #expect(result.status == 3)
    }

    // MARK: Both

    @Test(arguments: [
        (["control-plane", "--issues", "--instances"], "leave --instances out"),
        (["control-plane", "--issues", "--state", "healthy"], "leave --issues out"),
        (["certificates", "--top", "-1"], "--top"),
    ])
    func whatCannotBeMeantIsNotAsked(_ arguments: [String], _ words: String) async throws {
        let (result, asked) = try await IsthmusCommand.run(arguments, body: "")
        #expect(result.status == 64 && asked == [])
        #expect(result.errors.contains(words))
    }
}
